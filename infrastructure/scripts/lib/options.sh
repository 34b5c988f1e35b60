# shellcheck shell=bash
# shellcheck disable=SC2034  # the scripts that source this file read the variables
# The options that all scripts share.

environment=development
purge=false
only=""
image=""
address_pool=""

# usage: what --help prints. The description is the comment at the script's head.
usage() {
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
    cat <<'END'

Options:
  --env NAME        development (the default), testing or production
  --only COMPONENT  this component alone; may be given once
  --dry-run         show the commands that change something, run none of them
  --help
END
    case "$action" in
        setup) cat <<'END'
  --image NAME:TAG  serve this image of a registry instead of building one here
  --address-pool A  addresses for MetalLB, e.g. 192.168.1.240-192.168.1.250 (k3s targets)
END
            ;;
        teardown) cat <<'END'
  --purge           delete volumes, secrets and the cluster too; without it they are kept
END
            ;;
    esac
}

# parse_options ARGUMENT...: refuses what the action does not know.
parse_options() {
    while (($#)); do
        case "$1" in
            --env) environment="$(option_value "$@")"; shift 2 ;;
            --only) only="$(option_value "$@")"; shift 2 ;;
            --dry-run) dry_run=true; shift ;;
            --help | -h) usage; exit 0 ;;
            --image | --address-pool)
                [[ "$action" == setup ]] || unknown_option "$1"
                case "$1" in
                    --image) image="$(option_value "$@")" ;;
                    *) address_pool="$(option_value "$@")" ;;
                esac
                shift 2 ;;
            --purge)
                [[ "$action" == teardown ]] || unknown_option "$1"
                purge=true
                shift ;;
            *) unknown_option "$1" ;;
        esac
    done
    [[ -f "$infrastructure/environments/$environment/values.yaml" ]] \
        || fail "there is no environment '$environment'." "Known: $(list_environments)"
}

option_value() {
    [[ $# -ge 2 && -n "$2" && "$2" != --* ]] || fail "$1 needs a value." "--help lists the options."
    printf '%s' "$2"
}

unknown_option() { fail "$action does not know '$1'." "--help lists the options."; }

list_environments() {
    local folder names=""
    for folder in "$infrastructure"/environments/*/; do names="$names $(basename "$folder")"; done
    printf '%s' "${names# }"
}

# selected NAME: whether this part is to be done.
selected() { [[ -z "$only" || "$only" == "$1" ]]; }

# check_selection NAME...: refuses an --only that names none of these.
check_selection() {
    [[ -z "$only" ]] && return
    local name
    for name in "$@"; do [[ "$only" == "$name" ]] && return; done
    fail "there is no component '$only'." "Known: $*"
}

# main ACTION ARGUMENT...: what each script ends with.
main() {
    action="$1"
    shift
    parse_options "$@"
    "$action"
}
