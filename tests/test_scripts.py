"""The promises of the house for documents in twenty scripts: restore, nothing invented, repair twice equals once, every row storable."""
from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripts import DAMAGES, SCRIPTS, documents
from test_invariants import records

import cleaner
from cleaner import schema
from cleaner.document import Block, Document, Mark, restored_blocks
from cleaner.io import outputs
from cleaner.pipeline import row_of
from cleaner.view import visible
from tests.fuzz.targets import sound, unsafe

#: Documents of each script; ``make test ARGS="-m slow"`` tries more.
FEW, MANY = 12, 800


def promises(text: str) -> None:
    """All of them for one text."""
    doc = cleaner.clean(text, html=False)
    sound(doc, text)
    once = cleaner.repair(cleaner.segment(text))
    assert cleaner.repair(once) == once
    row, marks = row_of(doc), schema.mark_rows(doc)
    stored = outputs.restored({k: v for k, v in row.items() if k != "_marks"} | {"id": ""}, marks)
    assert stored == "\n\n".join(schema.storable(t) for t in restored_blocks(doc))
    assert not any(map(unsafe, visible(text)))


@pytest.mark.parametrize("text", ["\x1b\n\n “", "a\n\n\x07\n\nb"], ids=["first", "between"])
def test_a_block_that_repairs_leave_empty_comes_back_in_its_place(text):
    promises(text)


def test_a_block_that_is_cut_in_part_and_then_as_a_whole_is_gone():
    marks = [Mark(0, 3, 6, "a", "a.tail", "cut", ""), Mark(0, 0, 6, "b", "b.whole", "cut", "")]
    for order in (marks, marks[::-1]):
        assert not Document("", (Block("one, b"),), tuple(order)).text
        assert not list(Document("", (Block("one, b"),), tuple(order)).live())


def test_lines_that_begin_with_a_lone_vowel_sign_are_compared():
    line = "สภาเมืองอนุมัติงบประมาณปีหน้าเมื่อวันจันทร์หลังการอภิปรายหลายชั่วโมง"
    text = "\n\n".join([*[line] * 6, f"¨\u2028{line}"])
    promises("\n".join(text[i : i + 60] for i in range(0, len(text), 60)))


def test_there_are_twenty_scripts_and_each_is_one():
    assert len(SCRIPTS) >= 20
    names = {s: {unicodedata.name(c).split()[0] for p in prose for c in p if c.isalpha()} for s, (prose, _) in SCRIPTS.items()}
    assert all(any(s.upper()[:5] in n or s == "Han" and n == "CJK" or s == "Kana" or s == "Burmese" and n == "MYANMAR" for n in found) for s, found in names.items()), names
    assert all(DAMAGES[d](p[0]) for d in DAMAGES for p, _ in SCRIPTS.values())


def tried(script: str, examples: int, **settled: Any) -> None:
    """Keep the promises for so many documents in a script."""

    @given(documents(script))
    @settings(deadline=None, max_examples=examples, suppress_health_check=list(HealthCheck), **settled)
    def holds(text: str) -> None:
        promises(text)

    holds()


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script(script):
    tried(script, FEW, derandomize=True, database=None)


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_at_length(script):
    tried(script, MANY)


@given(st.lists(st.sampled_from(sorted(SCRIPTS)).flatmap(documents), min_size=2, max_size=5))
@settings(deadline=None, max_examples=5, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_scripts_side_by_side_do_not_change_each_other(texts):
    pipeline = cleaner.Pipeline()
    together = pipeline.batch(records(texts)).to_pylist()
    alone = [pipeline.batch(records(texts).slice(n, 1)).to_pylist()[0] for n in range(len(texts))]
    assert together == alone
