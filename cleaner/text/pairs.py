"""Which paragraphs of a document may say the same: those that share several of their rarest pairs of neighbouring words."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, count

import numpy as np

from cleaner.text.keys import skeleton

#: A pair of words that more paragraphs hold than this says nothing about any two of them.
COMMON = 20
#: So many of a paragraph's rarest shared word pairs are looked up, so that cost grows with the number of paragraphs.
LOOKUPS = 16
#: So many of them must stand in another paragraph for the two to be compared.
HITS = 3
#: Pairs looked up at once, each held by at most :data:`COMMON` paragraphs: a bound for memory, some 15 MB.
TOGETHER = 1 << 14


def candidates(paragraphs: Sequence[Sequence[str]]) -> Iterator[tuple[int, int, float]]:
    """The paragraphs, tokens each, that share several of their rarest pairs: one, another before it, and a share of the pairs.

    No more than this share of the first one's different pairs, 0 to 1, stands in the other. Both come in order.
    """
    n = len(paragraphs)
    pair, home = held(paragraphs)
    begins = np.flatnonzero(np.append(True, pair[1:] != pair[:-1]))
    sizes = np.diff(np.append(begins, len(pair)))
    owners, before = np.repeat(sizes, sizes), np.arange(len(pair)) - np.repeat(begins, sizes)
    # Every paragraph looks its pairs up, the rarest first, and meets those that hold them and stand before it.
    asking = np.flatnonzero((owners > 1) & (owners <= COMMON))
    asking = asking[np.lexsort((owners[asking], home[asking]))]
    early = np.arange(len(asking)) - np.searchsorted(home[asking], home[asking]) < LOOKUPS
    couple, hits = np.unique(meetings(home, before, asking[early], n), return_counts=True)
    couple = couple[hits >= HITS]
    one, other = np.divmod(couple, n)
    most = np.bincount(home[owners > COMMON], minlength=n)[one]
    for some in (asking[at : at + TOGETHER] for at in range(0, len(asking) if len(couple) else 0, TOGETHER)):
        met = meetings(home, before, some, n)
        place = np.searchsorted(couple[:-1], met)
        most += np.bincount(place[couple[place] == met], minlength=len(couple))
    return zip(one.tolist(), other.tolist(), (most / np.bincount(home, minlength=n)[one]).tolist())


def meetings(home: np.ndarray, before: np.ndarray, asking: np.ndarray, n: int) -> np.ndarray:
    """For every paragraph that holds one of the pairs asked for, and each that holds it before: both as one number."""
    found = before[asking]
    nth = np.arange(found.sum()) - np.repeat(np.cumsum(found) - found, found)
    return np.repeat(home[asking], found) * n + home[np.repeat(asking - found, found) + nth]


def held(paragraphs: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of neighbouring skeletons, every pair as a number, and the paragraphs that hold them: each once, in order."""
    sizes = np.fromiter(map(len, paragraphs), np.int64, len(paragraphs))
    ids: dict[str, int] = defaultdict(count().__next__)  # numbered as they come
    number = np.fromiter(map(ids.__getitem__, map(skeleton, chain.from_iterable(paragraphs))), np.int64, int(sizes.sum()))
    home = np.repeat(np.arange(len(sizes)), sizes)
    pair = (number[:-1] * len(ids) + number[1:]) * len(sizes) + home[1:]
    pair = np.sort(pair[home[1:] == home[:-1]])
    return np.divmod(pair[np.append(True, pair[1:] != pair[:-1])], len(sizes))
