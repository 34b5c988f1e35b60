#!/usr/bin/env bash
# Says what of Lamina runs in Docker Compose. Exits 1 where a service is missing or not healthy.
set -euo pipefail
infrastructure="$(cd "$(dirname "$0")/../../.." && pwd)"
target=docker-compose
# shellcheck source=../../lib/all.sh
source "$infrastructure/scripts/lib/all.sh"
# shellcheck source=stack.sh
source "$infrastructure/scripts/targets/$target/stack.sh"
main status "$@"
