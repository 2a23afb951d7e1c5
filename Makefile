# make clean   cleans a corpus (this project's name for the batch): IN=folder or file, OUT=folder for the result
# make test    runs the tests · make docs fills in the generated parts of README.md and docs/, and builds the site to site/
# make rule-costs SCRAPES=…   measures the phrase book on labelled scrapes and writes the figures beside its rows
# make test-spark   all tests of the batch on Spark, the slow ones too: a master and two workers on this machine; needs Java 17
# make gate    quality on every corpus that is there, against its floors · make bench speed and memory beside other tools, to
#              BENCHMARKS.md (LARGE=1: 100,000 documents too) · make bench-micro one stage at a time
# make train   trains the block model anew: ARTICLES=, NEWS= labelled scrapes (cleaner/data/MODEL.md);
#              with FOLDS=DIR it measures instead what models do on hosts that they have not seen (ARGS="--most 200": on 200 pages of a set)
# make train-topic trains the topic model anew on the same scrapes (cleaner/data/TOPIC_MODEL.md)
# make fuzz    feeds every reader, stage and parser with mutated input, SECONDS each (TARGETS="csv warc": those alone)
# make audit   asks the advisory databases about every pinned package
# make tidy    removes what was built · make setup makes .venv from python3 alone

IN ?= fixtures/corpus
OUT ?= out
PYTHON ?= python3
BIN := .venv/bin
ARTICLES ?= articles/text/scrapes.jsonl.gz
SECONDS ?= 60
NEWS ?= news/text/scrapes.jsonl.gz

.PHONY: clean test test-spark setup docs rule-costs train train-topic gate bench bench-micro fuzz audit tidy
.DEFAULT_GOAL := clean

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[test]"
	@touch $@

clean: setup
	$(BIN)/cleaner run "$(IN)" --out "$(OUT)" $(ARGS); code=$$?; test $$code -le 1

# PySpark is half a gigabyte: it is fetched for tests alone, and where there is a Java to run it.
.venv/spark: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[test,spark]"
	@touch $@

test: setup
	@! command -v java >/dev/null || $(MAKE) --silent .venv/spark || echo "no PySpark: the tests of Spark will skip"
	$(BIN)/python -m pytest $(ARGS)

test-spark: .venv/spark
	$(BIN)/python -m pytest tests/test_spark.py tests/test_spark_scale.py -m "slow or not slow" -s $(ARGS)

docs: setup
	$(BIN)/python -m cleaner.docs README.md docs/*.md
	$(BIN)/python -m cleaner.site site

rule-costs: setup
	@test -n "$(SCRAPES)" || { echo 'make rule-costs SCRAPES="labelled.jsonl.gz …"'; exit 2; }
	$(BIN)/python -m cleaner.rules.cost $(SCRAPES) --write
	$(BIN)/python -m cleaner.docs docs/rules.md

gate: setup
	$(BIN)/python -m tests.bench.gate $(ARGS)

bench: setup
	$(BIN)/python -m tests.bench.bench $(ARGS) $(if $(LARGE),--large)
	$(BIN)/python -m cleaner.docs README.md

bench-micro: setup
	$(BIN)/python -m pytest tests/bench/micro.py --benchmark-timer=time.process_time $(ARGS)

train: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[train]"
	$(BIN)/python -m cleaner.training.text --articles "$(ARTICLES)" --news "$(NEWS)" $(if $(FOLDS),--folds "$(FOLDS)")
	$(if $(FOLDS),$(BIN)/python -m cleaner.training.validate "$(FOLDS)" --articles "$(ARTICLES)" --news "$(NEWS)" $(ARGS))

train-topic: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[train]"
	$(BIN)/python -m cleaner.training.topic --articles "$(ARTICLES)" --news "$(NEWS)" $(if $(PREDICT),--predict "$(PREDICT)")

fuzz: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[fuzz]" || true  # it says itself what is missing
	$(BIN)/python -m tests.fuzz $(TARGETS) --seconds $(SECONDS)

audit: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip-audit>=2.7"
	$(BIN)/python -m pip_audit --requirement constraints.txt --no-deps --disable-pip

tidy:
	rm -rf .venv out site build dist .pytest_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
