# shellcheck shell=bash
# Reads the values files of this folder: one key per component at the left margin, its values indented by two spaces.

# section FILE KEY: the values below KEY, without the indentation; nothing where there are none.
section() {
    awk -v key="$2:" '
        /^[^ #]/ { inside = ($1 == key) ; next }
        inside && /^  / { print substr($0, 3) }
        inside && /^$/ { print }
    ' "$1"
}

# scalar FILE KEY NAME: one plain value below KEY.
scalar() { section "$1" "$2" | awk -v name="$3:" '$1 == name { print $2; exit }'; }

# values_files COMPONENT: writes a file for each layer that says something of the component and prints their paths, the
# strongest last: what all installations share, the environment, the target, and what this run found out. The domain stands
# in them as ${LAMINA_DOMAIN}.
values_files() {
    local layer path
    for layer in "$infrastructure/values.yaml" "$infrastructure/environments/$environment/values.yaml" \
        "$infrastructure/targets/$target/values.yaml" "$work/found.yaml"; do
        path="$work/$1-$(basename "$(dirname "$layer")").yaml"
        section "$layer" "$1" | sed "s/\${LAMINA_DOMAIN}/$LAMINA_DOMAIN/g" >"$path"
        if grep -q '[^[:space:]]' "$path"; then printf '%s\n' "$path"; fi
    done
}
