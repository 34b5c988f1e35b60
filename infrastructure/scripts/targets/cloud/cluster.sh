# shellcheck shell=bash
# The cluster of these targets is there already, and stays: EKS, GKE and AKS differ by their values only. Two variables
# say what is meant, so that nothing is installed where a forgotten `kubectl config use-context` happens to point:
#
#   LAMINA_TARGET=eks LAMINA_KUBE_CONTEXT=my-cluster setup.sh --env production --image registry.example/lamina-llm-serve:0.1.0

target="${LAMINA_TARGET:-}"
[[ "$target" =~ ^(eks|gke|aks)$ ]] || fail "LAMINA_TARGET must be eks, gke or aks."

check_prerequisites() {
    [[ -n "${LAMINA_KUBE_CONTEXT:-}" ]] || fail "LAMINA_KUBE_CONTEXT must name the cluster's context." \
        "kubectl config get-contexts"
    if [[ "$action" == setup && -z "$image" ]]; then
        fail "a cloud's nodes take the image from a registry: --image REGISTRY/lamina-llm-serve:VERSION"
    fi
    require kubectl "https://kubernetes.io/docs/tasks/tools/"
    require helm "https://helm.sh/docs/intro/install/"
    require openssl "install it with the system's packages"
}

create_cluster() { note "the cluster of $LAMINA_KUBE_CONTEXT is used as it is"; }

connect_cluster() {
    if [[ "$dry_run" == true ]]; then return; fi
    (umask 077 && kubectl config view --minify --flatten --context "$LAMINA_KUBE_CONTEXT" >"$work/kubeconfig") || return 1
    export KUBECONFIG="$work/kubeconfig"
}

remove_cluster() { note "the cluster stays"; }
