# shellcheck shell=bash
# The table of components: what is installed where, and from which chart.

# all_components: their names in the order of installation.
all_components() { awk '!/^#/ && NF { print $1 }' "$infrastructure/components"; }

# component NAME: sets the fields of a row of the table.
component() {
    local row
    row="$(awk -v name="$1" '!/^#/ && $1 == name' "$infrastructure/components")"
    [[ -n "$row" ]] || fail "there is no component '$1' in infrastructure/components."
    read -r name namespace pod_security sidecar chart version repository <<<"$row"
    if [[ -z "$repository" ]]; then chart="$root/$chart"; fi
}

# components_of_target: those that this target wants, in order; the file `without` of a target names the others.
components_of_target() {
    local without="$infrastructure/targets/$target/without"
    if [[ -f "$without" ]]; then all_components | grep -vxFf "$without"; else all_components; fi
}

reversed() { awk '{ line[NR] = $0 } END { for (i = NR; i > 0; i--) print line[i] }'; }
