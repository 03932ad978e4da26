# make run      install into .venv, then the main job: out/mezigdomide/index.html
# make test     lint, types, tests (under 10 minutes on two cores, installation included)
# make prove    the long proofs (under 30 minutes)
# make bench    speed and accuracy beside other engines
# make lint     ruff and mypy alone
# make clean    remove .venv, out and caches
#
# Another Python (3.11 or newer):   make run PYTHON=python3.12

PYTHON ?= python3
VENV   ?= .venv

python := $(VENV)/bin/python
pins   := constraints.txt constraints-dev.txt
pip    := $(python) -m pip --disable-pip-version-check install --quiet $(pins:%=--constraint %)

# a file of tests to each processor, so that what a file shares is made once
side_by_side := --numprocesses auto --maxprocesses 4 --dist loadfile

.PHONY: run test prove bench lint clean
.DELETE_ON_ERROR:

run: $(VENV)/run.stamp
	$(VENV)/bin/cereblon run mezigdomide

test: lint
	HYPOTHESIS_PROFILE=test $(python) -m pytest $(side_by_side)

prove: $(VENV)/test.stamp
	HYPOTHESIS_PROFILE=prove $(python) -m pytest -m prove $(side_by_side)

bench: $(VENV)/test.stamp
	$(python) benchmarks/throughput.py

lint: $(VENV)/test.stamp
	$(python) -m ruff check .
	$(python) -m mypy

clean:
	rm -rf $(VENV) out dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(python):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "cereblon needs Python 3.11 or newer; name one: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment (on Debian: apt install python3-venv)"; exit 1; }

# The backend is pinned like all else, so it is installed first and the build not isolated.
$(VENV)/run.stamp: pyproject.toml $(pins) | $(python)
	@echo "installing cereblon and what it needs into $(VENV) (about a minute, once)"
	@$(pip) hatchling editables
	@$(pip) --no-build-isolation --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp
	@echo "installing what the tests need"
	@$(pip) --no-build-isolation --editable '.[dev]'
	@touch $@
