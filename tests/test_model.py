"""The block model: what it measures, what it decides, and that it stays small, fast and explainable."""
from __future__ import annotations

import gzip
import json
import random
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.blocks import model, trees
from cleaner.blocks.features import NAMES, NO_WORDS, densest, features
from cleaner.blocks.phrase import BLOCK, Phrase
from cleaner.blocks.scan import scan
from cleaner.rules import matcher
from cleaner.stages.boilerplate import spoken

ARTICLE = [
    "Harbour town rebuilds its wooden bridge",
    "The wooden bridge that links the old harbour with the fish market will be rebuilt this winter, the council decided on Tuesday evening.",
    "Engineers had closed it in March after a diver found that four of its twelve piles had been eaten through by shipworm.",
    "“We could have patched it once more, but nobody wanted to explain a second closure,” said Marit Olsen, who has led the works department for nine years.",
    "The new bridge will stand on steel piles with a deck of larch, and it will carry a lane for bicycles that the old one never had.",
    "Shopkeepers on the market side had asked for a ferry while the work lasts, and the council agreed to pay for one until the end of April.",
    "Work begins in November, and the first walkers are expected to cross before the herring season opens.",
]
MENU = ["Home", "News", "Sport", "Weather", "Video", "Subscribe", "Log in", "Search", "Menu"]
FOOTER = ["Share on Facebook", "Share on Twitter", "Sign up for our newsletter", "Related articles", "Ferry fares rise again", "Ten walks by the sea",
          "Leave a comment", "Your email address will not be published.", "Privacy policy", "Terms of use", "Contact us", "© 2026 All rights reserved"]


def test_a_page_loses_its_menu_and_footer_and_keeps_its_article():
    kept = model.judge(MENU + ARTICLE + FOOTER).keep
    assert kept[len(MENU) + 1 : len(MENU) + len(ARTICLE)].all()
    assert kept[: len(MENU)].sum() == 0
    assert kept[len(MENU) + len(ARTICLE) :].sum() <= 2  # the phrase book, not asked here, knows more


def test_a_clean_article_is_left_alone():
    assert model.judge(ARTICLE).keep.all()


@pytest.mark.parametrize("texts", [
    ["桥梁将在今年冬天重建，市议会星期二晚上决定。工程师三月份关闭了这座桥，因为潜水员发现桩子已经腐烂。", "新桥将建在钢桩上，桥面用落叶松木，还会有一条自行车道。",
     "市场一侧的店主要求在施工期间提供渡船，市议会同意支付费用到四月底。"],
    ["قرر المجلس مساء الثلاثاء إعادة بناء الجسر الخشبي الذي يربط الميناء القديم بسوق السمك هذا الشتاء.", "وكان المهندسون قد أغلقوه في مارس بعد أن وجد غواص أن أربعة من أعمدته قد تآكلت.",
     "وسيقف الجسر الجديد على أعمدة من الصلب، وسيكون فيه ممر للدراجات لم يعرفه الجسر القديم."],
    ["Деревянный мост, который связывает старую гавань с рыбным рынком, восстановят этой зимой, решил совет во вторник вечером.",
     "Инженеры закрыли его в марте, когда водолаз обнаружил, что четыре из двенадцати свай разрушены.", "Новый мост будет стоять на стальных сваях, и по нему пройдёт дорожка для велосипедов."],
])
def test_clean_text_of_other_scripts_is_left_alone(texts):
    assert model.judge(texts).keep.all()


def test_a_reason_names_what_is_to_be_seen():
    judged = model.judge(MENU + ARTICLE + FOOTER)
    assert "short" in judged.reason(0) and "before the first body paragraph" in judged.reason(0)
    assert "after the last body paragraph" in judged.reason(len(MENU) + len(ARTICLE) + 2)


def test_precision_cuts_no_less_and_recall_no_more_than_balanced():
    rng = np.random.default_rng(3)
    for _ in range(50):
        p, words, ends = rng.random(40) ** rng.integers(1, 5), rng.integers(0, 60, 40).astype(float), rng.random(40) < 0.5
        precise, balanced, generous = (model.keep(p, words, ends, favor) for favor in ("precision", "balanced", "recall"))
        assert precise.sum() <= balanced.sum() <= generous.sum()


def test_nearly_clean_text_is_cut_only_where_it_is_sure():
    words, ends = np.full(20, 30.0), np.ones(20, bool)
    p = np.full(20, 0.9)
    p[7] = 0.1
    assert model.keep(p, words, ends).all()
    p[:8] = 0.01
    assert not model.keep(p, words, ends)[:8].any()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\n")), max_size=12), st.none() | st.text(max_size=20))
def test_any_text_gets_a_chance_for_each_block(texts, title):
    judged = model.judge(texts, title)
    assert len(judged.probability) == len(judged.keep) == len(texts)
    assert np.isfinite(judged.columns).all() and ((judged.probability >= 0) & (judged.probability <= 1)).all()


def test_a_page_without_an_article_is_emptied():
    page = MENU + FOOTER
    assert not model.judge(page, phrases=[spoken(matcher().block(t)) for t in page]).keep.any()


def test_what_the_phrase_book_says_counts():
    lines = ["Andras nagy", "Ferenc kis", "Ilona nagy", "Gyula kis"]
    said = [Phrase(BLOCK, f"row {n}") for n in range(4)]
    told = model.judge([*ARTICLE, *lines], phrases=[None] * len(ARTICLE) + said).probability[-4:]
    assert (told < model.judge([*ARTICLE, *lines]).probability[-4:]).all()


def test_no_blocks_no_judgement():
    assert model.judge([]).keep.tolist() == []


@pytest.mark.parametrize("texts", [["x" * 1_000_000], ["a"] * 100_000, ["a " * 500_000], ["字" * 300_000]], ids=["one word", "one-letter blocks", "one block", "han"])
def test_time_is_linear(texts):
    start = time.process_time()
    model.judge(texts)
    assert time.process_time() - start < 6


def test_blocks_are_judged_the_same_in_parts_of_a_long_page(monkeypatch):
    texts = MENU * 3 + ARTICLE * 2 + FOOTER * 3
    whole = model.judge(texts).probability
    monkeypatch.setattr(trees.Boosted, "batch", 7)
    assert (model.judge(texts).probability == whole).all()


def test_a_passage_that_stands_twice_is_judged_alike():
    page = [*MENU, *ARTICLE[1:], *FOOTER, *ARTICLE[1:], *FOOTER]
    words = features(page).words
    rising = np.linspace(0.1, 0.9, len(page))
    made = model.alike(rising, page, words)
    one, other = slice(len(MENU), len(MENU) + 6), slice(len(MENU) + 6 + len(FOOTER), len(MENU) + 12 + len(FOOTER))
    assert (made[one] == rising[other]).all() and (made[other] == rising[other]).all()
    short = [*MENU, *ARTICLE[1:4], *FOOTER, *ARTICLE[1:4], "Menu"]  # a summary says nothing of where the article is
    rising = rising[: len(short)]
    assert (model.alike(rising, short, features(short).words) == rising).all()
    kept = model.judge(page).keep
    assert kept[one].all() or kept[other].all()


def test_words_are_counted_in_every_script():
    s = scan(["Two words", "don’t", "二〇二六年冬天", "ภาษาไทย", "", "!!!"])
    assert np.bincount(s.word_block, s.word_weight, 6).round(1).tolist() == [2, 2, 3.5, 1.4, 0, 0]  # seven Thai letters


def test_word_keys_fold_case_and_patterns_fold_digits():
    s = scan(["Read read READ reads", "3 8"])
    read, same, shouted, other, three, eight = s.word_key.tolist()
    assert read == same == shouted != other
    assert three != eight and s.word_pattern[4] == s.word_pattern[5]


def test_columns_see_repetition_and_sentences():
    f = features(["Read more", "A sentence ends. Another one ends too.", "Read more", "3 min read", "9 min read"], None, NO_WORDS)
    column = dict(zip(NAMES, f.columns.T))
    assert column["same_before"].astype(bool).tolist() == [False, False, True, False, False]
    assert column["pattern"].astype(bool).tolist() == [True, False, True, True, True]
    assert column["end"].tolist() == [0, 1, 0, 0, 0] and column["sentences"].tolist() == [0, 1, 0, 0, 0]
    assert column["digits"][3] > 0 == column["digits"][0]


def test_densest_run_agrees_with_brute_force():
    rng = random.Random(4)
    for _ in range(100):
        values = [rng.uniform(-2, 2) for _ in range(rng.randint(1, 12))]
        start, end = densest(np.array(values))
        best = max(sum(values[i : j + 1]) for i in range(len(values)) for j in range(i, len(values)))
        assert sum(values[start : end + 1]) == pytest.approx(best)


@pytest.mark.parametrize("kind", (trees.Trees, trees.ShallowTrees))
def test_trees_agree_with_a_walk_node_by_node(kind):
    rng = np.random.default_rng(5)
    feature, threshold, leaf = rng.integers(0, 4, (9, 7)), rng.normal(size=(9, 7)).astype(np.float32), rng.normal(size=(9, 8)).astype(np.float32)
    rows = rng.normal(size=(30, 4)).astype(np.float32)
    found = kind(feature, threshold, leaf).probabilities(rows)
    for row, p in zip(rows, found):
        total = 0.0
        for f, t, values in zip(feature, threshold, leaf):
            node = 0
            while node < 7:
                node = 2 * node + (1 if row[f[node]] <= t[node] else 2)
            total += values[node - 7]
        assert p == pytest.approx(1 / (1 + np.exp(-total)), abs=1e-6)


def test_symmetric_trees_agree_with_a_walk_level_by_level():
    rng = np.random.default_rng(5)
    feature, threshold, leaf = rng.integers(0, 4, (9, 3)), rng.integers(-1, 2, (9, 3)) / np.float32(2), rng.normal(size=(9, 8)).astype(np.float32)
    rows = rng.integers(-2, 3, (300, 4)).astype(np.float32) / 2
    found = trees.SymmetricTrees(feature, threshold, leaf).probabilities(rows)
    for row, p in zip(rows, found):
        total = sum(values[sum(int(row[f] > t) << level for level, (f, t) in enumerate(zip(fs, ts)))] for fs, ts, values in zip(feature, threshold, leaf))
        assert p == pytest.approx(1 / (1 + np.exp(-total)), abs=1e-6)


def test_a_cascade_asks_all_its_trees_about_what_the_first_do_not_settle():
    rng = np.random.default_rng(5)
    arrays = rng.integers(0, 4, (9, 7)), rng.normal(size=(9, 7)).astype(np.float32), rng.normal(size=(9, 8)).astype(np.float32)
    rows = rng.normal(size=(300, 4)).astype(np.float32)
    every, few = trees.Trees(*arrays).log_odds(rows), trees.Trees(*(a[:4] for a in arrays)).log_odds(rows)
    found = trees.Cascade(*arrays, first=4).log_odds(rows, lambda sums: sums > 1, growth=3)
    assert 0 < (few > 1).sum() < len(rows)
    assert found == pytest.approx(np.where(few > 1, 3 * few, every))
    assert trees.Cascade(*arrays, first=4).log_odds(rows[:0], lambda sums: sums > 1).shape == (0,)


def test_the_shipped_file_is_small_and_plain():
    path = Path(model.__file__).parents[1] / "data" / "text_model.npz"
    assert path.stat().st_size <= 300_000
    with np.load(path, allow_pickle=False) as stored:
        assert all(stored[name].dtype.kind in "iufU" for name in stored.files)
    assert (np.diff(model.shipped().words.key.astype(object)) > 0).all()


def test_training_learns_a_made_up_site_and_is_reproducible(tmp_path):
    pytest.importorskip("catboost")
    from cleaner.training import text as training

    rng = random.Random(6)
    path = tmp_path / "scrapes.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as out:
        for n in range(24):
            body = [" ".join(rng.choices(["alder", "birch", "cedar", "larch", "maple", "rowan", "willow"], k=20)).capitalize() + "." for _ in range(8)]
            page = MENU + body + FOOTER
            labels = ["boilerplate"] * len(MENU) + ["content"] * len(body) + ["boilerplate"] * len(FOOTER)
            out.write(json.dumps(dict(id=str(n), host=f"site{n}.example", scrape="visible", title="", paragraphs=page, labels=labels, gold="\n".join(body))) + "\n")
    made = []
    for _ in range(2):
        sets = [training.read(str(path), 1, 1)]
        made.append(training.train(sets, training.words_of(sets), trees=20))
    assert all((made[0][k] == made[1][k]).all() for k in made[0])
    assert "newsletter" in made[0]["words"].tobytes().decode().split("\n")
    learned = model.Model.of(made[0])
    assert model.judge(MENU + ARTICLE + FOOTER, model=learned).probability[: len(MENU)].max() < 0.5


def test_arrays_say_what_catboost_says():
    catboost = pytest.importorskip("catboost")
    from cleaner.training import boosting

    rows = np.random.default_rng(7).normal(size=(400, 3)).astype(np.float32)
    booster = catboost.CatBoost({**boosting.FIXED, "iterations": 9, "depth": 3}).fit(rows, (rows[:, 0] > rows[:, 1]).astype(int))
    told = booster.predict(rows, prediction_type="Probability")[:, 1]
    assert trees.SymmetricTrees(**boosting.arrays(booster)).probabilities(rows) == pytest.approx(told, abs=1e-6)
