"""What stands in a document more than once: its words, whole blocks, their patterns, passages of them."""
from __future__ import annotations

import numpy as np

from cleaner.blocks.look import Columns, Read
from cleaner.blocks.scan import powers

#: Words in a run that must stand elsewhere in the document too, for a passage to count as repeated.
SHINGLE = 4


def numbered(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different keys, ascending, and the place of each entry among them."""
    order = np.argsort(key)
    ascending = key[order]
    fresh = np.ones(len(key), bool)
    np.not_equal(ascending[1:], ascending[:-1], out=fresh[1:])
    place = np.empty(len(key), np.intp)
    place[order] = np.cumsum(fresh) - 1
    return ascending[fresh], place


def repetition(r: Read, size: np.ndarray) -> Columns:
    """How often a block, its pattern (numbers folded) or passages of it stand elsewhere in the document. size: words of each block."""
    first = np.cumsum(size) - size
    step = powers()[(np.arange(len(r.block)) - first[r.block]) & 63]
    same, pattern = (_sums(k * step + k, first, size) for k in (r.key, r.pattern))
    before, total = occurrences(same)
    _, alike = occurrences(pattern)
    worded = size > 0
    counts = {"same_before": before, "same_after": total - before - 1, "pattern": alike - 1}
    return {name: np.log1p(count) * worded for name, count in counts.items()} | repeats(r.key, r.block, size)


def repeats(key: np.ndarray, block: np.ndarray, size: np.ndarray) -> Columns:
    """The share of a block's passages that stand before it or anywhere else. key, block: of each word."""
    n, run = len(size), max(0, len(key) - SHINGLE + 1)
    shingle = sum((key[j : j + run] * powers()[j + 1] for j in range(SHINGLE)), np.zeros(run, np.uint64))
    home = block[:run]
    inside = np.flatnonzero((home == block[SHINGLE - 1 :][:run]) & (size[home] >= SHINGLE + 2))
    if not len(inside):
        return {"repeats_before": np.zeros(n), "repeats_any": np.zeros(n)}
    shingle, home = shingle[inside], home[inside]
    per = np.maximum(1, np.bincount(home, minlength=n))
    order = np.argsort(shingle)
    begins, count = runs(shingle[order])
    again = np.flatnonzero(np.repeat(count, count) > 1)
    first = np.repeat(np.minimum.reduceat(home[order], begins), count)[again]
    home = home[order[again]]
    return {"repeats_before": np.bincount(home[home > first], minlength=n) / per, "repeats_any": np.bincount(home, minlength=n) / per}


def _sums(values: np.ndarray, first: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Sums of consecutive groups (mod 2^64), 0 for an empty group."""
    total = np.zeros(len(values) + 1, np.uint64)
    np.cumsum(values, out=total[1:])
    return total[first + size] - total[first]


def runs(ascending: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where runs of equal entries begin, and how long they are."""
    fresh = np.ones(len(ascending), bool)
    np.not_equal(ascending[1:], ascending[:-1], out=fresh[1:])
    begins = np.flatnonzero(fresh)
    ends = np.empty_like(begins)
    ends[:-1], ends[-1:] = begins[1:], len(ascending)
    return begins, ends - begins


def occurrences(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each entry: how many equal ones stand before it, and how many there are in all."""
    order = np.argsort(key, kind="stable")
    begins, count = runs(key[order])
    before, total = np.empty((2, len(key)), np.int64)
    before[order] = np.arange(len(key)) - np.repeat(begins, count)
    total[order] = np.repeat(count, count)
    return before, total
