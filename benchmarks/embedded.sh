#!/usr/bin/env bash
# Prints what this machine is, and the tokens per second of the embedded model on it.
# Arguments go to `lamina-llm-serve bench`, e.g. benchmarks/embedded.sh --threads 1 --model models/lamina-tiny-f16.gguf
set -euo pipefail
cd "$(dirname "$0")/.."

binary="${LAMINA_BINARY:-.build/release/lamina-llm-serve}"
[[ -x "$binary" ]] || { echo "$binary does not exist: run 'make build' first" >&2; exit 1; }

echo "processor: $(sed -nE 's/^(model name|Model)[[:space:]]*: //p' /proc/cpuinfo | head -n 1) ($(uname -m), $(nproc) usable)"
echo "memory:    $(awk '/^MemTotal/ { printf "%.1f GiB", $2 / 1048576 }' /proc/meminfo)"
echo "kernel:    $(uname -sr)"
echo "load:      $(cut -d ' ' -f 1-3 /proc/loadavg) (1, 5, 15 minutes; above 0 others share the machine)"
echo "revision:  $(git describe --always --dirty 2>/dev/null || echo 'no git checkout')"
echo
exec "$binary" bench "$@"
