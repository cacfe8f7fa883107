# Every target does its own set-up, in .venv, as root or not. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
WORKERS ?= 2
ARGS ?=
KILLS ?= 50
PEOPLE ?= 100000
bin := .venv/bin
pip = $(bin)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
# Our own package is built with the pinned tools in .venv, not with whatever is newest today.
backend := hatchling editables
# django-fernet-fields has no wheel: it is built here too, and setuptools before 70.1 makes none.
builders := $(backend) setuptools

# A virtual environment holds its own path: one that came with a copied folder is made again.
ifneq ($(shell cat .venv/place 2>/dev/null),$(CURDIR))
$(shell rm -f .venv/place)
endif

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

.venv/place: tools/make-venv
	@PYTHON=$(PYTHON) tools/make-venv "$(CURDIR)"

.venv/ready-to-run: .venv/place pyproject.toml constraints.txt
	@$(pip) $(backend)
	@$(pip) --no-build-isolation --editable .
	@touch $@

.venv/ready-to-work: .venv/place pyproject.toml constraints.txt
	@$(pip) --upgrade $(builders)
	@$(pip) --no-build-isolation --editable '.[mysql,postgresql,parquet,xlsx,plot,dev]'
	@touch $@ .venv/ready-to-run

.venv/ready-to-measure: .venv/ready-to-work tools/install-peers
	@tools/install-peers $(bin)/python
	@touch $@

setup: .venv/ready-to-work  ## everything for working on strongroom, in .venv

run: .venv/ready-to-run  ## the dialogue, on SQLite in this folder (ARGS='list users' for a command)
	@$(bin)/strongroom $(ARGS)

servers:  ## MariaDB and PostgreSQL programs for the tests: installed if missing and root
	@tests/servers/install.sh

lint: setup  ## style
	$(bin)/ruff check .
	$(bin)/ruff format --check .

types: setup  ## type hints, strictly
	$(bin)/mypy src tests bench

contracts: setup  ## which layer may import which
	$(bin)/lint-imports

docs: setup  ## what the documents say: links, and the examples in them
	$(bin)/python -m pytest tests/test_documents.py tests/docs

checks: lint types contracts

test: checks servers  ## everything: style, types, contracts, documents, all tests
	$(bin)/python -m pytest -n $(WORKERS) $(ARGS)

soak: setup servers  ## hours of it: jobs killed at many moments, searches compared, on every database
	STRONGROOM_KILLS=$(KILLS) $(bin)/python -m pytest tests/jobs --timeout=7200 $(ARGS)
	STRONGROOM_PEOPLE=$(PEOPLE) $(bin)/python -m pytest tests/search --timeout=7200 $(ARGS)

bench: setup servers .venv/ready-to-measure  ## a million people, in figures: writes docs/performance.md (ARGS=search for a part)
	@bench/install.sh
	$(bin)/python -m bench $(ARGS)

format: setup  ## put the code into its one style
	$(bin)/ruff check --fix-only .
	$(bin)/ruff format .

coverage: setup servers  ## all tests, with the lines that none of them reaches
	$(bin)/python -m pytest -n $(WORKERS) --cov --cov-report=term-missing:skip-covered $(ARGS)

constraints:  ## write constraints.txt anew, from the newest versions allowed
	@tools/renew-constraints

clean:  ## remove what make made
	rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help setup run servers lint types contracts docs checks test soak bench format coverage constraints clean
