"""The README says what the code does."""
from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import cleaner
from cleaner.docs import filled

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{p.name}" for p in sorted((ROOT / "docs").glob("*.md")))])
def test_generated_parts_and_the_example_are_up_to_date(page):
    text = (ROOT / page).read_text("utf-8")
    assert filled(text) == text, "stale: run `make docs`"


def test_the_python_examples_run():
    text = "The council of Velmond met.\n\nLeave A Reply\n\nThe ball game ended 0:0 on Friday, the team said."
    space = {"text": text, "df": pd.DataFrame({"body": [text]})}
    for block in re.findall(r"```python\n(.*?)```", README, re.S):
        if "out/" not in block:
            exec(block, space)  # noqa: S102
    assert cleaner.restore(space["doc"]) == text
    assert "0:0" not in cleaner.Pipeline([*cleaner.DEFAULT, space["no_sport"]])(text).text


def test_pages_without_a_benchmark_say_so(tmp_path, monkeypatch):
    monkeypatch.setattr(cleaner, "__file__", str(tmp_path / "cleaner" / "__init__.py"))
    page = "<!-- generated: benchmarks -->\nold\n<!-- end -->"
    assert "make bench" in filled(page) and "old" not in filled(page)
    (tmp_path / "BENCHMARKS.md").write_text("# Figures\n<!-- figures: summary -->\n| tool |\n<!-- end -->\n")
    assert "| tool |" in filled(page)


def test_the_commands_of_the_makefile_are_named():
    for target in ("make clean", "make test", "make tidy"):
        assert target in README
