# Everything sets itself up in .venv first; `make help` lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test check lint types contracts coverage build bench setup train clean

PREPARE = python=$$(tools/find-python) && "$$python" tools/prepare.py
IN_VENV = tools/in-venv
# Tests run without a screen, and each worker of a numeric library on its own core.
TESTING = QT_QPA_PLATFORM=offscreen
PYTEST = $(TESTING) $(IN_VENV) python -m pytest
SELECT ?= not train and not slow
ARGS ?=

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run:  ## set up, build the demo catalog, open the window (without a screen: answer in the terminal)
	@$(PREPARE)
	@tools/start $(ARGS)

test:  ## set up and run the tests; ARGS="-k index" selects
	@$(PREPARE) --extra dev
	@$(PYTEST) -m "$(SELECT)" $(ARGS)

check: lint types contracts coverage  ## all of: lint, types, contracts, coverage

lint: setup  ## ruff
	@$(IN_VENV) ruff check --output-format concise .

types: setup  ## mypy --strict
	@$(IN_VENV) mypy

contracts: setup  ## which package may import which
	@$(IN_VENV) lint-imports

# engine/training is measured where its extra is installed: by .ci/run, after its own tests
coverage: setup  ## the tests with branch coverage; at least 90 % of engine (its training: .ci/run)
	@$(IN_VENV) coverage erase
	@$(PYTEST) -m "$(SELECT)" --cov --cov-report= $(ARGS)
	@$(IN_VENV) coverage report --include='engine/*' --omit='engine/training/*' --fail-under=90

build:  ## make the frozen application in dist/skulens and start it once
	@tools/freeze

bench:  ## measure on this machine, print a table and write JSON; ARGS=--quick for a short run
	@$(PREPARE) --extra dev
	@$(TESTING) $(IN_VENV) python -m benchmarks $(ARGS)

setup:  ## only set up .venv
	@$(PREPARE) --extra dev

train:  ## add what exporting and quantizing an encoder needs (torch, several GB)
	@$(PREPARE) --extra dev --extra train

clean:  ## remove what was built; .venv stays
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache htmlcov .coverage .coverage.*
