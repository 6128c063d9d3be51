# The one door: every command anyone types. Each target sets up what it needs, once; `make` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
export PATH := $(CURDIR)/.venv/bin:$(PATH):$(HOME)/.cargo/bin

UV := 0.13.9
PYTHON ?= $(firstword $(foreach p,python3.11 python3.12 python3.13 python3,$(shell command -v $(p) 2>/dev/null)))
BIN := .venv/bin
DONE := .make
CRATE := $(shell find tracker/src -name '*.rs') tracker/Cargo.toml Cargo.toml Cargo.lock
MESSAGES := $(wildcard bottin/locale/*/LC_MESSAGES/django.po)
PYTEST := $(BIN)/python -m pytest
FUZZ_S ?= 60
KILLS ?= 1000

.PHONY: help run serve test check fmt lint types test-rust test-unit contract e2e fuzz crash bench docs \
	messages setup clean

help:  ## list the commands
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 12

run: setup  ## set up everything and run the site with demonstration content
	@exec $(BIN)/python -m bottin serve --demo

serve: setup  ## set up everything and run the site without it
	@exec $(BIN)/python -m bottin serve

test: setup $(DONE)/programs  ## set up everything and pass all tests
	@$(BIN)/python tools/run_tests.py

check: setup  ## the gate before each commit: lint, types, architecture and unit tests
	@$(MAKE) lint types test-unit

fmt: $(DONE)/python  ## format Python, Rust and templates
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .
	cargo fmt --all
	$(BIN)/djlint --reformat --quiet bottin || true

lint: setup  ## ruff, clippy, rustfmt, layers, templates, spelling, migrations, Django's audit
	@$(BIN)/python tools/lint.py

types: setup  ## mypy strict on the package and the tests, stubtest on the extension
	$(BIN)/mypy bottin tests tools benches
	$(BIN)/python -m mypy.stubtest bottin._native

test-unit: setup  ## architecture and unit tests
	$(PYTEST) -q -n auto tests/architecture tests/unit

test-rust:  ## unit, document and black-box tests of the crate, without Python
	cargo test --locked --workspace

contract: setup $(DONE)/programs  ## one suite over several subjects, real processes
	$(PYTEST) tests/contract

e2e: setup $(DONE)/programs  ## real clients, a real browser
	$(PYTEST) tests/e2e

fuzz: setup  ## every parser, FUZZ_S seconds each, from the committed corpus
	@$(BIN)/python tools/fuzz.py $(FUZZ_S)

crash: setup  ## kill tracker, ledger and PostgreSQL KILLS times; every byte must be credited once
	@BOTTIN_TEST_KILLS=$(KILLS) $(PYTEST) -q -rP tests/integration/ledger/test_kills.py

bench: setup  ## benchmarks, with BENCH_DAY=1 a simulated day too; writes benches/results/
	@$(BIN)/python tools/bench.py

docs: setup  ## write the generated pages; fails on a difference
	@$(BIN)/python -m bottin docs
	@git diff --exit-code --stat -- docs || { echo "Generated pages changed: commit them."; exit 1; }

messages: setup  ## collect the texts to translate
	@cd bottin && ../$(BIN)/python ../manage.py makemessages --all --no-obsolete --add-location file

clean:  ## remove what was built; data in var/ stays
	rm -rf .venv $(DONE) target bottin/_native*.so .mypy_cache .ruff_cache .pytest_cache
	find bottin -name '*.mo' -delete -o -name __pycache__ -type d -prune -exec rm -rf {} +

# --- what the commands need; a stamp in .make/ makes the second time instant --------------------

setup: $(DONE)/python $(DONE)/crate $(DONE)/messages

$(DONE)/venv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is missing: apt install python3 python3-venv"; exit 1; }
	@mkdir -p $(DONE)
	@$(PYTHON) tools/make_venv.py .venv
	@touch $@

$(DONE)/python: requirements/dev.txt | $(DONE)/venv
	@$(BIN)/python -c 'import importlib.metadata as m; assert m.version("uv") == "$(UV)"' 2>/dev/null \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV)
	@$(BIN)/uv pip install --quiet --require-hashes --compile-bytecode --python $(BIN)/python -r requirements/dev.txt
	@touch $@

$(DONE)/crate: $(CRATE) pyproject.toml | $(DONE)/python
	@command -v cargo >/dev/null || { echo "Rust is missing: install it from https://rustup.rs"; exit 1; }
	@touch $@.began  # what changes during the build is for the next one
	@$(BIN)/maturin develop --quiet --uv --release --locked
	@mv $@.began $@

$(DONE)/messages: $(MESSAGES) | $(DONE)/python
	@$(BIN)/python tools/compile_messages.py
	@touch $@

$(DONE)/programs: tools/install_programs.py tests/programs/package-lock.json | $(DONE)/python
	@$(BIN)/python tools/install_programs.py
	@npm ci --prefix tests/programs --ignore-scripts --no-audit --no-fund --loglevel error \
		|| echo "Some tests will be skipped: npm could not install the packages of tests/programs."
	@touch $@
