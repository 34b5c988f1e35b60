#!/usr/bin/env bash
# Installs the whole of Lamina on a Mac, in a virtual machine of Colima with k3s. May be run again at any time:
# what is as it should be stays, and where an earlier run failed it goes on.
set -euo pipefail
infrastructure="$(cd "$(dirname "$0")/../../.." && pwd)"
target=colima-k3s
# shellcheck source=../../lib/all.sh
source "$infrastructure/scripts/lib/all.sh"
# shellcheck source=cluster.sh
source "$infrastructure/scripts/targets/$target/cluster.sh"
main setup "$@"
