"""The topic stage: every case file row, and what must hold whatever the text."""
from __future__ import annotations

import json
import re
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from strategies import texts
from wordfreq import get_frequency_list

from cleaner.document import DOCUMENT, Block, Document, Mark, Meta
from cleaner.stages.segment import segment
from cleaner.stages.topic import LIMIT, OTHER_BAR, bar, judge, scores, topic, trees, word_count
from cleaner.topics.fragments import scraps
from cleaner.topics.style import typing_style
from cleaner.topics.topicality import measure
from cleaner.topics.vocabulary import UNLISTED, frequencies, read, shelf
from cleaner.training.intrusions import Article, samples

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
    limit = bar(word_count(BY_ID["paragraph-of-another-story"]["paragraphs"]), "en")
    assert f"(score {mark.score:.1f}, limit {limit:.1f})" in mark.detail
    assert mark.score > limit > LIMIT


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
    assert len(topic(doc, limit=-30.0).marks) >= len(doc.blocks)


@pytest.mark.parametrize("lang", ["en", "ru", "ja", "zh"])
def test_a_word_has_the_frequency_of_its_list(lang):
    listed = {word: 9 - bucket / 100 for bucket, words in enumerate(get_frequency_list(lang, "small")) for word in words}
    known = frequencies(lang)
    assert len(listed) > 20_000 and known.of(listed).tolist() == list(listed.values())
    assert known.of(["qxzzyx", ""]).tolist() == [UNLISTED, UNLISTED] and frequencies("xx") is None


def test_words_of_many_languages_are_forgotten_together(monkeypatch):
    monkeypatch.setattr("cleaner.topics.vocabulary.MOST_KNOWN", 30)
    texts = ["The old ferry left the harbour on Monday."] * 2
    first = read(None, texts, "en")
    for lang in ("de", "fr", "en", "es", "en"):
        assert [column.tolist() for column in read(None, texts, lang)[1:4]] == [column.tolist() for column in first[1:4]]
        assert sum(map(len, shelf().values())) < 60


def test_the_first_trees_leave_no_paragraph_that_all_of_them_flag():
    flagged = 0
    for case in CASES:
        measured = measure(case["title"], case["paragraphs"], case["lang"])
        everything = judge(measured)
        for limit in (0.0, LIMIT - 1, LIMIT, LIMIT + 1):
            above, near = everything > limit, judge(measured, limit)
            assert (near[above] == everything[above]).all() and not (near[~above] > limit).any()
            flagged += above.sum()
    assert flagged > 20


def test_short_articles_and_other_languages_take_more():
    long, short = 420, 140
    assert bar(long, "en") == bar(long, "de") == LIMIT
    assert LIMIT < bar(short, "en") < bar(84, "en") < bar(84, "pl")
    assert bar(long, "pl", 1.0) == 1.0 + OTHER_BAR


def test_articles_that_are_too_short_are_left_alone():
    paragraphs = ["Seven words are in this line here.", "Sign up for our free newsletter today."]
    assert not topic("\n\n".join(paragraphs * 4), lang="en") and set(scores(segment("\n\n".join(paragraphs * 4)))) == {-10.0}


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
    assert max(part.feature.max() for part in (trees().first, trees().rest)) < len(columns)
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


NEWS = [
    Article(f"{host}{k}", host, "en", f"{subject} plan of the town passes", tuple(f"{subject} line {n} of {host} {k}. " + f"{subject} word " * 9 for n in range(30)))
    for host in ("a.example.org", "b.example.org") for k, subject in enumerate(("Bridge", "Ferry", "Harbour", "Museum"))
]  # fmt: skip
PROMPTS = {"en": {"promo": ["Sign up for our morning letter."], "legal": ["All rights reserved, no copies."]}}


def test_samples_of_training_have_one_law_of_length_and_know_what_intrudes():
    sizes: dict[str, list[int]] = {}
    for s in samples(NEWS, PROMPTS):
        own = [p for i, p in enumerate(s.paragraphs) if i not in s.foreign]
        assert all(p in s.article.paragraphs for p in own)
        assert not any(s.paragraphs[i] in s.article.paragraphs for i in s.foreign)
        assert (len(s.foreign) > 0) is (s.kind != "genuine") and 0 not in s.foreign
        sizes.setdefault(s.kind, []).append(len(s.paragraphs))
    assert {"genuine", "random", "near", "same host", "headline", "promo", "legal", "block"} <= set(sizes)
    intruded = [size for kind, found in sizes.items() if kind != "genuine" for size in found]
    assert max(intruded) == max(sizes["genuine"]) == 30
    assert abs(np.mean(intruded) - np.mean(sizes["genuine"])) < 2


def test_samples_of_training_are_the_same_each_time():
    assert list(samples(NEWS[:4], PROMPTS)) == list(samples(NEWS[:4], PROMPTS))
    assert [s.paragraphs for s in samples(NEWS[:4], PROMPTS)] != [s.paragraphs for s in samples(NEWS[:4], PROMPTS, "2")]


def test_an_intruder_in_another_script_needs_no_trees():
    story = BY_ID["clean-bridge"]["paragraphs"]
    line = "市議会は月曜日、来年度の予算案を賛成多数で可決した。市長は記者会見で感謝の言葉を述べた。"
    doc = segment("\n\n".join([*story[:3], line, *story[3:]]), lang="en")
    assert [(m.block, m.rule) for m in topic(doc).marks] == [(3, "topic.off_topic")]
    assert "another script" in topic(doc).marks[0].detail
    japanese = segment("\n\n".join([*[f"{line}{i}" * 3 for i in range(9)], story[1], "https://www.example.org/news/story-of-the-day"]), lang="ja")
    assert [m.block for m in topic(japanese).marks] == [9]


@pytest.mark.parametrize("own, other", [("“A” said the “B” man’s brother.", '"A" said the "B" man\'s brother.'), ("One – two – three.", "One — two — three.")])
def test_marks_of_another_hand(own, other):
    found = typing_style([own, own, own, other])["typing"]
    assert found[3] < -2 < 0 < found[0]


def test_frequent_words_of_another_hand():
    report = "the council said that the bridge was closed and that it had been built by the town"
    guide = "you can make your own and you will see how you like it when you do it your way"
    paragraphs = [report] * 5 + [guide]
    assert measure("", paragraphs, "en").columns["style"].argmin() == 5
