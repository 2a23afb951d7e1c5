# make clean   cleans a corpus (this project's name for the batch): IN=folder or file, OUT=folder for the result
# make test    runs the tests · make docs fills in the generated parts of README.md
# make train   trains the block model anew: ARTICLES=, NEWS= labelled scrapes (cleaner/data/MODEL.md);
#              with FOLDS=DIR it measures instead what models do on hosts that they have not seen
# make tidy    removes what was built · make setup makes .venv from python3 alone

IN ?= fixtures/corpus
OUT ?= out
PYTHON ?= python3
BIN := .venv/bin
ARTICLES ?= articles/text/scrapes.jsonl.gz
NEWS ?= news/text/scrapes.jsonl.gz

.PHONY: clean test setup docs train tidy
.DEFAULT_GOAL := clean

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[test]"
	@touch $@

clean: setup
	$(BIN)/cleaner run "$(IN)" --out "$(OUT)" $(ARGS); code=$$?; test $$code -le 1

test: setup
	$(BIN)/python -m pytest $(ARGS)

docs: setup
	$(BIN)/python -m cleaner.docs README.md

train: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[train]"
	$(BIN)/python -m cleaner.training.text --articles "$(ARTICLES)" --news "$(NEWS)" $(if $(FOLDS),--folds "$(FOLDS)")
	$(if $(FOLDS),$(BIN)/python -m cleaner.training.validate "$(FOLDS)" --articles "$(ARTICLES)" --news "$(NEWS)")

tidy:
	rm -rf .venv out build dist .pytest_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
