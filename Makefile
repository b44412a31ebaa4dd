# Thin names for what they start. `make help` lists them.

PYTHON ?= python3
PORT   ?= 8080
VAR    ?= var
MODE   ?= embedded

BIN := .venv/bin

.PHONY: help run demo test check bench setup servers
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile

run: setup ## the embedded suite with the demo county on http://127.0.0.1:8080 (PORT=, VAR= the data folder)
	@$(BIN)/bole up --demo --port $(PORT) --var "$(VAR)"

demo: setup ## one failed assessment, followed to its end over HTTP (MODE=deployed: on RabbitMQ and PostgreSQL)
	@$(if $(filter deployed,$(MODE)),$(BIN)/python -m tests.servers) $(BIN)/bole demo --mode $(MODE)

test: setup servers check ## all tests, also those on a real RabbitMQ and PostgreSQL, which they start themselves
	@$(BIN)/pytest -q
	@$(BIN)/pytest -q tests/green

check: setup ## format, lint, types, import contracts, dependency audit
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.audit

bench: setup servers ## what is measured: ready time, idle load, imports, consequences
	@$(BIN)/python -m bench.spine

setup: .venv/installed ## the environment alone: .venv, made once and remade when requirements.lock changes

servers: setup
	@$(BIN)/python -m tests.servers

.venv/made: requirements.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v[:2] <= (3, 13) else "Bole runs on Python 3.11 to 3.13, and $(PYTHON) is %d.%d. Name another: make PYTHON=python3.13" % v[:2])'
	rm -rf .venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/installed: .venv/made pyproject.toml $(wildcard policies/*/pyproject.toml)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	  -e . $(patsubst %/pyproject.toml,-e %,$(wildcard policies/*/pyproject.toml))
	@touch $@
