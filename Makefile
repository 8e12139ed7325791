# Poplin. `make demo` shows the main job, `make test` proves it; both install the Debian packages they need.
#
#   make build     dist/bin/poplin, dist/bin/poplin-cni and one link per plugin in dist/cni/
#   make test      every test (host tests need root), a short fuzz run and a smoke run of the demo
#   make demo      a cluster of three nodes on this machine, an application on it, taken down without a trace
#   make demo-containers   podman containers on a Poplin network, the same way
#   make bench     CPU and wall time beside the reference plugins and a C floor; the API server beside SQLite
#   make score     how well `poplin explain` and `poplin doctor` do on labelled messages (CASES=FILE: others than ours)
#                  and recorded clusters
#   make soak      the long sweeps: a kill at every system call, an hour of fuzzing
#   make image     dist/poplin-image.tar, an OCI archive for deploy/ (STATIC=1 links poplin fully static first)
#   make dist      dist/poplin-linux-*: poplin fully static, one file that runs on any Linux, also in an empty root
#   make install   PREFIX (/usr/local), CNI_BIN (/opt/cni/bin), DESTDIR
#   make lint      formatting, warnings, house rules        make format   formats in place

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

SWIFT ?= swift
PREFIX ?= /usr/local
CNI_BIN ?= /opt/cni/bin
DESTDIR ?=
FUZZ_SECONDS ?= 5
IMAGE ?= localhost/poplin:latest
STATIC ?=

# The plugins need no third-party package: POPLIN_ONLY=cni resolves and compiles none.
PLUGINS_BUILD := POPLIN_ONLY=cni $(SWIFT) build -c release --product poplin-cni --static-swift-stdlib \
	--scratch-path .build-plugins
# Static or not differs in the link alone, so both share what is compiled.
PROGRAM_BUILD := $(SWIFT) build -c release --product poplin --static-swift-stdlib --scratch-path .build-program

.PHONY: build plugins program image dist test bench score soak demo demo-containers install uninstall format lint clean

build: plugins program

plugins:
	@$(PLUGINS_BUILD) --quiet 2>&1 | { grep -v "Using 'dlopen' in statically linked" || true; }
	@mkdir -p dist/bin dist/cni
	@strip -o dist/bin/.poplin-cni.new "$$($(PLUGINS_BUILD) --show-bin-path)/poplin-cni"
	@mv dist/bin/.poplin-cni.new dist/bin/poplin-cni
	@dist/bin/poplin-cni install dist/cni
	@echo "dist/bin/poplin-cni  $$(stat -c %s dist/bin/poplin-cni) bytes; plugins in dist/cni: $$(ls dist/cni | xargs)"

program:
	@scripts/packages.sh build
	@POPLIN_STATIC=$(if $(STATIC),1) $(PROGRAM_BUILD)
	@mkdir -p dist/bin
	@strip -o dist/bin/.poplin.new "$$($(PROGRAM_BUILD) --show-bin-path)/poplin"
	@mv dist/bin/.poplin.new dist/bin/poplin
	@ln -f dist/bin/poplin dist/bin/kubectl-poplin

image: build
	@scripts/packages.sh image
	@scripts/image.sh dist/poplin-image.tar $(IMAGE)

# Linked fully static, so that `poplin doctor` runs where nothing is installed.
DIST := dist/poplin-linux-$(shell uname -m)

dist:
	@scripts/packages.sh build
	@POPLIN_STATIC=1 $(PROGRAM_BUILD)
	@mkdir -p dist
	@strip -o $(DIST).new "$$($(PROGRAM_BUILD) --show-bin-path)/poplin"
	@scripts/check-static.sh $(DIST).new
	@mv $(DIST).new $(DIST)
	@echo "$(DIST)  $$(stat -c %s $(DIST)) bytes"

test: plugins
	@scripts/packages.sh build test
	@FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/test.sh

demo: build
	@scripts/packages.sh demo
	@scripts/demo.sh

demo-containers: plugins
	@scripts/packages.sh demo-containers
	@scripts/demo-containers.sh

bench: build
	@scripts/packages.sh bench
	@Benchmarks/run
	@Benchmarks/run-cluster
	@Benchmarks/run-fabric
	@Benchmarks/apiserver/run dist/bin/poplin
	@Benchmarks/run-policy
	@Benchmarks/run-informer

CASES ?= Tests/Fixtures/diagnosis/cases.jsonl

score: program
	@status=0; scripts/score.sh dist/bin/poplin "$(CASES)" || status=1; \
	scripts/score.sh dist/bin/poplin Tests/Fixtures/diagnosis/likeness-held.jsonl --tell || status=1; \
	scripts/healthy-score.sh dist/bin/poplin || status=1; \
	scripts/doctor-fixtures.py .build/doctor-fixtures && scripts/doctor-score.py dist/bin/poplin .build/doctor-fixtures || \
		status=1; exit $$status

soak: plugins
	@scripts/packages.sh build test
	@POPLIN_SOAK=1 FUZZ_SECONDS=600 scripts/test.sh

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(CNI_BIN)
	install -m 0755 dist/bin/poplin $(DESTDIR)$(PREFIX)/bin/poplin
	ln -f $(DESTDIR)$(PREFIX)/bin/poplin $(DESTDIR)$(PREFIX)/bin/kubectl-poplin
	install -m 0755 dist/bin/poplin-cni $(DESTDIR)$(PREFIX)/bin/poplin-cni
	install -d $(DESTDIR)$(PREFIX)/share/poplin
	cp -R deploy $(DESTDIR)$(PREFIX)/share/poplin/
	dist/bin/poplin-cni install $(DESTDIR)$(CNI_BIN)

# Only names that are links to our own program are removed; what stood there before comes back.
uninstall:
	dist/bin/poplin-cni uninstall $(DESTDIR)$(CNI_BIN)
	rm -f $(DESTDIR)$(PREFIX)/bin/poplin $(DESTDIR)$(PREFIX)/bin/kubectl-poplin $(DESTDIR)$(PREFIX)/bin/poplin-cni
	rm -rf $(DESTDIR)$(PREFIX)/share/poplin

format:
	@$(SWIFT) format format --in-place --parallel --recursive Package.swift Sources Tests Fuzz

lint:
	@scripts/packages.sh lint
	@scripts/lint.sh

clean:
	@rm -rf .build .build-* dist Fuzz/.build Benchmarks/.build
