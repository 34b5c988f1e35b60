#!/bin/sh
# Asks $URL for two tokens and expects the status $EXPECTED_STATUS. $KEY_FILE holds an API key, if one is to be sent.
set -eu

request='{"prompt":"Once upon a time","max_tokens":2,"temperature":0}'
key=""
if [ -n "$KEY_FILE" ]; then
    key="header = \"Authorization: Bearer $(cat "$KEY_FILE")\""
fi
# shellcheck disable=SC2086  # several options in one variable
status="$(echo "$key" | curl --config - $CURL_OPTIONS --silent --show-error --max-time 120 --output /dev/null --write-out '%{http_code}' \
    --header 'Content-Type: application/json' --data "$request" "$URL/v1/completions")"
echo "$URL/v1/completions answered $status"
if [ "$status" != "$EXPECTED_STATUS" ]; then
    echo "expected $EXPECTED_STATUS" >&2
    exit 1
fi
