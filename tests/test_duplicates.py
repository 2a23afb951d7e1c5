"""Repeated paragraphs of one document: the cases file, the seed article, and what must hold for any text."""
from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import texts

from cleaner.document import Block, Document, Hints, restore
from cleaner.stages.duplicates import duplicates
from cleaner.stages.segment import segment

CASES = [json.loads(line) for line in (Path(__file__).parent / "cases" / "duplicates.jsonl").read_text("utf-8").split("\n") if line]
SEED = Path(__file__).parents[1].parent / "shared" / "seed" / "article.txt"


def of(*paragraphs: str, kind: str = "paragraph") -> Document:
    return Document("d", tuple(Block(p, kind) for p in paragraphs))


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_case(case):
    doc = duplicates(of(*case["paragraphs"]))
    assert [m.block for m in doc.marks] == case["cut"]
    if case["rule"]:
        assert {m.rule for m in doc.marks} == {case["rule"]}
    assert duplicates(doc) == doc, "a second run finds nothing more"


@pytest.mark.skipif(not SEED.exists(), reason="the seed article is not on this machine")
def test_seed_article_loses_the_retold_paragraph_only():
    doc = duplicates(segment(SEED.read_text("utf-8")))
    twice = [i for i, b in enumerate(doc.blocks) if b.text.startswith("Taliban Foreign Minister Amir Khan M")]
    assert len(twice) == 2
    assert [(m.block, m.rule) for m in doc.marks] == [(twice[1], "duplicate.near")]
    assert 0.75 <= doc.marks[0].score <= 1
    assert f"block {twice[0]}" in doc.marks[0].detail


@pytest.mark.parametrize(
    "block",
    [
        Block("Harbour council approves ferry line after a debate of four hours on Tuesday", "heading"),
        Block("The harbour council approves the ferry line after a debate of four hours on Tuesday.", "heading", Hints("h2")),
        Block("Velmond 12 boats 310 berths open north pier 14 feet of water at low tide", "table_row"),
        Block("Two slices of bread, an apple, a glass of water, a bowl of soup", "list_item"),
    ],
    ids=["heading", "element", "table row", "list item"],
)
def test_kinds_that_repeat_by_nature_stay(block):
    assert not duplicates(Document("d", (block, *of(*CASES[0]["paragraphs"][:2]).blocks, block))).marks


@pytest.mark.parametrize("ending", [" (North Press)", "...", " | North Press"])
def test_a_credit_or_an_ellipsis_tells_a_copy_from_a_heading(ending):
    lead = "The harbour council of Velmond approved the new ferry line on Tuesday"
    first = Block(lead + ", after a debate in which Irma Castellan spoke for more than an hour.")
    doc = duplicates(Document("d", (Block(lead + ending, "heading"), first)))
    assert [(m.block, m.rule) for m in doc.marks] == [(0, "duplicate.near")]


def test_cut_blocks_are_not_compared():
    text = CASES[0]["paragraphs"][0]
    once = duplicates(of(text, text))
    assert [m.block for m in once.marks] == [1]
    assert duplicates(once).marks == once.marks


def test_near_can_be_switched_off_and_the_threshold_raised():
    retold = next(c["paragraphs"] for c in CASES if c["name"] == "names in another spelling and a bridge retold")
    assert not duplicates(of(*retold), near=False).marks
    assert not duplicates(of(*retold), threshold=0.99).marks
    assert duplicates(of(*retold)).marks


@given(texts)
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_restored_and_is_finished_after_one_run(text):
    doc = duplicates(segment(text))
    assert restore(doc) == text
    assert not any(m.rule.startswith("error") for m in doc.marks)
    assert duplicates(doc) == doc


@given(st.permutations([p for c in CASES[:4] for p in c["paragraphs"]]))
@settings(max_examples=30, deadline=None)
def test_the_same_wordings_survive_in_any_order(paragraphs):
    doc = duplicates(of(*paragraphs))
    gone = {m.block for m in doc.marks}
    kept = {p for i, p in enumerate(paragraphs) if i not in gone}
    assert len(kept) == 3, "one of each: the vote, the fishermen, the meeting"


EVENT = "The spring fair fills the old market hall for three days, with forty stalls, two stages and a ferry that sails every hour until late."
OTHER = "{} brings a meeting of the harbour council, an evening about the new breakwater and a walk along the northern shore with the town's two archivists."


def test_what_stands_in_a_text_again_and_again_is_its_form():
    months = [OTHER.format(month) for month in ("March", "April", "May", "June", "July")]
    calendar = [p for month in months for p in (month, f"Dates in {month.split()[0]}", EVENT)]
    assert not duplicates(of(*calendar)).marks
    assert [m.block for m in duplicates(of(*calendar[:6])).marks] == [5], "two are no form"
    assert len(duplicates(of(*[EVENT] * 4, OTHER.format("May"))).marks) == 3, "nor is what is most of the text"


def test_what_is_form_is_form_when_the_other_repeats_are_gone():
    doc = duplicates(of(*[OTHER.format("May")] * 2, *[EVENT] * 4))
    assert duplicates(doc) == doc


def test_paragraphs_that_stand_together_three_times_are_no_form():
    rng = random.Random(2)
    page, rest = ([" ".join(rng.choices(EVENT.split(), k=20)).capitalize() + "." for _ in range(count)] for count in (3, 9))
    doc = duplicates(of(*page, *rest[:5], *page, *rest[5:], *page))
    assert [m.block for m in doc.marks] == [8, 9, 10, 15, 16, 17]


@pytest.mark.parametrize(
    "paragraphs",
    [
        ["a"] * 100_000,
        ["the same eleven words stand in every paragraph of this document"] * 20_000,
        [f"number {i} of the same eleven words in every paragraph of it." for i in range(20_000)],
        ["a" * 1_000_000] * 2,
        ["alpha beta gamma delta " * 10_000 + "end.", "alpha beta gamma delta " * 9_000 + "over."],
        ["中" * 200_000 + "。", "国" * 200_000 + "。"],
    ],
    ids=["letters", "equal", "numbered", "no space", "few words", "characters"],
)
def test_time_grows_with_the_text_only(paragraphs):
    start = time.process_time()
    duplicates(of(*paragraphs))
    assert time.process_time() - start < 8
