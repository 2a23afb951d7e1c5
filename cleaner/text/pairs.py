"""Which paragraphs of a document may say the same: those that share several of their rarest pairs of neighbouring words."""
from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from itertools import chain, count

import numpy as np

from cleaner.text.keys import skeleton

#: A pair of words that more paragraphs hold than this says nothing about any two of them.
COMMON = 20
#: So many of a paragraph's rarest shared word pairs are looked up, so that cost grows with the number of paragraphs.
LOOKUPS = 16
#: So many of them must stand in another paragraph for the two to be compared.
HITS = 3


class Pairs:
    """The pairs of neighbouring skeletons of paragraphs, every pair as a number."""

    def __init__(self, paragraphs: Sequence[Sequence[str]]):
        sizes = np.fromiter(map(len, paragraphs), np.int64, len(paragraphs))
        ids: dict[str, int] = defaultdict(count().__next__)  # numbered as they come
        number = np.fromiter(map(ids.__getitem__, map(skeleton, chain.from_iterable(paragraphs))), np.int64, int(sizes.sum()))
        home = np.repeat(np.arange(len(sizes)), sizes)
        inside = home[1:] == home[:-1]
        self.pair, self.home = (number[:-1] * len(ids) + number[1:])[inside], home[1:][inside]
        self.ends, self.paragraphs = np.cumsum(sizes - 1).tolist(), len(sizes)
        self.of = cache(self.of)

    def of(self, k: int) -> set[int]:
        """The different pairs of a paragraph."""
        return set(self.pair[self.ends[k - 1] if k else 0 : self.ends[k]].tolist())

    def share(self, k: int, other: int) -> float:
        """Share of a paragraph's pairs, 0 to 1, that another one holds."""
        return len(self.of(k) & self.of(other)) / max(1, len(self.of(k)))

    def held(self) -> list[list[int]]:
        """For each pair that several paragraphs hold, but not too many, these; the rarest first."""
        n = self.paragraphs
        both = np.sort(self.pair * n + self.home)
        pair, home = np.divmod(both[np.append(True, both[1:] != both[:-1])], n)
        begins = np.flatnonzero(np.append(True, pair[1:] != pair[:-1]))
        owners = np.append(begins[1:], len(pair)) - begins
        several = np.flatnonzero((owners > 1) & (owners <= COMMON))
        several = several[np.argsort(owners[several], kind="stable")]
        home = home.tolist()
        return [home[first : first + size] for first, size in zip(begins[several].tolist(), owners[several].tolist())]

    def candidates(self) -> dict[int, list[int]]:
        """For each paragraph those before it that share several of its rarest pairs."""
        asked, hits = [0] * self.paragraphs, [[] for _ in range(self.paragraphs)]
        for owners in self.held():
            for place, k in enumerate(owners):
                if asked[k] < LOOKUPS:
                    asked[k] += 1
                    hits[k] += owners[:place]
        asking = ((k, found) for k, found in enumerate(hits) if len(found) >= HITS)
        return {k: others for k, found in asking if (others := sorted(o for o, n in Counter(found).items() if n >= HITS))}
