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

.DEFAULT_GOAL := help
.PHONY: help run pending forget admin-settings test simulate fuzz bench check format

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

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

check: ## format in check mode, clippy and rustdoc with warnings denied; changes no file
	$(CARGO) fmt --all --check
	rustfmt --edition 2024 --check $(BY_MACRO)
	$(CARGO) clippy --locked --workspace --all-targets -- --deny warnings
	RUSTDOCFLAGS='--deny warnings' $(CARGO) doc --locked --workspace --no-deps --document-private-items

format: ## format all files
	$(CARGO) fmt --all
	rustfmt --edition 2024 $(BY_MACRO)
