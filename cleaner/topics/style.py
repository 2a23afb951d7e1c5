"""How a paragraph is written, beside the rest of its article: frequent words, marks of punctuation, script.

What a text is about shows in its rare words, who wrote it in its frequent ones (Mosteller & Wallace 1964) and in habits of
typing: a paragraph from elsewhere often brings its own quotation marks.
"""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: Words of the language that are added to the rest of an article before its frequent words are compared.
SMOOTHING = 60.0
#: Ways to write the same thing, a sign each; an article chooses one of each row and keeps to it. Three dots are the sign "⋯" here.
HABITS = ("'’`", "\"“«„", "”»", "–—", "…⋯", "\xa0\u202f")
#: Signs of one habit in one paragraph that count at most, and what stands in for signs that the rest does not hold.
MOST_SIGNS, UNSEEN = 2, 0.3
#: Letters of a paragraph from which its script counts.
LETTERS = 20
SIGNS = "".join(HABITS)
#: How many ways each habit knows, and the place of its first one among the signs.
WAYS = np.array([len(habit) for habit in HABITS])
FIRST_SIGNS = np.cumsum(WAYS) - WAYS
#: Classes of characters behind the signs: Latin letters, letters of other scripts, digits, all others.
LATIN, OTHER_SCRIPT, DIGIT, PLAIN = range(len(SIGNS), len(SIGNS) + 4)
LATIN_RANGES = ((0x41, 0x5B), (0x61, 0x7B), (0xC0, 0x250), (0x1E00, 0x1F00))
#: Greek to the last script before the Latin additions, and all from the CJK radicals on.
BEYOND_LATIN = ((0x370, 0x1E00), (0x1F00, 0x2000), (0x2C00, 0x2C60), (0x2E80, 0xD800), (0xF900, 0xFB00), (0xFB1D, 0xFE00))

CLASS = np.full(0x10000, PLAIN, np.uint8)
for _class, _ranges in ((LATIN, LATIN_RANGES), (OTHER_SCRIPT, BEYOND_LATIN)):
    for _first, _end in _ranges:
        CLASS[_first:_end] = _class
CLASS[ord("0") : ord("9") + 1] = DIGIT
CLASS[[ord(sign) for sign in SIGNS]] = range(len(SIGNS))

Columns = dict[str, np.ndarray]


def word_style(row: np.ndarray, stem: np.ndarray, rarity: np.ndarray, n: int) -> Columns:
    """How well the frequent words of n paragraphs are those of the rest: nats a word, and in sum by the root of their number.

    row, stem: paragraph and stem of each frequent token. rarity: Zipf frequency of each stem.
    """
    found = np.zeros(len(rarity), bool)
    found[stem] = True
    stems = np.flatnonzero(found)
    if not len(stems):
        return {"style": np.zeros(n), "style_root": np.zeros(n)}
    place = (np.cumsum(found) - 1)[stem]
    counts = np.bincount(row * len(stems) + place, minlength=n * len(stems)).reshape(n, -1)
    share = 10 ** rarity[stems]
    share /= share.sum()
    own, every = counts.sum(1), counts.sum(0)
    rest = own.sum() - own
    nats = (counts * np.log((every - counts + SMOOTHING * share) / (rest[:, None] + SMOOTHING) / share)).sum(1)
    return {"style": nats / np.maximum(own, 1), "style_root": nats / np.sqrt(np.maximum(own, 1))}


def typing_style(paragraphs: Sequence[str]) -> Columns:
    """How well the marks of each paragraph are those of the rest, in nats; how far the share of its letters
    that are not Latin is from that of the rest, 0 where it has few letters; its share of digits."""
    n = len(paragraphs)
    size = np.array([len(p) for p in paragraphs])
    code = np.frombuffer("".join(paragraphs).encode("utf-32-le", "surrogatepass"), np.uint32)
    kind = CLASS.take(code, mode="clip")
    dot = code == ord(".")
    kind[:-2][dot[:-2] & dot[1:-1] & dot[2:]] = SIGNS.index("⋯")
    counts = np.bincount(np.repeat(np.arange(n) * (PLAIN + 1), size) + kind, minlength=n * (PLAIN + 1)).reshape(n, -1)
    signs = counts[:, : len(SIGNS)]
    others = signs.sum(0) - signs + UNSEEN
    share = others / np.add.reduceat(others, FIRST_SIGNS, 1).repeat(WAYS, 1)
    nats = (np.minimum(signs, MOST_SIGNS) * np.log(share * np.repeat(WAYS, WAYS))).sum(1)
    other, letters = counts[:, OTHER_SCRIPT], counts[:, LATIN] + counts[:, OTHER_SCRIPT]
    gap = other / np.maximum(letters, 1) - (other.sum() - other) / np.maximum(letters.sum() - letters, 1)
    return {"typing": nats, "script": np.where(letters >= LETTERS, gap, 0.0), "digits": counts[:, DIGIT] / size}
