#!/usr/bin/env bash
# Installs the whole of Lamina on this Linux machine, in k3s. May be run again at any time: what is as it should
# be stays, and where an earlier run failed it goes on.
set -euo pipefail
infrastructure="$(cd "$(dirname "$0")/../../.." && pwd)"
target=linux-k3s
# shellcheck source=../../lib/all.sh
source "$infrastructure/scripts/lib/all.sh"
# shellcheck source=cluster.sh
source "$infrastructure/scripts/targets/$target/cluster.sh"
main setup "$@"
