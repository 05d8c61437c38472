# Every target that needs the environment makes it first, once.
#   make study-optimizers                          the embedded phantoms, profile demo
#   make study-optimizers DATA=/path/to/BUSI       real images, profile cpu
#   make study-optimizers DATA=... PROFILE=full    the report's own setting, for a GPU

PYTHON ?= python3
VENV ?= .venv
DATA ?=
PROFILE ?= $(if $(DATA),cpu,demo)
PEER ?=
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all lint bench golden clean

help:
	@sed -n 's/^# *\(make .*\)/\1/p; s/^#   //p' Makefile | sort -u
	@echo "targets: setup demo study-NAME check-NAME test test-all lint bench golden clean"

setup: $(READY)

$(READY): setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("ultraseg wants Python 3.11 or newer, set PYTHON=") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: study-optimizers

study-%: $(READY)
	$(BIN)/ultraseg run $* --profile $(PROFILE) $(if $(DATA),--data '$(DATA)')

check-%: $(READY)
	$(BIN)/ultraseg check $* --profile $(PROFILE) $(if $(DATA),--data '$(DATA)')

test: $(READY)
	$(BIN)/python -m pytest -m 'not slow'

test-all: $(READY)
	$(BIN)/python -m pytest

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# PEER names the Python of an environment that holds PyTorch; without it the peers are left out, and said so.
bench: $(READY)
	for script in bench/*.py; do $(BIN)/python $$script $(if $(PEER),--peer-python '$(PEER)') || exit 1; done

golden: $(READY)
	$(BIN)/python -m tests.golden

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .hypothesis
