"""What several test files share."""
from __future__ import annotations

from pathlib import Path

import pytest

import cleaner

CORPUS = Path(__file__).parents[1] / "fixtures/corpus"
NAMES = ("text", "gazette.jsonl", "stringers.csv", "bulletin.parquet")


@pytest.fixture(scope="session")
def fixture_run(tmp_path_factory) -> Path:
    """The output of a real run over the texts and tables of the fixtures."""
    out = tmp_path_factory.mktemp("fixture_run") / "out"
    cleaner.run([CORPUS / name for name in NAMES], out, workers=1)
    return out
