# shellcheck shell=bash
# Where people reach what is installed: https://NAME.DOMAIN. Both are stated in the values of helm/service-mesh alone.

mesh_values="$infrastructure/../helm/service-mesh/values.yaml"
domain="$(awk '$1 == "domain:" { print $2; exit }' "$mesh_values")"

# hostnames: every name below the domain, whole, one per line: those of the gateway, then those of its routes.
hostnames() {
    awk -v domain="$domain" '
        $1 == "hosts:" { gsub(/[][,]/, " "); for (i = 2; i <= NF; i++) print $i "." domain }
        $1 == "-" && $2 == "host:" { print $3 "." domain }
    ' "$mesh_values"
}
