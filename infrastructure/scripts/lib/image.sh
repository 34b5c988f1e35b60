# shellcheck shell=bash
# The server's image, where it is built here and not taken from a registry.

# image_version: the chart's, which is the binary's.
image_version() { awk '$1 == "appVersion:" { gsub("\"", ""); print $2 }' "$root/helm/lamina-llm-serve/Chart.yaml"; }

# built_image: its name, whole, as containerd reads the chart's.
built_image() { printf 'docker.io/library/lamina-llm-serve:%s' "$(image_version)"; }

# build_image ENGINE [OPTION...]: with docker or podman.
build_image() { run "$@" build --build-arg "VERSION=$(image_version)" --tag "$(built_image)" "$root"; }
