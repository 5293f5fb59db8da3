# make run     everything on this machine, and a first order (ONCE=1: end after it)
# make test    every test, on real servers of its own
# make package STAGE=prod    what a deployment needs; make rehearse runs it here
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
	test-reliability test-safeguards test-clusters test-debian test-deployment test-checkov test-new-service \
	test-second-day test-clinic test-scaffold test-upgrade test-all soak package rehearse bench-repository bench-scale bench-relay \
	bench-api bench-http bench-nudge bench-timers model simulate mutate fuzz docs release lint format clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/.installed ## create .venv, with everything in it

.venv/.installed: requirements.txt requirements-dev.txt constraints.txt foundation/pyproject.toml \
		foundation/requirements-dev.txt local/install.sh
	@sh local/install.sh --editable foundation --requirement foundation/requirements-dev.txt \
		--requirement requirements-dev.txt

run: install ## start everything, place a first order, serve until Ctrl-C; ONCE=1 ends after the order
	@# exec: make is the parent, so that everything ends when make is killed.
	@CARAFE_PARENT=$$PPID exec $(BIN)/carafe up

# Three processes on two cores, each with servers of its own: while one waits for a disk or a clock,
# two others work.
test: install lint ## every check and every test, of the service and of the foundation
	$(PYTEST) --numprocesses 3
	$(FOUNDATION) --numprocesses 3

test-service: install ## the tests of the service alone
	$(PYTEST)

test-unit: install ## everything that needs no server, and who may import whom
	$(PYTEST) tests/unit tests/architecture
	$(FOUNDATION) tests/unit tests/architecture tests/release

test-infrastructure: install ## repositories, buses, relay, pump and local servers
	$(PYTEST) tests/infrastructure
	$(FOUNDATION) tests/infrastructure tests/golden

test-api: install ## routes, problems and documents
	$(PYTEST) tests/api
	$(FOUNDATION) tests/api

test-end-to-end: install ## the commands a person types
	$(FOUNDATION) tests/end_to_end tests/scaffold

test-reliability: install ## processes killed at every step, servers killed under load
	$(PYTEST) tests/reliability
	$(FOUNDATION) tests/reliability

test-new-service: install ## every test of a service made by `carafe new`, from nothing
	cd foundation && WHOLE=1 ../$(BIN)/python -m pytest tests/end_to_end/test_new_service.py

test-second-day: install ## ten changes of a service that people have edited, with every test after each
	cd foundation && WHOLE=1 ../$(BIN)/python -m pytest tests/scaffold/test_second_day.py

test-clinic: install ## a clinic with its rules, verified phase by phase, with every test of it
	cd foundation && WHOLE=1 ../$(BIN)/python -m pytest tests/end_to_end/test_clinic.py

COUNT ?= 50
KILLS ?= 50
SEED ?= 1

test-scaffold: install ## COUNT=50 models drawn at random, scaffolded and checked; SEED=1 repeats a run, MODEL=4 one of it
	cd foundation && WHOLE=1 COUNT=$(COUNT) SEED=$(SEED) ../$(BIN)/python -m pytest \
		tests/unit/test_models_at_random.py tests/scaffold/test_scaffolded_$(if $(MODEL),models,*).py

test-safeguards: install ## the reliability tests without each safeguard in turn: one must notice
	cd foundation && WHOLE=1 ../$(BIN)/python -m pytest tests/reliability/test_safeguards.py

test-upgrade: install ## upgrade under load and roll back; with conflicts, failures, and from nothing
	cd foundation && WHOLE=1 ../$(BIN)/python -m pytest tests/upgrade tests/end_to_end/test_upgrade.py

test-all: test test-new-service test-second-day test-clinic test-scaffold test-safeguards test-upgrade test-clusters test-debian test-checkov test-wheels mutate ## `make test`, and what takes long

soak: install ## load while broker and database are killed KILLS=50 times each; SEED=1 repeats a run
	cd foundation && PYTHONPATH=.. ../$(BIN)/python -m tests.reliability.soak --kills $(KILLS) --seed $(SEED)

TIMES ?= 10
test-clusters: install ## three nodes of MongoDB and of RabbitMQ; each fault TIMES=10 times, as root
	cd foundation && PYTHONPATH=.. ../$(BIN)/python -m tests.clusters --times $(TIMES) --seed $(SEED)

SUITE ?= trixie
test-debian: ## in another Debian, SUITE=trixie, TARGET=test, with its Python and RabbitMQ; as root
	@sh foundation/tests/support/debian.sh "$(SUITE)" "$(if $(TARGET),$(TARGET),test)"

test-deployment: install ## the package, its template, and its functions as Lambda runs them
	$(FOUNDATION) tests/deployment

test-wheels: install ## a wheel of every package of requirements.txt for each Python and each processor
	cd foundation && WHOLE=1 ../$(BIN)/python -m pytest tests/deployment/test_runtimes.py

test-checkov: install ## every template as checkov sees it; installs 270 MB of packages, once
	cd foundation && WHOLE=1 ../$(BIN)/python -m pytest tests/deployment/test_checkov.py

new: install ## DIR=../lending: create a service of your own; asks for its names
	@[ "$(DIR)" ] || { echo "error: DIR is missing, as in: make new DIR=../lending" >&2; exit 1; }
	@$(BIN)/carafe new "$(DIR)"

package: install ## STAGE=dev or prod: template and code for AWS, in build/STAGE
	@$(BIN)/carafe package --stage "$(STAGE)"

rehearse: install ## run the packaged functions as AWS Lambda would, on real servers of its own
	@$(BIN)/carafe rehearse

model: install ## visit every state of the protocol's model, then without each safeguard; SHORT=1 in seconds
	@cd foundation && ../$(BIN)/python -m model_checking $(if $(SHORT),--short) $(if $(WRITE),--write)

simulate: install ## play SEEDS=10000 runs of faults; SEED=7 tells one; PLANT=NAME with a bug, PLANT=list names them
	@cd foundation && ../$(BIN)/python -m simulation $(if $(SEEDS),--seeds $(SEEDS)) \
		$(if $(findstring command,$(origin SEED)),--seed $(SEED)) $(if $(PLANT),--plant "$(PLANT)")

mutate: install ## small faults in what must lose nothing: a test must notice each; MODULE=relay, MODULE=list names all
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement foundation/mutation/requirements.txt
	@cd foundation && ../$(BIN)/python -m mutation $(if $(MODULE),--module "$(MODULE)")

bench-repository: install ## compare repositories with the bare driver and two mappers
	$(BENCH)
	cd foundation && ../$(BIN)/python -m benchmarks.repository

bench-scale: install ## compare get, save and pages among 1,000 and 1,000,000 orders
	$(BENCH)
	cd foundation && ../$(BIN)/python -m benchmarks.scale

bench-relay: install ## how many pending events are relayed a second, and how long one takes
	$(BENCH)
	cd foundation && ../$(BIN)/python -m benchmarks.relay

bench-api: install ## compare requests and first answers with a bare handler and Powertools
	$(BENCH)
	cd foundation && ../$(BIN)/python -m benchmarks.api $(if $(QUICK),--quick)

bench-http: install ## compare with FastAPI, Beanie and an outbox; QUICK=1 in a minute, ROUNDS=5, PROCESSES=1
	cd foundation && ../$(BIN)/python -m benchmarks.http $(if $(QUICK),--quick) \
		$(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(PROCESSES),--processes $(PROCESSES))

bench-nudge: install ## compare nudges by boto3 with those of the functions' own client
	cd foundation && ../$(BIN)/python -m benchmarks.nudge

bench-timers: install ## what timers cost, how exactly they call, how a million drain; QUICK=1 for less
	cd foundation && ../$(BIN)/python -m benchmarks.timers $(if $(QUICK),--quick)

fuzz: install ## fuzz the API for ten minutes a caller; FUZZ_SECONDS=60 for one minute
	cd foundation && FUZZ_SECONDS=$${FUZZ_SECONDS:-600} ../$(BIN)/python -m pytest tests/end_to_end/test_fuzzing.py -s

docs: install ## the documentation site, in build/site; its links are checked
	@cd foundation && ../$(BIN)/python -m documentation

release: install ## wheel, sdist and bill of materials of the newest commit, checked, in dist/; TAG=v1.0.0
	@cd foundation && ../$(BIN)/python -m release $(if $(TAG),--tag "$(TAG)")

lint: install ## style, types, formatting, and that the diagrams match the code
	@$(MAKE) --no-print-directory --jobs 2 lint-foundation lint-service

.PHONY: lint-foundation lint-service

lint-service:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/carafe diagrams --check

lint-foundation:
	cd foundation && ../$(BIN)/ruff check .
	cd foundation && ../$(BIN)/ruff format --check .
	cd foundation && ../$(BIN)/mypy

format: install ## format the code
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	cd foundation && ../$(BIN)/ruff check --fix-only .
	cd foundation && ../$(BIN)/ruff format .

clean: ## remove .venv, local data, builds and caches; .env stays
	@if [ -e .local/lock ] && ! flock --nonblock .local/lock true; then \
		echo "error: \`make run\` (process $$(cat .local/lock)) is running here: stop it first" >&2; \
		exit 1; \
	fi
	rm -rf .venv .local build dist
	for house in . foundation; do \
		(cd $$house 2>/dev/null && rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis); \
	done; true
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
