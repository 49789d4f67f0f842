# Two commands: `make lab` to read and run the notebooks, `make test` to check everything.
# VAE_HELPERS_DATA=folder uses the full MNIST in folder/MNIST/raw; PYTHON=python3.12 picks a Python;
# make lab OPTIONS=--port=9999 passes JupyterLab an option.

PYTHON ?= python3
# python -m, since the scripts there name the folder that they were made in, and folders are moved
BIN := .venv/bin
READY := .venv/ready

# The settings in .jupyterlab hold where the reader's own say nothing. 00 is named as the address to open, so that it
# is also the one printed where there is no browser. The folder is named too, since a hub's settings often name another;
# and as ".", since its path may hold blanks.
LAB_OPTIONS := --LabApp.app_settings_dir=.jupyterlab --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb
LAB_OPTIONS += --ServerApp.root_dir=. --FileContentsManager.root_dir=.
LAB_OPTIONS += --ServerApp.preferred_dir= --FileContentsManager.preferred_dir=

# JupyterLab asks for leave to run as root
LAB_OPTIONS += $(if $(filter 0,$(shell id -u)),--allow-root)

# Where two kernels are called python3, a reader's own and that of .venv, the second is meant, whoever owns .venv.
export JUPYTER_PREFER_ENV_PATH := 1

NOTEBOOK := 00_start_here
VOILA_OPTIONS := --template=present --TagRemovePreprocessor.enabled=True
VOILA_OPTIONS += $(foreach tag,task exercise solution,--TagRemovePreprocessor.remove_cell_tags=$(tag))

# both would start a text browser where there is no screen
ifeq ($(shell uname)$(DISPLAY)$(WAYLAND_DISPLAY),Linux)
LAB_OPTIONS += --no-browser
VOILA_OPTIONS += --no-browser
endif

.PHONY: help lab test notebooks slides site present pretrained bench clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

lab: $(READY)  ## open the series in JupyterLab
	$(BIN)/python -m jupyterlab $(LAB_OPTIONS) $(OPTIONS)

test: $(READY)  ## check style, run all tests and all notebooks
	$(BIN)/python -m ruff check vae_helpers tests
	$(BIN)/python -m ruff format --check vae_helpers tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

notebooks: $(READY)  ## run all notebooks in place, or NOTEBOOKS="02_vae_and_kl"; answers that stand in them stay
	@$(BIN)/python tests/notebook_tools.py $(NOTEBOOKS)

slides: $(READY)  ## write a deck of slides of each notebook into build/slides, to show with no network
	$(BIN)/python tests/publish.py slides

site: $(READY)  ## write the series as pages to read into build/site
	$(BIN)/python tests/publish.py site

present: $(READY)  ## show one notebook live and without code: make present NOTEBOOK=05_latent_space
	@test -f "notebooks/$(NOTEBOOK).ipynb" || { echo "NOTEBOOK must be one of $(basename $(notdir $(wildcard notebooks/*.ipynb))), not $(NOTEBOOK)"; exit 1; }
	JUPYTER_PATH=tests/publish $(BIN)/python -m voila $(VOILA_OPTIONS) $(OPTIONS) "notebooks/$(NOTEBOOK).ipynb"

pretrained: $(READY)  ## train the weights that ship anew, on full MNIST; MODELS="ae2 vae2" trains only these
	$(BIN)/python -c "from vae_helpers.pretrained import main; main()" $(MODELS)

bench: $(READY)  ## time training, decoding, importing, sliders and the map; write notebooks/benchmark.md
	@$(BIN)/python -W ignore tests/bench.py

clean:  ## delete .venv, build and caches; your notebooks, their checkpoints and downloaded data stay
	rm -rf .venv build *.egg-info .ruff_cache .pytest_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# also where the folder was moved, or copied with its .venv
ifneq ($(shell cat $(READY) 2>/dev/null),$(shell pwd -P))
.PHONY: $(READY)
endif
$(READY): requirements.txt pyproject.toml
	@"$(PYTHON)" tests/install.py
