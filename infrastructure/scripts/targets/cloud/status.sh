#!/usr/bin/env bash
# Says what of Lamina runs in a cluster that is there: EKS, GKE or AKS. Exits 1 where something is missing or does
# not run.
set -euo pipefail
infrastructure="$(cd "$(dirname "$0")/../../.." && pwd)"
target=cloud
# shellcheck source=../../lib/all.sh
source "$infrastructure/scripts/lib/all.sh"
# shellcheck source=cluster.sh
source "$infrastructure/scripts/targets/$target/cluster.sh"
main status "$@"
