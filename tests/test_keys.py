"""Normal forms, skeletons, hashes and MinHash."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.corpus.minhash import bands, components, overlap, shingles, sketch
from cleaner.text.keys import hash64, length, masked, normal, one_slip, skeleton, words

ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("The  CAFÉ’s “new” menu", "the cafe s new menu"),
        ("soft\u00adhyphen and\u200b zero width", "softhyphen and zero width"),
        ("1,204,000 boats, 12,5", "1204000 boats 12 5"),
        ("ﬁne Ｆｕｌｌ", "fine full"),
        ("£40 or $40", "£ 40 or $ 40"),
        ("Straße, Łódź, Øre", "strasse lodz ore"),
        ("किताब पढ़ो।", "किताब पढो"),
        ("新闻ab12", "新 闻 ab12"),
        ("한국어 뉴스", "한국어 뉴스"),
        ("", ""),
    ],
)
def test_normal_form(text, form):
    assert normal(text) == form


@given(ANY)
def test_normal_form_is_its_own(text):
    assert normal(normal(text)) == normal(text)


def test_masked_forms_of_dates_and_counters_are_equal():
    assert masked(words("Published 5 May 2024, 12:30")) == masked(words("Published 17 June 2023, 9:05"))
    assert masked(words("1,204 comments")) == masked(words("7 comments"))
    assert masked(words("7 comments")) != masked(words("7 readers"))


@pytest.mark.parametrize(("a", "b"), [("mottaki", "muttaqi"), ("massoud", "masood"), ("hussein", "hossain"), ("khalil", "kalil")])
def test_transliterations_share_a_skeleton(a, b):
    assert skeleton(a) == skeleton(b)


@pytest.mark.parametrize(("a", "b"), [("iran", "iraq"), ("paris", "peru"), ("2019", "2018"), ("москва", "минск")])
def test_other_names_do_not(a, b):
    assert skeleton(a) != skeleton(b)


@pytest.mark.parametrize(("a", "b", "slip"), [("debate", "debtae", True), ("debate", "debat", True), ("debate", "debatte", True), ("debate", "dabote", False), ("a", "abc", False)])
def test_one_slip(a, b, slip):
    assert one_slip(a, b) is slip and one_slip(b, a) is slip


def test_characters_of_scripts_without_spaces_count_half():
    assert length(words("新闻新闻")) == 2
    assert length(words("four words stand here")) == 4


def test_hashes_are_the_same_everywhere():
    assert hash64("news") == 15092568253382157997
    found = bands(shingles([words("the council approved the new ferry line on tuesday")])[0])
    assert found[:2].tolist() == [5051506131265724425, 6733702718391869107]


@given(st.lists(st.sampled_from("alpha beta gamma delta epsilon zeta eta theta".split()), min_size=3, max_size=60), st.randoms())
def test_signatures_do_not_depend_on_the_order_of_paragraphs(tokens, random):
    paragraphs = [tokens[i : i + 5] for i in range(0, len(tokens), 5)]
    shuffled = random.sample(paragraphs, len(paragraphs))
    one, two = (np.unique(np.concatenate(shingles(p))) for p in (paragraphs, shuffled))
    assert (bands(one) == bands(two)).all()
    assert overlap(sketch(one), sketch(two)) == (1.0, 1.0)


@pytest.mark.parametrize("size", [50, 5_000])
def test_overlap_is_the_jaccard_index(size):
    x, y = np.arange(size, dtype=np.uint32), np.arange(size // 2, size + size // 2, dtype=np.uint32)
    assert overlap(sketch(x), sketch(y))[0] == pytest.approx(1 / 3, abs=0.05)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20))), st.randoms())
def test_components_do_not_depend_on_the_order_of_edges(edges, random):
    found = components(edges)
    assert found == components([(b, a) for a, b in random.sample(edges, len(edges))])
    assert all(found[a] == found[b] for a, b in edges)
    assert all(root == min(n for n, r in found.items() if r == root) for root in found.values())
