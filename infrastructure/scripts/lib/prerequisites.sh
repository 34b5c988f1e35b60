# shellcheck shell=bash
# Which tools there must be, and how new.

# minimum TOOL: the version from versions.env.
minimum() {
    local name
    name="MINIMUM_$(printf '%s' "$1" | tr 'a-z-' 'A-Z_')"
    printf '%s' "${!name}"
}

# version_of TOOL: what it says of itself.
version_of() {
    case "$1" in
        helm) helm version --template '{{.Version}}' ;;
        kubectl) kubectl version --client -o yaml ;;
        colima) colima version ;;
        k3s) k3s --version ;;
        docker-compose) docker compose version --short ;;
        docker | podman) "$1" --version ;;
        # LibreSSL, which macOS brings under this name, lacks options that certificates.sh needs.
        openssl) openssl version | grep '^OpenSSL ' ;;
    esac 2>/dev/null | grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' | head -n 1
}

# is_older A B: whether version A comes before B.
is_older() { [[ "$1" != "$2" && "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" == "$1" ]]; }

# require TOOL HINT: ends the script where the tool is missing or too old; a dry run only warns.
require() {
    local found wanted complain=fail
    [[ "$dry_run" == true ]] && complain=warn
    wanted="$(minimum "$1")"
    if ! command -v "${1%-compose}" >/dev/null; then
        "$complain" "there is no $1 on the PATH; $wanted or later is needed." "$2"
        return
    fi
    found="$(version_of "$1" || true)"
    if [[ -z "$found" ]]; then
        "$complain" "this $1 is another than the one needed, $wanted or later." "$2"
    elif is_older "$found" "$wanted"; then
        "$complain" "$1 is $found; $wanted or later is needed." "$2"
    else
        note "$1 $found"
    fi
}
