# firelens-kit's tasks. `make help` lists them.
SECONDS ?= 60
KIT := target/release/firelens-kit

.DEFAULT_GOAL := help
.PHONY: setup build demo test test-fluent-bit counterparts bench lint fuzz aws-acceptance help

setup: ## make sure that the filter can be compiled for wasm32-unknown-unknown
	@scripts/setup

build: setup ## build target/release/firelens-kit, with the filter and, where there is Node, the playground inside
	@scripts/playground --if-possible
	cargo build --release --locked

# With the features and the profile of the tests: each dependency is compiled once for both.
demo: setup ## the main job: the lines in examples/ through the filter, and through its stack on stand-ins for AWS
	cargo build --workspace --bin firelens-kit --locked
	@scripts/demo target/debug/firelens-kit

test: setup ## all tests
	scripts/test

test-fluent-bit: setup ## the whole pipeline in $$FLUENT_BIT or $$FLUENT_BITS, moto as the cloud; SCENARIO=flood for one
	scripts/test-fluent-bit $(SCENARIO)

counterparts: ## install what the tests talk to: moto, docker-registry, IAM's rules, DuckDB for Athena, python-hcl2, skopeo, umoci
	@scripts/counterparts

bench: build ## measure the parser, the command line and, with $$FLUENT_BITS, filter and pipeline in Fluent Bit
	scripts/bench $(KIT)

lint: setup ## formatting, clippy, and what the module may hold
	scripts/lint

fuzz: setup ## run each fuzz target for SECONDS=60
	scripts/fuzz $(SECONDS)

aws-acceptance: build ## deploy, use, change and destroy a stack in an AWS account, which it asks for; ARGUMENTS=--help
	scripts/aws-acceptance $(ARGUMENTS) $(KIT)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' Makefile
