# Needs Python 3.11 or newer and make, nothing else:
#
#   make demo     run the Copenhagen example
#   make test     run what one needs after a change (ARGS="-k door" is passed on to pytest)
#   make test-all run every test
#   make lint     check style, types and the direction of imports
#   make format   rewrite the code in the project's style
#   make kept     fetch again what pages carry of others (needs npm)
#   make clean    remove the virtual environment and caches
#
# Another Python: make test PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
ARGS ?=
TESTS := $(BIN)/python -m pytest -n auto --dist worksteal

# What is compiled is kept, whatever the shell says: else every process of the tests reads and
# rewrites all of them anew, which takes as long as a third of what it then runs.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-all lint format kept clean
.DELETE_ON_ERROR:

help:
	@sed -n '/^#   make/s/^#   //p' Makefile

demo: $(VENV)/core.stamp
	$(BIN)/python run.py run scenarios/copenhagen-2013-one-house.yaml

test: $(VENV)/test.stamp
	$(TESTS) -m "not slow" $(ARGS)

test-all: $(VENV)/test.stamp
	$(TESTS) $(ARGS)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# What pages carry of others: the part of plotly.js of the version that is installed, the font, and
# the editor of `serve`, which is built of sim/serve/editor with the versions that its lock file has.
KEPT := sim/report/page/templates/kept
kept: $(VENV)/dev.stamp
	rm -rf build/kept && mkdir -p build/kept && cd build/kept && \
	  npm pack --silent plotly.js-basic-dist-min@$$(../../$(BIN)/python -c \
	    "from plotly.offline import get_plotlyjs_version as version; print(version())") \
	    @fontsource-variable/source-sans-3@5.3.1 && \
	  for one in *.tgz; do mkdir "$$one.d" && tar xzf "$$one" -C "$$one.d"; done
	cp build/kept/plotly*.d/package/plotly-basic.min.js $(KEPT)/
	cp build/kept/plotly*.d/package/LICENSE $(KEPT)/plotly-license.txt
	cp build/kept/font*.d/package/files/source-sans-3-latin-wght-normal.woff2 $(KEPT)/source-sans-3.woff2
	cp build/kept/font*.d/package/LICENSE $(KEPT)/source-sans-3-license.txt
	rm -rf build/editor && cp -r sim/serve/editor build/editor
	cd build/editor && npm ci --silent --no-fund --no-audit && node build.mjs ../../sim/serve/assets

clean:
	rm -rf $(VENV) .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/venv.stamp:
	@$(PYTHON) -c '' || { echo "dcr-sim needs Python 3.11 or newer, and '$(PYTHON)' does not run:" \
	  "name one that does, for example: make demo PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "dcr-sim needs Python 3.11 or newer, but '$(PYTHON)' is $$($(PYTHON) -V 2>&1):" \
	  "name a newer one, for example: make demo PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV) (a few minutes, the first time only)"
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
	  echo "'$(PYTHON)' could not make a virtual environment: on Debian or Ubuntu install" \
	  "python3-venv, elsewhere name another Python: make demo PYTHON=python3.12" >&2; exit 1; }
	@touch $@

$(VENV)/core.stamp: $(VENV)/venv.stamp pyproject.toml
	$(PIP) install --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/venv.stamp pyproject.toml
	$(PIP) install --editable '.[test]'
	@touch $@

$(VENV)/dev.stamp: $(VENV)/venv.stamp pyproject.toml
	$(PIP) install --editable '.[dev]'
	@touch $@
