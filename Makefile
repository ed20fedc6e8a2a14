# Each target stands alone on a machine with Python 3.11 or newer: the first one makes .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test quick lint bench lock clean help

demo: .venv/complete  ## build, check, grade and give feedback to a made-up class, in demo/
	@$(BIN)/course demo

test: .venv/complete  ## every test, the slow ones too
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --quiet

# Without: whatever runs a kernel, stock nbgrader or a whole class (all marked slow, and most of grading/ and
# redteam/), the few marked long, and of a test with many cases all but two, or two for each function.
quick: .venv/complete  ## a meaningful part of the tests, in half a minute
	@$(BIN)/python -m pytest --quick --numprocesses auto --dist worksteal --quiet

lint: .venv/complete  ## style, the order of the wings, declared dependencies, types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/lint-imports
	@$(BIN)/deptry autograder
	@$(BIN)/deptry tests benchmarks docs --ignore DEP002,DEP004
	@$(BIN)/mypy

bench: .venv/complete  ## the figures in the README
	@$(BIN)/python -m benchmarks.harness_table
	@$(BIN)/python -m benchmarks.explanations
	@$(BIN)/python -m benchmarks.speed

.venv/complete: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "This course needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@echo "Making .venv from requirements.lock; this takes a minute, once."
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

lock:  ## new versions: needs uv (https://docs.astral.sh/uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--extra dev --upgrade --output-file requirements.lock pyproject.toml

clean:  ## remove .venv and demo/
	rm -rf .venv demo

help:  ## this list
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*  *## *\(.*\)/make \1	\2/p' $(MAKEFILE_LIST) | expand -t 14
