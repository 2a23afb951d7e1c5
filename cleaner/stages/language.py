"""The language stage: a label for the document, a flag on what is written in another language.

The label comes from the longest paragraphs. Every paragraph inherits it; one is asked only when it is long enough and its letter
groups look less like the document's language than usual, and then the document's language is what it is expected in.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from cleaner.document import DOCUMENT, Block, Document, Mark
from cleaner.stage import stage
from cleaner.text.languages import (
    DENSITY,
    SAMPLE,
    UND,
    Language,
    checked,
    identify,
    knowledge,
    label,
    letters,
    own_language,
    same_script,
    small_words,
    weigh,
)

__all__ = ["Language", "identify", "language"]

#: A shorter paragraph or sentence keeps its document's language; letters, those of dense scripts three times.
LEAST_LETTERS = 20
#: A paragraph is flagged from this probability on when it has small words of the other language; else it must be certain.
SURE, CERTAIN = 0.9, 0.9999
#: Less of a stretch in letters than this is figures, code or a table, which have no language.
LETTER_SHARE = 0.5
#: A sentence inside a paragraph: names and titles look foreign, so it must be longer, surer and hold small words of its own, one
#: where it is certain and as long as the last figure.
SENTENCE_LETTERS, SENTENCE_SURE, SENTENCE_WORDS, LONG_SENTENCE = 30, 0.98, 2, 40
#: Stretches whose letter groups are weighed at once: 7 MB at most.
TOGETHER = 128
#: The end of a block (they are joined by line breaks) or of a sentence inside one.
END = re.compile(r"[\n.!?…。！？।][\"”“»’)\]」』]*(?:\s+|(?<=[\n。！？।」』]))")


def answer(doc: Document) -> Language:
    """What a str gives back."""
    return Language(doc.meta.lang or "und", doc.meta.lang_score or 0.0)


def columns(doc: Document) -> dict[str, Any]:
    """The columns that a DataFrame gets."""
    return {"lang": doc.meta.lang, "lang_score": doc.meta.lang_score}


@stage(answer=answer, columns=columns)
def language(doc: Document, *, languages: tuple[str, ...] = (), keep_languages: tuple[str, ...] = ()) -> Document:
    """Name the document's language and flag paragraphs and sentences in another one.

    languages: ISO 639-1 codes that alone come into question; all when empty. keep_languages: the languages that a corpus is to
    hold; a document in another gets the flag ``language.unwanted``, on which the pipeline rejects it. Raises ValueError for a
    code that cannot be told. Letter-group profiles and authority: langdetect 1.0.9 (Shuyo 2010).
    """
    live = [(n, b) for n, b in doc.live() if b.text]
    found = label([b.text for _, b in live], tuple(languages))
    doc = doc.about(lang=found.lang, lang_score=round(found.score, 4))
    marks = list(foreign(live, found.lang, tuple(languages))) if found.lang in knowledge().codes else []
    if keep_languages and found.lang not in checked(tuple(keep_languages)):
        detail = f"The document is in {name(found.lang)}; wanted: {', '.join(keep_languages)}."
        marks.append(Mark(DOCUMENT, 0, 0, "language", "language.unwanted", "flag", score=round(found.score, 4), detail=detail))
    return doc.add(m for m in marks if m not in doc.marks)


def name(code: str) -> str:
    """A language's English name, its code where that is unknown."""
    return knowledge().names.get(code, code)


def foreign(live: list[tuple[int, Block]], native: str, languages: tuple[str, ...]) -> Iterator[Mark]:
    """Flags for the blocks and sentences of a document that are in another language than ``native``."""
    page = Page([b.text for _, b in live], native, languages)
    flagged = set()
    for place, first, last in page.suspects(page.blocks):
        if found := page.other(first, last):
            flagged.add(place)
            yield flag(live[place][0], 0, last - first, "foreign", "paragraph", found, native)
    for place, first, last in page.suspects(page.sentences):
        if place not in flagged and (found := page.other_sentence(first, last)):
            start = int(page.blocks[0][place])
            end = first + len(page.text[first:last].rstrip())
            yield flag(live[place][0], first - start, end - start, "foreign_sentence", "sentence", found, native)


def flag(block: int, first: int, last: int, rule: str, what: str, found: Language, native: str) -> Mark:
    """The mark of a stretch in another language; its score is the probability that it is not in the document's."""
    detail = f"This {what} is in {name(found.lang)}, the document in {name(native)}."
    return Mark(block, first, last, "language", f"language.{rule}", "flag", score=round(found.score, 4), detail=detail)


class Page:
    """The blocks of a document, joined by line breaks and read once as letter groups, so that a stretch is asked at little cost.

    blocks, sentences: offsets of their first characters and behind their last ones in the joined text.
    """

    def __init__(self, blocks: list[str], native: str, languages: tuple[str, ...]):
        self.text, self.native, self.languages = "\n".join(blocks), native, languages
        stops = np.cumsum([len(b) + 1 for b in blocks])
        self.blocks = np.concatenate(([0], stops[:-1])), stops - 1
        ends = np.array([m.end() for m in END.finditer(self.text)], int)
        first, last = np.concatenate(([0], ends)), np.concatenate((ends, [len(self.text)]))
        places = self.place(first)
        part = (first > self.blocks[0][places]) | (last < self.blocks[1][places])
        self.sentences = first[part], last[part]
        self.own = own_language(native)
        self.groups = self.own.profiles.groups(self.text, (self.own.length,))[0]
        self.lack = np.concatenate(([0], np.cumsum(self.own.lack.take(self.groups))))

    def place(self, offsets: np.ndarray) -> np.ndarray:
        """The blocks in which offsets of the joined text lie."""
        return np.searchsorted(self.blocks[0], offsets, side="right") - 1

    def suspects(self, stretches: tuple[np.ndarray, np.ndarray]) -> Iterator[tuple[int, int, int]]:
        """The stretches whose letter groups a text in the document's language seldom has: block, first, last."""
        first, last = stretches
        size = last - first
        odd = np.flatnonzero((size >= LEAST_LETTERS // DENSITY) & (self.lack[last] - self.lack[first] > self.own.ask * size))
        for some in (odd[at : at + TOGETHER] for at in range(0, len(odd), TOGETHER)):
            begins, ends = first[some].tolist(), last[some].tolist()
            leads = self.own.leads([self.groups[a : min(b, a + SAMPLE)] for a, b in zip(begins, ends)])
            for place, a, b, own in zip(self.place(first[some]).tolist(), begins, ends, leads.tolist()):
                if not own:
                    yield place, a, b

    def other(self, first: int, last: int) -> Language | None:
        """The language of a stretch where it is long enough and surely not the document's."""
        stretch = self.text[first : min(last, first + SAMPLE)]
        if letters(stretch) < max(LEAST_LETTERS, LETTER_SHARE * len(stretch)):
            return None
        found = weigh(stretch, self.languages, self.native)
        if found.lang in (self.native, UND.lang):
            return None
        chance = 1 - found.native
        return Language(found.lang, chance) if chance >= CERTAIN or chance >= SURE and self.speaks(stretch, found.lang, 1) else None

    def other_sentence(self, first: int, last: int) -> Language | None:
        """The same of a sentence inside a block, where names and titles ask for more proof."""
        found, stretch = self.other(first, last), self.text[first:last]
        if not found or found.score < SENTENCE_SURE or letters(stretch) < SENTENCE_LETTERS:
            return None
        certain = found.score >= CERTAIN and letters(stretch) >= LONG_SENTENCE
        return found if self.speaks(stretch, found.lang, 1 if certain else SENTENCE_WORDS) else None

    def speaks(self, stretch: str, foreign: str, least: int) -> bool:
        """Whether a stretch has so many different small words of another language and fewer of the document's."""
        if not same_script(foreign, self.native):
            return True
        theirs = small_words(stretch, foreign)
        return theirs >= least and theirs > small_words(stretch, self.native)
