"""Paragraphs that repeat another paragraph of the same document, word for word or retold."""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from cleaner.document import Block, Document, Mark
from cleaner.stage import stage
from cleaner.text.facts import Passage, SmallWords, compare, without_credit
from cleaner.text.forms import CLOSING, Forms, ended
from cleaner.text.keys import length, read_together, tokens, visible

#: Repeats below so many words are refrains, labels and formulas as often as accidents (gold texts repeat 7 % of 4-7-word lines).
MIN_WORDS = 10
#: Two texts whose pairs of words are less alike than this share of the shorter one's are not compared word by word.
SHARE = 0.4
#: Below so many words a copy must be literal: lines of one form differ in a word or two.
SHORT = 15
#: The same for a line without an end mark, which may be a heading made of words of the text.
OPEN = 20
#: A line of plain text that looks like a heading is none from so many words on.
HEADING = 20
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
#: A list item of so many words that ends as a sentence does is prose set as a list.
LONG_ROW = 15
#: A list item of so many words may be retold as a paragraph may.
PROSE_ROW = 20
#: A retold copy may leave the longer text's order once in so many words; a text that speaks of the same leaves it more often.
BREAK = 20
#: A copy without one word of its own may have its clauses exchanged: three breaks.
ORDER = 3
#: So many repeats or more are the form of a text when they hold so much of its words (above that the text is there several times),
#: each repeats what stands three times or more, and none is one of a run of three blocks that stood in this order before: a calendar
#: that describes an event in every month it is held, notes under each of several plans. Measured: of 880 human-reviewed texts .12 %
#: of the words are cut instead of .21 %; on 1,500 scrapes no residue is kept for it, and no page that is there twice.
REPEATS, SHARE_OF_TEXT, COPIES, RUN = 3, (0.05, 0.5), 3, 3

QUESTIONS = tuple("?？؟;")
BULLET = re.compile(r"^\s*(?:[-–—•*·▪►>]|\(?\d{1,3}[.):]|[A-Za-z][.)])\s")
INSIDE = re.compile(r"[.!…。！।۔][\"”’'»)\]]*\s")


@stage
def duplicates(doc: Document, *, near: bool = True, threshold: float = 0.75) -> Document:
    """Cut the paragraphs that repeat another one; of two copies the longer stays, of equal ones the first.

    Rows, headings, questions and lines below ten words stay even when they repeat; so does what a document repeats on
    purpose: data and code, rows under one label, what a colon announces again, lines of a plan.

    near: cut retold copies too, not only those with the same words.
    threshold: share of the shorter copy's words, 0 to 1, that must stand in the longer one.
    """
    live = [(i, b) for i, b in doc.live() if len(b.text) >= MIN_WORDS]
    *found, steady = read_together([b.text for _, b in live])
    together = ((i, b, text, tuple(words), length(words)) for (i, b), text, words in zip(live, *found))
    read = [r for r in map(Read._make, together) if r.size >= MIN_WORDS and repeatable(r.block, r.size)]
    # The copy to keep comes first: the longer one, mixed case before capitals, then the earlier.
    read.sort(key=lambda r: (-r.size, r.block.text.isupper(), r.number))
    if len(read) < 2:
        return doc
    compared = Compared(read, threshold)
    partners = compared.partners(steady) if near else {}
    form = Forms([b.text for b in doc.blocks])
    marks, gone, first = {}, {}, {}
    for k, (i, block, _, words, _) in enumerate(read):
        original = first.setdefault(words, k)
        found = [(original, 1.0)] if original != k else ((o, s) for o in partners.get(k, ()) if o not in gone and (s := compared(k, o)))
        other, score = next(iter(found), (k, 0.0))
        if other != k and not form.ask_for(i, read[other].number):
            gone[k] = other
            marks[i] = mark(i, block, read[other].number, score, exact=original != k)
    for k, other in gone.items():  # in the order of reading: what a block repeats has been looked at
        gone[k] = gone.get(other, other)
    for i in repeated_on_purpose(doc, {read[k].number: read[other].number for k, other in gone.items()}):
        del marks[i]
    return doc.add(mark for _, mark in sorted(marks.items()))


def repeated_on_purpose(doc: Document, original: Mapping[int, int]) -> set[int]:
    """Of the repeats those that are the text's form (see :data:`REPEATS`), where they still are when the others are gone.

    original: the block that each repeats.
    """
    if len(original) < REPEATS:
        return set()
    size = {i: length(tokens(visible(b.text))) for i, b in doc.live()}
    form = form_of(size, original)
    left = {i: n for i, n in size.items() if i in form or i not in original}
    return form if form_of(left, {i: original[i] for i in form}) == form else set()


def form_of(size: Mapping[int, float], original: Mapping[int, int]) -> set[int]:
    """The repeats that are the form of a text of blocks of these sizes."""
    runs = run_lengths(list(size), original)
    alone = [i for i in original if runs[i] < RUN]
    copies = Counter(original[i] for i in alone)
    form = {i for i in alone if copies[original[i]] >= COPIES - 1}
    low, high = (share * sum(n for i, n in size.items() if i in form or i not in original) for share in SHARE_OF_TEXT)
    return form if len(form) >= REPEATS and low < sum(size[i] for i in form) < high else set()


def run_lengths(live: Sequence[int], original: Mapping[int, int]) -> dict[int, int]:
    """For each repeat how many stand in a row with it, as their originals do."""
    following = dict(pairwise(live))
    out: dict[int, int] = {}
    for i in sorted(original):
        run = [] if i in out else [i]
        while run and (n := following.get(run[-1])) in original and original[n] == following.get(original[run[-1]]):
            run.append(n)
        out |= dict.fromkeys(run, len(run))
    return out


class Read(NamedTuple):
    """A block that may repeat another one: its number in the document, its visible text, its tokens, and how many words they are."""

    number: int
    block: Block
    text: str
    tokens: tuple[str, ...]
    size: float


def repeatable(block: Block, size: float) -> bool:
    """Whether a repeat of this block of so many words is an accident rather than its form: no heading, row or question."""
    text = block.text
    if block.kind == "table_row" or text.count(" | ") > 1 or heading(block, size):
        return False
    if text.rstrip(CLOSING).endswith(QUESTIONS) and not INSIDE.search(text):
        return False
    return not row(block) or size >= LONG_ROW and (ended(text) or without_credit(text) != text)


def heading(block: Block, size: float) -> bool:
    """Whether a block is a heading: by its element or, in plain text, a line below twenty words that neither ends nor trails off.

    A photo credit tells a caption from a heading.
    """
    if block.hints.tag in HEADINGS:
        return True
    return block.kind == "heading" and size < HEADING and not ended(block.text) and without_credit(block.text) == block.text


def row(block: Block) -> bool:
    return block.kind == "list_item" or BULLET.match(block.text) is not None


def mark(number: int, block: Block, other: int, score: float, exact: bool) -> Mark:
    rule, detail = ("exact", f"repeats block {other} word for word") if exact else ("near", f"{score:.0%} of its words stand in block {other}")
    return Mark(number, 0, len(block.text), "duplicates", f"duplicate.{rule}", "cut", "", round(score, 3), detail)


class Compared:
    """The blocks of a document, each made ready for comparison once. ``compared(k, other)`` says how much one repeats another."""

    def __init__(self, read: list[Read], threshold: float):
        self.read, self.threshold = read, threshold
        self.whole: dict[int, Passage] = {}
        self.bare: dict[int, tuple[Block, Passage]] = {}
        self.lower = SmallWords([r.text for r in read])

    def partners(self, steady: bool) -> dict[int, list[int]]:
        """For each block those before it that it may repeat; most have none that holds enough of their pairs of words.

        steady: whether the tokens are those that will be compared, but for a credit.
        """
        from cleaner.text.pairs import candidates  # here, not above: few blocks to compare need no numpy

        partners: dict[int, list[int]] = {}
        for k, other, share in candidates([r.tokens for r in self.read]):
            if share >= SHARE or not steady or self.without_credit(k)[1] is not self.passage(k):
                partners.setdefault(k, []).append(other)
        return partners

    def passage(self, k: int) -> Passage:
        if k not in self.whole:
            self.whole[k] = Passage(self.read[k].text, self.read[k].tokens)
        return self.whole[k]

    def without_credit(self, k: int) -> tuple[Block, Passage]:
        if k not in self.bare:
            block = self.read[k].block
            text = without_credit(block.text)
            self.bare[k] = (block, self.passage(k)) if text == block.text else (block._replace(text=text), Passage(text))
        return self.bare[k]

    def __call__(self, k: int, other: int) -> float:
        """The share of the shorter block's words that the longer one holds, when it says nothing else; 0 otherwise."""
        (block, short), long = self.without_credit(k), self.passage(other)
        if short.share(long) < SHARE:
            return 0.0
        found = compare(short, long, self.lower)
        score, breaks = needed(block, short, long, self.threshold)
        if breaks and not found.novel and short.length >= SHORT:
            breaks = max(breaks, ORDER)
        return 0.0 if found.score < score or found.breaks > breaks or found.fact else found.score


def needed(block: Block, short: Passage, long: Passage, threshold: float) -> tuple[float, float]:
    """The score that a pair needs and the breaks that it may have: what is not plainly prose must be nearly literal."""
    prose = ended(block.text) or short.length >= OPEN and INSIDE.search(block.text) is not None
    if short.length < SHORT or not prose and short.length < OPEN:
        return 1.0, 1 if ended(block.text) and INSIDE.search(block.text) else 0  # a sentence left out between two
    if row(block) and short.length < PROSE_ROW or not prose:
        return max(threshold, 0.9), 0
    breaks = -(-short.length // BREAK)
    if not (short.cased and long.cased):
        return max(threshold, 0.9), breaks
    if short.length < 0.5 * long.length:
        return max(threshold, 0.85), breaks
    return max(threshold, 0.8) if short.length < OPEN else threshold, breaks
