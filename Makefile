# `make lab` to read and run the notebooks, `make check` while you edit, `make test` before you push.
# VAE_HELPERS_DATA=folder uses the full MNIST in folder/MNIST/raw; PYTHON=python3.12 selects a Python;
# make lab OPTIONS=--port=9999 passes an option to JupyterLab.

PYTHON ?= python3
# python -m, since the scripts in bin contain the path of the folder they were made in, and folders are moved
BIN := .venv/bin
READY := .venv/ready
AUTHORING := $(BIN)/python -m vae_helpers.authoring

# The settings in .jupyterlab apply where the reader has none of their own. 00 is the default URL, so that it is also
# the one printed where there is no browser. The root folder is given too, since a hub's settings often name another;
# as ".", since its path may contain spaces.
LAB_OPTIONS := --LabApp.app_settings_dir=.jupyterlab --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb
LAB_OPTIONS += --ServerApp.root_dir=. --FileContentsManager.root_dir=.
LAB_OPTIONS += --ServerApp.preferred_dir= --FileContentsManager.preferred_dir=

# JupyterLab refuses to run as root unless told to
LAB_OPTIONS += $(if $(filter 0,$(shell id -u)),--allow-root)

# Where two kernels are called python3, the reader's own and that of .venv, use the second, whoever owns .venv.
export JUPYTER_PREFER_ENV_PATH := 1

NOTEBOOK := 00_start_here
OUT = build/$@

# without a display, it would open a text browser
ifeq ($(shell uname)$(DISPLAY)$(WAYLAND_DISPLAY),Linux)
LAB_OPTIONS += --no-browser
endif

# one thread for each of two processes
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help lab check style test mutants notebooks slides handout picture site student solved present pretrained bench clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

lab: $(READY)  ## open the notebooks in JupyterLab
	$(BIN)/python -m jupyterlab $(LAB_OPTIONS) $(OPTIONS)

check: style  ## check style and run the quick tests: no browser, no notebooks
	$(PYTEST) -m "not browser and not slow" tests

test: style  ## check style and run all tests and all notebooks
	$(PYTEST)

style: $(READY)
	$(BIN)/python -m ruff check vae_helpers tests
	$(BIN)/python -m ruff format --check vae_helpers tests

mutants: $(READY)  ## put careless mistakes into a copy and see which the tests see; all, or KINDS="panels words"
	@$(BIN)/python tests/mutants/mutants.py $(KINDS)

notebooks: $(READY)  ## run all notebooks in place, or NOTEBOOKS="03_vae"; your answers are kept
	@$(AUTHORING) notebooks $(NOTEBOOKS)

slides: $(READY)  ## write a deck of slides for each notebook into build/slides; BY="name, date" for the titles
	BY="$(BY)" $(AUTHORING) slides

handout: slides  ## write a PDF of each deck and of all into build/handout, also with notes; it needs Chromium or Chrome
	$(AUTHORING) handout

picture: slides  ## take the picture of the README and of link previews from the decks
	$(AUTHORING) picture

site: $(READY)  ## write the notebooks as web pages into build/site
	$(AUTHORING) site

student: $(READY)  ## write the series without solutions into a new folder: make student OUT=folder
	@$(AUTHORING) student "$(OUT)"

solved: $(READY)  ## write the series with all exercises solved and run into a new folder: make solved OUT=folder
	@$(AUTHORING) solved "$(OUT)"

present: $(READY)  ## open one notebook as a page for a projector, without code: make present NOTEBOOK=06_latent_space
	@$(AUTHORING) present "$(NOTEBOOK)"

pretrained: $(READY)  ## retrain the shipped weights on full MNIST, or only MODELS="ae2 vae2"
	$(AUTHORING) pretrained $(MODELS)

bench: $(READY)  ## time training, notebooks, start, panels and a class, or PARTS="training"; write notebooks/benchmark.md
	@PYTHONPATH=tests:tests/browser $(BIN)/python -W ignore tests/benchmarks/bench.py $(PARTS)

clean:  ## delete .venv, build and caches; notebooks, their checkpoints and downloaded data are kept
	rm -rf .venv build *.egg-info .ruff_cache .pytest_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# also if the folder was moved, or copied with its .venv
ifneq ($(shell cat $(READY) 2>/dev/null),$(shell pwd -P))
.PHONY: $(READY)
endif
$(READY): requirements.txt pyproject.toml
	@"$(PYTHON)" vae_helpers/authoring/install.py
