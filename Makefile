# Everything here sets up what it needs: a clean clone and a Python are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
# Processes that share the tests; 0 for one that shows what tests print (-s) and stops in them (--pdb)
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest
JLPM := cd labextension && PATH="$(CURDIR)/$(BIN):$$PATH" jlpm

LABEXTENSION := jupyter_repro/labextension/package.json
LABEXTENSION_SOURCES := $(wildcard labextension/*.json labextension/src/* labextension/src/*/* \
	labextension/src/*/*/* labextension/schema/* labextension/scripts/* labextension/style/*)

.PHONY: demo test test-unit test-lab lint lint-lab format bench bench-rng schema lab labextension \
	screenshots dist clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# A stamp an extra, renewed when the dependencies change. The front end is built below, and only
# for the targets that need it.
$(VENV)/%.stamp: pyproject.toml | $(BIN)/python
	HATCH_JUPYTER_BUILDER_SKIP_NPM=1 $(PIP) --editable '.[$*]'
	@touch $@

# jlpm, and a Node.js where the machine has none that is new enough
$(VENV)/node.stamp: hatch_build.py | $(BIN)/python
	$(PIP) hatchling jupyter-builder
	node=$$($(BIN)/python hatch_build.py) && if [ -n "$$node" ]; then $(PIP) "$$node"; fi
	@touch $@

labextension/node_modules: labextension/package.json labextension/yarn.lock $(VENV)/node.stamp
	$(JLPM) install --immutable
	@touch $@

$(LABEXTENSION): labextension/node_modules $(LABEXTENSION_SOURCES)
	$(JLPM) build:prod
	@touch $@

labextension: $(LABEXTENSION)

# JupyterLabs that the browser tests serve beside the newest: the oldest that is supported, and one
# in which several people edit a notebook together
LABS := $(VENV)/lab-4.2.stamp $(VENV)/lab-rtc.stamp
$(VENV)/lab-4.2.stamp: SERVES := 'jupyterlab==4.2.*'
$(VENV)/lab-rtc.stamp: SERVES := 'jupyterlab>=4.4' 'jupyter-collaboration>=4'

# conda-lock reads the lock files of the tests; its sixty dependencies stay out of their environment
TOOLS := $(VENV)/conda-lock.stamp
$(TOOLS): SERVES := 'conda-lock>=4,<5'

# A kernel of the versions that Colab runs, as far as they run on this Python: Colab has 3.13. What
# ipywidgets 7 requires is a whole Jupyter Notebook, which a kernel does not need
COLAB := $(shell $(PYTHON) -c 'import sys; print("$(VENV)/colab.stamp" * (sys.version_info < (3, 14)))')
PUBLISHED := tests/fixtures/hosts/colab.txt
$(VENV)/colab.stamp: pyproject.toml $(PUBLISHED)
	$(PYTHON) -m venv $(basename $@)
	HATCH_JUPYTER_BUILDER_SKIP_NPM=1 $(basename $@)/bin/python -m pip --disable-pip-version-check \
		install --quiet --constraint $(PUBLISHED) --editable '.[headless]' ipython-genutils numpy
	$(basename $@)/bin/python -m pip --disable-pip-version-check \
		install --quiet --constraint $(PUBLISHED) --no-deps ipywidgets
	@touch $@

$(LABS) $(TOOLS):
	$(PYTHON) -m venv $(basename $@)
	$(basename $@)/bin/python -m pip --disable-pip-version-check install --quiet $(SERVES)
	@touch $@

demo: $(VENV)/demo.stamp $(LABEXTENSION)
	$(BIN)/python examples/demo.py

test: $(VENV)/test.stamp $(LABEXTENSION) $(LABS) $(TOOLS) $(COLAB)
	$(JLPM) test
	$(BIN)/python -m tests.browser.chromium
	$(PYTEST) -n $(WORKERS) $(PYTEST_ARGS)

test-unit: $(VENV)/test-unit.stamp
	$(PYTEST) tests/unit $(PYTEST_ARGS)

test-lab: $(VENV)/test.stamp $(LABEXTENSION) $(LABS)
	$(JLPM) test
	$(BIN)/python -m tests.browser.chromium
	$(PYTEST) tests/browser $(PYTEST_ARGS)

lint: lint-lab $(VENV)/lint.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lint-lab: labextension/node_modules
	$(JLPM) lint

format: $(VENV)/lint.stamp labextension/node_modules
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(JLPM) format

# The panel, with the examples
lab: $(VENV)/lab.stamp $(LABEXTENSION)
	mkdir -p .lab && ln -sfn $(CURDIR)/jupyter_repro/labextension .lab/jupyter-repro
	$(BIN)/python -m jupyterlab --LabApp.extra_labextensions_path=$(CURDIR)/.lab examples

# The pictures in the README, and more to look at
screenshots: $(VENV)/test.stamp $(LABEXTENSION)
	SCREENSHOTS=tests/browser/screenshots $(PYTEST) tests/browser/test_screenshots.py
	mkdir -p docs/images
	cp tests/browser/screenshots/panel-match.png tests/browser/screenshots/panel-mismatch.png \
		docs/images

schema: $(VENV)/test.stamp labextension/node_modules
	$(BIN)/python -m jupyter_repro.model.schema
	$(JLPM) schema

bench: $(VENV)/bench.stamp $(LABEXTENSION)
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m benchmarks

# Which libraries repeat under which recipe, in docs/coverage.md. It installs TensorFlow, JAX and
# others; VENV=.venv-rng keeps them out of the environment of the tests
bench-rng: $(VENV)/bench-rng.stamp
	$(BIN)/python -m benchmarks.rng_coverage docs/coverage.md

# The wheel and the source archive, with a front end that no earlier build has touched
dist: labextension/node_modules
	rm -rf dist
	$(JLPM) build:prod
	$(PIP) build
	$(BIN)/python -m build

clean:
	rm -rf $(VENV) .demo .lab build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		labextension/node_modules labextension/lib jupyter_repro/labextension
