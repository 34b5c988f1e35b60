# shellcheck shell=bash
# What the scripts say, and how they run commands.

dry_run=false

step() { printf '==> %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }

# fail WHAT [HINT...]: says what is wrong and what to do, and ends the script.
fail() {
    printf 'error: %s\n' "$1" >&2
    shift
    local hint
    for hint in "$@"; do printf '  %s\n' "$hint" >&2; done
    exit 1
}

# run COMMAND...: runs it, or with --dry-run shows it.
run() {
    if [[ "$dry_run" == true ]]; then
        printf '    would run:'
        printf ' %q' "$@"
        printf '\n'
    else
        "$@"
    fi
}

# exists COMMAND...: whether it succeeds. With --dry-run nothing is asked and nothing exists.
exists() { [[ "$dry_run" == false ]] && "$@" >/dev/null 2>&1; }
