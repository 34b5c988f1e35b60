#!/bin/sh
# A pod behind a Service of type LoadBalancer that answers one line, and asks for it at $ADDRESS until it comes.
set -eu

while true; do
    printf 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok' | nc -l -p 8080 >/dev/null
done &

for attempt in $(seq 30); do
    if curl --silent --max-time 2 "http://$ADDRESS/"; then
        echo " from $ADDRESS after $attempt tries"
        exit 0
    fi
    sleep 1
done
echo "nothing answers at $ADDRESS; see the events of the Service and the log of MetalLB's speaker" >&2
exit 1
