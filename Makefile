# Nearside's commands, the same for people and for CI. They need Python >= 3.11, Node >= 20 and make, and set up
# the rest themselves: Python packages in .venv, npm packages in the folders that have a package.json.
#
#   make run [PORT=8000]   install, build, serve; prints the URL (ARGS="..." goes to `nearside serve`)
#   make test              every test, browsers included (installs missing browsers)
#   make check             style, types, unit tests; no browser, about 2 minutes
#   make bench             measurements beside other libraries
#   make soak              what takes too long for every day: all architectures on a WebGPU adapter in software
#   make dist              the wheel, with the built site inside, in dist/
#   make clean             remove what was built (what was installed stays)

PYTHON ?= python3
PORT ?= 8000
ARGS ?=

VENV := .venv
PY := $(VENV)/bin/python
# One process for each core; the tests of a file stay together, as they share what is costly to start.
SPREAD := -n auto --dist loadfile
NPM_CI := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
# npm writes this file last, so a half-finished installation has none.
LOCK := node_modules/.package-lock.json

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check lint unit browser-tests soak site dist bench clean

help:
	@sed -n 's/^#   make/  make/p' Makefile

run: site
	@echo "== serve"
	@exec $(VENV)/bin/nearside serve --port $(PORT) $(ARGS)

site: $(VENV)/.installed-build web/$(LOCK)
	@echo "== site"
	@$(VENV)/bin/nearside build

test: $(VENV)/.installed-dev site playwright/$(LOCK)
	@echo "== tests: Python"
	@$(PY) tests/browsers.py $(PY) -m pytest $(SPREAD)
	@echo "== tests: JavaScript"
	@cd web && npm test --silent
	@$(MAKE) --no-print-directory browser-tests

browser-tests:
	@echo "== tests: browsers"
	@$(PY) tests/browsers.py sh -c 'cd playwright && npx --no-install playwright test'
	@$(PY) tests/browsers.py $(PY) -m pytest playwright

soak: $(VENV)/.installed-dev site playwright/$(LOCK)
	@$(PY) tests/browsers.py sh -c 'cd playwright && NEARSIDE_REQUIRE=chromium,webgpu npx --no-install playwright test tests/parity-webgpu.spec.js'

check: lint unit

lint: $(VENV)/.installed-dev web/$(LOCK) playwright/$(LOCK)
	@echo "== style and types: Python"
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy --exclude '/_site/'
	@echo "== style and types: JavaScript"
	@cd web && npm run --silent types && npx --no-install tsc -p ../playwright
	@cd web && npm run --silent lint

unit: $(VENV)/.installed-dev web/$(LOCK)
	@echo "== unit tests: Python"
	@$(PY) -m pytest -q $(SPREAD) tests/py tests/server
	@echo "== unit tests: JavaScript"
	@cd web && npm test --silent

dist: site
	@echo "== wheel"
	@rm -rf dist
	@$(PY) -m pip --disable-pip-version-check wheel --quiet --no-deps --wheel-dir dist .
	@$(PY) -c 'import pathlib, sys; wheel = next(pathlib.Path("dist").glob("*.whl")); mb = wheel.stat().st_size / 1e6; \
	  print(f"{wheel}: {mb:.1f} MB"); sys.exit("the wheel is over 100 MB" if mb > 100 else 0)'

bench: $(VENV)/.installed-dev site playwright/$(LOCK) tests/bench/$(LOCK)
	@$(PY) tests/browsers.py node tests/bench/bench.mjs $(ARGS)

clean:
	rm -rf dist build server/nearside_server/_site test-results playwright/test-results playwright/playwright-report
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis

# What `make run` needs is part of what the tests need, so an installation for tests serves for both.
$(VENV)/.installed-build: pyproject.toml | $(PY)
	@echo "== Python packages for building and serving (.venv)"
	@$(PY) -m pip --disable-pip-version-check install --quiet --editable '.[build]'
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(PY)
	@echo "== Python packages for development (.venv)"
	@$(PY) -m pip --disable-pip-version-check install --quiet --editable '.[dev]'
	@touch $(VENV)/.installed-build $@

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Nearside needs Python 3.11 or newer; choose one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "== Python environment (.venv)"
	@$(PYTHON) -m venv $(VENV)

%/node_modules/.package-lock.json: %/package-lock.json %/package.json
	@node -e 'process.exit(parseInt(process.versions.node, 10) >= 20 ? 0 : 1)' || \
	  { echo "Nearside needs Node.js 20 or newer on PATH." >&2; exit 1; }
	@echo "== npm packages of $*"
	@cd $* && $(NPM_CI)
	@touch $@
