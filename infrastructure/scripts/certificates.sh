#!/usr/bin/env bash
# Makes a certificate authority for this machine alone and, signed by it, a certificate for the hostnames of
# helm/service-mesh. What is there and good for thirty more days stays, so it can run as often as one likes.
#
#   certificates.sh [FOLDER]     default: certificates/ of the state folder, ~/.local/state/lamina
#
# ca.pem is what browsers and clients are to trust. Its key may sign names below the domain and no others: who steals
# it cannot stand in for the rest of the web.
set -euo pipefail
infrastructure="$(cd "$(dirname "$0")/.." && pwd)"
# shellcheck source=lib/console.sh
source "$infrastructure/scripts/lib/console.sh"
# shellcheck source=lib/hostnames.sh
source "$infrastructure/scripts/lib/hostnames.sh"

folder="${1:-${XDG_STATE_HOME:-$HOME/.local/state}/lamina/certificates}"
# Browsers refuse certificates for longer than 398 days; clocks may differ by a day.
server_days=397
authority_days=3650
renewal_seconds=$((30 * 86400))

command -v openssl >/dev/null || fail "there is no openssl on the PATH."

# is_good CERTIFICATE: whether it is there and valid for a while.
is_good() { [[ -s "$1" ]] && openssl x509 -in "$1" -noout -checkend "$renewal_seconds" >/dev/null; }

make_authority() {
    step "Making a certificate authority for *.$domain in $folder"
    openssl ecparam -name prime256v1 -genkey -noout -out ca.key.part
    openssl req -x509 -new -sha256 -key ca.key.part -days "$authority_days" -out ca.pem.part \
        -subj "/O=Lamina/CN=Lamina local authority" \
        -addext "basicConstraints=critical,CA:TRUE,pathlen:0" \
        -addext "keyUsage=critical,keyCertSign,cRLSign" \
        -addext "nameConstraints=critical,permitted;DNS:$domain"
    mv ca.key.part ca.key
    mv ca.pem.part ca.pem
}

# names: the hostnames as a certificate lists them.
names() { hostnames | awk '{ printf "%sDNS:%s", separator, $0; separator = "," }'; }

make_server_certificate() {
    step "Making a certificate for $(names)"
    openssl ecparam -name prime256v1 -genkey -noout -out server.key.part
    openssl req -new -sha256 -key server.key.part -subj "/O=Lamina/CN=$domain" -out server.csr
    cat >server.extensions <<END
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=$(names)
END
    openssl x509 -req -sha256 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days "$server_days" \
        -extfile server.extensions -out server.pem.part
    mv server.key.part server.key
    mv server.pem.part server.pem
    rm -f server.csr server.extensions
}

# is_current: whether the server's certificate is good, of this authority, and for these names.
is_current() {
    is_good server.pem && openssl verify -CAfile ca.pem server.pem >/dev/null 2>&1 \
        && [[ "$(openssl x509 -in server.pem -noout -ext subjectAltName | sed '1d; s/ //g')" == "$(names)" ]]
}

umask 077
mkdir -p "$folder"
cd "$folder"
is_good ca.pem || make_authority
is_current || make_server_certificate
note "authority: $folder/ca.pem, certificate: $folder/server.pem"
