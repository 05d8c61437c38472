# Every target that needs the environment makes it first, once.
#   make study-optimizers                          the embedded phantoms, profile demo
#   make study-optimizers DATA=/path/to/BUSI       real images, profile cpu
#   make study-optimizers DATA=... PROFILE=full    the report's own setting, for a GPU
#   make studies                                   every study, one after the other
#   make reproduce REPORT=003                      every study of one report, as published and corrected

PYTHON ?= python3
VENV ?= .venv
DATA ?=
PROFILE ?= $(if $(DATA),cpu,demo)
REPORT ?=
PEER ?=
WORKERS ?= 2
BIN := $(VENV)/bin
READY := $(VENV)/.ready
FILES := $(sort $(shell find studies -name '*.yaml'))
OF := $(if $(REPORT),$(shell grep -l 'report: "$(REPORT)"' $(FILES)))
targets = $(addprefix study-,$(subst /,-,$(patsubst studies/%.yaml,%,$(1))))

.DEFAULT_GOAL := help
.PHONY: help setup demo studies reproduce test test-slow lint bench docs golden clean

help:
	@sed -n 's/^# *\(make .*\)/\1/p; s/^#   //p' Makefile | sort -u
	@echo "targets: setup demo study-NAME check-NAME studies reproduce test test-slow lint bench docs golden clean"

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

studies: $(call targets,$(FILES))

reproduce: $(call targets,$(OF))
	@test -n "$(OF)" || { echo "make reproduce: name a report that has studies with REPORT=, 000 to 004"; exit 2; }

test: $(READY)
	$(BIN)/python -m pytest -m 'not slow' -n $(WORKERS) --dist loadfile

test-slow: $(READY)
	$(BIN)/python -m pytest -m slow -n $(WORKERS) --dist loadfile

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# make bench DATA=/path/to/BUSI PEER=/path/to/python    PEER holds PyTorch; without it that peer is left out
bench: $(READY)
	@test -n "$(DATA)" || { echo "make bench: name BUSI's folder with DATA="; exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench]'
	for script in bench/[a-z]*.py; do \
		$(BIN)/python $$script --data '$(DATA)' --write $(if $(PEER),--peer-python '$(PEER)') || exit 1; done

docs: $(READY)
	$(BIN)/python docs/models.py

golden: $(READY)
	$(BIN)/python -m tests.golden

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .hypothesis
