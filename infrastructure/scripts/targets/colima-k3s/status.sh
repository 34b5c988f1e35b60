#!/usr/bin/env bash
# Says what of Lamina runs on a Mac, in a virtual machine of Colima with k3s. Exits 1 where something is missing
# or does not run.
set -euo pipefail
infrastructure="$(cd "$(dirname "$0")/../../.." && pwd)"
target=colima-k3s
# shellcheck source=../../lib/all.sh
source "$infrastructure/scripts/lib/all.sh"
# shellcheck source=cluster.sh
source "$infrastructure/scripts/targets/$target/cluster.sh"
main status "$@"
