#!/bin/sh
# Asks $URL without a certificate, and expects that the connection fails rather than that an answer comes.
set -eu

case "$URL" in
    https:*) options="--insecure" ;;
    *) options="" ;;
esac
# shellcheck disable=SC2086  # none or one option
if status="$(curl $options --silent --max-time 20 --output /dev/null --write-out '%{http_code}' "$URL/v1/models")"; then
    echo "$URL answered $status to a client without a certificate" >&2
    exit 1
else
    code=$?
fi
# 35: the handshake failed; 52: nothing came; 56: the connection was reset. Anything else, such as a name that is not known, proves nothing.
case "$code" in
    35 | 52 | 56) echo "refused, as it should be (curl: $code)" ;;
    *)
        echo "curl failed with $code: that is no refusal" >&2
        exit 1
        ;;
esac
