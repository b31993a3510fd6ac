# Daybook's verbs. `make help` lists them.
CARGO ?= cargo
# Packages that a function needs, and those that only this machine does, are built together, so
# that no dependency is compiled twice with other features.
BUILD := $(CARGO) build --locked --workspace --bins

ifdef RELEASE
PROFILE := --release
BIN := release
else
BIN := debug
endif
TARGET := $(or $(CARGO_TARGET_DIR),target)

# Modules that a macro declares, which cargo fmt does not find.
BY_MACRO := $(wildcard shared/adapters/src/*.rs shared/adapters/src/*/*.rs tests/src/adapters/*.rs)

# What `make conformance` stands on, which services it knows descriptions of, which cases
# `make quick-conformance` runs, and where suites leave their traffic.
CONFORMANCE := .tools/conformance
DESCRIBED := $(if $(PIPEDRIVE_SPEC_DIR),pipedrive) $(if $(APP_CONNECT_SPEC),app-connect)
CONFORMANCE_FILTER := $(if $(PIPEDRIVE_SPEC_DIR),pipedrive) $(if $(APP_CONNECT_SPEC),users:: client:: about::)
CONFORMANCE_SUITES := --test behaviour --test guarantees --test system
# A run of fewer cases needs fewer of the known errors.
CONFORMANCE_PARTIAL := $(if $(filter command line,$(origin CONFORMANCE_FILTER) $(origin CONFORMANCE_SUITES)),--partial)
TRAFFIC := $(abspath $(TARGET))/traffic

export PIPEDRIVE_SPEC_DIR APP_CONNECT_SPEC

.DEFAULT_GOAL := help
.PHONY: help run pending forget admin-settings test simulate fuzz bench conformance quick-conformance checker \
        described probe check format new-adapter skeleton

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build and start everything on http://127.0.0.1:6066 (PORT, DAYBOOK_DATA; RELEASE=1 optimises)
	@$(BUILD) $(PROFILE)
	@exec $(TARGET)/$(BIN)/daybook

test: ## run all suites: units, adapters, the running system, the function binaries
	$(BUILD)
	$(CARGO) test --locked --workspace

pending: ## list what waits for delivery and why, by log, at the running `make run` (DAYBOOK_DATA)
	@$(BUILD) $(PROFILE)
	@exec $(TARGET)/$(BIN)/daybook pending

forget: ## remove a user with everything that belongs to them (USER=1-exampleCRM; TENANT=… where several companies have one)
ifneq ($(origin USER),command line)
	$(error name the user: make forget USER=1-exampleCRM)
endif
	@$(BUILD) $(PROFILE)
	@exec $(TARGET)/$(BIN)/daybook forget '$(USER)' $(if $(TENANT),'$(TENANT)')

admin-settings: ## settle settings for all users of a RingCentral account (ACCOUNT=… FILE=…)
	@$(BUILD) $(PROFILE)
	@exec $(TARGET)/$(BIN)/daybook admin-settings '$(ACCOUNT)' '$(FILE)'

simulate: ## run N random schedules of the digest engine (N=20000; SEED=… for the first)
	SIMULATE=$(or $(N),20000) SIMULATE_SEED=$(SEED) $(CARGO) test --locked --package daybook-tests --test simulation -- seeds

fuzz: ## draw lives of digests and requests by chance for SECONDS each (SECONDS=600; SEED=… for the first)
	FUZZ_SECONDS=$(or $(SECONDS),600) FUZZ_SEED=$(or $(SEED),random) $(CARGO) test --locked --workspace --test fuzz

bench: ## measure what a text and a call cost in time, CRM calls and table trips (release build)
	$(CARGO) bench --locked --package daybook-tests --bench costs

conformance: checker ## run what `make test` runs, and hold what suites sent and were answered against published descriptions (PIPEDRIVE_SPEC_DIR, APP_CONNECT_SPEC)
	rm -rf $(TRAFFIC)
	DAYBOOK_TRAFFIC=$(TRAFFIC) $(MAKE) --no-print-directory test
	$(CHECK_TRAFFIC)

quick-conformance: checker ## do so with the cases alone that are about these services
	rm -rf $(TRAFFIC)
	$(BUILD)
	@for filter in $(CONFORMANCE_FILTER); do \
		DAYBOOK_TRAFFIC=$(TRAFFIC) $(CARGO) test --locked --workspace $(CONFORMANCE_SUITES) -- $$filter || exit 1; \
	done
	$(CHECK_TRAFFIC)

# The answers of the fake that no suite has Pipedrive give are asked for by its own tests.
define CHECK_TRAFFIC
	@ls $(TRAFFIC)/*.jsonl >/dev/null 2>&1 || { echo "No case with $(CONFORMANCE_FILTER) in its name left any traffic." >&2; exit 1; }
	$(if $(PIPEDRIVE_SPEC_DIR),DAYBOOK_ANSWERS=$(TRAFFIC) $(CARGO) test --locked --workspace --lib -- pipedrive::tests::answers)
	$(CHECK) $(CONFORMANCE_PARTIAL)
endef
CHECK = $(CONFORMANCE)/bin/python -B tests/conformance/check.py $(TRAFFIC) $(DESCRIBED:%=--service %)

checker: described $(CONFORMANCE)/installed
	@$(CHECK) --check-setup
	cd tests/conformance && $(abspath $(CONFORMANCE))/bin/python -B -m unittest

described:
	@test -n "$(PIPEDRIVE_SPEC_DIR)" || { \
		echo "PIPEDRIVE_SPEC_DIR is not set, so nothing is held against Pipedrive's descriptions." >&2; \
		echo "They are not part of this project: it is a folder with pipedrive-v1-openapi.yml and" >&2; \
		echo "pipedrive-v2-openapi.yml." >&2; }
	@test -n "$(APP_CONNECT_SPEC)" || { \
		echo "APP_CONNECT_SPEC is not set, so nothing is held against App Connect's description." >&2; \
		echo "It is not part of this project: it is the file server-openapi.json." >&2; }
	@test -n "$(strip $(DESCRIBED))" || { \
		echo "Set at least one: make conformance APP_CONNECT_SPEC=that/server-openapi.json" >&2; \
		exit 1; }

$(CONFORMANCE)/installed: tests/conformance/requirements.txt
	rm -rf $(CONFORMANCE)
	python3 -m venv $(CONFORMANCE) || { echo "Python 3.11 with venv is needed (Debian: python3-venv)" >&2; exit 1; }
	$(CONFORMANCE)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

# What `make probe` stands on.
PROBE := .tools/probe

probe: $(PROBE)/installed ## draw requests from our own description by chance, and see that every answer is described
	@$(BUILD)
	$(PROBE)/bin/python -B tests/conformance/probe.py $(TARGET)/debug/daybook --schemathesis $(PROBE)/bin/schemathesis

$(PROBE)/installed: tests/conformance/probe-requirements.txt
	rm -rf $(PROBE)
	python3 -m venv $(PROBE) || { echo "Python 3.11 with venv is needed (Debian: python3-venv)" >&2; exit 1; }
	$(PROBE)/bin/pip install --quiet --disable-pip-version-check --requirement $< || { \
		echo "The packages of $< are not to be had: without them nothing is drawn." >&2; exit 1; }
	touch $@

new-adapter: ## begin the adapter of another CRM: code that compiles, a fake, and cases that fail (NAME=acme)
ifneq ($(origin NAME),command line)
	$(error name the CRM: make new-adapter NAME=acme)
endif
	@tools/new-adapter/generate.sh '$(NAME)'

# The copy lies at one place, so that most of it is compiled once.
SKELETON := $(abspath $(TARGET))/skeleton

skeleton: ## see that what `make new-adapter` writes compiles, in a copy of the project
	@rm -rf $(SKELETON)
	@mkdir -p $(SKELETON)
	@cp -a Cargo.toml Cargo.lock rust-toolchain.toml template.yaml docs functions local shared tests tools $(SKELETON)
	@$(SKELETON)/tools/new-adapter/generate.sh skeleton_crm >/dev/null
	CARGO_TARGET_DIR=$(abspath $(TARGET)) $(CARGO) check --locked --workspace --lib --manifest-path $(SKELETON)/Cargo.toml

check: ## format in check mode, clippy and rustdoc with warnings denied; changes no file
	$(CARGO) fmt --all --check
	rustfmt --edition 2024 --check $(BY_MACRO)
	$(CARGO) clippy --locked --workspace --all-targets -- --deny warnings
	RUSTDOCFLAGS='--deny warnings' $(CARGO) doc --locked --workspace --no-deps --document-private-items

format: ## format all files
	$(CARGO) fmt --all
	rustfmt --edition 2024 $(BY_MACRO)
