# Everything here sets up what it needs: a clean clone and a Python are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

LABEXTENSION := jupyter_repro/labextension/package.json

.PHONY: demo test test-unit test-lab lint lint-lab format bench bench-rng schema lab labextension clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# A stamp an extra, renewed when the dependencies change
$(VENV)/%.stamp: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[$*]'
	@touch $@

demo: $(VENV)/demo.stamp
	$(BIN)/python examples/demo.py

test: $(VENV)/test.stamp
	$(BIN)/python -m pytest $(PYTEST_ARGS)

test-unit: $(VENV)/test-unit.stamp
	$(BIN)/python -m pytest tests/unit $(PYTEST_ARGS)

lint: $(VENV)/lint.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/lint.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The JupyterLab panel. It is not part of the wheel yet, so it has targets of its own; they need
# Node.js 20.19 or newer, and test-lab also a Chromium.
labextension/node_modules: labextension/package.json labextension/yarn.lock $(VENV)/lab.stamp
	cd labextension && PATH="$(CURDIR)/$(BIN):$$PATH" jlpm install --immutable
	@touch $@

$(LABEXTENSION): labextension/node_modules $(wildcard labextension/src/*.ts* labextension/src/*/*.ts* labextension/style/*)
	cd labextension && PATH="$(CURDIR)/$(BIN):$$PATH" jlpm build:prod
	@touch $@

labextension: $(LABEXTENSION)

lab: $(LABEXTENSION)
	mkdir -p .lab && ln -sfn $(CURDIR)/jupyter_repro/labextension .lab/jupyter-repro
	$(BIN)/python -m jupyterlab --LabApp.extra_labextensions_path=$(CURDIR)/.lab examples

test-lab: $(LABEXTENSION) $(VENV)/test-lab.stamp
	cd labextension && PATH="$(CURDIR)/$(BIN):$$PATH" jlpm test
	$(BIN)/python -m pytest tests/browser $(PYTEST_ARGS)

lint-lab: labextension/node_modules
	cd labextension && PATH="$(CURDIR)/$(BIN):$$PATH" jlpm lint

schema: $(VENV)/test.stamp
	$(BIN)/python -m jupyter_repro.schema

bench: $(VENV)/bench.stamp
	$(BIN)/python -m benchmarks

# Which libraries repeat under which recipe, in docs/coverage.md. It installs TensorFlow, JAX and
# others; VENV=.venv-rng keeps them out of the environment of the tests
bench-rng: $(VENV)/bench-rng.stamp
	$(BIN)/python -m benchmarks.rng_coverage docs/coverage.md

clean:
	rm -rf $(VENV) .demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
