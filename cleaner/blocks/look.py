"""What a block shows by itself, whatever stands around it: its words, length, punctuation, capitals, digits, dates, addresses."""
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cleaner.blocks.repetition import changes, numbered, passages, sums
from cleaner.blocks.scan import CLOSER, COLON, COMMA, DIGIT, DOTS, END, IDEOGRAPH, LOWER, MARK, SIGNS, SPACE, SYMBOL, UPPER, Scan, scan

#: Share of words up to three letters in prose (English, German .45); stands in where a script has no spaces.
SHORT_WORDS_OF_PROSE = 0.45

Columns = dict[str, np.ndarray]


class Read(NamedTuple):
    """A document's blocks read one by one: nothing here hangs on what stands around a block.

    words: of each block. look: columns by name (:func:`surface`). same, pattern: equal blocks, equal numbers; the pattern with
    digits folded. known: the document's words by key (:class:`cleaner.blocks.scan.Scan`), ascending. long: which of them have more
    than three letters or are a Han character. first, last: the words that begin and end each block, -1 for none. block, word: which
    block holds which word, each pair once, block by block. passage, home: of each run of words its number, ascending, and its block.
    """

    texts: Sequence[str]
    words: np.ndarray
    look: Columns
    same: np.ndarray
    pattern: np.ndarray
    first: np.ndarray
    last: np.ndarray
    known: np.ndarray
    long: np.ndarray
    block: np.ndarray
    word: np.ndarray
    passage: np.ndarray
    home: np.ndarray


def read(texts: Sequence[str]) -> Read:
    """Read the blocks of a document."""
    s, n = scan(texts), len(texts)
    words, size = np.bincount(s.word_block, s.word_weight, n), np.bincount(s.word_block, minlength=n)
    known, word = numbered(s.word_key)
    long = np.zeros(len(known), bool)
    long[word[(s.word_length > 3) | (s.kind.take(s.word_at) == IDEOGRAPH)]] = True
    end = np.cumsum(size)
    with_none = np.append(word, -1)
    first, last = (np.where(size > 0, with_none[np.minimum(at, len(word))], -1) for at in (end - size, end - 1))
    pairs = np.sort(s.word_block * max(1, len(known)) + word)
    pairs = np.divmod(pairs[changes(pairs)], max(1, len(known)))
    same, pattern = (sums(key, s.word_block, size) for key in (s.word_key, s.word_pattern))
    return Read(texts, words, surface(s, words), same, pattern, first, last, known, long, *pairs, *passages(s.word_key, s.word_block, size))


class Reader:
    """Reads the blocks of one document, and reads little anew when some of them are gone."""

    def __init__(self) -> None:
        self.last = Read((), *(np.zeros(0),) * 12)

    def __call__(self, texts: Sequence[str]) -> Read:
        """What :func:`read` gives."""
        places = found_in(texts, self.last.texts)
        self.last = read(texts) if places is None else left_of(self.last, texts, places)
        return self.last


def found_in(texts: Sequence[str], others: Sequence[str]) -> np.ndarray | None:
    """The places of texts among others where all of them stand there in the same order, None else."""
    places, candidates = [], enumerate(others)
    for text in texts:
        place = next((n for n, other in candidates if other == text), None)
        if place is None:
            return None
        places.append(place)
    return np.array(places, np.intp)


def left_of(before: Read, texts: Sequence[str], places: np.ndarray) -> Read:
    """What was read of a document's blocks, of those at some places alone."""
    new_block = np.full(len(before.words), -1)
    new_block[places] = np.arange(len(places))
    block, home = new_block[before.block], new_block[before.home]
    stay, passing = np.flatnonzero(block >= 0), np.flatnonzero(home >= 0)
    word = before.word[stay]
    there = np.zeros(len(before.known), bool)
    there[word] = True
    new_word = np.append(np.cumsum(there) - 1, -1)
    look = {name: values[places] for name, values in before.look.items()}
    same, pattern, first, last = (column[places] for column in (before.same, before.pattern, before.first, before.last))
    return Read(
        texts, before.words[places], look, same, pattern, new_word[first], new_word[last], before.known[there], before.long[there],
        block[stay], new_word[word], before.passage[passing], home[passing],
    )  # fmt: skip


def surface(s: Scan, words: np.ndarray) -> Columns:
    """The columns of a block's look. words: of each block."""
    n, m = len(words), np.maximum(1, words)
    kind, chars, ends = s.kind, np.maximum(1, s.lengths - 1), s.starts + s.lengths

    def per_block(*places: np.ndarray) -> np.ndarray:
        return np.bincount(s.block.take(np.concatenate(places)), minlength=n)

    def of(name: int) -> np.ndarray:
        return per_block(np.flatnonzero(kind == name))

    def per_word_block(flag: np.ndarray) -> np.ndarray:
        return np.bincount(s.word_block, flag, n)

    signed = np.flatnonzero(s.sign)
    counts = np.bincount(s.block.take(signed) * (len(SIGNS) + 1) + s.sign.take(signed), minlength=n * (len(SIGNS) + 1))
    signs = dict(zip(SIGNS, counts.reshape(n, -1).T[1:]))
    solid = np.concatenate([[-1], np.flatnonzero((kind != SPACE) & (kind != CLOSER))])
    last = solid[np.searchsorted(solid, ends) - 1]
    last_kind = np.where(last >= s.starts, kind[last], SPACE)
    is_dot = s.code == ord(".")
    dots = (last_kind == DOTS) | ((last > s.starts + 1) & is_dot[last] & is_dot[np.maximum(last - 1, 0)] & is_dot[np.maximum(last - 2, 0)])
    first_kind = kind[s.starts]
    end = np.flatnonzero(kind == END)
    following = kind.take(end + 1)  # every text is followed by a line break
    inner = end[(end < last[s.block.take(end)]) & ((following == SPACE) | (following == CLOSER) | (s.code.take(end) > 0x2FFF))]
    digit, lower = kind == DIGIT, kind == LOWER
    between = np.flatnonzero(digit[2:] & digit[:-2] & (kind[1:-1] > MARK) & (kind[1:-1] != SPACE)) + 1
    dot = np.flatnonzero(is_dot)
    link = dot[lower[dot - 1] & lower[dot + 1]]  # before the first character stands the last one, a line break
    opens = kind.take(s.word_at)
    starts_upper = opens == UPPER
    cased = starts_upper | (opens == LOWER)
    later = np.zeros(len(opens), bool)
    later[1:] = s.word_block[1:] == s.word_block[:-1]
    shouted = np.flatnonzero(starts_upper & (s.word_length > 1))
    shouted = shouted[kind[s.word_at[shouted] + 1] == UPPER]
    uppers = np.cumsum(kind == UPPER)  # a word that begins with a capital has one at its first place, so nothing before it is missed
    in_all = uppers[s.word_at[shouted] + s.word_length[shouted] - 1] - uppers[s.word_at[shouted]] + 1 == s.word_length[shouted]
    year = (s.word_length == 4) & (opens == DIGIT)
    spaced = s.word_weight == 1
    spaced_words, short = per_word_block(spaced), per_word_block(spaced & (s.word_length <= 3))
    return {
        "log_words": np.log1p(words), "log_chars": np.log1p(chars), "word_length": np.add.reduceat(kind <= MARK, s.starts, dtype=np.int64) / m,
        "end": (last_kind == END) & ~dots, "colon": last_kind == COLON, "dots": dots, "sentences": per_block(inner),
        "commas": of(COMMA) / m, "capitals": per_word_block(starts_upper & later) / np.maximum(1, per_word_block(cased & later)),
        "upper": np.bincount(s.word_block[shouted[in_all]], minlength=n) / m, "digits": of(DIGIT) / chars, "symbols": of(SYMBOL) / chars,
        "separators": signs["separator"] / m, "quotes": signs["quote"] > 0,
        "address": per_block(link, np.flatnonzero(s.code == ord("@"))) > 0, "date": per_block(between) + per_word_block(year) > 0,
        "short_words": np.where(spaced_words > 0, short / np.maximum(1, spaced_words), SHORT_WORDS_OF_PROSE),
        "starts_lower": first_kind == LOWER, "starts_digit": first_kind == DIGIT, "starts_symbol": first_kind > SPACE,
        "question": signs["question"] > 0, "exclamation": signs["exclamation"] > 0,
    }
