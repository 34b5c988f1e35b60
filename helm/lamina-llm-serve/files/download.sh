#!/bin/sh
# Fetches MODEL_URL to MODEL_FILE unless it is there. Pods that share the volume take turns; a download that was cut off goes on where it
# stopped; the file gets its name only when it is whole and its digest is MODEL_SHA256. TOKEN_FILE holds a bearer token, if one is needed.
set -eu

check() {
    echo "$MODEL_SHA256  $1" | sha256sum -c - >/dev/null 2>&1
}

fetch() {
    if [ -n "${TOKEN_FILE:-}" ]; then
        # From standard input: arguments can be read by every process of the pod. curl drops it where it is led to another host.
        printf 'header = "Authorization: Bearer %s"\n' "$(cat "$TOKEN_FILE")" | curl --config - "$@"
    else
        curl "$@"
    fi
}

folder="$(dirname "$MODEL_FILE")"
partial="$MODEL_FILE.partial"
mkdir -p "$folder"

# The lock goes with the process, however it ends.
exec 9>"$MODEL_FILE.lock"
echo "Waiting for other pods that fetch the same file, if any"
flock 9

# Its name is proof enough: a digest of tens of gigabytes at each start would take minutes.
if [ -f "$MODEL_FILE" ]; then
    echo "$MODEL_FILE is there"
    exit 0
fi

echo "Fetching $MODEL_URL"
fetch --fail --location --show-error --silent --retry 5 --retry-connrefused --continue-at - \
    --proto '=https,http' --proto-redir '=https' --output "$partial" "$MODEL_URL"

echo "Checking the digest"
if ! check "$partial"; then
    echo "The file from $MODEL_URL does not have the SHA-256 $MODEL_SHA256: it was deleted; correct model.download" >&2
    rm -f "$partial"
    exit 1
fi
sync
mv "$partial" "$MODEL_FILE"
echo "$MODEL_FILE is complete"
