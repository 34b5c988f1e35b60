#!/bin/sh
# Jaeger takes a span by OTLP and gives it back; Kiali is up.
set -eu

get() {
    curl --fail-with-body --silent --show-error --max-time 10 --retry 5 --retry-all-errors "$@"
}

trace="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
now="$(date +%s)"
get --header 'Content-Type: application/json' "$JAEGER:4318/v1/traces" --data '{"resourceSpans":[{"resource":{"attributes":[
  {"key":"service.name","value":{"stringValue":"helm-test"}}]},"scopeSpans":[{"spans":[{"traceId":"'"$trace"'","spanId":"00f067aa0ba902b7",
  "name":"helm test","kind":1,"startTimeUnixNano":"'"$now"'000000000","endTimeUnixNano":"'"$now"'100000000"}]}]}]}'
for attempt in $(seq 30); do
    if curl --fail --silent --max-time 5 "$JAEGER:16686/api/traces/$trace" | grep -q 'helm test'; then
        echo "the span came back after $attempt tries"
        break
    fi
    [ "$attempt" -lt 30 ] || { echo "Jaeger took the span and does not give it back" >&2; exit 1; }
    sleep 1
done
get "$KIALI/healthz"
