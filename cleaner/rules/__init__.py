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
else; ``{prompt}`` the rest of a call to the reader: three words or fewer, or a channel, an address, an account named in it;
``{stop}`` the end of the sentence. "…" inside a pattern stands for any words ("The post … appeared first on"). A
weak pattern with " + " in it is a short block that holds words with all these beginnings in any order ("our + newsletter + sign").

Each row has an example that it must find (``hit``) and a near one that must survive (``miss``), and both are its test. A row
without its own gets them from its file: the wording before the file's headline, and the wording inside the file's prose.
``found`` and ``lost`` are the words of residue that the row found and the words of article that it cut on labelled pages,
written by :mod:`cleaner.rules.cost`. A row that loses more than it finds is off: ``default = false``; ``enable`` brings it
back by name, or ``why`` says what speaks for it in spite of the figures.

Words are compared by :func:`key`: case, accents, digits, punctuation and emoji do not count. Whole blocks are found by one
dictionary look-up and beginnings by a bucket of three letters, so the time does not depend on the number of rules and is
linear in the text.
"""
from __future__ import annotations

import re
import tomllib
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from cleaner.rules.match import PLACEHOLDERS, WHERE, Match, Matcher, words_of
from cleaner.rules.wording import SENTENCE_END, count, is_date, is_line, key

__all__ = ["EXTRA", "SENTENCE_END", "WHERE", "Match", "Matcher", "Rule", "count", "is_date", "is_line", "key", "matcher", "rules"]

EXAMPLE = re.compile(r"\{(name|date|headline)\}")
#: What a row's example holds in place of what its pattern says.
STAND_INS = (
    (" + ", " "), ("{line}", "{headline}"), (" … ", " {headline} "), ("{email}", "desk@example.org"), ("{prompt}", "Telegram"), (" {stop}", ""),
)  # fmt: skip
#: Categories whose wordings announce a person, not a headline.
BY_PEOPLE = ("byline", "photo_credit", "author_box")


#: What a row may say beside its place; a row that is the wording alone says only ``pattern``.
FIELDS = frozenset({"pattern", "source", "hit", "miss", "found", "lost", "default", "why"})


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One row of the phrase book. Everything that a look-up does not need is worked out when asked for.

    language: ISO 639-1, "und" for rows of every language. category: the switch it belongs to. front, words, behind: the
    pattern as :func:`words_of` reads it. row: what the row says. book: its file, which says the rest.
    """

    language: str
    category: str
    where: str
    front: str
    words: str
    behind: str
    row: Mapping[str, Any]
    book: Mapping[str, Any]

    @property
    def id(self) -> str:
        """``language.category.where.words``, unique."""
        return ".".join((self.language, self.category, self.where, slug(self.front, self.words, self.behind)))

    @property
    def name(self) -> str:
        """The rule's name in a mark."""
        return f"boilerplate.{self.category}"

    @property
    def action(self) -> str:
        """What is done to what the rule finds: every row cuts."""
        return "cut"

    @property
    def weak(self) -> bool:
        """Whether the wording needs other residue beside it."""
        return self.where == "weak"

    @property
    def pattern(self) -> str:
        """The wording as the row has it."""
        return self.row["pattern"]

    def named(self, names: Container[str]) -> bool:
        """Whether its category or itself is among the names."""
        return bool(names) and (self.category in names or self.id in names)

    @property
    def source(self) -> str:
        """Where the wording was seen."""
        return self.row.get("source", self.book["source"])

    @property
    def default(self) -> bool:
        """Whether the rule is on unless it is asked for by name."""
        return self.row.get("default", True)

    @property
    def found(self) -> int | None:
        """Words of residue that it found on the labelled pages; None where it found and lost nothing there."""
        return self.row.get("found")

    @property
    def lost(self) -> int | None:
        """Words of article that it cut there."""
        return self.row.get("lost")

    @property
    def hit(self) -> str:
        """An example that it must find."""
        if "hit" in self.row:
            return self.row["hit"]
        announced = self.book["name" if self.category in BY_PEOPLE else "headline"]
        hit = f"{self._example} {announced}" if self.where in ("start", "sentence") and self.behind == ":" else self._example
        return f"{self.book['prose'].format(self.book['name'])} ({hit})" if self.where == "end" else hit

    @property
    def miss(self) -> str:
        """A near one that must survive."""
        bare = self.pattern.replace(" + ", " ").partition("{")[0].partition("…")[0].strip(" :：()（）【】")
        return self.row.get("miss") or self.book["prose"].format(bare or self._example)

    @property
    def _example(self) -> str:
        filled = self.pattern
        for said, meant in STAND_INS:
            filled = filled.replace(said, meant)
        return EXAMPLE.sub(lambda m: self.book[m[1]], filled)


@cache
def rules() -> list[Rule]:
    """Every row of the phrase book, language by language. Raises ValueError for a row that is not well formed."""
    return [rule for f in files() for rule in parse(f.name.removesuffix(".toml"), f.read_text("utf-8"))]


def files() -> list[Traversable]:
    """The phrase book's files by name."""
    return sorted((f for f in resources.files(__package__).iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)


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
                row = {"pattern": row} if isinstance(row, str) else row
                front, words, behind = words_of(row["pattern"])
                if not (front or words or behind in PLACEHOLDERS) or behind == "+" and where != "weak":
                    raise ValueError(f"{language}.toml, [{category}] {where}: {row['pattern']!r} has no word in it, or a + outside of weak")
                if unknown := row.keys() - FIELDS:
                    raise ValueError(f"{language}.toml, [{category}] {where}, {row['pattern']!r}: {min(unknown)!r} is none of {sorted(FIELDS)}")
                yield Rule(language, category, where, front, words, behind, row, book)


def slug(front: str, words: str, behind: str) -> str:
    """A pattern as one word: ``read-also:``, ``name-says``."""
    label, behind = (behind, "") if behind == ":" else ("", behind.strip("+"))
    return "-".join(f"{front} {words} {behind}".split()) + label


@lru_cache(maxsize=32)
def matcher(disable: tuple[str, ...] = (), enable: tuple[str, ...] = ()) -> Matcher:
    """The matcher without what ``disable`` names, with the rows that are off by default where ``enable`` names them.

    Both take categories and row ids; ``disable`` has the last word. Raises ValueError for a name that is neither.
    """
    if named := {*disable, *enable}:
        categories = {r.category for r in rules()} | EXTRA
        if unknown := sorted(named - categories - {r.id for r in rules()}):
            raise ValueError(f"no category or rule {unknown[0]!r}; categories: {', '.join(sorted(categories))}")
    return Matcher(ranked(r for r in rules() if (r.default or r.named(enable)) and not r.named(disable)))


def ranked(chosen: Iterable[Rule]) -> list[Rule]:
    """Rules in the order in which they are asked: where several languages share a wording, the first one's row is named."""
    return sorted(chosen, key=lambda r: FIRST.get(r.language, len(FIRST)))


#: Languages whose row is named where several share a wording; the others by alphabet.
FIRST = {language: n for n, language in enumerate(("en", "de", "fr", "es", "pt", "it", "ru"))}

#: Switches of the boilerplate stage that are no rows: decisions from the blocks around.
EXTRA = frozenset({"comment", "section", "tail", "model", "empty_section"})
