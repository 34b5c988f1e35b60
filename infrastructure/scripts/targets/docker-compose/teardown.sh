#!/usr/bin/env bash
# Stops what setup.sh started with Docker Compose. Volumes and secrets stay; --purge deletes them too.
set -euo pipefail
infrastructure="$(cd "$(dirname "$0")/../../.." && pwd)"
target=docker-compose
# shellcheck source=../../lib/all.sh
source "$infrastructure/scripts/lib/all.sh"
# shellcheck source=stack.sh
source "$infrastructure/scripts/targets/$target/stack.sh"
main teardown "$@"
