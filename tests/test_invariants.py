"""The promises of the house, for any text: restore, nothing invented, twice equals once, independent of batch and order."""
from __future__ import annotations

import random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import PROSE, RESIDUE, texts

import cleaner
from cleaner import schema
from cleaner.document import Block, Document, Mark, restored_blocks
from cleaner.edits import Rewrite

many = settings(deadline=None, max_examples=100)


@given(texts)
@many
def test_restore_gives_the_text_back(text):
    assert cleaner.restore(cleaner.segment(text)) == text
    assert cleaner.restore(cleaner.clean(text, html=False)) == text


@given(texts)
@many
def test_nothing_is_invented(text):
    doc = cleaner.clean(text, html=False)
    replaced = "".join(m.replacement for m in doc.marks if m.replacement)
    assert set(doc.text) <= set(text) | set(replaced) | {"\n"}


@given(texts)
@many
def test_repair_twice_equals_once(text):
    once = cleaner.repair(cleaner.segment(text))
    assert cleaner.repair(once) == once


@pytest.mark.parametrize("stage", [cleaner.boilerplate, cleaner.duplicates])
@given(st.lists(st.sampled_from(PROSE + RESIDUE), min_size=1, max_size=10).map("\n\n".join))
@many
def test_cutting_twice_equals_once(stage, text):
    once = stage(text)
    assert stage(once) == once


@given(texts)
@many
def test_marks_point_into_their_block(text):
    doc = cleaner.clean(text, html=False)
    for m in doc.marks:
        if m.block >= 0 and m.action != "edit":
            assert 0 <= m.start <= m.end <= len(doc.blocks[m.block].text)
        if m.action == "flag":
            assert m.replacement is None


def records(contents: list[str]) -> pa.RecordBatch:
    rows = [{"id": str(i), "source": "a.txt", "row": i, "_form": "text", "_content": t.encode("utf-8", "surrogatepass")} for i, t in enumerate(contents)]
    return pa.RecordBatch.from_pylist(rows, schema=schema.RECORD)


@given(st.lists(texts, min_size=1, max_size=6), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=15)
def test_a_document_does_not_depend_on_batch_or_order(contents, rng: random.Random):
    pipeline = cleaner.Pipeline()
    together = pipeline.batch(records(contents)).to_pylist()
    order = list(range(len(contents)))
    rng.shuffle(order)
    for position in order:
        assert pipeline.batch(records(contents).slice(position, 1)).to_pylist() == [together[position]]


@given(st.text("abc é", max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5), st.text("xyz", max_size=3)), max_size=6), st.text("abc", max_size=20))
@settings(deadline=None, max_examples=300)
def test_a_rewrite_can_be_undone(text, edits, last):
    rewrite = Rewrite(text)
    for n, (start, length, piece) in enumerate(edits):
        start = min(start, len(rewrite.text))
        rewrite.replace(start, min(start + length, len(rewrite.text)), piece, f"repair.{n}")
    rewrite.become(rewrite.text + last, "repair.last")
    marks = rewrite.marks(0, "repair")
    assert restored_blocks(Document("", (Block(rewrite.text),), tuple(marks))) == [text]
    assert all(a.end < b.start for a, b in zip(marks, marks[1:]))
    assert all(rewrite.text[m.start : m.end] == m.replacement != m.original for m in marks)


def test_overlapping_cuts_count_once():
    doc = Document("", (Block("one two three"), Block("gone"), Block("four", before="\n")))
    cut = lambda block, start, end: Mark(block, start, end, "s", "s.r", "cut", "")
    doc = doc.add([cut(0, 4, 8), cut(0, 3, 7), cut(1, 0, 2), cut(1, 1, 4)])
    assert doc.text == "onethree\nfour"
    assert cleaner.restore(doc) == "\n\none two three\n\ngone\nfour"
