"""langdetect's letter-group profiles as arrays: its own arithmetic, exact instead of sampled, for a whole text at once.

langdetect draws groups at random until one language leads and averages seven such walks; the expectation of those draws is
the plain sum of log probabilities over all groups, which is what :meth:`Profiles.sums` gives. The profiles are read from the
installed package. Groups of one to three characters never reach over a space, so a text's sum is that of its parts.
"""
from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from langdetect.detector import Detector
from langdetect.detector_factory import PROFILES_DIRECTORY
from langdetect.utils.ngram import NGram

#: Symbols: what a character is to the profiles. The others are numbered from 3 in order of code point.
NOTHING, SPACE, OTHER = 0, 1, 2
#: What stands before a text: two spaces, so that no group reaches over its beginning.
EDGE = np.array([SPACE, SPACE])
#: langdetect's smoothing: ALPHA_DEFAULT / BASE_FREQ (detector.py), added to every probability.
SMOOTHING = Detector.ALPHA_DEFAULT / Detector.BASE_FREQ
#: Bits of a symbol inside a group's key; the profiles use some 3,200 symbols.
SHIFT = 12
#: Places of the group table: 88,000 groups fill a sixth, so that few look-ups need a second place (half the places take 1.7 times as long).
BITS = 19
SLOTS = 1 << BITS
#: Weights are whole numbers, so that no order of adding and no processor changes a sum. Steps in one natural log unit.
UNIT = 1024
#: Knuth's multiplicative hash: 2**64 divided by the golden ratio.
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
#: Characters beyond the Basic Multilingual Plane are in no profile.
PLANE = 0x10000


class Reading(NamedTuple):
    """Letter groups of a text together. sums: the log likelihood (natural log, up to a constant) that each language gives them;

    best: what they would get from the best language for each; size: how many of them any profile knows.
    """

    sums: np.ndarray
    best: float
    size: int


@dataclass(frozen=True, eq=False)
class Profiles:
    """All profiles at once.

    languages: langdetect's codes, sorted. weights: a row a letter group and last one of noughts for an unknown group, a column
    a language; the natural log probability in units of 1 / :data:`UNIT`, less the row's mean, which no comparison misses.
    best: each row's highest weight. usual: a line a length of group and a column a
    language; how far its own text stays below ``best``, natural log a group.
    letters: the code point of each row's last letter. symbols, capital: what each code point is. keys, numbers: the table that
    finds a group's row.
    """

    languages: tuple[str, ...]
    weights: np.ndarray
    best: np.ndarray
    usual: np.ndarray
    letters: np.ndarray
    symbols: np.ndarray
    capital: np.ndarray
    keys: np.ndarray
    numbers: np.ndarray

    @property
    def unknown(self) -> int:
        """The row of a letter group that is in no profile."""
        return len(self.weights) - 1

    def groups(self, text: str, lengths: tuple[int, ...] = (1, 2, 3)) -> np.ndarray:
        """The letter groups of a text: a line a length, and in it for each character the row of the group that ends with it."""
        codes = code_points(text)
        symbols = np.concatenate((EDGE, self.symbols.take(codes)))
        keys = [symbols[2:]]  # groups with a space inside are in no profile
        keys.append(symbols[1:-1] << SHIFT | keys[0])
        keys.append(symbols[:-2] << 2 * SHIFT | keys[1])
        keys = np.stack([keys[length - 1] for length in lengths])
        capital = self.capital.take(codes)
        keys[:, 1:] *= ~(capital[1:] & capital[:-1])  # langdetect leaves out a word's run of capitals
        return self.look_up(keys.ravel()).reshape(keys.shape)

    def look_up(self, keys: np.ndarray) -> np.ndarray:
        """The row of each key, the last row where it is in no profile."""
        slots = home(keys)
        there = self.keys.take(slots)
        astray = np.flatnonzero((there != keys) & (there != NOTHING))
        while len(astray):
            slots[astray] = (slots[astray] + 1) & (SLOTS - 1)
            there = self.keys[slots[astray]]
            astray = astray[(there != keys[astray]) & (there != NOTHING)]
        return self.numbers.take(slots)

    def read(self, groups: np.ndarray) -> Reading:
        """What each language makes of letter groups together; at most some 100,000 of them."""
        known = groups[groups != self.unknown]
        sums = self.weights.take(known, axis=0).sum(axis=0, dtype=np.int32) / UNIT
        return Reading(sums, int(self.best[known].sum(dtype=np.int64)) / UNIT, len(known))

    def lack(self, reading: Reading, language: int) -> float:
        """How far a language stays below the best one for each letter group, natural log, over what is usual in its own text.

        Near nought for a text in that language, 0.3 and more for one in another, whether there is a profile of it or not.
        """
        return (reading.best - reading.sums[language]) / max(1, reading.size) - float(self.usual[:, language].mean())


def code_points(text: str) -> np.ndarray:
    """The code points of a text; those beyond the first plane become U+FFFF, which no profile knows."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return np.minimum(codes, PLANE - 1).astype(np.intp)


def home(keys: np.ndarray) -> np.ndarray:
    """The place of the group table where the search for a key begins."""
    return ((keys.view(np.uint64) * GOLDEN) >> np.uint64(64 - BITS)).view(np.int64)


def prepare(text: str) -> str:
    """What langdetect does to a text before it counts: addresses out, Vietnamese composed, stray Latin out of other scripts."""
    if "://" in text:
        text = Detector.URL_RE.sub(" ", text)
    if "@" in text:
        text = Detector.MAIL_RE.sub(" ", text)
    text = NGram.normalize_vi(text)
    codes = code_points(text)
    latin = (codes >= ord("A")) & (codes <= ord("z"))
    foreign = (codes >= 0x300) & ~((codes >= 0x1E00) & (codes <= 0x1EFF))
    if np.count_nonzero(latin) * 2 < np.count_nonzero(foreign):
        return "".join(c for c in text if not "A" <= c <= "z")
    return text


_lock = threading.Lock()
_profiles: list[Profiles] = []


def profiles() -> Profiles:
    """The profiles of the installed langdetect, read once a process however many threads ask."""
    with _lock:
        if not _profiles:
            _profiles.append(read_profiles(Path(PROFILES_DIRECTORY)))
        return _profiles[0]


def read_profiles(folder: Path) -> Profiles:
    """Read every profile of a folder, sorted by name: the order of a directory listing is the file system's own."""
    profiles = [json.loads(path.read_text("utf-8")) for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    texts = [g for p in profiles for g in p["freq"]]
    counts = np.array([n for p in profiles for n in p["freq"].values()], float)
    column = np.repeat(np.arange(len(profiles)), [len(p["freq"]) for p in profiles])
    codes = np.array(texts, "U3").view(np.uint32).reshape(-1, 3).astype(np.int64)  # shorter groups end in noughts
    length = np.count_nonzero(codes, axis=1)
    use = (np.array([len(g) for g in texts]) <= 3) & (np.array(texts, "U3") != " ")
    share = (counts / np.array([p["n_words"] for p in profiles], float)[column, length - 1])[use]
    codes, column, length = codes[use], column[use], length[use]
    _, first, row = np.unique(codes @ [PLANE * PLANE, PLANE, 1], return_index=True, return_inverse=True)
    groups = codes[first]
    weights = np.full((len(groups) + 1, len(profiles)), np.log(SMOOTHING))
    weights[row, column] = np.log(SMOOTHING + share)
    weights -= weights.mean(axis=1, keepdims=True)
    weights *= UNIT
    weights = np.rint(weights, out=weights).astype(np.int16)
    best = weights.max(axis=1)
    below = share * (best[row] - weights[row, column])
    places = (length - 1, column)
    usual, often = (np.zeros((3, len(profiles))) for _ in range(2))
    np.add.at(usual, places, below)
    np.add.at(often, places, share)
    letters = np.where(groups == ord(" "), 0, groups)
    letters = np.where(letters[:, 2] > 0, letters[:, 2], np.where(letters[:, 1] > 0, letters[:, 1], letters[:, 0]))
    symbol = {" ": SPACE, **{chr(c): i for i, c in enumerate(sorted({*groups.ravel().tolist()} - {0, ord(" ")}), OTHER + 1)}}
    return Profiles(tuple(p["name"] for p in profiles), weights, best, usual / often / UNIT, letters, *alphabet(symbol), *table(groups, symbol, np.argsort(-np.bincount(row, share))))


#: Code points from which langdetect changes only Chinese characters (by a table) and Hangul syllables (all to the first).
UNCHANGED, HANGUL = 0x3400, range(0xAC00, 0xD7B0)


def alphabet(symbol: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """For every code point of the first plane its symbol as langdetect normalises it, and whether it is a capital."""
    plane = [*map(NGram.normalize, map(chr, range(UNCHANGED))), *map(chr, range(UNCHANGED, PLANE))]
    for character, stands_for in NGram.CJK_MAP.items():
        plane[ord(character)] = stands_for
    plane[HANGUL.start : HANGUL.stop] = [NGram.normalize(chr(HANGUL.start))] * len(HANGUL)
    return np.array([symbol.get(c, OTHER) for c in plane]), np.array([*map(str.isupper, plane)])


def table(groups: np.ndarray, symbol: dict[str, int], rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """An open hash table from keys to rows; an empty place holds no key and the row of an unknown group.

    groups: the code points of each group, noughts behind a shorter one. rows: their numbers, the most frequent first. Of the
    keys that want one place the first gets it and the others go on to the next, all at once.
    """
    number = np.zeros(PLANE, np.int64)
    number[[ord(c) for c in symbol]] = list(symbol.values())
    symbols = number[groups]
    wanted = np.zeros(len(groups), np.int64)
    for place in range(3):
        wanted = np.where(symbols[:, place] > NOTHING, wanted << SHIFT | symbols[:, place], wanted)
    keys, numbers = np.full(SLOTS, NOTHING, np.int64), np.full(SLOTS, len(groups), np.int32)
    slots = home(wanted[rows])
    while len(rows):
        free = np.flatnonzero(keys[slots] == NOTHING)
        _, first = np.unique(slots[free], return_index=True)
        placed = free[first]
        keys[slots[placed]], numbers[slots[placed]] = wanted[rows[placed]], rows[placed]
        rest = np.ones(len(rows), bool)
        rest[placed] = False
        rows, slots = rows[rest], (slots[rest] + 1) & (SLOTS - 1)
    return keys, numbers
