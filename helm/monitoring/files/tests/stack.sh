#!/bin/sh
# Grafana, Prometheus and Loki are ready, and Prometheus has found something to scrape.
set -eu

get() {
    curl --fail-with-body --silent --show-error --max-time 10 --retry 5 --retry-all-errors "$1"
}

get "$GRAFANA/api/health"
get "$PROMETHEUS/-/ready"
get "$LOKI/ready"
targets="$(get "$PROMETHEUS/api/v1/query?query=count(up==1)")"
echo "$targets"
case "$targets" in
    *'"result":[]'*) echo "Prometheus scrapes nothing" >&2; exit 1 ;;
esac
