# lamina-llm-serve: what a newcomer, a developer and CI call. `make` alone lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# Where `make install` puts the binary (PREFIX/bin) and the embedded model (PREFIX/share/lamina/models).
PREFIX ?= /usr/local
# Arguments for the binary: make run ARGS="--port 9000 --model other.gguf"
ARGS ?=
# Arguments for pytest: make test-integration PYTEST_ARGS="-k openai -x"
PYTEST_ARGS ?=
PYTHON ?= python3
# How long make soak goes on.
MINUTES ?= 30
# How long make fuzz tries each target, and which: make fuzz SECONDS=600 TARGET=request
SECONDS ?= 4
TARGET ?=
# address or thread; both where it is empty.
SANITIZER ?=
JOBS ?= $(shell nproc)
# What the binary is built for: x86-64-v3, x86-64-v4 or arm64. Default: the best this machine has.
INSTRUCTION_SET ?= $(shell scripts/instruction-set)
IMAGE ?= lamina-llm-serve:dev
# Of what processor `make image` builds for; empty: this machine's.
PLATFORM ?=
VERSION := $(shell sed -nE 's/.*static let version = "(.*)"/\1/p' Sources/LaminaServer/BuildInfo.swift)

BINARY := .build/release/lamina-llm-serve
ECHO_SERVER := .build/release/lamina-echo-server
EMBEDDED_MODEL := models/lamina-tiny-q8_0.gguf
SWIFT_SOURCES := Package.swift Sources Tests benchmarks/micro
# The Swift runtime is linked in: an installed binary needs nothing of the toolchain. lld, because the system's linker
# warns of a function in that runtime which nothing here calls.
RELEASE_FLAGS := --configuration release --static-swift-stdlib -Xswiftc -use-ld=lld --jobs $(JOBS)

.PHONY: help
help: ## List the targets
	@echo "lamina-llm-serve: make run starts the server, make test checks everything."
	@echo
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  Variables: ARGS (for run, bench...), PREFIX (install), PYTEST_ARGS, MINUTES (soak), SECONDS and TARGET (fuzz), PYTHON,"
	@echo "  JOBS=$(JOBS), INSTRUCTION_SET=$(INSTRUCTION_SET), IMAGE"

.PHONY: run
run: build ## Install what is missing, build, and serve the embedded model (ARGS="--port 9000")
	@echo "==> Starting the server (Ctrl-C stops it)"
	@exec $(BINARY) serve $(ARGS)

.PHONY: build
build: prepare ## Build the release binary
	@echo "==> Building the release binary for $(INSTRUCTION_SET) with $(JOBS) jobs"
	@LAMINA_INSTRUCTION_SET=$(INSTRUCTION_SET) swift build $(RELEASE_FLAGS) \
	    --product lamina-llm-serve

.PHONY: test
test: prepare prepare-python ## Install what is missing, then run every check: lint, Swift tests, integration tests
	@scripts/stage --begin
	@scripts/stage "format lint" $(MAKE) --no-print-directory lint
	@scripts/stage "swift tests" $(MAKE) --no-print-directory test-swift
	@scripts/stage "kernels" $(MAKE) --no-print-directory test-kernels
	@scripts/stage "fuzz" $(MAKE) --no-print-directory fuzz
	@scripts/stage "release build" $(MAKE) --no-print-directory build
	@scripts/stage "integration tests" $(MAKE) --no-print-directory test-integration
	@scripts/stage --summary

.PHONY: lint
lint: ## Check the formatting of the Swift sources
	@swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)

.PHONY: format
format: ## Rewrite the Swift sources in the house format
	@swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

.PHONY: test-swift
test-swift: prepare ## Run the Swift tests
	@# One test after the other: computing tests would starve those that talk over sockets and watch the clock.
	@swift test --jobs $(JOBS) --no-parallel

.PHONY: test-sanitizers
test-sanitizers: prepare ## Run the Swift tests under the address and the thread sanitizer (SANITIZER=thread)
	@JOBS=$(JOBS) scripts/test-sanitizers $(SANITIZER)

.PHONY: test-kernels
test-kernels: prepare ## Run the kernels' tests for the other instruction sets: arm64 under qemu, x86-64-v4
	@scripts/test-kernels arm64
	@scripts/test-kernels x86-64-v4

# The HTTP server alone, which tests and measurements talk to: the modules are those of `make build`.
$(ECHO_SERVER): prepare
	@echo "==> Building the echo server"
	@LAMINA_TEST_SERVERS=1 LAMINA_INSTRUCTION_SET=$(INSTRUCTION_SET) swift build $(RELEASE_FLAGS) \
	    --product lamina-echo-server

.PHONY: test-integration
test-integration: prepare-python prepare-charts prepare-peers $(BINARY) $(ECHO_SERVER) ## Drive the release binary with real clients (PYTEST_ARGS="-k openai")
	@.venv/bin/python -m pytest --rootdir Tests/Integration -c Tests/Integration/pytest.ini $(PYTEST_ARGS) \
	    $(if $(findstring ests/,$(PYTEST_ARGS)),,Tests/Integration benchmarks/tests)

.PHONY: fuzz
fuzz: prepare ## Fuzz the parsers of untrusted bytes, a few seconds each (SECONDS=600 TARGET=request)
	@JOBS=$(JOBS) PYTHON="$(PYTHON)" scripts/fuzz --seconds $(SECONDS) $(TARGET)

.PHONY: soak
soak: prepare-python $(BINARY) ## Random load for MINUTES=30; then nothing may be left behind
	@.venv/bin/python Tests/Integration/soak.py --minutes $(MINUTES)

.PHONY: bench
bench: build ## Print tokens per second of the embedded model on this machine
	@benchmarks/embedded.sh $(ARGS)

.PHONY: bench-micro
bench-micro: prepare ## Time kernels, tokenizer, parsers and scheduler on their own (ARGS="--filter 'matrix.*Q4_0.*'")
	@LAMINA_BENCHMARKS=1 LAMINA_INSTRUCTION_SET=$(INSTRUCTION_SET) swift package --scratch-path .build/micro --disable-sandbox benchmark \
	    --target MicroBenchmarks --no-progress $(ARGS)

.PHONY: benchmark
benchmark: build ## Compare with llama.cpp: builds it, makes models, measures for hours (ARGS="--quick", "--only speed")
	@benchmarks/run compare $(ARGS)

# A binary that is there stays as it is: what it was built for is compared where INSTRUCTION_SET is given.
.PHONY: install
install: $(BINARY) ## Install the binary and the embedded model under PREFIX (DESTDIR is honoured)
	$(if $(filter file,$(origin INSTRUCTION_SET)),,@scripts/built-for $(BINARY) $(INSTRUCTION_SET))
	install -D -m 755 $(BINARY) "$(DESTDIR)$(PREFIX)/bin/lamina-llm-serve"
	install -D -m 644 $(EMBEDDED_MODEL) "$(DESTDIR)$(PREFIX)/share/lamina/$(EMBEDDED_MODEL)"
	install -D -m 644 models/MODEL_CARD.md "$(DESTDIR)$(PREFIX)/share/lamina/models/MODEL_CARD.md"
	install -D -m 644 LICENSE "$(DESTDIR)$(PREFIX)/share/doc/lamina-llm-serve/LICENSE"

.PHONY: helm-lint
helm-lint: prepare-python ## Check the Helm charts: every feature rendered, against the schemas of Kubernetes
	@$(MAKE) --no-print-directory test-integration PYTEST_ARGS="Tests/Integration/chart $(PYTEST_ARGS)"

.PHONY: chart-readme
chart-readme: ## Write the tables of values into the charts' READMEs
	@scripts/chart-readme

.PHONY: image
image: ## Build the container image (needs docker or podman; PLATFORM=linux/arm64 builds for another processor)
	@engine="$$(command -v docker || command -v podman)" \
	    || { echo "make image needs docker or podman; neither is on the PATH." >&2; exit 1; }; \
	    "$$engine" build $(if $(PLATFORM),--platform $(PLATFORM)) --build-arg VERSION=$(VERSION) \
	    --build-arg REVISION="$$(git rev-parse HEAD 2>/dev/null || echo unknown)" --tag $(IMAGE) .

.PHONY: test-image
test-image: $(BINARY) ## Run the binary in a root file system of just the image's packages (needs root and the network)
	@scripts/test-image $(BINARY)

.PHONY: capacity-table
capacity-table: prepare-python $(BINARY) ## Compute the table of docs/deploy/production-70b.md
	@.venv/bin/python scripts/capacity-table

.PHONY: security
security: prepare-python ## Look for secrets, and for faults in scripts, YAML, charts and the Dockerfile
	@PYTHON="$(PYTHON)" scripts/prepare-python security/requirements.txt .build/scanners
	@.venv/bin/python security/check.py

.PHONY: clean
clean: ## Remove what the targets above made: .build and .venv
	rm -rf .build .venv Tests/Integration/.pytest_cache

.PHONY: prepare
prepare:
	@scripts/prepare-build

# On CI only: elsewhere its package would start a service nobody asked for, and its tests are skipped.
.PHONY: prepare-peers
prepare-peers:
	@[[ -z "$${CI:-}" || -x /usr/sbin/nginx ]] \
	    || scripts/apt-install "a proxy to compare the HTTP parser with" nginx-light

# What the charts' tests call; those are skipped, with the reason, where it cannot be had.
.PHONY: prepare-charts
prepare-charts: prepare-python
	@for tool in helm promtool; do .venv/bin/python Tests/Integration/tools/$$tool.py >/dev/null || true; done

.PHONY: prepare-python
prepare-python:
	@PYTHON="$(PYTHON)" scripts/prepare-python

# Built only where there is none; `make build` brings an existing one up to date.
$(BINARY):
	@$(MAKE) --no-print-directory build
