# The verbs of this project; `make help` lists them. Everything goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# Two processes; a file of tests stays in one of them, so that what it builds is built once.
PYTEST := python -m pytest -n 2 --dist loadfile
# The tests start hundreds of processes: what Python compiles is kept for the next one.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help build chapter test oracle lowest soak lint types size messages bench dist clean

help: ## list the verbs
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

build: $(VENV)/.package ## make Bolton's tables and maps in data/processed/ and maps/
	@$(BIN)/bolton-jsna build

chapter: $(VENV)/.package ## write the chapter for Word, the web and spreadsheets in chapter/
	@$(BIN)/bolton-jsna chapter

test: $(VENV)/.test ## run the tests
	$(BIN)/$(PYTEST)

oracle: ## compare figures with PHStatsMethods, esda, libpysal and scoringrules, which nothing else installs
	@test -x $(VENV)-oracle/bin/python || $(PYTHON) -m venv $(VENV)-oracle
	@$(VENV)-oracle/bin/python -m pip --quiet --disable-pip-version-check install --editable '.[oracle]'
	BOLTON_JSNA_ORACLES=required $(VENV)-oracle/bin/python -m pytest -m oracle tests/measures

lowest: ## run the tests with the oldest versions that are allowed
	@test -x $(VENV)-lowest/bin/python || $(PYTHON) -m venv $(VENV)-lowest
	@$(VENV)-lowest/bin/python -m pip --quiet --disable-pip-version-check install --editable '.[test]' -r requirements-lowest.txt
	$(VENV)-lowest/bin/$(PYTEST)

soak: $(VENV)/.test ## kill 360 refreshes, a hundred in a build, and try properties at length
	$(BIN)/python tests/support/soak.py --rounds 200
	$(BIN)/python tests/support/soak_rebuild.py --kills 100
	$(BIN)/python tests/support/soak_national_files.py --rounds 60
	$(BIN)/python tests/support/soak_many.py --kills 20
	$(BIN)/$(PYTEST) --hypothesis-profile=thorough $$(grep -rl "^@given" tests)

lint: $(VENV)/.dev ## check style, and that imports flow one way
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	@$(BIN)/python scripts/messages.py --check

types: $(VENV)/.dev ## check types
	$(BIN)/mypy
	@$(BIN)/python scripts/docs_types.py

size: ## count rooms, modules and lines
	@$(PYTHON) scripts/size.py

messages: ## list every message of the package
	@$(PYTHON) scripts/messages.py

bench: ## measure all that is said about speed next to its peers; figures in dist/bench.json
	@test -x $(VENV)-bench/bin/python || $(PYTHON) -m venv $(VENV)-bench
	@$(VENV)-bench/bin/python -m pip --quiet --disable-pip-version-check install --editable '.[bench]'
	@$(VENV)-bench/bin/python -m benchmarks.speed --scripts --json dist/bench.json

dist: $(VENV)/.dev ## make the wheel and the source archive in dist/
	$(BIN)/python -m build

clean: ## take away the virtual environment and what tools leave behind
	rm -rf $(VENV) $(VENV)-lowest $(VENV)-oracle $(VENV)-bench dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; found " + sys.version.split()[0] + ". Name another: make build PYTHON=python3.12")'
	@echo "Setting up $(VENV) (once, about half a minute)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.package: pyproject.toml | $(BIN)/python
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	@$(PIP) install --editable '.[test]'
	@touch $@ $(VENV)/.package

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@$(PIP) install --editable '.[dev]'
	@touch $@ $(VENV)/.test $(VENV)/.package
