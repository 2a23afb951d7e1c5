"""The topic stage: every case file row, and what must hold whatever the text."""
from __future__ import annotations

import json
import random
import re
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from strategies import texts

from cleaner.document import DOCUMENT, Block, Document, Mark, Meta
from cleaner.stages.segment import segment
from cleaner.stages.topic import LIMIT, scores, topic, trees
from cleaner.topics.fragments import scraps
from cleaner.topics.topicality import measure

CASES = [json.loads(line) for line in (Path(__file__).parent / "cases" / "topic.jsonl").read_text("utf-8").splitlines()]
BY_ID = {case["id"]: case for case in CASES}


def document(case: dict, **about) -> Document:
    return Document("", tuple(Block(p) for p in case["paragraphs"]), (), Meta(title=case["title"], lang=case["lang"], **about))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(case):
    doc = topic(document(case))
    assert {str(m.block): m.rule for m in doc.marks if m.block != DOCUMENT} == case["flags"]
    assert [m.rule for m in doc.marks if m.block == DOCUMENT] == case.get("document", [])
    for mark in doc.marks:
        if "span" in case:
            assert doc.blocks[mark.block].text[mark.start : mark.end] == case["span"]
        elif mark.block != DOCUMENT:
            assert (mark.start, mark.end) == (0, len(doc.blocks[mark.block].text))


def test_the_reason_is_a_sentence_with_words_score_and_limit():
    (mark,) = topic(document(BY_ID["paragraph-of-another-story"])).marks
    assert re.match(r"15 of its 15 distinctive words \(Striker, Luca, Ferrante, …\) occur nowhere else in the article\b", mark.detail)
    assert f"(score {mark.score:.1f}, limit {LIMIT:.1f})" in mark.detail
    assert mark.score > LIMIT


def test_a_str_gives_its_marks_and_a_frame_gets_flags_and_marks():
    case = BY_ID["paragraph-of-another-story"]
    text = "\n\n".join(case["paragraphs"])
    marks = topic(text, title=case["title"], lang="en")
    assert [m.rule for m in marks] == ["topic.off_topic"]
    frame = topic(pd.DataFrame({"text": [text, None], "title": [case["title"], "x"], "lang": ["en", "en"]}, index=[7, 9]))
    assert frame.loc[7, "flags"] == ["topic.off_topic"] and frame.loc[7, "marks"] == marks
    assert frame.loc[7, "text"] == text and frame.index.tolist() == [7, 9]


def test_the_language_is_found_when_nobody_names_it():
    case = BY_ID["german-intruder"]
    assert [m.rule for m in topic("\n\n".join(case["paragraphs"]), title=case["title"])] == ["topic.off_topic"]


def test_a_higher_limit_flags_less():
    doc = document(BY_ID["paragraph-of-another-story"])
    assert not topic(doc, limit=9.0).marks
    assert len(topic(doc, limit=-9.0).marks) >= len(doc.blocks)


def test_blocks_that_are_cut_are_neither_flagged_nor_read():
    doc = document(BY_ID["paragraph-of-another-story"])
    cut = doc.add([Mark(4, 0, len(doc.blocks[4].text), "boilerplate", "boilerplate.read_also", "cut", "")])
    assert topic(cut).marks == cut.marks
    clean = document(BY_ID["clean-bridge"])
    assert [s for i, s in enumerate(scores(cut)) if i != 4] == scores(clean)


def test_tables_and_captions_are_left_alone():
    doc = document(BY_ID["paragraph-of-another-story"])
    blocks = [Block(b.text, "caption" if i == 4 else "paragraph") for i, b in enumerate(doc.blocks)]
    assert not topic(Document("", tuple(blocks), (), doc.meta)).marks


def test_scripts_without_word_boundaries_abstain():
    line = "市議会は月曜日、来年度の予算案を賛成多数で可決した。市長は記者会見で感謝の言葉を述べた。"
    doc = Document("", tuple(Block(f"{line}{i}" * 3) for i in range(12)), (), Meta(lang="ja"))
    assert not topic(doc).marks and set(scores(doc)) == {-10.0}


@settings(max_examples=40, deadline=None)
@given(texts)
def test_flags_only_and_twice_is_once(text):
    doc = segment("\n\n".join([*BY_ID["clean-bridge"]["paragraphs"], text]), lang="en")
    once = topic(doc)
    assert once.text == doc.text
    assert all(m.action == "flag" and m.replacement is None for m in once.marks[len(doc.marks) :])
    assert not [m for m in once.marks if m.rule.startswith("error.")]
    assert topic(once) == once


@pytest.mark.parametrize("text", ["a\n" * 100_000, "x" * 1_000_000 + "\n" + "word another third\n" * 60, "I am. " * 100_000 + "\nb c d e\n" * 60])
def test_time_is_linear(text):
    doc = Document("", tuple(Block(line) for line in text.split("\n") if line), (), Meta(lang="en"))
    start = time.process_time()
    topic(doc)
    assert time.process_time() - start < 15


def test_the_model_was_trained_on_the_columns_that_are_measured():
    trees.cache_clear()
    columns = measure("", ["word"] * 6, "en").columns
    assert trees().feature.max() < len(columns)
    assert all(np.isfinite(v).all() and v.shape == (6,) for v in columns.values())


@pytest.mark.parametrize(
    "sentence, lang, found",
    [
        ("I could repair.", "en", True), ("Ich könnte das ändern.", "de", True), ("Je pourrais faire mieux.", "fr", True),
        ("I could repair.", "xx", False), ("“I could repair.”", "en", False), ("It could be repaired.", "en", False),
        ("I could repair the bridge and the ferry and the road.", "en", False),
    ],
)  # fmt: skip
def test_a_lonely_first_person(sentence, lang, found):
    paragraphs = ["The council closed the bridge.", f"The mayor said that the ferry was late. {sentence}", "The work begins."]
    assert bool(list(scraps(paragraphs, lang))) is found


def test_the_seed_article():
    path = Path(__file__).parents[1].parent / "shared" / "seed" / "article.txt"
    if not path.is_file():
        pytest.skip("the seed article (../shared/seed) is not on this machine")
    doc = topic(segment(path.read_text("utf-8"), lang="en"))
    flagged = [doc.blocks[m.block].text[m.start : m.end] for m in doc.marks if m.stage == "topic"]
    assert sorted(len(f.split()) for f in flagged) == [3, 7, 18]  # two scraps and one teaser


def test_windows_of_training_have_one_law_of_length():
    pytest.importorskip("lightgbm", reason="lightgbm trains the model; the package runs without it")
    from cleaner.training.topic import window

    own = [f"p{i}" for i in range(25)]
    for foreign in ([], [3], [25], [7, 8, 9]):
        texts = own[: foreign[0]] + [f"f{i}" for i in foreign] + own[foreign[0] :] if foreign else own
        sizes = set()
        for turn in range(200):
            part, where = window(texts, foreign, random.Random(turn))
            assert [part[i][0] for i in where] == ["f"] * len(foreign) and sum(p[0] == "f" for p in part) == len(foreign)
            sizes.add(len(part))
        assert max(sizes) == 25 and min(sizes) <= 7
