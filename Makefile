# Everything starts here: `make` says what there is. Nothing but Python 3.11-3.13 with venv, make and git is needed.
# Recipes use relative paths only, so the folder's own path may contain spaces.

.DEFAULT_GOAL := help
.PHONY: help environment book test notebooks slides bench offline oldest address format clean
SHELL := /bin/sh
PYTHON ?=
CHAPTER ?=
URL ?=
STEPS ?=
BENCH ?=

find := sh book/make/find_python.sh
run := .venv/bin/python

help: ## say what there is
	@echo "make TARGET, where TARGET is one of:"
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  \1|\2/p' Makefile | while IFS='|' read -r name what; do printf '  %-12s %s\n' $$name "$$what"; done

environment: ## make .venv, only if missing or out of date (PYTHON=python3.12 to choose)
	@python=$$($(find) "$(PYTHON)") && exec "$$python" book/make/environment.py

book: environment ## build the site from the executed notebooks
	@$(run) book/make/site.py

test: environment ## run every check (STEPS="style tests" for some)
	@$(run) book/make/check.py $(STEPS)

notebooks: environment ## rebuild and execute the notebooks (CHAPTER=haar for one)
	@$(run) book/make/notebooks.py $(CHAPTER)

slides: environment ## build the lectures' slides
	@$(run) book/make/slides.py

bench: environment ## time it beside its peers (BENCH="--save" for the page, "--growth", "--help")
	@$(run) -m benchmarks $(BENCH)

offline: environment ## bundle site, notebooks and wheel into build/offline.zip
	@$(run) book/make/offline.py

oldest: ## run the unit tests at the lower bounds of pyproject.toml
	@python=$$($(find) "$(PYTHON)") && exec "$$python" book/make/oldest.py

address: environment ## write the repository's address everywhere (URL=https://github.com/OWNER/NAME)
	@$(run) book/make/address.py $(URL)

format: environment ## bring the code into shape
	@$(run) -m ruff check --fix --quiet . ; $(run) -m ruff format --quiet .

clean: ## remove what is built; the environment stays
	rm -rf _build build dist
