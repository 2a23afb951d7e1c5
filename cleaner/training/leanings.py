"""Which way words lean, to residue or to articles: learned from labelled pages on top of what structure says of them."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cleaner.blocks.features import Words
from cleaner.blocks.model import STEPS
from cleaner.blocks.scan import IDEOGRAPH, scan
from cleaner.training.copies import ARTICLE, FOLDS, SKIPPED, Page

if TYPE_CHECKING:
    from cleaner.training.text import Table

#: A word counts when so many hosts use it: below that a host's own name would be learned.
HOSTS = 5
#: Prior of a word's lean, in blocks of curvature: keeps rare words near 0.
PRIOR = 20.0


class Leanings:
    """For every word that HOSTS hosts use: how the blocks that hold it differ from what structure says of them.

    One Newton step of a logistic regression on top of the structure model, word by word, summed by fold so that a page is
    never described with what its own host taught.
    """

    def __init__(self, tables: Sequence[Table], chances: Sequence[np.ndarray]):
        self.text = common_words(page for t in tables for page in t.pages if page.kind == "visible")
        self.key = np.array(sorted(self.text), np.uint64)
        self.sums = np.zeros((2, 2, FOLDS, len(self.key)))  # slope and curvature; anywhere and first
        finder = Words(self.key, self.key, self.key)
        for table, chance in zip(tables, chances):
            weight = np.where(table.labels == SKIPPED, 0, np.minimum(table.weight, 3))
            weight *= 3e5 / weight.sum()
            p = np.clip(chance, 0.02, 0.98)
            facts = np.stack([weight * ((table.labels == ARTICLE) - p), weight * p * (1 - p)])
            for n, (page, m) in enumerate(zip(table.pages, table.blocks)):
                place = finder.find(m.known)
                first = np.flatnonzero(m.first >= 0)
                for kind, (block, at) in enumerate(((m.block, place[m.word]), (first, place[m.first[first]]))):
                    for fact in (0, 1):
                        np.add.at(self.sums[fact, kind, page.fold], at[at >= 0], facts[fact, table.rows(n)][block[at >= 0]])

    def book(self, folds: Iterable[int]) -> Words:
        """The words as some folds use them, in the steps in which they are stored."""
        slope, curve = self.sums[:, :, list(folds)].sum(2)
        lean = np.round(np.clip(slope / (curve + PRIOR), -2, 2) * STEPS) / STEPS
        return Words(self.key, *lean.astype(np.float32))


def common_words(pages: Iterable[Page]) -> dict[int, str]:
    """Words by key that stand on pages of at least HOSTS hosts."""
    hosts: dict[int, set[str]] = {}
    text: dict[int, str] = {}
    for page in pages:
        s = scan(page.texts)
        _, at = np.unique(s.word_key, return_index=True)
        for i in at.tolist():
            key = int(s.word_key[i])
            hosts.setdefault(key, set()).add(page.host)
            if key not in text:
                first = s.word_at[i]
                length = s.word_length[i] + (s.kind[first] == IDEOGRAPH)  # the key of such a letter holds the next one too
                text[key] = s.code[first : first + length].astype("<u4").tobytes().decode("utf-32-le", "replace").lower()
    return {key: text[key] for key, who in hosts.items() if len(who) >= HOSTS and int(scan([text[key]]).word_key[0]) == key}
