# The commands of this project; `make` lists them. Everything runs in .venv, which `setup` makes and the others ask for.
.DEFAULT_GOAL := help
.PHONY: help setup ablate search lab test trackers faults slurm fuzz lint types docs pictures constraints check clean
.SILENT: help lint types docs constraints clean

VENV := .venv
BIN := $(VENV)/bin
TRACKERS := .venv-trackers
INSTALLED := $(VENV)/.installed
UNFINISHED := $(VENV)/.unfinished
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(firstword $(shell for p in python3 python3.13 python3.12 python3.11; do $$p $(NEW_ENOUGH) 2>/dev/null && echo $$p; done))

# Jupyter Lab asks for updates, news and extensions at its start, elsewhere; not from here.
OFFLINE := --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.news_url=None \
  --LabApp.extension_manager=readonly

# A test that takes its process with it is named and fails the run; xdist would begin another one, and may wait for ever.
DEAD := --max-worker-restart 0

# `make ablate preset=quick` would set a variable of make that nobody reads.
STRAY := $(foreach v,$(.VARIABLES),$(if $(findstring command line,$(origin $v)),$(filter-out ARGS PYTHON,$v)))
$(if $(strip $(STRAY)),$(error say ARGS="$(foreach v,$(STRAY),$v=$($v))"))

help:  ## this list
	awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile
	echo 'More words for a command go into ARGS: make ablate ARGS="preset=standard data.root=/data"'

setup: $(INSTALLED)  ## make .venv and install everything into it (once; 2 to 5 minutes)

ablate: setup  ## train and test every row of the ablation table
	$(BIN)/python -m platform.ablate --all $(ARGS)

search: setup  ## tune loss weights (ARGS names others)
	$(BIN)/python -m platform.search $(or $(ARGS),alpha3 beta1)

# What is installed and suffices stays: MLflow, say, takes an older pyarrow. What is missing comes by constraints.txt.
lab: setup  ## open the notebooks of analysis/reports in Jupyter Lab, which is installed when it is first asked for
	@[ -x $(BIN)/jupyter-lab ] || { echo 'Installing Jupyter Lab into $(VENV), once: a minute'; \
	  $(BIN)/python -m pip list --format=freeze --disable-pip-version-check >$(VENV)/.there && awk -F '==' \
	    '{name = tolower($$1); gsub(/[-_.]+/, "-", name)} NR == FNR {there[name]; next} !(name in there)' \
	    $(VENV)/.there constraints.txt >$(VENV)/.missing && \
	  $(BIN)/python -c "$$LOCKED" $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input \
	  --constraint $(VENV)/.missing --editable '.[lab]'; }
	$(BIN)/jupyter lab $(OFFLINE) analysis/reports $(ARGS)

test: setup  ## run the tests (ARGS="-k gram": some of them)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -m 'not fault' -n auto --dist loadfile $(DEAD) $(ARGS)

trackers: $(TRACKERS)/.installed  ## test TensorBoard, MLflow and W&B, in an environment of their own (3 minutes the first time)
	OMP_NUM_THREADS=1 $(TRACKERS)/bin/python -m pytest -q tests/assay/track $(ARGS)

# What .venv has is found here too, and pip changes nothing there: MLflow takes an older pyarrow, which comes before it.
$(TRACKERS)/.installed: pyproject.toml | setup
	rm -rf $(TRACKERS)
	$(BIN)/python -m venv $(TRACKERS)
	$(TRACKERS)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' | { read place; \
	  $(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' >$$place/of-setup.pth; }
	$(TRACKERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
	  --editable '.[tensorboard,mlflow,wandb]'
	touch $@

faults: setup  ## kill processes, damage files, fill disks: what is found, and what is lost (8 minutes)
	$(BIN)/python -m pytest -q -m fault -n 2 --dist loadfile $(DEAD) $(ARGS)

slurm: setup  ## deploy/slurm.sh on a SLURM of this machine alone (Debian: slurmctld slurmd slurm-client munge; 10 minutes)
	$(BIN)/python -m pytest -v -n 0 -rs tests/deploy/slurm $(ARGS)

fuzz: setup  ## thousands of wrong inputs: no traceback, no hang, nothing written elsewhere (10 minutes)
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzz $(ARGS)

lint: setup  ## style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup  ## static types
	$(BIN)/mypy

docs: setup  ## build the pages of docs/ into site/; a warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet $(ARGS)
	echo 'site/index.html; with its search: $(BIN)/python -m http.server --directory site'

pictures: setup  ## make the pictures of README and docs again, from a run of its own (needs Chromium)
	$(BIN)/python docs/pictures.py $(ARGS)

constraints: setup  ## look for every version of constraints.txt, for Python 3.11 and 3.13 where they are there
	for version in 3.11 3.13; do \
	  python=$$(for p in python$$version $$HOME/.pyenv/versions/$$version.*/bin/python$$version; do \
	    $$p -m pip --version >/dev/null 2>&1 && { echo $$p; break; }; done); \
	  [ "$$python" ] || { echo "no python$$version with pip is here: left out"; continue; }; \
	  $$python -m pip install --dry-run --quiet --no-deps --ignore-installed --disable-pip-version-check --no-input \
	    --requirement constraints.txt || exit 1; \
	  echo "constraints.txt: every version is there for Python $$version"; \
	done

check: lint types docs constraints test faults fuzz  ## what continuous integration runs

clean:  ## remove what the tools leave behind (not .venv, not runs/)
	rm -rf build dist site .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +

# Runs a command while this file is locked: two `make` at the same time must not install into one environment.
define LOCKED
import fcntl, os, sys
file = open("Makefile", "r+")
fcntl.flock(file, fcntl.LOCK_EX)
os.set_inheritable(file.fileno(), True)
os.execvp(sys.argv[1], sys.argv[1:])
endef
export LOCKED

ifndef SMFNET_LOCKED
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) $(NEW_ENOUGH) 2>/dev/null || { echo 'error: Python 3.11 or newer is needed ($(or \
	  $(PYTHON),python3) is not); say where it is: make setup PYTHON=/path/to/python3.11' >&2; exit 2; }
	@SMFNET_LOCKED=1 $(PYTHON) -c "$$LOCKED" $(MAKE) --no-print-directory $@
else
# UNFINISHED stands while the environment is being filled: where an earlier `make` left it, all begins anew.
$(INSTALLED): pyproject.toml constraints.txt
	@if [ -e $(UNFINISHED) ] || ! $(BIN)/python $(NEW_ENOUGH) 2>/dev/null; then \
	  $(PYTHON) -m venv --clear --without-pip $(VENV); fi
	@rm -f $@
	@touch $(UNFINISHED)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	@echo 'Installing into $(VENV), once: 2 to 5 minutes'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input \
	  --constraint constraints.txt --editable '.[test,onnx,notebook,docs,view,mcp,tasks]'
	@mv $(UNFINISHED) $@
endif
