# shellcheck shell=bash
# Installs and removes Helm releases. What was installed, and from which inputs, is kept where it belongs: in the
# release's own description. A later run skips what is as it should be, and so goes on where an earlier one failed.

mark=lamina-infrastructure
# Namespaces that this run has seen to.
ensured=""

# release_field NAME NAMESPACE FIELD: `status` or `description` of a release; nothing where there is none.
release_field() {
    helm status "$1" --namespace "$2" --output json 2>/dev/null \
        | grep -oE "\"$3\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4
}

# fingerprint CHART VERSION FILE...: changes whenever what a release is made of does.
fingerprint() {
    local chart="$1" version="$2"
    shift 2
    {
        printf '%s %s\n' "${chart##*/}" "$version"
        if (($#)); then cat "$@"; fi
        if [[ -d "$chart" ]]; then (cd "$chart" && find . -type f | LC_ALL=C sort | xargs cat); fi
    } | openssl dgst -sha256 -r | cut -c 1-16
}

# install_release COMPONENT: brings the release to what the files here say.
install_release() {
    local file wanted status
    local paths=() values=() source=()
    component "$1"
    while IFS= read -r file; do
        paths+=("$file")
        values+=(--values "$file")
    done < <(values_files "$name")
    wanted="$mark $(fingerprint "$chart" "$version" ${paths[@]+"${paths[@]}"})"
    if [[ "$dry_run" == false ]]; then
        status="$(release_field "$name" "$namespace" status || true)"
        refuse_stuck "$name" "$namespace" "$status"
        if [[ "$status" == deployed && "$(release_field "$name" "$namespace" description)" == "$wanted" ]]; then
            note "$name is up to date"
            return
        fi
    fi
    ensure_namespace "$namespace" "$pod_security" "$sidecar"
    if [[ -n "$repository" ]]; then
        source=(--repo "$repository" --version "$version")
    elif grep -q '^dependencies:' "$chart/Chart.yaml"; then
        # In a copy: the charts of others that are fetched do not belong into this repository.
        cp -R "$chart" "$work/$name"
        chart="$work/$name"
        run helm dependency update "$chart"
    fi
    run helm upgrade --install "$name" "$chart" ${source[@]+"${source[@]}"} --namespace "$namespace" \
        ${values[@]+"${values[@]}"} --description "$wanted" --wait --timeout "$(timeout_of "$name")"
}

# timeout_of COMPONENT: a model of forty gigabytes takes its time to be read.
timeout_of() {
    case "$1" in
        lamina-llm-serve) printf '30m' ;;
        *) printf '10m' ;;
    esac
}

# refuse_stuck NAME NAMESPACE STATUS: Helm itself would say "another operation is in progress", for ever (helm#7476).
refuse_stuck() {
    case "$3" in
        pending-install)
            fail "an installation of $1 was interrupted and Helm still waits for it (status $3)." \
                "helm uninstall $1 --namespace $2" "Then run this script again." ;;
        pending-* | uninstalling)
            fail "an earlier change of $1 was interrupted and Helm still waits for it (status $3)." \
                "helm history $1 --namespace $2    # the last revision with status deployed" \
                "helm rollback $1 REVISION --namespace $2 --wait" "Then run this script again." ;;
    esac
}

# remove_release COMPONENT: uninstalls what these scripts installed, and nothing else.
remove_release() {
    local description
    component "$1"
    if [[ "$dry_run" == false ]]; then
        if [[ -z "$(release_field "$name" "$namespace" status || true)" ]]; then
            note "$name is not installed"
            return
        fi
        description="$(release_field "$name" "$namespace" description || true)"
        if [[ "$description" != "$mark "* ]]; then
            warn "$name was not installed by these scripts (\"$description\"); it stays."
            return
        fi
    fi
    run helm uninstall "$name" --namespace "$namespace" --wait --timeout "$(timeout_of "$name")"
}

# ensure_namespace NAME POD_SECURITY SIDECAR: made with its labels at once, so that none is ever without its mark.
ensure_namespace() {
    [[ " $ensured " != *" $1 "* ]] || return 0
    ensured="$ensured $1"
    local found="" labels="istio-injection: $3, pod-security.kubernetes.io/enforce: $2"
    if [[ "$dry_run" == false ]]; then
        found="$(kubectl get namespace "$1" --ignore-not-found \
            --output 'jsonpath={.metadata.name} {.metadata.labels.app\.kubernetes\.io/managed-by}')"
    fi
    case "$found" in
        "") ;;
        "$1 $mark") return ;;
        *)
            warn "namespace $1 was there before and stays as it is; it should have the labels $labels."
            return ;;
    esac
    cat >"$work/namespace.yaml" <<END
apiVersion: v1
kind: Namespace
metadata:
  name: $1
  labels: {app.kubernetes.io/managed-by: $mark, $labels}
END
    note "namespace $1 with $labels"
    run kubectl create --filename "$work/namespace.yaml"
}

# remove_namespace NAME: with everything in it, volumes too, but only where these scripts created it.
remove_namespace() {
    local owner=""
    if [[ "$dry_run" == false ]]; then
        owner="$(kubectl get namespace "$1" --ignore-not-found \
            --output 'jsonpath={.metadata.name} {.metadata.labels.app\.kubernetes\.io/managed-by}')"
        if [[ -z "$owner" ]]; then return; fi
        if [[ "$owner" != "$1 $mark" ]]; then
            warn "namespace $1 was not made by these scripts; it stays."
            return
        fi
    fi
    run kubectl delete namespace "$1" --wait
}
