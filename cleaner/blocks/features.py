"""What can be measured of a block from plain text alone, as numpy columns.

A block's own look, its place, what stands around it, and how its words lean.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from cleaner.blocks.look import Columns, Read, Reader
from cleaner.blocks.phrase import HEADER, TAIL, Phrase
from cleaner.blocks.repetition import numbered, occurrences, repetition
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
        if not len(self.key):
            return np.full(len(key), -1)
        at = np.minimum(np.searchsorted(self.key, key), len(self.key) - 1)
        return np.where(self.key[at] == key, at, -1)


NO_WORDS = Words(np.zeros(0, np.uint64), np.zeros(0, np.float32), np.zeros(0, np.float32))


class Measured(NamedTuple):
    """A document's blocks before words are weighed.

    own: columns by name. words: of each block. known: the document's words by key, ascending. block, word: which block holds
    which of them, each pair once, block by block. first, last: the words that begin and end each block, -1 for none.
    rows: different rows of the phrase book that found a block.
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
    n = len(texts)
    r = (reader or Reader())(texts)
    known, word = numbered(r.key)
    pairs = np.sort(r.block * max(1, len(known)) + word)
    fresh = np.ones(len(pairs), bool)
    np.not_equal(pairs[1:], pairs[:-1], out=fresh[1:])
    block, pair_word = np.divmod(pairs[fresh], max(1, len(known)))
    size = np.bincount(r.block, minlength=n)
    end = np.cumsum(size)
    with_none = np.append(word, -1)
    first, last = (np.where(size > 0, with_none[np.minimum(at, len(word))], -1) for at in (end - size, end - 1))
    m = Measured({}, r.words, known, block, pair_word, first, last, len({p.row for p in phrases if p}))
    own = {**r.look, **vocabulary(r, m, word, title), **repetition(r, size)}
    own |= shapes(own, r.words)
    own["phrase"] = np.array([p.place if p else 0 for p in phrases] or [0] * n)
    return m._replace(own=own)


def weighed(m: Measured, book: Words) -> Features:
    """The columns of a document once its words are weighed."""
    return Features(in_context({**m.own, **lean(m, book)}, m.words, m.rows), m.words)


def shapes(own: Columns, words: np.ndarray) -> Columns:
    """How many blocks look alike (length, end, beginning), and how many runs of three do: lists of teasers, comments."""
    look = np.minimum(np.log2(1 + words), 7).astype(np.int64)
    for name in ("end", "colon", "date", "starts_digit", "starts_symbol", "address"):
        look = 2 * look + (own[name] > 0)
    edge = np.array([-1])
    padded = np.concatenate([edge, look, edge])
    run = (padded[:-2] * 1024 + padded[1:-1]) * 1024 + padded[2:]
    prose = words >= PROSE_WORDS
    out = {}
    for name, key in (("shape", look), ("run_shape", run)):
        _, alike = occurrences(key)
        out[name] = np.log1p(alike - 1) * ~(prose & (own["end"] > 0) & (name == "shape"))
    return out


def vocabulary(r: Read, m: Measured, word: np.ndarray, title: str | None) -> Columns:
    """Share of a block's longer words that stand in other prose blocks, and of all its words in the title or first block."""
    n, prose = len(m.words), m.words >= PROSE_WORDS
    long = np.zeros(len(m.known), bool)
    long[word[r.long]] = True
    frequency = np.bincount(m.word[prose[m.block]], minlength=len(m.known))
    mine = long[m.word]
    block = m.block[mine]
    shared = np.bincount(block, frequency[m.word[mine]] > prose[block], n)
    head = np.zeros(len(m.known), bool)
    if title:
        wanted = np.unique(scan([title]).word_key)
        head[np.isin(m.known, wanted)] = True
        head_size = max(1, len(wanted))
    else:
        head[m.word[m.block == 0]] = True
        head_size = max(1, head.sum())
    distinct = np.bincount(m.block, minlength=n)
    like = np.bincount(m.block, head[m.word], n) / np.maximum(1, np.minimum(head_size, distinct))
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
        begins = np.flatnonzero(np.append(True, block[1:] != block[:-1]))
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
    where = {"from_start": place / n, "log_before": np.log1p(place), "log_after": np.log1p(n - 1 - place),
             "log_blocks": np.full(n, np.log1p(n)), "words_before": before / total, "words_after": (total - before - words) / total}
    look = np.empty((len(OWN), n))
    for row, name in zip(look, OWN):
        row[:] = own[name]
    sums = np.zeros((len(SMOOTHED), n + 1))
    np.cumsum([own[name] for name in SMOOTHED], axis=1, out=sums[:, 1:])
    reach = np.array(WINDOWS)[:, None]
    low, high = np.maximum(place - reach, 0).ravel(), np.minimum(place + reach + 1, n).ravel()
    means = ((sums.take(high, 1) - sums.take(low, 1)) / (high - low)).reshape(len(SMOOTHED), len(WINDOWS), n)
    whole = [np.log1p(prose.sum()), np.log1p(words.mean()), (words < SHORT).mean(), words[prose].sum() / total, own["lean"].mean(),
             (own["lean"] < RESIDUE_LEAN).mean(), found.mean(), np.log1p(phrase_rows)]
    parts = [look, [where[name] for name in PLACE], means.swapaxes(0, 1).reshape(-1, n), [*body(words, prose).values(), *after(own["phrase"])], np.array(whole)[:, None]]
    columns = np.empty((len(NAMES), n), np.float32)
    first = 0
    for part, size in zip(parts, (len(OWN), len(PLACE), means.size // n, len(BODY), len(WHOLE))):
        columns[first : first + size] = part
        first += size
    return columns.T


def body(words: np.ndarray, prose: np.ndarray) -> Columns:
    """Where a block stands to the densest run of blocks, to the next prose blocks and to runs of short ones."""
    place = np.arange(len(words))
    start, end = densest(np.minimum(words, 60) - 10)
    last, ahead = _steps(prose, -FAR), _steps(prose[::-1], -FAR)[::-1]
    short = words < SHORT
    prose_words = np.where(prose, words, 0)
    seen = np.cumsum(prose_words)
    total = max(1.0, seen[-1])
    longest = words.copy()
    for shift in range(1, NEAR + 1):
        longest[shift:] = np.maximum(longest[shift:], words[:-shift])
        longest[:-shift] = np.maximum(longest[:-shift], words[shift:])
    return {
        "in_body": (place >= start) & (place <= end), "to_body_start": np.sign(place - start) * np.log1p(abs(place - start)),
        "to_body_end": np.sign(end - place) * np.log1p(abs(end - place)), "since_prose": np.log1p(np.minimum(last, FAR)),
        "until_prose": np.log1p(np.minimum(ahead, FAR)), "short_run_before": np.log1p(_steps(~short, -1) - 1),
        "short_run_after": np.log1p(_steps(~short[::-1], -1)[::-1] - 1),
        "prose_before": (seen - prose_words) / total, "prose_after": (total - seen) / total,
        "longest_near": np.log1p(longest),
    }


def after(phrase: np.ndarray) -> Iterator[np.ndarray]:
    """Steps since the last header and the last tail marker, since and until any phrase."""
    for flag in (phrase >= HEADER, phrase == TAIL, phrase > 0):
        yield np.log1p(np.minimum(_steps(flag, -FAR), FAR))
    yield np.log1p(np.minimum(_steps(phrase[::-1] > 0, -FAR)[::-1], FAR))


def _steps(flag: np.ndarray, none: int) -> np.ndarray:
    """Steps back from each place to the last flagged place before it; ``none`` is the place taken where there is none."""
    steps = np.arange(len(flag))
    at = np.maximum.accumulate(np.where(flag, steps, none))
    steps[1:] -= at[:-1]
    steps[:1] -= none
    return steps


def densest(values: np.ndarray) -> tuple[int, int]:
    """First and last place of the run with the greatest sum (Kadane's algorithm in columns)."""
    sums = np.zeros(len(values) + 1)
    np.cumsum(values, out=sums[1:])
    end = int((sums[1:] - np.minimum.accumulate(sums[:-1])).argmax())
    return int(sums[: end + 1].argmin()), end
