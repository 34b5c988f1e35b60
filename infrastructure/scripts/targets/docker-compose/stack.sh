# shellcheck shell=bash
# The stack of this target: Compose's services, and the files under the state folder that they are given.

definition="$infrastructure/targets/docker-compose"
folder="$state/compose"
# What --only may name. The last three are profiles of compose.yaml.
stack_parts=(certificates secrets image server monitoring logging tracing)

check_prerequisites() {
    require docker "https://docs.docker.com/engine/install/"
    require docker-compose "it is a plugin of Docker: apt-get install docker-compose-plugin, or brew install docker-compose"
    require openssl "install it with the system's packages"
}

# compose ARGUMENT...: every profile that --only leaves in.
compose() {
    local profile profiles=()
    for profile in monitoring logging tracing; do
        if selected "$profile"; then profiles+=(--profile "$profile"); fi
    done
    run docker compose --file "$definition/compose.yaml" --env-file "$definition/images.env" \
        --env-file "$folder/stack.env" ${profiles[@]+"${profiles[@]}"} "$@"
}

# write_file NAME: standard input becomes a file of the stack, unless it is that already.
write_file() {
    if [[ "$dry_run" == true ]]; then
        note "would write $folder/$1"
        cat >/dev/null
    else
        mkdir -p "$folder"
        cat >"$folder/$1.part"
        # The services are other users, and none of it is secret.
        chmod 644 "$folder/$1.part"
        mv "$folder/$1.part" "$folder/$1"
    fi
}

# The model's file: the one named now, else the one of the last run; none for the model inside the image.
model_file() {
    if [[ -n "${LAMINA_MODEL_FILE:-}" ]]; then
        printf '%s' "$LAMINA_MODEL_FILE"
    elif [[ -f "$folder/stack.env" ]]; then
        sed -n 's/^# model: //p' "$folder/stack.env"
    fi
}

write_environment() {
    local values="$infrastructure/environments/$environment/values.yaml" model models
    model="$(model_file)"
    if [[ -n "$model" && ! -f "$model" ]]; then fail "there is no file $model." "LAMINA_MODEL_FILE names a GGUF file."; fi
    models="$folder/models"
    if [[ -n "$model" ]]; then models="$(cd "$(dirname "$model")" && pwd)"; fi
    if [[ "$dry_run" == false ]]; then mkdir -p "$folder/models"; fi
    write_file stack.env <<END
# Written by setup.sh.
# model: $model
LAMINA_DOMAIN=$domain
LAMINA_USER=$(id -u):$(id -g)
LAMINA_IMAGE=${image:-$(built_image)}
LAMINA_CPUS=$(scalar "$values" compose cpus)
LAMINA_MEMORY=$(scalar "$values" compose memory)
LAMINA_MODELS=$models
LAMINA_MODEL=${model:+/models/$(basename "$model")}
LAMINA_OTLP_ENDPOINT=http://jaeger:4318
LAMINA_CERTIFICATES=$state/certificates
LAMINA_SECRETS=$folder/secrets
LAMINA_RULES=$folder/rules.yaml
LAMINA_DASHBOARDS=$root/helm/lamina-llm-serve/files/dashboards
END
    # The alerts are the chart's own; here one server is all there is to select.
    sed -e '/^#/d; s/{SELECTOR}/{job="lamina-llm-serve"}/g; s/{SELECTOR,/{job="lamina-llm-serve",/g; s/FIRST_TOKEN_SECONDS/10/g' \
        "$root/helm/lamina-llm-serve/files/alerts.yaml" | write_file rules.yaml
}

setup() {
    check_selection "${stack_parts[@]}"
    step "Prerequisites of $target, $environment"
    check_prerequisites
    umask 077
    if selected certificates; then
        step "Certificates for *.$domain"
        run "$infrastructure/scripts/certificates.sh" "$state/certificates"
    fi
    if selected secrets; then
        step "Secrets in $folder/secrets"
        ensure_secret_file "$folder/secrets/api-keys"
        ensure_secret_file "$folder/secrets/grafana-admin-password"
    fi
    write_environment
    if selected image && [[ -z "$image" ]]; then
        step "Image $(built_image)"
        if [[ "$only" != image ]] && exists docker image inspect "$(built_image)"; then
            note "is there; --only image builds it again"
        else
            build_image docker
        fi
    fi
    case "$only" in
        certificates | secrets | image) return ;;
        monitoring) set -- prometheus grafana ;;
        logging) set -- loki vector ;;
        tracing) set -- jaeger ;;
        server) set -- gateway lamina-llm-serve ;;
        *) set -- ;;
    esac
    step "Services"
    compose up --detach --wait --wait-timeout 1900 "$@"
    say_where_compose
}

say_where_compose() {
    local host
    step "Ready"
    note "Name these hosts in /etc/hosts:"
    # Kiali shows a mesh, and here is none.
    for host in $(hostnames | grep -v '^kiali'); do note "  127.0.0.1 $host"; done
    note "  curl --cacert $state/certificates/ca.pem https://llm.$domain/v1/models -H \"Authorization: Bearer \$(cat $folder/secrets/api-keys)\""
    note "Grafana's password, for the user admin: $folder/secrets/grafana-admin-password"
}

teardown() {
    check_selection "${stack_parts[@]}"
    [[ -z "$only" ]] || fail "Compose's services go together." "docker compose stop SERVICE stops one for a while."
    step "Prerequisites of $target"
    check_prerequisites
    if [[ "$dry_run" == false && ! -f "$folder/stack.env" ]]; then
        note "nothing was set up here"
        return
    fi
    step "Services"
    # As long as streams may take to finish.
    if [[ "$purge" == true ]]; then compose down --timeout 130 --volumes; else compose down --timeout 130; fi
    if [[ "$purge" == true ]]; then
        step "Secrets and settings; certificates stay, browsers may trust them"
        run rm -rf "$folder"
    fi
}

# status: every service's state; fails where one is missing or not healthy.
status() {
    local services expected service line bad=0
    check_selection "${stack_parts[@]}"
    check_prerequisites
    [[ -f "$folder/stack.env" ]] || fail "nothing was set up here." "scripts/targets/docker-compose/setup.sh"
    services="$(compose ps --all --format '{{.Service}} {{.State}} {{.Health}}')"
    expected="$(compose config --services | sort)"
    for service in $expected; do
        line="$(printf '%s\n' "$services" | awk -v name="$service" '$1 == name { print $2, $3 }')"
        printf '  %-18s %s\n' "$service" "${line:-not there}"
        [[ "$line" == "running healthy" ]] || bad=1
    done
    return "$bad"
}
