"""The phrase book: what news sites write around an article, as rows of data, and the look-up that finds them.

One file a language, one row a phrase, grouped by category and by where the phrase has to stand. A row is the wording
itself, or a table where it has more to say::

    headline = "Ferry service resumes after winter storm"
    prose = "The old notice board read “{}” in faded paint."

    [read_also]
    header = ["Read also", { pattern = "What to read next", source = "saved news pages in fundus' tests (11)" }]
    sentence = ["Read also:"]

``where`` is one of
    block     the whole block, nothing else in it
    weak      the same, in words so ordinary that they are residue only beside other residue or outside the body
    header    the same as block, and the short lines behind it are its list
    tail      the same as block, and what stands behind it is no article any more
    start     the block begins with it
    sentence  the block, or the last sentences of a paragraph, begin with it
    end       the block ends with it, or holds it in brackets
A pattern that ends in ":" wants a mark of separation (``: | > – …``) behind the words. A pattern may end in a
placeholder that says what the rest must look like, or begin with one (whole blocks only): ``{name}`` a person's name,
``{date}`` a date or time, ``{line}`` a credit or a headline: capital first, no sentence; ``{email}`` an address and little
else. "…" inside a pattern stands for any words ("The post … appeared first on").

Each row has an example that it must find (``hit``) and a near one that must survive (``miss``), and both are its test. A row
without its own gets them from its file: the wording before the file's headline, and the wording inside the file's prose.

Words are compared by :func:`key`: case, accents, digits, punctuation and emoji do not count. Whole blocks are found by one
dictionary look-up and beginnings by a bucket of three letters, so the time does not depend on the number of rules and is
linear in the text.
"""
from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from cleaner.rules.match import PLACEHOLDERS, WHERE, Match, Matcher, words_of
from cleaner.rules.wording import SENTENCE_END, count, is_date, is_line, key

__all__ = ["EXTRA", "SENTENCE_END", "WHERE", "Match", "Matcher", "Rule", "count", "is_date", "is_line", "key", "matcher", "rules"]

EXAMPLE = re.compile(r"\{(name|date|headline)\}")
#: What a row's example holds where its pattern says ``{email}``.
ADDRESS = "desk@example.org"
#: Categories whose wordings announce a person, not a headline.
BY_PEOPLE = ("byline", "photo_credit", "author_box")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the phrase book.

    id: ``language.category.where.words``, unique. language: ISO 639-1, "und" for rows of every language. category: the switch
    it belongs to. source: where the wording was seen. hit: an example that it must find. miss: a near one that must survive.
    """

    id: str
    language: str
    category: str
    where: str
    pattern: str
    action: str
    source: str
    hit: str
    miss: str

    @property
    def name(self) -> str:
        """The rule's name in a mark."""
        return f"boilerplate.{self.category}"

    @property
    def weak(self) -> bool:
        """Whether the wording needs other residue beside it."""
        return self.where == "weak"


@cache
def rules() -> list[Rule]:
    """Every row of the phrase book, language by language. Raises ValueError for a row that is not well formed."""
    files = sorted((f for f in resources.files(__package__).iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return [rule for f in files for rule in parse(f.name.removesuffix(".toml"), f.read_text("utf-8"))]


def parse(language: str, text: str) -> Iterator[Rule]:
    """The rows of one language's file. Raises ValueError that names the row."""
    book = tomllib.loads(text)
    for category, places in book.items():
        if not isinstance(places, dict):
            continue
        for where, rows in places.items():
            if where not in WHERE:
                raise ValueError(f"{language}.toml, [{category}]: {where!r} is none of {', '.join(WHERE)}")
            for row in rows:
                yield complete(language, category, where, {"pattern": row} if isinstance(row, str) else row, book)


def complete(language: str, category: str, where: str, row: dict[str, str], book: dict[str, str]) -> Rule:
    """A row with what it leaves to its file. Raises ValueError that names the row."""
    pattern = row["pattern"]
    front, words, behind = words_of(pattern)
    if not (front or words or behind in PLACEHOLDERS):
        raise ValueError(f"{language}.toml, [{category}] {where}: {pattern!r} has no word in it")
    filled = pattern.replace("{line}", "{headline}").replace(" … ", " {headline} ").replace("{email}", ADDRESS)
    example = EXAMPLE.sub(lambda m: book[m[1]], filled)
    announced = book["name" if category in BY_PEOPLE else "headline"]
    hit = f"{example} {announced}" if where in ("start", "sentence") and behind == ":" else example
    given = {
        "id": ".".join((language, category, where, slug(front, words, behind))),
        "action": "cut",
        "source": book["source"],
        "hit": f"{book['prose'].format(book['name'])} ({hit})" if where == "end" else hit,
        "miss": book["prose"].format(pattern.partition("{")[0].partition("…")[0].strip(" :：()（）【】") or example),
    }
    try:
        return Rule(language=language, category=category, where=where, **{**given, **row})
    except TypeError as error:
        raise ValueError(f"{language}.toml, [{category}] {where}, {pattern!r}: {error}") from None


def slug(front: str, words: str, behind: str) -> str:
    """A pattern as one word: ``read-also:``, ``name-says``."""
    label, behind = (":", "") if behind == ":" else ("", behind)
    return "-".join(f"{front} {words} {behind}".split()) + label


@lru_cache(maxsize=32)
def matcher(disable: tuple[str, ...] = ()) -> Matcher:
    """The matcher without the categories and row ids named in ``disable``. Raises ValueError for a name that is neither."""
    known = {r.category for r in rules()} | {r.id for r in rules()} | EXTRA
    if unknown := sorted(set(disable) - known):
        raise ValueError(f"no category or rule {unknown[0]!r}; categories: {', '.join(sorted({r.category for r in rules()} | EXTRA))}")
    chosen = [r for r in rules() if r.category not in disable and r.id not in disable]
    return Matcher(sorted(chosen, key=lambda r: FIRST.index(r.language) if r.language in FIRST else len(FIRST)))


#: Languages whose row is named where several share a wording; the others by alphabet.
FIRST = ("en", "de", "fr", "es", "pt", "it", "ru")

#: Switches of the boilerplate stage that are no rows: decisions from the blocks around.
EXTRA = frozenset({"comment", "section", "tail", "model", "empty_section"})
