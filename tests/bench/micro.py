"""One stage at a time with pytest-benchmark, on the fixtures: ``make bench-micro``. No part of the tests.

``ARGS=--benchmark-compare`` sets a run beside an earlier one that was kept with ``ARGS=--benchmark-autosave``.
"""
from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

import test_fixtures as truth

import cleaner
from cleaner import schema
from cleaner.rules import Matcher, rules
from cleaner.text.ngrams import PROFILES_DIRECTORY, read_profiles

PLAIN = [truth.source(c) for c in truth.TRUTH if c.endswith(".txt")]
PAGES = [truth.source(c) for c in truth.TRUTH if c.endswith(".html")]


def before(stage: cleaner.stage.Stage) -> list[cleaner.Document]:
    """The plain texts as a stage of the default list gets them."""
    earlier = cleaner.Pipeline(cleaner.DEFAULT[: cleaner.DEFAULT.index(stage)])
    return [earlier.run(cleaner.segment(text)) for text in PLAIN]


@pytest.mark.parametrize("stage", cleaner.DEFAULT, ids=lambda s: s.__name__)
def test_stage(benchmark, stage):
    docs = before(stage)
    benchmark(lambda: [stage.run(doc) for doc in docs])


def test_segment(benchmark):
    benchmark(lambda: [cleaner.segment(text) for text in PLAIN])


def test_decode(benchmark):
    data = [text.encode() for text in PLAIN]
    benchmark(lambda: [cleaner.decode(d) for d in data])


def test_extract(benchmark):
    benchmark(lambda: [cleaner.extract(page) for page in PAGES])


def test_batch(benchmark):
    """Arrow in and out with no stage between: what the columns cost."""
    rows = [{"id": str(i), "_form": "text", "_content": text.encode()} for i, text in enumerate(PLAIN)]
    records = pa.RecordBatch.from_pylist(rows, schema=schema.RECORD)
    benchmark(lambda: cleaner.Pipeline([]).batch(records))


def test_rules_load(benchmark):
    benchmark.pedantic(lambda: Matcher(rules.__wrapped__()), rounds=3)


def test_profiles_load(benchmark):
    benchmark.pedantic(lambda: read_profiles(Path(PROFILES_DIRECTORY)), rounds=3)
