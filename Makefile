# make clean   cleans a corpus (this project's name for the batch): IN=folder or file, OUT=folder for the result
# make test    runs the tests · make docs fills in the generated parts of README.md
# make rule-costs SCRAPES=…   measures the phrase book on labelled scrapes and writes the figures beside its rows
# make tidy    removes what was built · make setup makes .venv from python3 alone

IN ?= fixtures/corpus
OUT ?= out
PYTHON ?= python3
BIN := .venv/bin

.PHONY: clean test setup docs rule-costs tidy
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
	$(BIN)/python -m cleaner.docs README.md docs/rules.md

rule-costs: setup
	@test -n "$(SCRAPES)" || { echo 'make rule-costs SCRAPES="labelled.jsonl.gz …"'; exit 2; }
	$(BIN)/python -m cleaner.rules.cost $(SCRAPES) --write
	$(BIN)/python -m cleaner.docs docs/rules.md

tidy:
	rm -rf .venv out build dist .pytest_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
