"""What stands in a document more than once: its words, whole blocks, their patterns, passages of them."""
from __future__ import annotations

import numpy as np

from cleaner.blocks.scan import powers

#: Words in a run that must stand elsewhere in the document too, for a passage to count as repeated.
SHINGLE = 4


def changes(ascending: np.ndarray) -> np.ndarray:
    """Where an entry differs from the one before it."""
    fresh = np.ones(len(ascending), bool)
    np.not_equal(ascending[1:], ascending[:-1], out=fresh[1:])
    return fresh


def numbered(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different keys, ascending, and the place of each entry among them."""
    order = np.argsort(key)
    ascending = key[order]
    fresh = changes(ascending)
    place = np.empty(len(key), np.intp)
    place[order] = np.cumsum(fresh) - 1
    return ascending[fresh], place


def sums(key: np.ndarray, block: np.ndarray, size: np.ndarray) -> np.ndarray:
    """A number for each block (mod 2^64): equal words in equal order, equal numbers. key, block: of each word. size: words of each block."""
    first = np.cumsum(size) - size
    step = powers()[(np.arange(len(block)) - first[block]) & 63]
    total = np.zeros(len(key) + 1, np.uint64)
    np.cumsum(key * step + key, out=total[1:])
    return total[first + size] - total[first]


def passages(key: np.ndarray, block: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The runs of words in blocks that are longer: a number for each, ascending, and its block. key, block, size: as above."""
    run = max(0, len(key) - SHINGLE + 1)
    shingle = sum((key[j : j + run] * powers()[j + 1] for j in range(SHINGLE)), np.zeros(run, np.uint64))
    home = block[:run]
    inside = np.flatnonzero((home == block[SHINGLE - 1 :][:run]) & (size[home] >= SHINGLE + 2))
    inside = inside[np.argsort(shingle[inside])]
    return shingle[inside], home[inside]


def repeats(passage: np.ndarray, home: np.ndarray, n: int) -> dict[str, np.ndarray]:
    """The share of the passages of each of n blocks that stand before it or anywhere else. passage, home: what :func:`passages` gives."""
    if not len(passage):
        return {"repeats_before": np.zeros(n), "repeats_any": np.zeros(n)}
    per = np.maximum(1, np.bincount(home, minlength=n))
    begins, count = runs(changes(passage))
    again = np.flatnonzero(np.repeat(count, count) > 1)
    first = np.repeat(np.minimum.reduceat(home, begins), count)[again]
    home = home[again]
    return {"repeats_before": np.bincount(home[home > first], minlength=n) / per, "repeats_any": np.bincount(home, minlength=n) / per}


def runs(fresh: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where runs of equal entries begin, and how long they are. fresh: what :func:`changes` gives."""
    begins = np.flatnonzero(fresh)
    ends = np.empty_like(begins)
    ends[:-1], ends[-1:] = begins[1:], len(fresh)
    return begins, ends - begins


def occurrences(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each entry of each row: how many equal ones stand before it in the row, and how many there are in all."""
    rows, n = keys.shape
    order = (np.argsort(keys, axis=1, kind="stable") + n * np.arange(rows)[:, None]).ravel()
    fresh = changes(keys.ravel()[order])
    fresh[:: max(1, n)] = True
    begins, count = runs(fresh)
    before, total = np.empty((2, rows * n), np.int64)
    before[order] = np.arange(rows * n) - np.repeat(begins, count)
    total[order] = np.repeat(count, count)
    return before.reshape(rows, n), total.reshape(rows, n)
