#!/usr/bin/env bash
# Installs the whole of Lamina in a cluster that is there: EKS, GKE or AKS. May be run again at any time: what is
# as it should be stays, and where an earlier run failed it goes on.
set -euo pipefail
infrastructure="$(cd "$(dirname "$0")/../../.." && pwd)"
target=cloud
# shellcheck source=../../lib/all.sh
source "$infrastructure/scripts/lib/all.sh"
# shellcheck source=cluster.sh
source "$infrastructure/scripts/targets/$target/cluster.sh"
main setup "$@"
