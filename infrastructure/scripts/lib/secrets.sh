# shellcheck shell=bash
# Secrets are made once, at random, in the cluster or under the state folder, and never written over. No default
# password exists anywhere, and none passes through a command line, which every user of the machine can read.

# random_secret: 32 random bytes, as 43 letters, digits, - and _.
random_secret() { openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\n'; }

# ensure_secret NAMESPACE NAME KEY...: a generic secret with a random value for each key; KEY=TEXT gives one that is no secret.
ensure_secret() {
    local namespace="$1" secret="$2" key arguments=()
    shift 2
    if exists kubectl --namespace "$namespace" get secret "$secret"; then
        note "secret $namespace/$secret is there"
        return
    fi
    for key in "$@"; do
        if [[ "$key" == *=* ]]; then
            arguments+=("--from-literal=$key")
            continue
        fi
        if [[ "$dry_run" == false ]]; then (umask 077 && random_secret >"$work/$key"); fi
        arguments+=("--from-file=$key=$work/$key")
    done
    run kubectl --namespace "$namespace" create secret generic "$secret" "${arguments[@]}"
    for key in "$@"; do rm -f "$work/$key"; done
}

# ensure_tls_secret NAMESPACE NAME: the gateway's certificate, replaced when certificates.sh has made a new one.
ensure_tls_secret() {
    local manifest="$work/tls.yaml"
    if [[ "$dry_run" == true ]]; then
        note "would bring secret $1/$2 to the certificate in $state/certificates"
        return
    fi
    (umask 077 && kubectl --namespace "$1" create secret tls "$2" --cert "$state/certificates/server.pem" \
        --key "$state/certificates/server.key" --dry-run=client --output yaml >"$manifest")
    kubectl apply --filename "$manifest"
    rm -f "$manifest"
}

# ensure_secret_file FILE: a random secret in a file that its owner alone can read.
ensure_secret_file() {
    if [[ -s "$1" ]]; then return; fi
    if [[ "$dry_run" == true ]]; then
        note "would make $1"
    else
        (umask 077 && mkdir -p "$(dirname "$1")" && random_secret >"$1.part" && mv "$1.part" "$1")
    fi
}
