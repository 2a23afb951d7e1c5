"""The published document rules: each flags what it is for, and none flags a plain article."""
from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from cleaner.document import DOCUMENT, Block, Document, Mark, Meta
from cleaner.stages.quality import quality
from cleaner.topics.quality import faults

CASES = Path(__file__).parent / "cases" / "topic.jsonl"
CLEAN = [case for case in map(json.loads, CASES.read_text("utf-8").splitlines()) if case["id"].startswith("clean-")]
PROSE = CLEAN[0]["paragraphs"]


def rules(lines, lang="en", **k):
    return {f.rule for f in faults(lines, lang, **k)}


@pytest.mark.parametrize("case", CLEAN, ids=lambda case: case["id"])
def test_an_article_breaks_no_rule(case):
    assert rules(case["paragraphs"], case["lang"]) == set()


@pytest.mark.parametrize(
    "rule, lines",
    [
        ("gopher_short", ["Rain is expected on Monday."]),
        ("gopher_long", [" ".join(f"word{i}" for i in range(100_001))]),
        ("gopher_short_words", ["a b c d " * 20]),
        ("gopher_long_words", ["Verwaltungsgerichtsbarkeit Fernwärmeleitungsbau " * 30]),
        ("gopher_hashes", PROSE[:2] + ["# # # # # # # # # # # # # # #"]),
        ("gopher_ellipses", ["So … it … goes … on … and … on … " * 10]),
        ("gopher_bullets", [f"- item number {i} of the list" for i in range(12)]),
        ("gopher_ellipsis_lines", [p + "…" for p in PROSE]),
        ("gopher_letters", PROSE[:1] + ["1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"]),
        ("gopher_stop_words", ["Lorry driver injured near Velmond ferry harbour yesterday morning."] * 9),
        ("gopher_repeated_lines", PROSE[:2] * 3),
        ("gopher_repeated_characters", PROSE[:2] * 3),
        ("gopher_top_2_gram", ["ferry harbour " * 60]),
        ("gopher_repeated_5_grams", PROSE[:1] + [" ".join(PROSE[1:3]) + " and then " + " ".join(PROSE[1:3])]),
        ("fineweb_ends", [p.rstrip(".") for p in PROSE]),
        ("fineweb_short_lines", ["Short line here."] * 3 + [f"Line {i} is short." for i in range(9)] + PROSE[:1]),
        ("fineweb_repeated_lines", PROSE + PROSE[:1]),
        ("fineweb_line_breaks", [f"Two words{i}." for i in range(30)]),
        ("c4_sentences", PROSE[:1]),
        ("c4_lorem_ipsum", PROSE + ["Lorem ipsum dolor sit amet."]),
        ("c4_braces", PROSE + ["function open() { return true; }"]),
        ("consent", ["We and our 812 partners store cookies.", "Accept all, or manage your consent. Read the privacy notice."]),
    ],
)  # fmt: skip
def test_each_rule_flags_what_it_is_for(rule, lines):
    assert rule in rules(lines)


def test_an_article_about_cookies_is_not_consent_text():
    assert "consent" not in rules([*PROSE, *PROSE, *PROSE, *PROSE, "The court ruled that consent to cookies, partners and privacy matters."])


def test_words_are_not_judged_without_word_boundaries():
    found = rules(["市議会は月曜日、来年度の予算案を可決した。"] * 1 + ["市長は感謝の言葉を述べた。"], "ja", spaced=False)
    assert not {r for r in found if r.startswith("gopher")}


def test_an_empty_text_breaks_no_rule():
    assert not quality("") and not quality("  \n ")


def test_flags_speak_of_the_document_and_remove_nothing():
    doc = quality(Document("", (Block("Rain is expected on Monday."),), (), Meta(lang="en")))
    assert "quality.gopher_short" in doc.flags and doc.text == "Rain is expected on Monday."
    assert all(m.block == DOCUMENT and m.action == "flag" and m.detail for m in doc.marks)
    assert quality(doc) == doc


def test_the_share_of_cut_words():
    blocks = tuple(Block(p) for p in PROSE)
    doc = Document("", blocks, (Mark(1, 0, len(PROSE[1]), "boilerplate", "boilerplate.section", "cut", ""),), Meta(lang="en"))
    (mark,) = quality(doc).marks[1:]
    words = [len(p.split()) for p in PROSE]
    assert mark.rule == "quality.refinedweb_cut_words" and mark.score == pytest.approx(words[1] / sum(words), abs=1e-3)


@pytest.mark.parametrize("lines", [["a"] * 100_000, ["x" * 1_000_000], ["ab " * 300_000]])
def test_time_is_linear(lines):
    start = time.process_time()
    list(faults(lines))
    assert time.process_time() - start < 15
