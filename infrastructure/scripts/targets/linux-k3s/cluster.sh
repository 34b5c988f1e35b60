# shellcheck shell=bash
# The cluster of this target: k3s on this machine.

configuration="${LAMINA_K3S_CONFIGURATION:-/etc/rancher/k3s}"
# k3s reads it, and it tells that setup.sh installed k3s: what was there before is used, but never uninstalled.
created="$configuration/config.yaml.d/lamina.yaml"

check_prerequisites() {
    local engine
    engine="$(container_engine)"
    if [[ "$action" == setup && -z "$image" ]]; then
        require "$engine" "apt-get install podman, or name an image of a registry: --image"
    fi
    require kubectl "https://kubernetes.io/docs/tasks/tools/"
    require helm "https://helm.sh/docs/intro/install/"
    require openssl "apt-get install openssl"
    if [[ "$action" == setup ]]; then check_machine; fi
}

# check_machine: less than the environment was made for is said, not forbidden.
check_machine() {
    local values="$infrastructure/environments/$environment/values.yaml" cpus memory
    cpus="$(scalar "$values" machine cpus)"
    memory="$(scalar "$values" machine memoryGiB)"
    if (($(nproc) < cpus)); then
        warn "$environment is made for $cpus processors; here are $(nproc)."
    fi
    if (($(awk '/^MemTotal/ { print int($2 / 1048576 + 0.5) }' /proc/meminfo) < memory)); then
        warn "$environment is made for $memory GiB of memory; here is less."
    fi
}

container_engine() { if command -v docker >/dev/null; then printf docker; else printf podman; fi; }

# as_root COMMAND..., run_as_root COMMAND...: with sudo where this user needs it.
as_root() { if ((EUID == 0)); then "$@"; else sudo "$@"; fi; }
run_as_root() { if ((EUID == 0)); then run "$@"; else run sudo "$@"; fi; }

create_cluster() {
    if command -v k3s >/dev/null; then
        note "k3s $(version_of k3s) is here"
        [[ -f "$created" ]] || note "installed by somebody else: it must run with --disable traefik,servicelb"
        return
    fi
    cat >"$work/k3s.yaml" <<END
# Written by lamina-llm-serve's setup.sh. The gateway takes the ports of both.
disable: [traefik, servicelb]
write-kubeconfig-mode: "0600"
secrets-encryption: true
END
    run_as_root install -D -m 600 "$work/k3s.yaml" "$created"
    # The installer of the very release; it checks the binary's digest.
    run curl --fail --silent --show-error --location --proto =https --output "$work/install-k3s.sh" \
        "https://raw.githubusercontent.com/k3s-io/k3s/$K3S_VERSION/install.sh"
    run_as_root env "INSTALL_K3S_VERSION=$K3S_VERSION" sh "$work/install-k3s.sh"
}

# connect_cluster: every later command goes to this cluster, whatever the user's current context is.
connect_cluster() {
    if [[ "$dry_run" == true ]]; then return; fi
    command -v k3s >/dev/null || {
        warn "there is no k3s here"
        return 1
    }
    (umask 077 && as_root cat "$configuration/k3s.yaml" >"$work/kubeconfig") || return 1
    export KUBECONFIG="$work/kubeconfig"
}

provide_image() {
    local engine
    engine="$(container_engine)"
    if [[ "$only" != image && "$dry_run" == false ]] && as_root k3s ctr images list --quiet | grep -qxF "$(built_image)"; then
        note "is there; --only image builds it again"
        return
    fi
    build_image "$engine"
    run "$engine" save --output "$work/image.tar" "$(built_image)"
    run_as_root k3s ctr images import "$work/image.tar"
}

# default_address_pool: this machine's own address. Any other of its network could be somebody's; name them with --address-pool.
default_address_pool() {
    if [[ "$dry_run" == true ]]; then
        printf 'ADDRESS/32'
    else
        printf '%s/32' "$(kubectl get nodes --output jsonpath='{.items[0].status.addresses[?(@.type=="InternalIP")].address}')"
    fi
}

remove_cluster() {
    [[ "$purge" == true ]] || return 0
    if [[ "$dry_run" == true || -f "$created" ]]; then
        step "Uninstalling k3s with all its data"
        run_as_root k3s-uninstall.sh
        run_as_root rm -f "$created"
    else
        warn "k3s was not installed by setup.sh; it stays."
    fi
}
