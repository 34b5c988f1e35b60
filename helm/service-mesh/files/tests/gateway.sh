#!/bin/sh
# The gateway $GATEWAY sends $HOST from HTTP to HTTPS, and does not know other hosts.
set -eu

status() {
    curl --silent --show-error --max-time 10 --output /dev/null --write-out '%{http_code}' --header "Host: $1" "http://$GATEWAY/"
}

known="$(status "$HOST")"
unknown="$(status "nobody.$HOST")"
echo "$HOST: $known, another host: $unknown"
[ "$known" = 301 ] || { echo "expected a redirect (301) of $HOST to HTTPS" >&2; exit 1; }
[ "$unknown" = 404 ] || [ "$unknown" = 403 ] || { echo "expected that another host is refused" >&2; exit 1; }
