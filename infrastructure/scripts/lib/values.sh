# shellcheck shell=bash
# Reads the values files of this folder: one key per component at the left margin, its values indented by two spaces.

# section FILE KEY: the values below KEY, without the indentation and with the domain in place of ${DOMAIN}; nothing
# where there are none.
section() {
    awk -v key="$2:" -v domain="$domain" '
        /^[^ #]/ { inside = ($1 == key); next }
        inside && /^  / { gsub(/[$][{]DOMAIN[}]/, domain); print substr($0, 3) }
    ' "$1"
}

# scalar FILE KEY NAME: one plain value below KEY.
scalar() { section "$1" "$2" | awk -v name="$3:" '$1 == name { print $2; exit }'; }

# values_files COMPONENT: writes a file for each layer that says something of the component and prints their paths, the
# strongest last: what all installations share, the environment, the target, and what this run found out.
values_files() {
    local layer path number=0
    for layer in "$infrastructure/values.yaml" "$infrastructure/environments/$environment/values.yaml" \
        "$infrastructure/targets/$target/values.yaml" "$work/found.yaml"; do
        number=$((number + 1))
        path="$work/$1-$number.yaml"
        section "$layer" "$1" >"$path"
        if [[ -s "$path" ]]; then printf '%s\n' "$path"; fi
    done
}
