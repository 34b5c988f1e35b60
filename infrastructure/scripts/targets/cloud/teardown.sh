#!/usr/bin/env bash
# Removes what setup.sh installed in a cluster that is there: EKS, GKE or AKS; nothing else. Volumes, secrets and
# the cluster stay; --purge deletes them too.
set -euo pipefail
infrastructure="$(cd "$(dirname "$0")/../../.." && pwd)"
target=cloud
# shellcheck source=../../lib/all.sh
source "$infrastructure/scripts/lib/all.sh"
# shellcheck source=cluster.sh
source "$infrastructure/scripts/targets/$target/cluster.sh"
main teardown "$@"
