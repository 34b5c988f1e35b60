# The server and its demonstration model, in an image without compiler, shell use or root.
#
#   make image                                  # or: docker build --tag lamina-llm-serve:dev .
#   docker run --rm --read-only --cap-drop ALL --publish 8080:8080 lamina-llm-serve:dev
#
# The binary is built for x86-64-v3 or for arm64 with dotprod, whichever the build machine is. On x86-64 the image carries a
# second one for x86-64-v4 with VNNI, which the first hands over to where the processor has it.

ARG SWIFT_VERSION=6.3.1
FROM swift:${SWIFT_VERSION}-bookworm AS build
WORKDIR /source
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libssl-dev zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
# The dependencies are a layer of their own: a change of the sources does not fetch them again.
COPY Package.swift ./
RUN swift package resolve
COPY Sources ./Sources
# Its targets are named in Package.swift, so the folder must be there.
COPY Tests ./Tests
COPY scripts/sbom ./scripts/
RUN mkdir /binaries \
    && swift build --configuration release --static-swift-stdlib -Xswiftc -use-ld=lld --product lamina-llm-serve \
    && strip --strip-unneeded --output-file=/binaries/lamina-llm-serve .build/release/lamina-llm-serve
RUN if [ "$(uname -m)" = x86_64 ]; then \
        LAMINA_INSTRUCTION_SET=x86-64-v4 swift build --configuration release --static-swift-stdlib -Xswiftc -use-ld=lld \
            --product lamina-llm-serve \
        && strip --strip-unneeded --output-file=/binaries/lamina-llm-serve-x86-64-v4 .build/release/lamina-llm-serve; \
    fi

# The base has the C and C++ libraries and zlib, which the binary links against; OpenSSL and the list of public authorities
# come with Debian's updates.
# The Swift runtime is inside the binary.
FROM debian:bookworm-slim
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libssl3 zlib1g \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /binaries/ /usr/local/bin/
COPY models/lamina-tiny-q8_0.gguf models/MODEL_CARD.md /usr/local/share/lamina/models/
COPY LICENSE /usr/local/share/doc/lamina-llm-serve/LICENSE
ARG SWIFT_VERSION
ARG VERSION=unknown
ARG REVISION=unknown
# What the image is made of, with versions: Swift and its packages inside the binary, Debian's packages around it.
RUN --mount=type=bind,from=build,source=/source,target=/source \
    /source/scripts/sbom "${VERSION}" "${SWIFT_VERSION}" /source/Package.resolved \
    >/usr/local/share/doc/lamina-llm-serve/sbom.cdx.json
LABEL org.opencontainers.image.title="lamina-llm-serve" \
      org.opencontainers.image.description="An OpenAI-compatible server for GGUF language models on CPUs" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim"
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
    CMD ["lamina-llm-serve", "health"]
# Exec form: the server itself is process 1 and gets SIGTERM.
ENTRYPOINT ["lamina-llm-serve"]
CMD ["serve", "--host", "0.0.0.0"]
