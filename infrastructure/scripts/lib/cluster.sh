# shellcheck shell=bash
# What setup, teardown and status do in a cluster, whoever made it. How the cluster itself comes and goes is in the
# target's cluster.sh: check_prerequisites, create_cluster, connect_cluster, provide_image, default_address_pool,
# remove_cluster.

# parts: what --only may name, in order.
parts() { printf '%s\n' cluster image certificates; components_of_target; }

# setup: everything, or what --only names.
setup() {
    local parts=()
    while IFS= read -r part; do parts+=("$part"); done < <(parts)
    check_selection "${parts[@]}"
    step "Prerequisites of $target, $environment"
    check_prerequisites
    if selected cluster; then
        step "Cluster"
        create_cluster
    fi
    [[ "$only" == cluster ]] && return
    connect_cluster
    await_nodes
    if selected image && [[ -z "$image" ]]; then
        step "Image $(built_image)"
        provide_image
    fi
    make_certificates
    find_values
    install_components
    if [[ -z "$only" ]]; then say_where "$(gateway_address)"; fi
}

# teardown: what setup made. Volumes, secrets and the cluster stay unless --purge is given.
teardown() {
    local parts=()
    while IFS= read -r part; do parts+=("$part"); done < <(components_of_target)
    check_selection "${parts[@]}"
    step "Prerequisites of $target"
    check_prerequisites
    if connect_cluster; then remove_components; fi
    if [[ -z "$only" ]]; then remove_cluster; fi
}

# await_nodes: a cluster that has just begun has no node for a moment, and none that takes pods for another.
await_nodes() {
    local tries=0
    [[ "$dry_run" == false ]] || return 0
    until kubectl get nodes --output name | grep -q .; do
        tries=$((tries + 1))
        ((tries < 60)) || fail "the cluster has no node." "kubectl get nodes"
        sleep 2
    done
    kubectl wait nodes --all --for=condition=Ready --timeout=300s
}

# find_values: values that only this run can know.
find_values() {
    local pool="${address_pool:-}"
    if components_of_target | grep -qx metallb-pools; then
        if [[ -z "$pool" ]]; then pool="$(default_address_pool)"; fi
        found metallb-pools "$(printf 'addressPools:\n  - name: lamina\n    addresses: ["%s"]' "$pool")"
    fi
    if [[ -n "$image" ]]; then
        found lamina-llm-serve "$(printf 'image:\n  repository: %s\n  tag: "%s"' "${image%:*}" "${image##*:}")"
    fi
}

# found COMPONENT TEXT: remembers values that only this run can know.
found() {
    printf '%s:\n' "$1" >>"$work/found.yaml"
    printf '%s\n' "$2" | sed 's/^/  /' >>"$work/found.yaml"
}

# install_components: everything of the table, each when the one before is ready.
install_components() {
    local each
    for each in $(components_of_target); do
        selected "$each" || continue
        step "Component $each"
        prepare_component "$each"
        install_release "$each"
    done
}

# prepare_component NAME: the secrets that must be there before its pods are.
prepare_component() {
    component "$1"
    case "$1" in
        istio-gateway)
            ensure_namespace "$namespace" "$pod_security" "$sidecar"
            ensure_tls_secret "$namespace" lamina-gateway-tls ;;
        monitoring)
            ensure_namespace "$namespace" "$pod_security" "$sidecar"
            ensure_secret "$namespace" grafana-admin admin-user=admin admin-password ;;
        lamina-llm-serve)
            ensure_namespace "$namespace" "$pod_security" "$sidecar"
            ensure_secret "$namespace" lamina-api-keys keys ;;
    esac
}

make_certificates() {
    selected certificates || selected istio-gateway || return 0
    step "Certificates for *.$domain"
    run "$infrastructure/scripts/certificates.sh" "$state/certificates"
}

# remove_components: the other way round.
remove_components() {
    local each
    for each in $(components_of_target | reversed); do
        selected "$each" || continue
        step "Component $each"
        remove_release "$each"
    done
    [[ "$purge" == true && -z "$only" ]] || return 0
    step "Namespaces, with their volumes and secrets"
    for each in $(components_of_target | reversed); do
        component "$each"
        printf '%s\n' "$namespace"
    done | awk '!seen[$0]++' >"$work/namespaces"
    while IFS= read -r each; do remove_namespace "$each"; done <"$work/namespaces"
}

# status: what is installed and whether it runs; fails where something is not as it should be.
status() {
    local each status bad=0
    check_prerequisites
    connect_cluster || exit 1
    for each in $(components_of_target); do
        selected "$each" || continue
        component "$each"
        status="$(release_field "$name" "$namespace" status || true)"
        printf '  %-18s %-16s %s\n' "$name" "$namespace" "${status:-not installed}"
        if [[ "$status" != deployed ]]; then bad=1; fi
    done
    kubectl get pods --all-namespaces --field-selector 'status.phase!=Running,status.phase!=Succeeded' || bad=1
    return "$bad"
}

# say_where ADDRESS: how to reach what now runs.
say_where() {
    local host
    step "Ready"
    note "Name these hosts in /etc/hosts:"
    for host in $(hostnames); do note "  $1 $host"; done
    note "Trust $state/certificates/ca.pem, then:"
    note "  curl --cacert $state/certificates/ca.pem https://llm.$domain/v1/models -H \"Authorization: Bearer \$KEY\""
    note "The key: kubectl --namespace lamina-system get secret lamina-api-keys --output jsonpath='{.data.keys}' | base64 --decode"
    note "Grafana's password: kubectl --namespace monitoring get secret grafana-admin --output jsonpath='{.data.admin-password}' | base64 --decode"
}

# gateway_address: where MetalLB, or the cloud, has put the gateway.
gateway_address() {
    if [[ "$dry_run" == true ]]; then
        printf 'ADDRESS'
    else
        kubectl --namespace istio-gateway get service istio-gateway \
            --output "jsonpath={.status.loadBalancer.ingress[0]['ip','hostname']}"
    fi
}
