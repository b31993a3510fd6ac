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

.DEFAULT_GOAL := help
.PHONY: help run test check format

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build and start everything on http://127.0.0.1:6066 (PORT, DAYBOOK_DATA; RELEASE=1 optimises)
	@$(BUILD) $(PROFILE)
	@exec $(TARGET)/$(BIN)/daybook

test: ## run all suites: units, adapters, the running system, the function binaries
	$(BUILD)
	$(CARGO) test --locked --workspace

check: ## format in check mode, clippy and rustdoc with warnings denied; changes no file
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- --deny warnings
	RUSTDOCFLAGS='--deny warnings' $(CARGO) doc --locked --workspace --no-deps --document-private-items

format: ## format all files
	$(CARGO) fmt --all
