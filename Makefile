# make run     everything on this machine, and a first order (ONCE=1: end after it)
# make test    every test, on real servers of its own
# make package STAGE=prod    what a deployment takes; make rehearse runs it here
# make new DIR=../lending    a service of your own
# make help    the rest

SHELL := /bin/sh
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
FOUNDATION := cd foundation && ../$(BIN)/python -m pytest
BENCH := @$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	--requirement foundation/benchmarks/requirements.txt

.DEFAULT_GOAL := help
.PHONY: help install run new test test-service test-unit test-infrastructure test-api test-end-to-end \
	test-reliability test-deployment test-new-service soak package rehearse bench-repository \
	bench-scale bench-relay bench-api fuzz lint format clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/.installed ## make .venv, with everything in it

.venv/.installed: requirements.txt requirements-dev.txt constraints.txt foundation/pyproject.toml \
		foundation/requirements-dev.txt local/install.sh
	@sh local/install.sh --editable foundation --requirement foundation/requirements-dev.txt \
		--requirement requirements-dev.txt

run: install ## start everything, place a first order, serve until Ctrl-C; ONCE=1 ends after the order
	@# exec: make is the parent, and a make that is killed takes everything with it.
	@CARAFE_PARENT=$$PPID exec $(BIN)/carafe up

# Two processes, each with servers of its own: most tests wait for a disk or a clock.
test: install lint ## every check and every test, of the service and of the foundation
	$(PYTEST) --numprocesses 2
	$(FOUNDATION) --numprocesses 2

test-service: install ## the tests of the service alone
	$(PYTEST)

test-unit: install ## domain, contracts and the other parts that need no server; imports
	$(PYTEST) tests/unit tests/architecture
	$(FOUNDATION) tests/unit tests/architecture

test-infrastructure: install ## repositories, buses, relay, pump and local servers
	$(PYTEST) tests/infrastructure
	$(FOUNDATION) tests/infrastructure

test-api: install ## routes, problems, documents
	$(PYTEST) tests/api
	$(FOUNDATION) tests/api

test-end-to-end: install ## the commands a person types
	$(FOUNDATION) tests/end_to_end

test-reliability: install ## processes killed, servers stopped
	$(FOUNDATION) tests/reliability

test-new-service: install ## every test of a service made by `carafe new`, from nothing
	cd foundation && WHOLE=1 ../$(BIN)/python -m pytest tests/end_to_end/test_new_service.py

KILLS ?= 50
SEED ?= 1

soak: install ## load, with KILLS=50 kills of broker and database each, and SEED=1 to repeat them
	cd foundation && ../$(BIN)/python -m tests.reliability.soak --kills $(KILLS) --seed $(SEED)

test-deployment: install ## the package, its template, and its functions as Lambda runs them
	$(FOUNDATION) tests/deployment

new: install ## DIR=../lending: a service of your own; asks for its names
	@[ "$(DIR)" ] || { echo "error: where to? make new DIR=../lending" >&2; exit 1; }
	@$(BIN)/carafe new "$(DIR)"

package: install ## STAGE=dev or prod: template and code for AWS, in build/STAGE
	@$(BIN)/carafe package --stage "$(STAGE)"

rehearse: install ## run the packaged functions as AWS Lambda would, on real servers of its own
	@$(BIN)/carafe rehearse

bench-repository: install ## repositories beside the bare driver and two mappers, in one run
	$(BENCH)
	cd foundation && ../$(BIN)/python -m benchmarks.repository

bench-scale: install ## cost of get, save and pages from 1,000 to 1,000,000 orders
	$(BENCH)
	cd foundation && ../$(BIN)/python -m benchmarks.scale

bench-relay: install ## from pending events to confirmed and removed ones, and how long they take
	$(BENCH)
	cd foundation && ../$(BIN)/python -m benchmarks.relay

bench-api: install ## a request beside a bare handler and Powertools, and first answers
	$(BENCH)
	cd foundation && ../$(BIN)/python -m benchmarks.api

fuzz: install ## the API fuzzed for ten minutes a caller; FUZZ_SECONDS=60 for one
	cd foundation && FUZZ_SECONDS=$${FUZZ_SECONDS:-600} ../$(BIN)/python -m pytest tests/end_to_end/test_fuzzing.py -s

lint: install ## style, types, formatting; diagrams that say what the code says
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd foundation && ../$(BIN)/ruff check .
	cd foundation && ../$(BIN)/ruff format --check .
	cd foundation && ../$(BIN)/mypy
	$(BIN)/carafe diagrams --check

format: install ## put the code into shape
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	cd foundation && ../$(BIN)/ruff check --fix-only .
	cd foundation && ../$(BIN)/ruff format .

clean: ## remove what make made: .venv, local data, caches; .env stays
	@if [ -e .local/lock ] && ! flock --nonblock .local/lock true; then \
		echo "error: \`make run\` (process $$(cat .local/lock)) works here: end it first" >&2; \
		exit 1; \
	fi
	rm -rf .venv .local build
	for house in . foundation; do \
		(cd $$house 2>/dev/null && rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis); \
	done; true
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
