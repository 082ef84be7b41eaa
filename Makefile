# Everything runs from a virtual environment in .venv, made on first use with python3, git and make alone.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
# Relative to the repository or absolute; any Markdown document will do.
DOC ?= tooling/demo.md
CATEGORY ?= devops
MINUTES ?= 10
PIP := $(RUN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# Four workers for two cores: a test often waits for a process of its own, such as Git.
TESTS := env -u PYTHONDONTWRITEBYTECODE $(RUN)/python -m pytest -n 4 --dist worksteal

.PHONY: help demo test test-thorough limits test-site test-clients bench fuzz simulation size docs clean test-kinds
.DELETE_ON_ERROR:

help: ## Show what can be made.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1  \2/p' Makefile

demo: $(VENV)/installed ## Run the main job in a temporary folder: a document becomes a promoted skill.
	@CATEGORY="$(CATEGORY)" $(RUN)/python tooling/demo.py "$(DOC)"

test: $(VENV)/installed-dev ## Run the tests, the linters and the type checker, in three minutes.
	@$(RUN)/ruff check --quiet . && $(RUN)/ruff format --quiet --check .
	@$(RUN)/mypy --no-error-summary & types=$$!; $(TESTS); tests=$$?; wait $$types && exit $$tests

test-thorough: $(VENV)/installed-dev ## Run the tests that take longest: a stop at every write, any order of events, whole workflows.
	@$(TESTS) -m thorough

test-kinds: $(VENV)/installed-dev ## Tell one story in every kind of Git repository: shallow, partial, sparse, SHA-256, mirrors, odd settings.
	@$(TESTS) -m kinds tests/kinds

limits: $(VENV)/installed-dev ## Check that hostile input takes linear time, on a machine with nothing else to do.
	@$(RUN)/python -m pytest -m limits

bench: $(VENV)/installed-dev ## Print how fast it is, as figures and ratios of one run.
	@$(RUN)/python tests/bench.py

fuzz: $(VENV)/installed-dev ## Feed hostile input to each reader for ten minutes (MINUTES=1 for less).
	@PYTHONPATH=tests $(RUN)/python tests/fuzz.py $(MINUTES)

simulation: $(VENV)/installed-dev ## Print how often the verdict on a skill is right, by draws whose truth is known.
	@$(RUN)/python tests/simulation.py

size: $(VENV)/installed ## Print the size of the code, and how many modules two commands run through.
	@$(RUN)/python tests/house/size.py

test-site: $(VENV)/installed-dev ## Open a site in a real browser, with axe-core (needs Chromium, node 20 and npm).
	@PYTHONPATH=tests $(RUN)/python tests/site/drive_browser.py

test-clients: $(VENV)/installed-dev ## Install a fleet with the real clients, and drive Claude Code, Codex and opencode by a scripted model (needs node 20).
	@PYTHONPATH=tests $(RUN)/python tests/agents/drive_clients.py

docs: $(VENV)/installed ## Write the generated parts of the documentation anew.
	@$(RUN)/python tests/house/generate_docs.py

clean: ## Remove the virtual environment and what tools left behind.
	@rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis dist build

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'error: Python 3.11 or newer is needed.'; echo 'tip: make $(MAKECMDGOALS) PYTHON=python3.12'; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo 'tip: your system keeps the module venv in a package of its own, such as python3-venv'; exit 2; }

# What is installed is remembered by a stamp, so a second run installs nothing.
$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo 'Installing what skill-fleet needs into $(VENV) ...'
	@$(PIP) --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo 'Installing what the tests need into $(VENV) ...'
	@$(PIP) --editable '.[dev]'
	@touch $@
