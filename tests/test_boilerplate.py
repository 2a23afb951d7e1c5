"""The boilerplate stage on cases that anybody can add to (``cases/boilerplate.jsonl``), its marks, its switches, its cost."""
from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.blocks.features import features
from cleaner.blocks.model import Judgement
from cleaner.document import Block, Document, Mark, Meta, kept, restored_blocks
from cleaner.rules import rules
from cleaner.stages.boilerplate import boilerplate, decide, headline

SHARED = Path(__file__).parents[1].parent / "shared"
CASES = [json.loads(line) for line in (Path(__file__).parent / "cases" / "boilerplate.jsonl").read_text("utf-8").split("\n") if line]
PROSE = (
    "The harbour board voted on Monday to extend the ferry season by six weeks, a step that the islanders had asked for "
    "since the storms of last winter cut them off twice."
)


MORE = (
    "Tickets will cost the same as in summer, the port said, and the first boat will leave the mainland quay at half past five so "
    "that pupils can reach their school in time."
)


def document(blocks: list[str]) -> Document:
    return Document("d", tuple(Block(b) for b in blocks))


def clean(blocks: list[str], **options) -> list[str]:
    """What is left of the blocks."""
    doc = boilerplate(document(blocks), **options)
    assert not [m for m in doc.marks if m.rule.startswith("error.")], doc.marks
    return [t for pieces in kept(doc) if (t := "".join(pieces))]


def case(row: dict):
    marks = [pytest.mark.xfail(strict=True)] if row["kind"] == "known-failure" else []
    return pytest.param(row, id=f"{row['kind']}: {row['name']}", marks=marks)


@pytest.mark.parametrize("row", [case(r) for r in CASES])
def test_case(row):
    assert clean(row["blocks"]) == row["clean"]


@pytest.mark.parametrize("row", [r for r in CASES if r["kind"] != "known-failure"], ids=lambda r: r["name"])
def test_twice_equals_once(row):
    once = clean(row["blocks"])
    assert clean(once) == once


def test_marks_name_the_category_and_the_row():
    doc = boilerplate(document([PROSE + " (Photo: Reuters)", "Read also: Fishermen warn"]))
    assert [(m.block, m.start, m.end, m.rule, m.action, m.replacement) for m in doc.marks] == [
        (0, len(PROSE), len(PROSE) + 17, "boilerplate.photo_credit", "cut", ""),
        (1, 0, 25, "boilerplate.read_also", "cut", ""),
    ]
    known = {r.id for r in rules()}
    assert all(m.stage == "boilerplate" and m.detail in known for m in doc.marks)


def test_running_it_again_adds_nothing():
    once = boilerplate(document([PROSE + " (Photo: Reuters)", "Leave a reply", "Name"]))
    assert boilerplate(once).marks == once.marks


def test_blocks_that_are_cut_already_are_left_alone():
    doc = document([PROSE, "Leave a reply", PROSE]).add([Mark(1, 0, 13, "other", "other.reason", "cut", "")])
    assert len(boilerplate(doc).marks) == 1


def test_switches():
    blocks = [PROSE, "Share on Facebook", "Related articles", "Fishermen warn of empty nets"]
    assert clean(blocks) == [PROSE]
    assert clean(blocks, disable=("share",)) == [PROSE, "Share on Facebook"]
    assert clean(blocks, disable=("section", "model")) == [PROSE, "Fishermen warn of empty nets"]
    assert clean(blocks, disable=("en.related.header.related-articles", "share", "model")) == blocks
    wrong = boilerplate(document(blocks), disable=("shares",))
    assert [m.rule for m in wrong.marks] == ["error.ValueError"] and "share" in wrong.marks[0].detail


def test_a_heading_whose_section_is_gone_goes_too():
    blocks = (Block(PROSE), Block("Elsewhere on the islands", "heading"), Block("Read also: Fishermen warn"), Block("Read also: Eels"))
    doc = boilerplate(Document("d", blocks))
    assert [m.rule for m in doc.marks] == ["boilerplate.empty_section", "boilerplate.read_also", "boilerplate.read_also"]
    full = boilerplate(Document("d", (*blocks, Block(PROSE))))
    assert [m.block for m in full.marks] == [2, 3]


@pytest.mark.parametrize("chance, stays", [(0.05, True), (0.01, False)])
def test_the_paragraph_behind_the_headline_stays_on_a_doubt(chance, stays):
    texts = ["Menu", "Ferry stops", "For the first time in nine winters the ferry to the islands does not sail.", "Share", "The harbour board gave no date for the next crossing."]

    def judge(left, title, phrases):
        p = np.array([chance if t == texts[2] else 0.9 for t in left])
        return Judgement(p, p > 0.5, np.full(len(left), 9.0), features(left).columns)

    kept_now = {b.text for _, b in decide(Document("", tuple(map(Block, texts)), meta=Meta(title="Ferry stops")), (), judge).live()}
    assert (texts[2] in kept_now) == stays and texts[4] in kept_now


def test_of_several_headlines_the_one_before_the_body_is_spared():
    texts = ["Ferry stops", "Home", "Ferry stops", "The ferry to the island will stop for good in May, the council said.", "FERRY STOPS!"]
    prose = [False, False, False, True, False]
    assert headline(texts, prose, "Ferry stops") == {2}
    assert headline(texts[3:], prose[3:], "Ferry stops") == {1}
    assert headline(texts, prose, None) == headline(texts, prose, "…") == headline(texts, prose, "Ferry goes on") == set()


def test_context_acts_on_whole_pages_only():
    menu = ["Home", "Contact us", "Sign in", "Privacy policy", "Skip to content", "Terms of use"]
    lines = ["Old lighthouse", "Bake sale", "Parking on the quay", "Eels"]
    assert clean([*menu, *lines, PROSE, MORE, *lines]) == [PROSE, MORE]
    assert PROSE in clean([*lines, PROSE, MORE, *lines])
    assert clean([*menu, *lines, PROSE], context=False) == [*lines, PROSE]


def test_the_model_says_why_and_how_sure():
    menu = ["Home", "Contact us", "Sign in", "Privacy policy", "Skip to content", "Terms of use", "Old lighthouse", "Eels"]
    doc = boilerplate(document([*menu, PROSE, MORE]))
    marks = [m for m in doc.marks if m.rule == "boilerplate.model"]
    assert {m.block for m in marks} == {6, 7} and all(0 <= m.score < 0.5 and "short" in m.detail for m in marks)
    assert not [m for m in boilerplate(document([*menu, PROSE, MORE]), disable=("model",)).marks if m.rule == "boilerplate.model"]


def test_favor_recall_keeps_what_precision_cuts():
    page = ["Home", "Sign in", "Terms of use", "Old lighthouse", PROSE, MORE, "Bake sale on the quay", "Eels", "Privacy policy", "Follow us"]
    few, usual, many = (clean(page, favor=f) for f in ("precision", "balanced", "recall"))
    assert set(few) <= set(usual) <= set(many) and len(few) < len(page)
    wrong = boilerplate(document(page), favor="best")
    assert [m.rule for m in wrong.marks] == ["error.ValueError"] and "balanced" in wrong.marks[0].detail


LINES = st.sampled_from(
    [PROSE, "Share", "Leave a reply", "Related articles", "Bo says:", "3 May 2024, 10:30"] + ["Eels", "Read also: Eels", "©", "12", "(Photo: x)"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(LINES, st.text(min_size=1, max_size=60).map(lambda t: " ".join(t.split()) or "x")), max_size=25))
def test_any_blocks_at_all(blocks):
    doc = boilerplate(document(blocks))
    assert not [m for m in doc.marks if m.rule.startswith("error.")]
    assert all(0 <= m.start < m.end <= len(blocks[m.block]) for m in doc.marks)
    assert restored_blocks(doc) == blocks
    for pieces, text in zip(kept(doc), blocks):
        left = "".join(pieces)
        assert left == text or left == left.strip()


BIG = {"letters": ["a"] * 20_000, "long": ["x" * 300_000], "share": ["Share"] * 20_000, "mixed": ["Leave a reply", PROSE] * 5_000}


@pytest.mark.parametrize("blocks", BIG.values(), ids=BIG)
def test_any_size(blocks):
    boilerplate(document(["warm"]))
    start = time.process_time()
    clean(blocks)
    assert time.process_time() - start < 6


def test_the_seed_article():
    path = SHARED / "seed" / "article.txt"
    if not path.exists():
        pytest.skip("the seed article lies outside the project")
    lines = [t for line in path.read_text("utf-8").split("\n") if (t := line.strip())]
    cut = set(lines) - set(clean(lines))
    assert sorted(c.split()[0] for c in cut) == ["Courtesy", "Leave", "Please", "Please", "Read", "Recent", "Related"]


def test_gold_texts_lose_nearly_nothing():
    path = SHARED / "eval" / "news" / "html" / "gold.jsonl"
    if not path.exists():
        pytest.skip("the evaluation data lie outside the project")
    words = lost = 0
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            blocks = [t for p in json.loads(line)["text"].split("\n") if (t := p.strip())]
            here, left = len(" ".join(blocks).split()), len(" ".join(clean(blocks)).split())
            assert here - left <= 0.05 * here
            words, lost = words + here, lost + here - left
    assert lost <= 0.003 * words


def test_scraped_pages():
    path = SHARED / "eval" / "news" / "text" / "scrapes.jsonl.gz"
    if not path.exists():
        pytest.skip("the evaluation data lie outside the project")
    hit = false = missed = 0
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for n, line in enumerate(lines):
            row = json.loads(line)
            if n % 20 or row["scrape"] not in ("visible", "ptags"):
                continue
            gone = {m.block for m in boilerplate(document(row["paragraphs"])).marks if m.end - m.start == len(row["paragraphs"][m.block])}
            for i, label in enumerate(row["labels"]):
                hit += label in ("boilerplate", "duplicate") and i in gone
                missed += label in ("boilerplate", "duplicate") and i not in gone
                false += label == "content" and i in gone
    assert 2 * hit / (2 * hit + false + missed) >= 0.9
