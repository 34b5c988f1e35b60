#!/usr/bin/env bash
# Starts the whole of Lamina on this machine with Docker Compose, without Kubernetes. May be run again at any time: what is
# as it should be stays, and where an earlier run failed it goes on. LAMINA_MODEL_FILE names the model's GGUF file; without it
# the small model inside the image is served.
set -euo pipefail
infrastructure="$(cd "$(dirname "$0")/../../.." && pwd)"
target=docker-compose
# shellcheck source=../../lib/all.sh
source "$infrastructure/scripts/lib/all.sh"
# shellcheck source=stack.sh
source "$infrastructure/scripts/targets/$target/stack.sh"
main setup "$@"
