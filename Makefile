# Each target stands alone on a machine with Python 3.11 or newer: the first one makes .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test quick lint certificate bench scale test-elsewhere test-faults lock clean help

# What a shell may have set for other programs, and what would change ours: where modules come from, and whether
# assertions are run, or warnings end a program.
unexport PYTHONHOME PYTHONPATH PYTHONSAFEPATH PYTHONOPTIMIZE PYTHONWARNINGS PYTHONSTARTUP

demo: .venv/complete  ## build, grade, give feedback to a made-up class in demo/, and check the problem sets
	@echo "This takes four minutes or more on two idle cores; the first grades are there in one."
	@$(BIN)/course demo

test: .venv/complete  ## every test, the slow ones too
	@echo "Running every test: about twenty minutes on two idle cores. make quick takes a minute."
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --quiet

# Without: whatever runs a kernel, stock nbgrader or a whole class (all marked slow, and most of grading/ and
# redteam/), the few marked long, and of a test with many cases all but two, or two for each function.
quick: .venv/complete  ## a meaningful part of the tests, in a minute
	@$(BIN)/python -m pytest --quick --numprocesses auto --dist worksteal --quiet

lint: .venv/complete  ## style, the order of the wings, declared dependencies, types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/lint-imports
	@$(BIN)/deptry autograder
	@$(BIN)/deptry tests benchmarks docs --ignore DEP002,DEP004
	@$(BIN)/mypy

certificate: .venv/complete  ## what each check of the hidden tests catches, for staff, in grading/reports/
	@$(BIN)/course check --certificate

scale: .venv/complete  ## whether a large class costs more a submission than a small one: ten minutes or more
	@$(BIN)/python -m benchmarks.scale

bench: .venv/complete  ## the figures in the README
	@echo "This takes five minutes or more on two idle cores."
	@$(BIN)/python -m benchmarks.harness_table
	@$(BIN)/python -m benchmarks.explanations
	@$(BIN)/python -m benchmarks.speed

# ROWS="prescott c-locale" runs only those; without it, the table takes an hour.
test-elsewhere: .venv/complete  ## the same results on other processors, Pythons, locales and users
	@$(BIN)/python -m tests.elsewhere $(ROWS)

# The last but one line: Python before 3.13 reads .pth files in the locale's encoding. A relative path has no accent.
.venv/complete: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "This course needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@echo "Making .venv from requirements.lock; this takes a minute, once."
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@for link in .venv/lib/python*/site-packages/autograder.pth; do echo ../../../.. > "$$link"; done
	@touch $@

# KINDS="dask-worker postgresql" kills only those; `python -m tests.faults --help` has the rest.
test-faults: .venv/complete  ## kill -9 of every kind of process in the middle of a class, 20 times each
	@echo "This takes half an hour or more on two idle cores."
	@$(BIN)/python -m tests.faults $(KINDS)

lock:  ## new versions: needs uv (https://docs.astral.sh/uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--extra dev --upgrade --output-file requirements.lock pyproject.toml

clean:  ## remove .venv and demo/
	rm -rf .venv demo

help:  ## this list
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*  *## *\(.*\)/make \1	\2/p' $(MAKEFILE_LIST) | expand -t 24
