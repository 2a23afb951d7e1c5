"""What a document repeats on purpose: rows of data, what a colon announces, entries of a form that is filled in again and again."""
from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from cleaner.text.facts import without_credit
from cleaner.text.keys import length, normal, words

#: A line that stands so often in a document is part of its form; so is a label that heads more different texts.
FORM = 3
#: A row under a label has fewer words; longer texts are prose.
ROW = 20
#: Share of letters, their marks and spaces from which a text can be prose; below it is data, a log or code.
LETTERS = 0.75
#: A line without an end mark, of fewer words than that, which holds so many numbers is a row of a table: results, prices, times.
FIGURES, LINE = 3, 30

ENDS = tuple(".!?…。！？।۔؟")
CLOSING = "\"”’'»)]"
ANNOUNCES = re.compile(r"[:：]\W*$")
LABEL = re.compile(r"\W*([^\W\d_][^:：.!?]{0,30}?)\s*(?::\s|：)\s*\S")


class Forms:
    """A document's texts as a form, read when a copy first asks: few documents have any."""

    def __init__(self, texts: Sequence[str]):
        self.texts = texts

    @cached_property
    def tokens(self) -> list[tuple[str, ...]]:
        return [tuple(words(t)) for t in self.texts]

    @cached_property
    def recurring(self) -> frozenset[tuple[str, ...]]:
        """The wordings that come again and again below different lines."""
        below: dict[tuple[str, ...], list[str]] = {}
        above = ["", *map(" ".join, self.tokens)]
        for found, line in zip(self.tokens, above):
            below.setdefault(found, []).append(line)
        return frozenset(found for found, lines in below.items() if len(lines) >= FORM and len(set(lines)) > 1)

    @cached_property
    def labels(self) -> frozenset[str]:
        """The labels that head many different texts."""
        heads = Counter(label(t) for t in set(self.texts))
        return frozenset(head for head, count in heads.items() if head and count > FORM)

    def ask_for(self, copy: int, first: int) -> bool:
        """Whether a text that repeats another one, both by their numbers, stands there because the form asks for it.

        So do rows under a label that heads other texts too ("Weather: …"), data and code, what another line than above the
        first announces with a colon ("The letter reads:"), and lines without an end mark that come again and again below
        several lines, as in a plan of the week. All of these stay or none, so that cleaning the result changes nothing.
        """
        text = self.texts[copy]
        tokens = words(text)
        if length(tokens) < ROW and (head := label(text)) and head in self.labels or data(text, tokens):
            return True
        if unended(text) and tuple(tokens) in self.recurring:
            return True
        return text == self.texts[first] and ANNOUNCES.search(self.above(copy)) is not None and normal(self.above(copy)) != normal(self.above(first))

    def above(self, number: int) -> str:
        """The text above one, ``""`` above the first."""
        return self.texts[number - 1] if number else ""


def label(text: str) -> str:
    """The label before a text's first colon, ``""`` for none."""
    found = LABEL.match(text)
    return normal(found[1]) if found else ""


def data(text: str, tokens: Sequence[str]) -> bool:
    """Whether a text is no prose: mostly digits and signs, or a line with several numbers that does not end as a sentence does."""
    letters = sum(c.isspace() or unicodedata.category(c)[0] in "LM" for c in text)
    figures = sum(any(map(str.isdigit, t)) for t in tokens)
    return letters < LETTERS * len(text) or figures >= FIGURES and length(tokens) < LINE and unended(text)


def unended(text: str) -> bool:
    """Whether a text ends neither as a sentence does nor with a photo credit."""
    return not ended(text) and without_credit(text) == text


def ended(text: str) -> bool:
    """Whether a text ends as a sentence does."""
    return text.rstrip(CLOSING).rstrip().endswith(ENDS)
