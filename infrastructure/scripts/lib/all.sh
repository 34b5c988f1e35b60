# shellcheck shell=bash
# Everything that the scripts of a target share. Their head sets `infrastructure` and `target` first, and their last line
# calls `main` with what is to be done.
# Written for bash 3.2 too, which is what macOS has.

# shellcheck source=console.sh
source "$infrastructure/scripts/lib/console.sh"
# shellcheck source=options.sh
source "$infrastructure/scripts/lib/options.sh"
# shellcheck source=prerequisites.sh
source "$infrastructure/scripts/lib/prerequisites.sh"
# shellcheck source=hostnames.sh
source "$infrastructure/scripts/lib/hostnames.sh"
# shellcheck source=values.sh
source "$infrastructure/scripts/lib/values.sh"
# shellcheck source=components.sh
source "$infrastructure/scripts/lib/components.sh"
# shellcheck source=secrets.sh
source "$infrastructure/scripts/lib/secrets.sh"
# shellcheck source=releases.sh
source "$infrastructure/scripts/lib/releases.sh"
# shellcheck source=image.sh
source "$infrastructure/scripts/lib/image.sh"
# shellcheck source=cluster.sh
source "$infrastructure/scripts/lib/cluster.sh"
# shellcheck source=../../versions.env
source "$infrastructure/versions.env"

root="$(cd "$infrastructure/.." && pwd)"
state="${XDG_STATE_HOME:-$HOME/.local/state}/lamina"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
: >"$work/found.yaml"
