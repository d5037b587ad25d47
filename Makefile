# make lab     open the course in JupyterLab          make test      prove it, as far as it changed
# make venv    only build the environment             make test-all  prove everything
# make site    the course as a web site               make e2e       only the tests in a browser
# make bench   measure times against limits
#
# Both set up .venv by themselves; the second time that takes a moment.  Options:
#   LAB_ARGS="--no-browser --port 9999"   passed on to JupyterLab
#   UNIT=01                               test one unit only (the author's fast path); also of e2e and site
#   PYTHON=/path/to/python3.12            instead of the first fitting one on the PATH

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
FIRST := exercises/01_medical_images.ipynb
WORKERS ?= 2
# Half of a test's time is waiting: for a browser, a kernel, the grader's clock.  So two cores serve
# three; each holds a kernel with TensorFlow at times, 1.5 GB.
TEST_WORKERS ?= 3
# On a machine for continuous integration the tests run as on a processor that is not its own: what
# passes only here is noticed there.  OTHER_CPU= (empty) takes the machine as it is.
ifeq ($(CI),true)
OTHER_CPU ?= ONEDNN_MAX_CPU_ISA=AVX2 OMP_NUM_THREADS=1
endif

# The stamp carries a checksum of what was asked for: a changed requirement is a new stamp.
STAMP := $(VENV)/.installed-$(shell cat pyproject.toml constraints.txt 2>/dev/null | cksum | tr -d ' ')

# Only an interpreter that starts and has a fitting version counts (a pyenv shim may do neither).
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	if command -v $$p >/dev/null 2>&1 && $$p -c '$(FITS)' >/dev/null 2>&1; then echo $$p; break; fi; done)

PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help lab test test-all checks e2e site venv bench bench-suite build conventions findings coverage constraints grade-demo system-deps clean

help:
	@sed -n '1,10s/^# \{0,1\}//p' Makefile

venv: $(STAMP)

$(STAMP):
	@if [ -z "$(PYTHON)" ] || ! "$(PYTHON)" -c '$(FITS)' >/dev/null 2>&1; then \
		echo "This course needs Python 3.11, 3.12 or 3.13; found: $$(python3 --version 2>&1 || echo none)."; \
		echo "Install one of them, or name it: make $(or $(MAKECMDGOALS),venv) PYTHON=/path/to/python3.12"; \
		exit 1; \
	fi
	@echo "Setting up $(VENV) with $$($(PYTHON) --version) (about three minutes, once) ..."
	@[ -x $(BIN)/python ] && $(BIN)/python -c '$(FITS)' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@# uv is several times as fast; where it is not to be had, or does not get through, pip does it.
	@$(PIP_INSTALL) uv 2>/dev/null && $(BIN)/uv pip install --quiet --python $(BIN)/python \
		--compile-bytecode -c constraints.txt -e '.[test]' 2>/dev/null || $(PIP_INSTALL) -e '.[test]'
	@# JupyterLab would ask each new reader about news from the internet; this course is offline.
	@mkdir -p $(VENV)/share/jupyter/lab/settings
	@cp mlmi_course/lab_overrides.json $(VENV)/share/jupyter/lab/settings/overrides.json
	@rm -f $(VENV)/.installed-*
	@touch $@

lab: venv
	@# Named by its address and not as a file: then the file browser reaches the lectures too.
	$(BIN)/jupyter lab --ServerApp.root_dir="$(CURDIR)" --LabApp.default_url=/lab/tree/$(FIRST) \
		$(if $(filter 0,$(shell id -u)),--allow-root) $(LAB_ARGS)

# A cell fails when it hangs, not when another job keeps the cores busy: `make bench` shows its time.
PYTEST := env $(OTHER_CPU) $(BIN)/pytest -n $(TEST_WORKERS) --dist loadfile --nbval-lax --nbval-current-env \
	--nbval-cell-timeout 600
EVERYTHING := --doctest-modules mlmi_course data_fetch tests lectures exercises solutions

# What a change can break, on this day; what takes turns is named when it ends.
test: checks
ifdef UNIT
	$(PYTEST) --unit $(UNIT) $(filter-out tests/units/test_u%,$(wildcard tests/units/test_*.py)) \
		$(wildcard tests/units/test_u$(UNIT)*.py) \
		$(foreach d,lectures exercises solutions,$(wildcard $(d)/$(UNIT)*.ipynb))
else
	$(PYTEST) --today $(EVERYTHING) $(PYTEST_ARGS)
endif

# All of it, once a week: every lecture in the browser, and every notebook by nbval too.
test-all: checks
	$(PYTEST) $(EVERYTHING) $(PYTEST_ARGS)
	$(BIN)/pytest -m clock tests

checks: venv $(if $(filter true,$(CI)),system-deps)
	$(if $(wildcard lectures/$(UNIT)*.ipynb),,$(error There is no unit $(UNIT); write two digits, as in UNIT=01))
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mlmi build --check $(UNIT)
	$(BIN)/mlmi lint $(UNIT)
	$(BIN)/mypy

# A student's way through every exercise and lecture, in JupyterLab as `make lab` serves it.  Part of
# `make test`; pictures of failures are kept in tests/e2e/failures.
e2e: venv
	$(BIN)/pytest -n $(TEST_WORKERS) --dist loadfile tests/e2e $(if $(UNIT),--unit $(UNIT))

# Which lines no test runs; notebooks, browser and site aside.  PYTEST_ARGS=tests/dicom for a part.
coverage: venv
	$(BIN)/pytest -n $(WORKERS) --cov --cov-report=term $(or $(PYTEST_ARGS),tests --ignore tests/e2e --ignore tests/site)

# The notebooks are executed once and kept in site/_build until the code changes.
site: venv
	$(BIN)/mlmi site $(UNIT) --out site/_build/html --workers $(WORKERS)
	MLMI_SITE=site/_build/html $(BIN)/pytest tests/site

build: venv
	$(BIN)/mlmi build

# Numbers of docs/conventions.md, after a library was upgraded or a row was written.
conventions: venv
	$(BIN)/python -W ignore -m conventions --write
	$(BIN)/mlmi build

# Scripts about other libraries: each installs what it needs into a temporary folder, so this takes long
# and needs a registry of packages.  NAME=psnr_of_volumes runs one of them.
findings: venv
	$(BIN)/python -m conventions.findings $(NAME); status=$$?; $(BIN)/mlmi build; exit $$status

bench: venv
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.metrics
	$(BIN)/python -m benchmarks.data
	$(BIN)/python -m benchmarks.dicom
	$(BIN)/python -m benchmarks.class_of
	$(BIN)/pytest -m clock tests

# Seconds of each unit's tests beside those of an older tree: UNITS="05 20", all of them by default.
# Takes long; goes on where it was stopped.  SUITE_ARGS="--before COMMIT --again --no-fixed"
bench-suite: venv
	env $(OTHER_CPU) $(BIN)/python -m benchmarks.suite $(UNITS) $(SUITE_ARGS)

# A made-up class of 30, graded: what an instructor gets.  DEMO=folder puts it
# elsewhere; GRADE_ARGS=--allow-unsandboxed where there is no bubblewrap.
DEMO ?= build/grade-demo
grade-demo: venv
	@rm -rf $(DEMO)/submissions $(DEMO)/grades
	@$(BIN)/python -m benchmarks.grade_demo $(DEMO)
	@echo "a secret for the demo" > $(DEMO)/secret.txt
	$(BIN)/mlmi grade 01 $(DEMO)/submissions --seed-file $(DEMO)/secret.txt --out $(DEMO)/grades \
		--marks $(DEMO)/marks.csv --workers $(WORKERS) $(GRADE_ARGS)
	@echo "Open file://$(abspath $(DEMO))/grades/gradebook.html"

# For maintainers: the newest set that fits on every Python and system of [tool.uv] in pyproject.toml.
# What holds for all of them is left out of the markers.  `make test` proves the set.
constraints: venv
	@$(BIN)/uv pip compile --quiet --universal --all-extras --upgrade --no-header --no-annotate pyproject.toml | sed \
		-e "s/ and ((platform_machine == 'arm64' and sys_platform == 'darwin') or sys_platform == 'linux' or sys_platform == 'win32')//" \
		-e "s/python_full_version >= '3.11.5' and //" \
		-e "s/ ; python_full_version < '3.14'$$//" -e "s/ and python_full_version < '3.14'//" \
		-e "s/python_full_version < '3.14' and //" > constraints.new
	@{ grep '^#' constraints.txt; cat constraints.new; } > constraints.both && mv constraints.both constraints.txt && rm constraints.new

# From Debian's packages: Chromium for the browser test, bubblewrap for the sandbox of "mlmi
# grade".  Never run uninvited: only "make test" under CI=true calls it.
system-deps:
	@if { command -v chromium || command -v google-chrome; } >/dev/null 2>&1 && \
		command -v bwrap >/dev/null 2>&1; then \
		echo "chromium and bubblewrap are installed"; \
	elif command -v apt-get >/dev/null 2>&1; then \
		sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
		$$sudo apt-get update -qq && \
		$$sudo apt-get install -y -qq --no-install-recommends chromium bubblewrap >/dev/null; \
	else echo "No apt-get here: install Chromium and bubblewrap by hand for their tests."; fi

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis
