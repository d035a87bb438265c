# GlideIM. Needs only Python >= 3.11 (with venv), git and make:   make run
#
#   PYTHON=python3.12   the interpreter .venv is made from (only looked at when .venv is made)
#   ARGS="..."          extra arguments for the program behind a target (run, test, bench-quick, bench-fanout)

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
SOURCES := $(wildcard src tests scripts bench fuzz examples)
TYPED := $(wildcard src tests scripts)

# Stamps: empty files whose age says when a step was last done.
MADE := $(VENV)/.stamp-made
RUN := $(VENV)/.stamp-run
DEV := $(VENV)/.stamp-dev
PACKAGE := $(VENV)/.stamp-package

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run setup test check fmt coverage bench bench-quick bench-fanout verify soak fuzz fuzz-coverage fuzz-api week build lock clean distclean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: $(RUN) $(PACKAGE) ## Start a server (ARGS="--help" lists its options)
	@exec $(BIN)/glideim serve $(ARGS)

setup: $(DEV) $(PACKAGE) ## Make .venv with everything for development

test: setup ## Run the tests (ARGS="-k name -x" goes to pytest)
	@if [ -d tests ]; then $(BIN)/python -m pytest $(ARGS); else echo "There is no tests/ yet."; fi

# Every check runs, so that one go shows all there is to repair.
check: setup ## Format, lint, types, import directions, generated files
	@failed=; attempt() { echo "$$*"; "$$@" || failed=yes; }; \
	attempt $(BIN)/ruff format --check $(SOURCES); \
	attempt $(BIN)/ruff check $(SOURCES); \
	attempt $(BIN)/mypy $(TYPED); \
	attempt $(BIN)/lint-imports --no-logo; \
	for script in scripts/gen_*.py; do attempt $(BIN)/python $$script --check; done; \
	[ -z "$$failed" ] || { echo "make check: something is to be repaired (make fmt does part of it)"; exit 1; }

fmt: setup ## Format and repair what can be repaired without thought
	$(BIN)/ruff check --fix-only $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

coverage: setup ## Run the tests and show which lines they miss
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

bench: $(RUN) $(PACKAGE) ## Measure what this machine does, in ten minutes (ARGS="--processes 4")
	@for case in relay ways ack login storm fanout history sync "durable --minutes 1" v1-2000; do \
		$(BIN)/glideim bench $$case $(ARGS) || exit; done

bench-quick: $(RUN) $(PACKAGE) ## Measure this machine in a minute or two
	$(BIN)/python -m glideim.bench.quick $(ARGS)

bench-fanout: $(RUN) $(PACKAGE) ## Measure messages to a group of 5,000 connected members
	$(BIN)/python -m glideim.bench.fanout $(ARGS)

verify: $(RUN) $(PACKAGE) ## Check the promises under faults in some minutes (ARGS="--seed 2")
	$(BIN)/glideim verify --seconds 150 \
		--faults kill,stop,cut,drop,slow,readonly,blackhole,throttle,restart,stuck $(ARGS)

# Each hour leaves a record of gigabytes: soak-report/ has to have the room.
soak: $(RUN) $(PACKAGE) ## The same for four hours, with another seed every hour
	@for seed in $$(seq 1 4); do $(BIN)/glideim verify --seconds 3600 --seed $$seed \
		--report soak-report/$$seed \
		--faults kill,stop,cut,drop,slow,readonly,blackhole,throttle,restart,stuck $(ARGS) \
		|| exit 1; done

fuzz: setup ## Feed random and mutated frames to the parsers (ARGS="..." goes to pytest)
	@if [ -d fuzz ]; then $(BIN)/python -m pytest fuzz --timeout 0 $(ARGS); \
	else echo "There is no fuzz/ yet."; fi

FUZZ_SECONDS ?= 60
fuzz-coverage: setup ## Feed each parser what reaches new code, FUZZ_SECONDS (60) each; keeps what does (Linux, x86-64)
	$(PIP) install --quiet --require-hashes --requirement requirements/fuzz.txt
	@for target in $$($(BIN)/python -m fuzz.run --list); do \
		$(BIN)/python -m fuzz.guided $$target --seconds $(FUZZ_SECONDS) || exit 1; done

fuzz-api: setup ## Send many made-up requests to the HTTP API (FUZZ_API_EXAMPLES=500 for each call and kind)
	FUZZ_API_EXAMPLES=$${FUZZ_API_EXAMPLES:-500} $(BIN)/python -m pytest \
		tests/integration/test_openapi_fuzz.py $(ARGS)

week: setup ## Play a team's weeks at a real server against a model (SEED=7 DAYS=30)
	WEEK_SEED=$${SEED:-$$(date +%s)} WEEK_DAYS=$${DAYS:-30} $(BIN)/python -m pytest \
		tests/integration/test_team_week.py $(ARGS)

build: setup ## Build the wheel and the source archive into dist/
	$(BIN)/python -m build --no-isolation

# Hashes cover every platform and Python from 3.11 on. The pins hold no address: pip's own
# configuration decides where packages come from. run.txt is a part of dev.txt, pin for pin, so
# one .venv serves both. UPGRADE="--upgrade" (or "--upgrade-package NAME") moves the pins.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	pyproject.toml requirements/build.in
UPGRADE ?=

lock: $(MADE) ## Pin the dependencies again (UPGRADE="--upgrade" moves them)
	@[ -x $(BIN)/uv ] || $(PIP) install --quiet uv
	$(COMPILE) $(UPGRADE) --extra dev --output-file requirements/dev.txt
	$(COMPILE) --extra all --constraint requirements/dev.txt --output-file requirements/run.txt
	$(COMPILE) --extra all --extra fuzz --constraint requirements/dev.txt --output-file requirements/fuzz.txt

clean: ## Remove caches and built files
	rm -rf build dist htmlcov .coverage .coverage.* .hypothesis .import_linter_cache \
		.mypy_cache .pytest_cache .ruff_cache
	find src tests scripts bench fuzz -name __pycache__ -type d -prune -exec rm -rf {} + \
		2>/dev/null || true

distclean: clean ## The same, and .venv
	rm -rf $(VENV) src/*.egg-info

$(MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "GlideIM needs Python 3.11 or newer, but '$(PYTHON)' is" \
			"$$($(PYTHON) --version 2>/dev/null || echo missing)." >&2; \
		echo "Name another one, for example: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
		exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "'$(PYTHON) -m venv' failed. On Debian and Ubuntu: apt install python3-venv" >&2; \
		exit 1; }
	@touch $@

# No index or certificate option here on purpose: pip's own configuration holds those.
$(RUN): requirements/run.txt | $(MADE)
	@echo "Installing requirements/run.txt ..."
	@$(PIP) install --quiet --require-hashes --requirement requirements/run.txt
	@touch $@

$(DEV): requirements/dev.txt | $(MADE)
	@echo "Installing requirements/dev.txt ..."
	@$(PIP) install --quiet --require-hashes --requirement requirements/dev.txt
	@touch $(RUN) $@

# The build back end is pinned with the rest, so nothing unpinned is fetched to build the package.
$(PACKAGE): pyproject.toml | $(MADE)
	@if [ ! -f $(RUN) ]; then $(MAKE) --no-print-directory $(RUN); fi
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
