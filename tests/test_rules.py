"""The phrase book: every row finds its hit and spares its miss, whatever the language; look-ups are linear."""
from __future__ import annotations

import time
from collections import Counter, defaultdict

import pytest

from cleaner.rules import WHERE, Match, Rule, count, is_date, key, matcher, rules
from cleaner.rules import parse as parse_rows
from cleaner.rules.match import Matcher
from cleaner.rules.wording import is_line, is_name, offset

CATEGORIES = {
    "read_also", "related", "most_read", "comments", "share", "follow", "newsletter", "paywall", "cookie", "ad", "affiliate",
    "photo_credit", "byline", "author_box", "date_line", "agency", "tags", "navigation", "legal", "a11y", "pagination", "contact",
}  # fmt: skip

HEAD = 'source = "own"\nheadline = "Ferry sails"\nname = "Ann Lee"\ndate = "3 May 2024"\nprose = "He painted “{}” on the wall."\n'


def found(rule: Rule) -> Match | None:
    """What a matcher of this row alone finds in its hit."""
    alone = Matcher([rule])
    return alone.block(rule.hit) or next(alone.parts(rule.hit), None)


def test_every_row_finds_its_hit():
    missed = [(r.id, r.hit) for r in rules() if not found(r)]
    assert not missed


def test_every_row_spares_its_miss():
    damaged = [(r.id, r.miss) for r in rules() if Matcher([r]).block(r.miss) or list(Matcher([r]).parts(r.miss))]
    assert not damaged


def test_no_row_of_any_language_touches_the_miss_of_another():
    everything = matcher(())
    texts = {r.miss for r in rules() if r.where in ("header", "tail", "sentence")}
    damaged = [(t, m.rule.id) for t in texts if (m := everything.block(t) or next(everything.parts(t), None))]
    assert not damaged


def test_ids_are_unique_and_fields_are_filled():
    doubled = [i for i, n in Counter(r.id for r in rules()).items() if n > 1]
    assert not doubled
    assert all(r.source and r.hit and r.miss and r.action == "cut" and r.where in WHERE for r in rules())


def test_thirty_languages_and_every_category():
    languages = defaultdict(set)
    for r in rules():
        languages[r.language].add(r.category)
    assert len(languages) >= 30
    assert {c for cs in languages.values() for c in cs} == CATEGORIES
    basic = {"read_also", "related", "most_read", "comments", "share", "photo_credit", "ad"}
    assert {lang for lang, cs in languages.items() if not basic <= cs} <= {"und", "sr"}


def test_no_page_or_host_in_a_source():
    assert not [r.id for r in rules() if ".html" in r.source or "http" in r.source or ".gz" in r.source]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 Comments »", "comments"),
        ("À  LIRE aussi :", "a lire aussi"),
        ("ＲＥＡＤ", "read"),
        ("اقرأ أيضاً", "اقرا ایضا"),
        ("Διαβάστε", "διαβαστε"),
        ("👉 ★ 3", ""),
    ],
)
def test_key(text, expected):
    assert key(text) == expected


def test_offset_counts_characters_of_the_text_not_of_the_key():
    assert offset("İlgili  haberler: x", key("İlgili haberler")) == len("İlgili  haberler")


def test_shapes():
    assert all(map(is_date, ["12 May 2024", "2024-05-12T10:30", "Mon, 3.6.2024, 14:05", "2024年5月12日"]))
    assert not any(map(is_date, ["Euro 2024", "Chapter 3", "The 12 May 2024 vote split the whole town", "no digits"]))
    assert all(map(is_name, ["Ann Lee", "ANN LEE and Bo van Berg", "白雪"]))
    assert not any(map(is_name, ["Ann walked home", "", "Ann 2", "One Two Three Four Five Six Seven"]))
    assert is_line("Reuters/Ann Lee") and not is_line("a friend lent it to us") and not is_line("The mayor has resigned.")


def test_count_takes_two_characters_of_an_unspaced_script_for_a_word():
    assert count("one two three") == 3
    assert count("渡轮在风暴过后恢复通航的消息") == 7


def test_placeholders_and_gaps():
    rows = HEAD + '[byline]\nstart = ["By {name}"]\n[agency]\nsentence = ["The post … appeared first on"]\n'
    rows += '[comments]\nblock = ["{name} says:"]\n'
    book = Matcher(parse_rows("en", rows))
    assert book.block("By Ann Lee") and not book.block("By noon the square was full")
    assert book.block("The post Ferry sails again appeared first on Harbour News.")
    assert not book.block("The post office closes at noon.")
    assert book.block("Ann Lee says:") and not book.block("as the old proverb of the fishermen here says:")


def test_glued_wordings():
    book = matcher(())
    assert book.block("RELATED ARTICLESMORE FROM AUTHOR")
    assert book.block("Share Tweet Email Print")
    assert not book.block("Sharecropper")
    assert not book.block("Related Fields of Study")


def test_disable_takes_categories_and_ids():
    assert matcher(()).block("Related articles")
    assert not matcher(("related",)).block("Related articles")
    assert not matcher(("en.related.header.related-articles",)).block("Related articles")
    with pytest.raises(ValueError, match="no category or rule 'relatd'; categories: .*related"):
        matcher(("relatd",))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ('[ad]\nmiddle = ["Ad"]\n', r"en.toml, \[ad\]: 'middle' is none of"),
        ('[ad]\nblock = ["***"]\n', r"en.toml, \[ad\] block: '\*\*\*' has no word"),
        ('[ad]\nblock = [{ pattern = "Ad", sauce = "x" }]\n', r"en.toml, \[ad\] block, 'Ad': .*sauce"),
    ],
)
def test_a_bad_row_is_named(rows, message):
    with pytest.raises(ValueError, match=message):
        list(parse_rows("en", HEAD + rows))


def test_a_call_to_the_reader_and_a_sentence_of_its_own():
    book = Matcher(parse_rows("en", HEAD + '[follow]\nsentence = ["Follow {prompt}"]\n[legal]\nsentence = ["All rights reserved {stop}"]\n'))
    assert book.block("Follow us") and book.block("Follow the harbour every day on Telegram")
    assert not book.block("Follow the river to the old mill and turn left")
    assert book.block("All rights reserved. Nothing may be copied.") and book.block("All rights reserved")
    assert not book.block("All rights reserved for the tribe in the treaty remain in force.")


def test_a_row_that_is_off_comes_back_by_name():
    rows = list(parse_rows("en", HEAD + '[ad]\nblock = [{ pattern = "Sale", found = 1, lost = 2, default = false }, "Ad"]\n'))
    assert [(r.default, r.found, r.lost) for r in rows] == [(False, 1, 2), (True, None, None)]
    off = next(r for r in rules() if not r.default)
    alone = Matcher([off])
    assert alone.block(off.hit) or list(alone.parts(off.hit))
    names = {r.id for r in matcher((), (off.id,)).rules}
    assert names - {r.id for r in matcher(()).rules} == {off.id}
    assert off.id not in {r.id for r in matcher((off.category,), (off.id,)).rules}


@pytest.mark.parametrize("piece", ["a", "share", "(", "read more: ", "© ", "…. ", "share on facebook ", "\u0301"])
def test_time_is_linear(piece):
    book = matcher(())

    def seconds(times: int) -> float:
        text = (piece * times).strip() or piece
        best = 9.0
        for _ in range(3):
            start = time.process_time()
            book.block(text)
            list(book.parts(text))
            best = min(best, time.process_time() - start)
        return best

    assert seconds(64_000) < 24 * seconds(8_000) + 0.05
