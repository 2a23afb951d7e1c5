"""What can be measured of a block from plain text alone, as numpy columns.

A block's own look, its place, what stands around it, and how its words lean.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from cleaner.blocks.look import Columns, Read, Reader
from cleaner.blocks.phrase import HEADER, TAIL, Phrase
from cleaner.blocks.repetition import changes, occurrences, repeats
from cleaner.blocks.scan import scan

#: Blocks away at which "no prose near" is as far as it gets.
FAR = 200

#: Blocks of so many words can be prose; a body's own vocabulary is read from such blocks.
PROSE_WORDS = 12

#: Blocks of fewer words are short.
SHORT = 8

#: Blocks on either side that a smoothed column looks at.
WINDOWS = (2, 5, 12)

#: Blocks on either side among which the longest is looked for.
NEAR = 5

#: Lean of a block's words (see :class:`Words`) below which it counts as worded like residue.
RESIDUE_LEAN = -0.3

OWN = (
    "log_words", "log_chars", "word_length", "end", "colon", "dots", "sentences", "commas", "capitals", "upper", "digits", "symbols",
    "separators", "quotes", "address", "date", "short_words", "vocabulary", "starts_lower", "starts_digit", "starts_symbol", "question",
    "exclamation", "first_block", "same_before", "same_after", "pattern", "repeats_before", "repeats_any", "shape", "run_shape", "phrase",
    "lean", "lean_least", "lean_most", "lean_first", "lean_last", "known",
)  # fmt: skip
PLACE = (
    "from_start", "log_before", "log_after", "log_blocks", "words_before", "words_after",
)  # fmt: skip
SMOOTHED = (
    "log_words", "end", "short_words", "digits", "symbols", "capitals", "same_before", "pattern", "vocabulary", "repeats_before",
    "commas", "prose", "lean", "lean_least", "found", "run_shape",
)  # fmt: skip
BODY = (
    "in_body", "to_body_start", "to_body_end", "since_prose", "until_prose", "short_run_before", "short_run_after", "prose_before",
    "prose_after", "longest_near", "since_header", "since_tail", "since_found", "until_found",
)  # fmt: skip
WHOLE = (
    "log_prose", "log_mean_words", "share_short", "share_prose", "mean_lean", "share_residue", "share_found", "rows",
)  # fmt: skip
NAMES = OWN + PLACE + tuple(f"{name}~{w}" for w in WINDOWS for name in SMOOTHED) + BODY + WHOLE


class Features(NamedTuple):
    """columns: one row a block, one column a name of :data:`NAMES`, float32. words: words of each block (see the module)."""

    columns: np.ndarray
    words: np.ndarray


class Words(NamedTuple):
    """How words lean: below 0 to residue, above 0 to the article. Learned for words that many hosts use; others do not count.

    key: of each word (:class:`cleaner.blocks.scan.Scan`), ascending. anywhere, first: log-odds when in a block, and when its first word.
    """

    key: np.ndarray
    anywhere: np.ndarray
    first: np.ndarray

    def find(self, key: np.ndarray) -> np.ndarray:
        """The place of each key in the table, -1 where it is not known."""
        return places(self.key, key)


def places(ascending: np.ndarray, key: np.ndarray) -> np.ndarray:
    """The place of each key among others in ascending order, -1 where it is not there."""
    if not len(ascending):
        return np.full(len(key), -1)
    at = np.minimum(np.searchsorted(ascending, key), len(ascending) - 1)
    return np.where(ascending[at] == key, at, -1)


NO_WORDS = Words(np.zeros(0, np.uint64), np.zeros(0, np.float32), np.zeros(0, np.float32))


class Measured(NamedTuple):
    """A document's blocks before words are weighed.

    own: columns by name. words, known, block, word, first, last: see :class:`cleaner.blocks.look.Read`. rows: different rows of the
    phrase book that found a block.
    """

    own: Columns
    words: np.ndarray
    known: np.ndarray
    block: np.ndarray
    word: np.ndarray
    first: np.ndarray
    last: np.ndarray
    rows: int


def features(
    texts: Sequence[str], title: str | None = None, book: Words = NO_WORDS, phrases: Sequence[Phrase | None] = (), reader: Reader | None = None
) -> Features:
    """Columns of a document's blocks in their order.

    title: the page's headline where known; else the first block stands in. book: how words lean. phrases: what the phrase book
    says of each block. reader: the document's own, where its blocks are asked about more than once.
    """
    if not texts:
        return Features(np.zeros((0, len(NAMES)), np.float32), np.zeros(0))
    return weighed(measured(texts, title, phrases, reader), book)


def measured(texts: Sequence[str], title: str | None = None, phrases: Sequence[Phrase | None] = (), reader: Reader | None = None) -> Measured:
    """What can be said of a document's blocks without knowing words."""
    r = (reader or Reader())(texts)
    own = {**r.look, **vocabulary(r, title), **repetition(r)}
    own["phrase"] = np.array([p.place if p else 0 for p in phrases] or [0] * len(texts))
    return Measured(own, r.words, r.known, r.block, r.word, r.first, r.last, len({p.row for p in phrases if p}))


def weighed(m: Measured, book: Words) -> Features:
    """The columns of a document once its words are weighed."""
    return Features(in_context({**m.own, **lean(m, book)}, m.words, m.rows), m.words)


def repetition(r: Read) -> Columns:
    """How often a block, its pattern (numbers folded), passages of it, its look and that of the three around it stand elsewhere."""
    shape, run = shapes(r.look, r.words)
    before, total = occurrences(np.stack([r.same, r.pattern, shape.view(np.uint64), run.view(np.uint64)]))
    worded, sentence = r.first >= 0, (r.words >= PROSE_WORDS) & (r.look["end"] > 0)
    again = np.log1p(np.stack([before[0], total[0] - before[0] - 1, *(total[1:] - 1)]))
    again[:3] *= worded
    again[3] *= ~sentence
    return dict(zip(("same_before", "same_after", "pattern", "shape", "run_shape"), again)) | repeats(r.passage, r.home, len(r.words))


def shapes(look: Columns, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How each block looks (length, end, beginning), and each run of three, as numbers: equal ones are lists of teasers, comments."""
    shape = np.minimum(np.log2(1 + words), 7).astype(np.int64)
    for name in ("end", "colon", "date", "starts_digit", "starts_symbol", "address"):
        shape = 2 * shape + (look[name] > 0)
    padded = np.full(len(shape) + 2, -1)
    padded[1:-1] = shape
    return shape, (padded[:-2] * 1024 + shape) * 1024 + padded[2:]


@lru_cache(maxsize=64)
def title_words(title: str) -> np.ndarray:
    """The words of a title, by key. It is asked for in every look at a document."""
    return np.unique(scan([title]).word_key)


def vocabulary(r: Read, title: str | None) -> Columns:
    """Share of a block's longer words that stand in other prose blocks, and of all its words in the title or first block."""
    n, prose = len(r.words), r.words >= PROSE_WORDS
    frequency = np.bincount(r.word[prose[r.block]], minlength=len(r.known))
    mine = r.long[r.word]
    block = r.block[mine]
    shared = np.bincount(block, frequency[r.word[mine]] > prose[block], n)
    head = np.zeros(len(r.known), bool)
    if title:
        wanted = title_words(title)
        at = places(r.known, wanted)
        head[at[at >= 0]] = True
        head_size = max(1, len(wanted))
    else:
        head[r.word[r.block == 0]] = True
        head_size = max(1, head.sum())
    distinct = np.bincount(r.block, minlength=n)
    like = np.bincount(r.block, head[r.word], n) / np.maximum(1, np.minimum(head_size, distinct))
    if not title:
        like[0] = 0
    return {"vocabulary": shared / np.maximum(1, np.bincount(block, minlength=n)), "first_block": like}


def lean(m: Measured, book: Words) -> Columns:
    """Whether a block's known words, each once, are those of residue or of articles."""
    n = len(m.words)
    place = book.find(m.known)
    at = place[m.word]
    block, at = m.block[at >= 0], at[at >= 0]
    value = book.anywhere[at]
    known = np.bincount(block, minlength=n)
    least, most, first, last = np.zeros((4, n))
    if len(block):
        begins = np.flatnonzero(changes(block))
        least[block[begins]] = np.minimum(np.minimum.reduceat(value, begins), 0)
        most[block[begins]] = np.maximum(np.maximum.reduceat(value, begins), 0)
        for out, column, words in ((first, book.first, m.first), (last, book.anywhere, m.last)):
            at = np.where(words >= 0, place[words], -1)
            out[at >= 0] = column[at[at >= 0]]
    return {"lean": np.bincount(block, value, n) / np.sqrt(np.maximum(1, known)), "lean_least": least, "lean_most": most,
            "lean_first": first, "lean_last": last, "known": known / np.maximum(1, m.words)}


def in_context(own: Columns, words: np.ndarray, phrase_rows: int) -> np.ndarray:
    """The document's columns in the order of :data:`NAMES`: the blocks' own, their place, smoothed ones, and the body around them."""
    n = len(words)
    place = np.arange(n)
    prose = (words >= PROSE_WORDS) & (own["end"] > 0)
    total, before = max(1.0, words.sum()), np.cumsum(words) - words
    found = own["phrase"] > 0
    own = {**own, "prose": prose, "found": found}
    log_place = np.log1p(place)
    where = (place / n, log_place, log_place[::-1], np.full(n, np.log1p(n)), before / total, (total - before - words) / total)
    sums = np.zeros((len(SMOOTHED), n + 1))
    np.cumsum([own[name] for name in SMOOTHED], axis=1, out=sums[:, 1:])
    reach = np.array(WINDOWS)[:, None]
    low, high = np.maximum(place - reach, 0).ravel(), np.minimum(place + reach + 1, n).ravel()
    means = ((sums.take(high, 1) - sums.take(low, 1)) / (high - low)).reshape(len(SMOOTHED), len(WINDOWS), n)
    shares = [np.count_nonzero(flag) / n for flag in (words < SHORT, own["lean"] < RESIDUE_LEAN, found)]
    whole = [np.log1p(np.count_nonzero(prose)), np.log1p(words.sum() / n), shares[0], words[prose].sum() / total, own["lean"].sum() / n,
             *shares[1:], np.log1p(phrase_rows)]
    columns = np.empty((len(NAMES), n), np.float32)
    smoothed = means.swapaxes(0, 1).reshape(-1, n)
    for row, column in zip(columns, (*map(own.get, OWN), *where, *smoothed, *body(words, prose, own["phrase"]), *whole)):
        row[:] = column
    return columns.T


def body(words: np.ndarray, prose: np.ndarray, phrase: np.ndarray) -> Iterator[np.ndarray]:
    """The columns of :data:`BODY`: where a block stands to the densest run of blocks, to the next prose blocks, runs of short ones and phrases."""
    start, end = densest(np.minimum(words, 60) - 10)
    place = np.arange(len(words))
    yield (place >= start) & (place <= end)
    for way in (place - start, end - place):
        yield np.sign(way) * np.log1p(abs(way))
    steps = away(prose, words >= SHORT, phrase)
    yield from steps[:4]
    prose_words = np.where(prose, words, 0)
    seen = np.cumsum(prose_words)
    total = max(1.0, seen[-1])
    yield (seen - prose_words) / total
    yield (total - seen) / total
    yield np.log1p(longest_near(words))
    yield from steps[4:]


def longest_near(words: np.ndarray) -> np.ndarray:
    """The greatest number of words among each block and NEAR blocks to either side: of two, of four, of eight, of eleven."""
    of = np.zeros(len(words) + 2 * NEAR)
    of[NEAR:-NEAR] = words
    for shift in (1, 2, 4, 2 * NEAR - 7):
        of = np.maximum(of[:-shift], of[shift:])
    return of


def away(prose: np.ndarray, long: np.ndarray, phrase: np.ndarray) -> np.ndarray:
    """Logarithms of the steps back to the last and on to the next prose, the same to a block that is not short, less one; back to the
    last header, tail marker and phrase, and on to the next phrase. At most FAR but for the short ones: these are runs from the edge on.
    """
    found = phrase > 0
    n, ways = len(prose), (prose, prose[::-1], long, long[::-1], phrase >= HEADER, phrase == TAIL, found, found[::-1])
    none = np.array([-FAR, -FAR, -1, -1, -FAR, -FAR, -FAR, -FAR])[:, None]
    place = np.arange(-1, n)
    at = np.empty((len(ways), n + 1), np.int64)
    at[:, :1] = none
    at[:, 1:] = np.where(ways, place[1:], none)
    steps = place[1:] - np.maximum.accumulate(at, axis=1)[:, :-1]
    for back in (1, 3, 7):
        steps[back] = steps[back, ::-1].copy()
    steps[2:4] -= 1
    steps[[0, 1, 4, 5, 6, 7]] = np.minimum(steps[[0, 1, 4, 5, 6, 7]], FAR)
    return np.log1p(steps)


def densest(values: np.ndarray) -> tuple[int, int]:
    """First and last place of the run with the greatest sum (Kadane's algorithm in columns)."""
    sums = np.zeros(len(values) + 1)
    np.cumsum(values, out=sums[1:])
    end = int((sums[1:] - np.minimum.accumulate(sums[:-1])).argmax())
    return int(sums[: end + 1].argmin()), end
