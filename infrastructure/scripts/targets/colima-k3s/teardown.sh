#!/usr/bin/env bash
# Removes what setup.sh installed on a Mac, in a virtual machine of Colima with k3s; nothing else. Volumes,
# secrets and the cluster stay; --purge deletes them too.
set -euo pipefail
infrastructure="$(cd "$(dirname "$0")/../../.." && pwd)"
target=colima-k3s
# shellcheck source=../../lib/all.sh
source "$infrastructure/scripts/lib/all.sh"
# shellcheck source=cluster.sh
source "$infrastructure/scripts/targets/$target/cluster.sh"
main teardown "$@"
