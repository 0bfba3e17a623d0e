# Everything a newcomer needs. `make run` and `make test` set up what they use by themselves.

SHELL := /bin/bash
CARGO ?= cargo
TARGET := $(or $(CARGO_TARGET_DIR),target)
STACK := docker/stack
# Always the whole workspace: building packages one by one would build what they share once per set of features.

.PHONY: help run build test test-only check bench bench-cli bench-sockets bench-tui pictures dependencies fmt clean

help: ## What there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Run the daemon on embedded parts, with a demo organization
	$(CARGO) build --workspace --bin happening-daemon
	@$(TARGET)/debug/happening-daemon serve --demo

build: ## Release binaries: happening-daemon, happening, happening-tui
	$(CARGO) build --release --workspace

check: ## Format, lints, documentation, dependency rules
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	# The daemon without the built-in issuer.
	$(CARGO) clippy --workspace --no-default-features -- -D warnings
	RUSTDOCFLAGS='-D warnings -A rustdoc::private_intra_doc_links' $(CARGO) doc --workspace --no-deps --document-private-items
	$(CARGO) test --workspace --test dependency_rules --test documents

dependencies: ## Licences, sources and unused dependencies
	.ci/dependencies

test: ## Bring up the real parts, run every test, take them down
	docker/with-stack $(MAKE) --no-print-directory test-only

test-only: ## Run every test against the parts of the environment
	$(CARGO) build --workspace --bins
	.ci/unreferenced-snapshots $(CARGO) test --workspace --no-fail-fast

bench: ## Bookings a second, each figure beside its yardstick
	docker/with-stack $(CARGO) bench --workspace --bench booking

bench-cli: build ## How long the command line takes beside its server
	$(STACK) tools hyperfine
	happening-cli/benches/startup $(TARGET)/release

bench-sockets: ## How soon a thousand sockets know of bookings
	docker/with-stack $(CARGO) bench --workspace --bench sockets

bench-tui: ## What a frame, a key and an hour cost in the dashboard
	$(CARGO) test --release --workspace --bin happening-tui -- --ignored --nocapture --test-threads 1 bench

pictures: ## Draw the dashboard's pictures anew, from what it shows while people book
	$(STACK) tools tmux
	$(CARGO) build --workspace --bins
	$(CARGO) test --workspace --test terminal -- --ignored --nocapture pictures

fmt: ## Format everything
	$(CARGO) fmt --all

clean: ## Remove what was built and the state of the stack
	-$(STACK) down
	$(CARGO) clean
	rm -rf .stack .happening
