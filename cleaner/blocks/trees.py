"""Boosted decision trees as plain arrays, evaluated over many rows at once by numpy alone."""
from __future__ import annotations

from collections.abc import Callable

import numpy as np

#: The depth up to which all questions of trees are asked of every row. HTML's trees have 6 levels, topic's 9.
SHALLOW = 6


class Boosted:
    """Trees whose sum is the log-odds of a label."""

    #: Rows evaluated at once: as many as the processor's cache holds (400 at once take twice the time of 160).
    batch = 128

    def log_odds(self, rows: np.ndarray) -> np.ndarray:
        """The sum over the trees for each row of a table."""
        return np.concatenate([*(self._sums(rows[i : i + self.batch]) for i in range(0, len(rows), self.batch)), np.zeros(0)])

    def probabilities(self, rows: np.ndarray) -> np.ndarray:
        """The chance of the label for each row of a table."""
        return chance(self.log_odds(rows))


class SymmetricTrees(Boosted):
    """Trees that ask one question a level (Kohavi & Li 1995, "oblivious" trees; CatBoost's), so that no row has a way of its own.

    feature, threshold: what each level of each tree asks, "is the value above?"; the answers are the bits of a leaf's number, the
    first level's the lowest. leaf: the values. Two fifths of the time of trees that branch freely, on pages of 240 blocks.
    """

    def __init__(self, feature: np.ndarray, threshold: np.ndarray, leaf: np.ndarray):
        self.feature, self.threshold, which = questions(feature, threshold)
        self.levels = list(np.ascontiguousarray(which.T[::-1]))
        self.leaf, self.leaf0 = leaf.ravel(), (np.arange(len(leaf), dtype=np.int32) * leaf.shape[1])[:, None]

    def _sums(self, rows: np.ndarray) -> np.ndarray:
        features = np.ascontiguousarray(rows.T)
        answers = (features.take(self.feature, 0, mode="clip") > self.threshold).view(np.uint8)
        number = answers.take(self.levels[0], 0, mode="clip")  # the last level first
        bits = np.empty_like(number)
        for level in self.levels[1:]:
            number += number
            number += answers.take(level, 0, mode="clip", out=bits)
        return self.leaf.take(number + self.leaf0, mode="clip").sum(0)


class ShallowTrees(Boosted):
    """Complete binary trees of one depth: node k has the children 2k+1 (value <= threshold) and 2k+2.

    Every question is asked of every row, and the answers are bits, eight rows a byte. From those of a level, the answers of the levels
    above choose a tree's one for each row: halves of the nodes at a time. Half of the time of going down the trees row by row, up to
    a depth of 6 or so; the work doubles with each level.
    """

    batch = 512

    def __init__(self, feature: np.ndarray, threshold: np.ndarray, leaf: np.ndarray):
        self.feature, self.threshold, which = questions(feature, threshold)
        self.levels = [np.ascontiguousarray(which[:, 2**k - 1 : 2 ** (k + 1) - 1].T) for k in range(depth(feature))]
        self.leaf, self.leaf0 = leaf.ravel(), (np.arange(len(leaf), dtype=np.int32) * leaf.shape[1])[:, None]

    def _sums(self, rows: np.ndarray) -> np.ndarray:
        features = np.zeros((rows.shape[1], -(-len(rows) // 8) * 8), np.float32)
        features[:, : len(rows)] = rows.T
        answers = np.packbits(features.take(self.feature, 0, mode="clip") > self.threshold).reshape(len(self.feature), -1)
        way: list[np.ndarray] = []
        for level in self.levels:
            found = answers.take(level, 0, mode="clip")
            for above in way:
                left, right = found.reshape(2, -1, *found.shape[1:])
                found = left ^ (left ^ right) & above
            way.append(found[0])
        number = np.zeros((len(self.leaf0), features.shape[1]), np.uint8)
        for bits in way:
            number += number
            number += np.unpackbits(bits).reshape(number.shape)
        return self.leaf.take(number[:, : len(rows)] + self.leaf0, mode="clip").sum(0, dtype=np.float64)


class Trees(Boosted):
    """Complete binary trees of one depth: node k has the children 2k+1 (value <= threshold) and 2k+2."""

    def __init__(self, feature: np.ndarray, threshold: np.ndarray, leaf: np.ndarray):
        self.count, nodes = feature.shape
        self.depth = depth(feature)
        self.feature, self.threshold, self.leaf = feature.astype(np.int32).ravel(), threshold.ravel(), leaf.ravel()
        self.node0 = np.arange(self.count, dtype=np.int32) * nodes
        self.leaf0 = np.arange(self.count, dtype=np.int32) * (nodes + 1)

    def _sums(self, rows: np.ndarray) -> np.ndarray:
        flat = np.ascontiguousarray(rows).ravel()
        row = np.arange(len(rows), dtype=np.int32)[:, None] * rows.shape[1]
        node = np.zeros((len(rows), self.count), np.int32)  # 32 bits: half the time of 64
        for _ in range(self.depth):  # take and work in place: two thirds of the time of indexing; no place is out of bounds
            at = node + self.node0
            node += node
            node += 2
            node -= flat.take(self.feature.take(at, mode="clip") + row, mode="clip") <= self.threshold.take(at, mode="clip")
        node += self.leaf0 - (2**self.depth - 1)
        return self.leaf.take(node, mode="clip").sum(1, dtype=np.float64)


class Cascade:
    """Trees of which the first alone are asked about rows that these settle (a soft cascade, Bourdev & Brandt 2005)."""

    def __init__(self, feature: np.ndarray, threshold: np.ndarray, leaf: np.ndarray, first: int):
        """first: how many are asked about every row."""
        kind = ShallowTrees if depth(feature) <= SHALLOW else Trees
        self.first, self.rest = (kind(feature[part], threshold[part], leaf[part]) for part in (slice(first), slice(first, None)))

    def log_odds(self, rows: np.ndarray, settled: Callable[[np.ndarray], np.ndarray], growth: float = 1.0) -> np.ndarray:
        """The sum over the trees for each row of a table; where the sum over the first is ``settled``, ``growth`` times that."""
        found = self.first.log_odds(rows)
        near = np.flatnonzero(~settled(found))
        exact = found[near]
        found *= growth
        if len(near):
            found[near] = exact + self.rest.log_odds(rows[near])
        return found


def questions(feature: np.ndarray, threshold: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The different questions of trees, their features and in a column their thresholds, and which of them each node asks.

    Half of them and more are asked by several trees.
    """
    bits = np.ascontiguousarray(threshold, np.float32).view(np.uint32)
    asked, which = np.unique(feature.astype(np.uint64) << np.uint64(32) | bits, return_inverse=True)
    limits = asked.astype(np.uint32).view(np.float32)  # the lower half
    return (asked >> np.uint64(32)).astype(np.intp), limits[:, None], which.reshape(feature.shape).astype(np.intp)


def depth(feature: np.ndarray) -> int:
    """The depth of complete binary trees. feature: a row a tree, a column a node."""
    return int(np.log2(feature.shape[1] + 1))


def chance(log_odds: np.ndarray) -> np.ndarray:
    """Log-odds as a probability."""
    return 1 / (1 + np.exp(-log_odds))
