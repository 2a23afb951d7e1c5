"""The distinctive words of an article, counted by paragraph: those that several texts of it share, and those of one alone."""
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cleaner.topics.vocabulary import COMMON, Words, numbered

#: Zipf frequency at which a word's weight in coverage and similarity reaches 0, and the greatest weight.
WEIGHTLESS, MOST_WEIGHT = 6.5, 5.0


class Article(NamedTuple):
    """Distinctive words of n paragraphs.

    row, column, count: what a paragraph holds of the stems that several texts share, an entry each. zipf, title, total: of each
    such stem its frequency in the language, its count in the title and in all.
    alone, alone_weight: unshared distinctive words of each paragraph, their number and weight.
    own: words of each paragraph. size: words in all. shared, rarity: of every stem, whether more than one text holds it, and its
    frequency. pair: of every token its text and stem as a number; pair_row, pair_stem: which these are, 0 the title.
    """

    row: np.ndarray
    column: np.ndarray
    count: np.ndarray
    zipf: np.ndarray
    title: np.ndarray
    total: np.ndarray
    alone: np.ndarray
    alone_weight: np.ndarray
    own: np.ndarray
    size: float
    shared: np.ndarray
    rarity: np.ndarray
    pair: np.ndarray
    pair_row: np.ndarray
    pair_stem: np.ndarray

    def sums(self, values: np.ndarray | None = None) -> np.ndarray:
        """The sum over the entries of each paragraph, their number without values."""
        return np.bincount(self.row, values, len(self.own))


def article(words: Words, n: int) -> Article:
    """Count the words of a title and n paragraphs."""
    v = len(words.stems)
    rarity = np.zeros(v)
    np.maximum.at(rarity, words.stem, words.zipf)
    pair, first = numbered(words.row * v + words.stem, (n + 1) * v)
    row, stem, times = words.row[first], words.stem[first], np.bincount(pair)
    shared = np.bincount(stem, minlength=v) > 1
    own = np.bincount(row, times, n + 1)
    lonely, held = ((rarity < COMMON) & texts for texts in (~shared, shared))
    mine = lonely[stem]
    weight = words_weight(rarity[stem[mine]])
    alone, alone_weight = (np.bincount(row[mine], values, n + 1)[1:] for values in (np.ones(len(weight)), weight))
    mine = held[stem]
    column, count, of = (np.cumsum(held) - 1)[stem[mine]], times[mine].astype(float), row[mine]
    zipf = rarity[held]
    body = of > 0
    title = np.bincount(column[~body], count[~body], len(zipf))
    total = np.bincount(column, count, len(zipf))
    return Article(
        of[body] - 1, column[body], count[body], zipf, title, total, alone, alone_weight, own[1:], own.sum(), shared, rarity, pair, row, stem
    )


def words_weight(zipf: np.ndarray) -> np.ndarray:
    """The weight of words in coverage and similarity."""
    return np.minimum(np.maximum(WEIGHTLESS - zipf, 0), MOST_WEIGHT)
