# Every target works alone on a fresh machine: it needs Python 3.11 or newer and a package index, nothing else.
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
ARGS ?=
WORKERS ?= 3
PEERS = tests/peers/node_modules/.package-lock.json
CHECK_TESTS = $(wildcard tests/architecture tests/unit tests/properties tests/golden)
export PYTHON
# Dozens of processes start here: compiling every module anew each time costs a third of their start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo up test test-peers check lint types format bench lock clean

help: ## what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

install: ## .venv as requirements.lock says (the others do it by themselves)
	@sh bin/install

demo: install ## the whole product against the sandbox; make demo ARGS='--once --json' for one JSON line
	@exec $(BIN)/zoho-salesforce demo $(ARGS)

up: install ## every process against the systems named in integration.toml
	@exec $(BIN)/zoho-salesforce up $(ARGS)

check: lint types ## lint, types, floors, unit and property tests: at most 60 s
	@$(BIN)/python -m pytest $(CHECK_TESTS) -q -m "not slow and not postgres" -n 2 $(ARGS)

test: lint types ## everything a machine can decide: at most 10 minutes on two cores
	@$(BIN)/python -m pytest tests -q -m "not node" -n $(WORKERS) --dist loadgroup $(ARGS)

test-peers: install $(PEERS) ## clients other people wrote, unchanged, against the sandbox (needs Node 20 or newer)
	@REQUIRE="$${REQUIRE:+$$REQUIRE,}node" $(BIN)/python -m pytest tests/peers -q $(ARGS)

$(PEERS): tests/peers/package.json tests/peers/package-lock.json
	@command -v npm >/dev/null || { echo "make test-peers needs Node 20 or newer, with npm" >&2; exit 1; }
	@npm ci --prefix tests/peers --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

lint: install
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "Formatting differs: make format" >&2; exit 1; }

types: install
	@$(BIN)/mypy --no-error-summary

format: install ## let ruff repair what it can
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

bench: install ## the numbers, each beside what it is measured against
	@exec $(BIN)/python -m tests.benchmarks $(ARGS)

lock: install ## write requirements.lock anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra dev --upgrade \
		--no-header --no-annotate --no-emit-index-url --output-file requirements.lock pyproject.toml

clean: ## forget the virtual environment, the caches and the embedded state
	@rm -rf .venv tests/peers/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis build ./*.egg-info state
