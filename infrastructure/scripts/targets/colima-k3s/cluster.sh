# shellcheck shell=bash
# The cluster of this target: a virtual machine of Colima, profile `lamina`, with k3s in it.

profile=lamina
# Tells that the profile was made by setup.sh; one of that name which was there before is used, but never deleted.
created="$state/colima-k3s-created"

check_prerequisites() {
    require colima "brew install colima"
    require docker "brew install docker"
    require kubectl "brew install kubectl"
    require helm "brew install helm"
    require openssl "brew install openssl"
}

# profile_field FIELD: of the profile as Colima lists it; nothing where there is none.
profile_field() {
    colima list --json 2>/dev/null | grep -F "\"name\":\"$profile\"" | grep -oE "\"$1\":\"[^\"]*\"" | cut -d '"' -f 4
}

create_cluster() {
    local machine="$infrastructure/environments/$environment/values.yaml" status=""
    if [[ "$dry_run" == false ]]; then status="$(profile_field status || true)"; fi
    case "$status" in
        Running) note "profile $profile runs"; return ;;
        ?*) run colima start "$profile"; return ;;
    esac
    # virtiofs goes with vz only; an address of its own lets the host reach MetalLB's pool; k3s's own load balancer and
    # ingress would take the gateway's ports.
    run colima start "$profile" --cpu "$(scalar "$machine" machine cpus)" \
        --memory "$(scalar "$machine" machine memoryGiB)" --disk "$(scalar "$machine" machine diskGiB)" \
        --vm-type vz --mount-type virtiofs --network-address --runtime docker \
        --kubernetes --kubernetes-version "$K3S_VERSION" --k3s-arg=--disable=traefik,servicelb
    if [[ "$dry_run" == false ]]; then mkdir -p "$state" && : >"$created"; fi
}

# connect_cluster: every later command goes to this cluster, whatever the user's current context is.
connect_cluster() {
    if [[ "$dry_run" == true ]]; then return; fi
    [[ "$(profile_field status || true)" == Running ]] || {
        warn "the profile $profile of Colima does not run"
        return 1
    }
    (umask 077 && kubectl config view --minify --flatten --context "colima-$profile" >"$work/kubeconfig") || return 1
    export KUBECONFIG="$work/kubeconfig"
}

# The VM's Docker is what its k3s runs containers with: an image that is built there needs no registry.
provide_image() {
    if [[ "$only" != image ]] && exists docker --context "colima-$profile" image inspect "$(built_image)"; then
        note "is there; --only image builds it again"
        return
    fi
    build_image docker --context "colima-$profile"
}

# default_address_pool: the end of the network between host and VM, whose DHCP gives out the beginning.
default_address_pool() {
    local address=192.168.106.2
    if [[ "$dry_run" == false ]]; then address="$(profile_field address)"; fi
    [[ -n "$address" ]] || fail "the profile $profile has no address of its own." \
        "colima stop $profile; colima start $profile --network-address" "Or name addresses: --address-pool"
    printf '%s.240-%s.250' "${address%.*}" "${address%.*}"
}

remove_cluster() {
    if [[ "$purge" == false ]]; then
        step "Stopping the virtual machine; its disk stays"
        run colima stop "$profile"
    elif [[ "$dry_run" == true || -f "$created" ]]; then
        step "Deleting the virtual machine"
        run colima delete "$profile" --force
        run rm -f "$created"
    else
        warn "the profile $profile was not made by setup.sh; it stays."
    fi
}
