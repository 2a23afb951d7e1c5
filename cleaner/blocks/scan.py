"""Characters and words of a document's blocks as numpy columns: one pass, whatever the language.

Words are runs of letters, or single letters where a script has no spaces; sentences end where Unicode says so.
"""
from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

# Classes of characters. Those that make words come first: ``class <= MARK``.
LOWER, UPPER, CASELESS, IDEOGRAPH, UNSPACED, DIGIT, MARK, SPACE, END, COMMA, COLON, CLOSER, DOTS, PUNCTUATION, SYMBOL = range(15)

#: Words that one character stands for in scripts without spaces: two Han or Kana, about five Thai or Khmer letters a word.
WORDS_PER_CHARACTER = {IDEOGRAPH: 0.5, UNSPACED: 0.2}

SENTENCE_ENDS = ".!?。！？．｡؟۔।॥։።፧។៕၊။‼⁇⁈⁉"
COMMAS = ",;，、；،؛﹐､"
COLONS = ":：꞉"
CLOSERS = "\"'”’»)]“„«‹›」』）】》〉〕］＂＇"

#: Marks that are counted for themselves.
SIGNS = {
    "quote": "\"“”„«»「」『』", "separator": "|›‹·•‧∙▪●■◆►▶→/\\<>", "question": "?？؟;", "exclamation": "!！",
}  # fmt: skip

#: Scripts written without spaces between words, by code point.
IDEOGRAPHS = ((0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3031, 0x3035), (0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF),
              (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9F))
UNSPACED_LETTERS = ((0x0E00, 0x0EFF), (0x0F00, 0x0FFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1980, 0x19DF), (0x1A20, 0x1AAF))


#: What lies above is as this code point.
TOP = 0x20000
#: Bits of a class in the table of characters.
BITS = 4


@cache
def tables() -> tuple[np.ndarray, np.ndarray]:
    """For every code point up to :data:`TOP` its class with its place in SIGNS (from 1) in the bits above, and a number for its
    lower-case letter."""
    top = TOP
    kind = np.full(top + 1, SYMBOL, np.uint8)
    lower = np.arange(top + 1, dtype=np.uint32)
    general = {"Ll": LOWER, "Lu": UPPER, "Lt": UPPER, "Lo": CASELESS, "Lm": CASELESS, "Nd": DIGIT, "Nl": CASELESS, "No": DIGIT,
               "Mn": MARK, "Mc": MARK, "Me": MARK, "Zs": SPACE, "Zl": SPACE, "Zp": SPACE, "Cc": SPACE, "Cf": MARK,
               "Pc": PUNCTUATION, "Pd": PUNCTUATION, "Ps": PUNCTUATION, "Pe": CLOSER, "Pi": CLOSER, "Pf": CLOSER, "Po": PUNCTUATION}
    for code in range(top):
        letter = chr(code)
        category = unicodedata.category(letter)
        kind[code] = general.get(category, SYMBOL)
        if category in ("Lu", "Lt"):
            lower[code] = ord(letter.lower()[0])
    for ranges, name in ((IDEOGRAPHS, IDEOGRAPH), (UNSPACED_LETTERS, UNSPACED)):
        for first, last in ranges:
            span = kind[first : last + 1]
            span[(span == CASELESS) | (span == LOWER)] = name
    for letters, name in ((SENTENCE_ENDS, END), (COMMAS, COMMA), (COLONS, COLON), (CLOSERS, CLOSER), ("…", DOTS)):
        kind[[ord(c) for c in letters]] = name
    kind[top] = IDEOGRAPH  # planes 2 and 3 are Han
    sign = np.zeros(top + 1, np.uint8)
    for number, letters in enumerate(SIGNS.values(), 1):
        sign[[ord(c) for c in letters]] = number
    mixed = (lower.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    return kind | sign << BITS, mixed ^ mixed >> np.uint64(29)


class Scan(NamedTuple):
    """A document's characters and words as columns.

    code, kind, sign, block: code point, class, place in SIGNS and block of each character. starts, lengths: of each block, its
    line break counted.
    word_at, word_length, word_block: where a word begins, its letters, its block. word_key: equal words, equal numbers (case
    folded); word_pattern: words that begin with a digit are all one, by their length. word_weight: words that it counts for.
    """

    code: np.ndarray
    kind: np.ndarray
    sign: np.ndarray
    block: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray
    word_at: np.ndarray
    word_block: np.ndarray
    word_length: np.ndarray
    word_key: np.ndarray
    word_pattern: np.ndarray
    word_weight: np.ndarray


def scan(texts: Sequence[str]) -> Scan:
    """The one pass over the characters: class of each, words with a 64-bit key."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
    code = np.frombuffer(("\n".join(texts) + "\n").encode("utf-32-le", "surrogatepass"), "<u4")
    ends = np.cumsum(lengths)
    block = np.repeat(np.arange(len(texts)), lengths)
    looks, numbers = tables()
    place = np.minimum(code, TOP).astype(np.intp)
    look = looks.take(place)
    kind, sign = look & ((1 << BITS) - 1), look >> BITS
    word = kind <= MARK
    solo = (kind == IDEOGRAPH) | (kind == UNSPACED)
    after = np.zeros_like(word)
    after[1:] = word[:-1] & ~solo[:-1]
    begins = (word & ~after & (kind != MARK)) | solo
    at = np.flatnonzero(begins)
    if not len(at):
        none = np.zeros(0, np.int64)
        key = none.astype(np.uint64)
        return Scan(code, kind, sign, block, ends - lengths, lengths, none, none, none, key, key, none.astype(float))
    word[: at[0]] = False
    length = np.add.reduceat(word, at, dtype=np.int64)
    opens = kind.take(at)
    weight = np.ones(len(at))
    for name, value in WORDS_PER_CHARACTER.items():
        weight[opens == name] = value
    key = keys(numbers.take(place), word, solo[at], at)
    shape = np.where(opens == DIGIT, length.astype(np.uint64), key)
    return Scan(code, kind, sign, block, ends - lengths, lengths, at, block.take(at), length, key, shape, weight)


def keys(numbers: np.ndarray, word: np.ndarray, solo: np.ndarray, at: np.ndarray) -> np.ndarray:
    """A 64-bit number for each word: equal words, equal numbers. A letter of a script without spaces is joined with the next.

    numbers: of each character. A polynomial in them, summed with the powers of their places in the text and moved to the word's own.
    """
    up, down = ladder(len(word))
    key = np.add.reduceat(numbers * up * word, at) * down.take(at)
    pair = np.flatnonzero(solo[:-1] & solo[1:] & (np.diff(at) == 1))
    key[pair] += key[pair + 1] * powers()[7]
    return key


#: An odd multiplier and its inverse (mod 2^64).
FACTOR = 0xD6E8FEB86659FD93
INVERSE = pow(FACTOR, -1, 1 << 64)
#: Characters of a text up to which its powers are kept for the next one.
KEPT = 1 << 17


@cache
def powers() -> np.ndarray:
    """64 odd multipliers, powers of one (mod 2^64)."""
    return ladder(64)[0]


def ladder(n: int) -> tuple[np.ndarray, np.ndarray]:
    """The first n powers of the multiplier from the first on, and of its inverse from 1 on (mod 2^64)."""
    up, down = kept_ladder() if n <= KEPT else climbed(n)
    return up[:n], down[:n]


@cache
def kept_ladder() -> tuple[np.ndarray, np.ndarray]:
    return climbed(KEPT)


def climbed(n: int) -> tuple[np.ndarray, np.ndarray]:
    up, down = (np.multiply.accumulate(np.full(n, f, np.uint64)) for f in (FACTOR, INVERSE))
    down *= np.uint64(FACTOR)
    return up, down
