"""Plain text to blocks: what is a paragraph, which lines belong together, and that nothing is lost on the way."""
from __future__ import annotations

import json
import random
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import PROSE, texts

from cleaner import restore, segment
from cleaner.text.unwrap import join_lines

CASES = [json.loads(line) for line in (Path(__file__).parent / "cases" / "segment.jsonl").read_text("utf-8").split("\n") if line]
SEED = Path(__file__).parents[1].parent / "shared" / "seed" / "article.txt"
many = settings(deadline=None, max_examples=200)

#: Every line end and space that Python or Unicode knows, and what looks like the parts of an article.
PIECES = ["\n", "\r", "\r\n", "\u2028", "\x85", "\x1c", "\x0b", " ", "\t", "\u00a0", "a", "A", ".", "- x", "1. x", "|", "# x", "word " * 14, "市", "\u00ad", "-"]
pieces = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@pytest.mark.parametrize("case", CASES, ids=[c["why"] for c in CASES])
def test_case(case, request):
    if case["kind"] == "known-failure":
        request.applymarker(pytest.mark.xfail(strict=True))
    doc = segment(case["text"])
    assert [b.text for b in doc.blocks] == case["blocks"]
    assert [b.kind for b in doc.blocks] == case.get("kinds", [b.kind for b in doc.blocks])
    assert case.get("title") is None or (doc.meta.title or "") == case["title"]
    assert restore(doc) == case["text"]


@given(st.one_of(texts, pieces, st.text(st.characters(codec=None, exclude_categories=()))))
@many
def test_nothing_is_lost_and_blocks_are_lines(text):
    doc = segment(text)
    assert restore(doc) == text
    for block in doc.blocks:
        assert block.text and block.text == block.text.strip()
        assert "\n" not in block.text and "\r" not in block.text
        assert not block.before.strip()
    assert not doc.tail.strip()


@given(st.one_of(texts, pieces))
@many
def test_joined_lines_are_one_edit_of_the_whole_block(text):
    doc = segment(text)
    assert len({m.block for m in doc.marks}) == len(doc.marks)
    for mark in doc.marks:
        block = doc.blocks[mark.block]
        assert (mark.stage, mark.rule, mark.action) == ("segment", "segment.unwrap", "edit")
        assert (mark.start, mark.end, mark.replacement) == (0, len(block.text), block.text)
        assert mark.original != block.text and "".join(mark.original.split()) == "".join(block.text.split())


@given(st.lists(st.sampled_from(PROSE), min_size=1, max_size=8), st.sampled_from(["\n", "\n\n", "\r\n"]))
@many
def test_block_i_is_paragraph_i(paragraphs, gap):
    assert [b.text for b in segment(gap.join(paragraphs)).blocks] == [p.strip() for p in paragraphs]


@given(texts)
@many
def test_twice_equals_once(text):
    """But for lines that are set in, which speaks for a new paragraph: the clean text does not keep that."""
    once = segment(text)
    assume(not any(b.before.replace("\r", "\n").rpartition("\n")[2] for b in once.blocks))
    assert [b.text for b in segment(once.text).blocks] == [b.text for b in once.blocks]


WORDS = [
    "the", "council", "of", "harbour", "pier", "storm", "winter", "said", "mayor", "plan", "to", "rebuild", "a", "much", "in", "on", "Monday",
    "Velmond", "region", "four", "million", "crowns", "and",
]  # fmt: skip


def invented(seed: int, count: int = 12) -> list[str]:
    """Paragraphs of invented prose, 30 to 90 words each."""
    rng = random.Random(seed)
    return [" ".join(rng.choice(WORDS) for _ in range(rng.randint(30, 90))).capitalize() + "." for _ in range(count)]


@pytest.mark.parametrize("width", [60, 72, 80, 100])
@pytest.mark.parametrize(("gap", "indent", "share"), [("\n\n", "", 1.0), ("\n", "   ", 1.0), ("\n", "", 0.65)])
def test_wrapped_text_gives_its_paragraphs_back(width, gap, indent, share):
    found = total = 0
    for seed in range(10):
        paragraphs = invented(seed)
        wrapped = gap.join(textwrap.fill(p, width, initial_indent=indent) for p in paragraphs)
        blocks = {b.text for b in segment(wrapped).blocks}
        found, total = found + sum(p in blocks for p in paragraphs), total + len(paragraphs)
    assert found >= share * total


def test_text_about_the_text_is_kept_and_the_title_taken_over():
    text = "A headline of four words\n\n" + PROSE[0]
    assert segment(text).meta.title == "A headline of four words"
    doc = segment(text, id="7", title="Another title", url="https://example.org/a")
    assert (doc.id, doc.meta.title, doc.meta.url) == ("7", "Another title", "https://example.org/a")


def test_a_block_that_repeats_the_title_is_a_heading():
    assert [b.kind for b in segment("Pier\n" + PROSE[0], title="Pier").blocks] == ["heading", "paragraph"]


@pytest.mark.parametrize("wrong", [b"bytes", None, 3, ["a"]])
def test_wrong_types_are_named(wrong):
    with pytest.raises(TypeError, match=type(wrong).__name__):
        segment(wrong)


def test_an_unknown_field_is_named():
    with pytest.raises(TypeError, match="colour"):
        segment("a", colour="red")


@pytest.mark.parametrize(
    ("left", "right", "joined"),
    [("much-", "debated", "much-debated"), ("Schul-", "und Sport", "Schul- und Sport"), ("1990-", "2000", "1990- 2000"), ("桟橋", "建設", "桟橋建設"),
     ("pier –", "again", "pier – again"), ("한국의", "다리", "한국의 다리"), ("co\u00ad", "operate", "co\u00adoperate")],
)  # fmt: skip
def test_how_lines_meet(left, right, joined):
    assert join_lines([left, "", right]) == joined


@pytest.mark.parametrize(
    "text",
    ["word " * 200_000, "x" * 1_000_000, "a\n" * 100_000, "a\n\n" * 100_000, "\n" * 1_000_000, "a\r" * 100_000, "x" * 59 + ("\n" + "x" * 59) * 50_000,
     "1. a\n" * 50_000, "a | b | c\n" * 50_000, "a\tb\n" * 50_000],
    ids=["no newline", "one word", "one-letter lines", "one-letter paragraphs", "empty lines", "carriage returns", "one width", "numbers", "bars", "tabs"],
)  # fmt: skip
def test_time_is_linear(text):
    start = time.process_time()
    segment(text)
    assert time.process_time() - start < 10


@pytest.mark.skipif(not SEED.exists(), reason="the seed article (../shared/seed) is not on this machine")
def test_seed_article():
    text = SEED.read_text("utf-8")
    doc = segment(text)
    assert [b.text for b in doc.blocks] == [line.strip() for line in text.split("\n") if line.strip()]
    assert doc.meta.title == text.split("\n")[0]
    assert restore(doc) == text
