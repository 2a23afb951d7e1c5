"""Train the block model for plain text, ``cleaner/data/text_model.npz``.

    python -m cleaner.training.text --articles articles/text/scrapes.jsonl.gz --news news/text/scrapes.jsonl.gz

Reads labelled scrapes: JSON lines with id, host, lang, scrape, title, paragraphs, labels (content, boilerplate, duplicate,
mixed, title) and gold. Needs catboost; the model itself does not. Every seed is fixed: the same data give the same model.
``--folds`` writes the models by which :mod:`cleaner.training.validate` measures what is done on hosts that a model has not seen.
"""
from __future__ import annotations

import argparse
import gzip
import io
import json
import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cleaner.blocks.features import NAMES, NO_WORDS, Measured, Words, measured, weighed
from cleaner.blocks.model import STEPS
from cleaner.blocks.phrase import Phrase
from cleaner.blocks.trees import SymmetricTrees
from cleaner.rules import matcher
from cleaner.stages.boilerplate import spoken
from cleaner.training.boosting import boosted
from cleaner.training.copies import ARTICLE, FOLDS, RESIDUE, SKIPPED, Page, clean_texts, variants
from cleaner.training.leanings import Leanings

MODEL = Path(__file__).parents[1] / "data" / "text_model.npz"
LABELS = {"content": ARTICLE, "boilerplate": RESIDUE, "duplicate": RESIDUE}
TREES = {"structure": 150, "final": 500}
SETTINGS = {
    "depth": 6, "learning_rate": 0.15, "l2_leaf_reg": 2, "random_strength": 0, "rsm": 0.5, "bootstrap_type": "Bernoulli", "subsample": 0.8,
    "border_count": 64, "boosting_type": "Plain", "leaf_estimation_iterations": 1,
}  # fmt: skip
#: Share of the blocks of long pages (above 40) that are trained on; they repeat each other.
THINNED = 0.4
#: Clean texts weigh more: a cut there costs most.
WEIGHTS = {"clean": 2.0, "clean_ciphered": 2.0}
#: Share of the pages that come with their title.
TITLED = 0.5
#: Shares of the phrase book's rows that the copies do without, drawn for each: other sites have other wordings.
FORGOTTEN = (0.0, 0.4, 0.8)


class Labelled(NamedTuple):
    """A set's pages and copies, the file's own rows first, and what was measured of each."""

    pages: list[Page]
    blocks: list[Measured]
    originals: int

    def table(self, books: Sequence[Words]) -> Table:
        """The columns of all pages, each with the book of words for its fold."""
        return Table(self.pages, self.blocks, books)


@cache
def phrase(text: str) -> Phrase | None:
    """What the phrase book says of a block."""
    return spoken(matcher().block(text))


def read(path: str, seed: int, rounds: int) -> Labelled:
    """The scrapes of a set and the copies made from them, ``rounds`` times."""
    rng = random.Random(seed)
    pages, copies, seen = [], [], set()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            labels = tuple(LABELS.get(x, SKIPPED) for x in row["labels"])
            title = row["title"] if rng.random() < TITLED else None
            texts = tuple(row["paragraphs"])
            page = Page(row["id"], row["host"], row["scrape"], texts, labels, title, tuple(map(phrase, texts)))
            pages.append(page)
            for _ in range(rounds):
                copies += variants(page, rng)
            if row["id"] not in seen:
                seen.add(row["id"])
                copies += clean_texts(page, row["gold"], phrase, rng)
    everything = pages + [copy.forgetting(rng.choice(FORGOTTEN), rng) for copy in copies]
    return Labelled(everything, [measured(p.texts, p.title, p.phrases) for p in everything], len(pages))


class Table:
    """The blocks of many pages as one matrix. ``start[i]:start[i+1]`` are those of page i."""

    def __init__(self, pages: Sequence[Page], blocks: Sequence[Measured], books: Sequence[Words]):
        parts = [weighed(m, books[p.fold]) for p, m in zip(pages, blocks)]
        self.pages, self.blocks = pages, blocks
        self.columns = np.concatenate([f.columns for f in parts])
        self.words = np.concatenate([f.words for f in parts])
        self.labels = np.concatenate([np.array(p.labels, np.int8) for p in pages])
        self.start = np.cumsum([0, *(len(p.texts) for p in pages)])
        self.fold = np.repeat([p.fold for p in pages], np.diff(self.start))
        self.weight = np.concatenate([weights(p, f.words) for p, f in zip(pages, parts)])

    def rows(self, page: int) -> slice:
        """Where a page's blocks are."""
        return slice(self.start[page], self.start[page + 1])


def weights(page: Page, words: np.ndarray) -> np.ndarray:
    """What each block counts: a little for itself, more by its words; a page's words count the same on every page."""
    capped = np.minimum(words, 80)
    return (0.3 + 30 * capped / max(60.0, capped.sum())) * WEIGHTS.get(page.kind, 1.0)


def fit(tables: Sequence[Table], trees: int, without: int | None = None) -> dict[str, np.ndarray]:
    """Boosted trees over tables of equal total weight, one fold's hosts left out."""
    rng = np.random.default_rng(0)
    columns, labels, weight = [], [], []
    for table in tables:
        size = np.repeat(np.diff(table.start), np.diff(table.start))
        chosen = (table.labels != SKIPPED) & (table.fold != (-1 if without is None else without))
        chosen &= (size <= 40) | (rng.random(len(chosen)) < THINNED)
        w = np.where(size > 40, table.weight / THINNED, table.weight)[chosen]
        columns.append(table.columns[chosen])
        labels.append(table.labels[chosen])
        weight.append(w / w.sum())
    every = np.concatenate(weight)
    return boosted(np.concatenate(columns), np.concatenate(labels), every * (0.6 * len(every) / every.sum()), {**SETTINGS, "iterations": trees})


def structure(tables: Sequence[Table]) -> list[np.ndarray]:
    """What models that know no words say of each block, each by a model that never saw its host."""
    out = [np.zeros(len(t.labels)) for t in tables]
    for k in range(FOLDS):
        model = SymmetricTrees(**fit(tables, TREES["structure"], k))
        for table, p in zip(tables, out):
            p[table.fold == k] = model.probabilities(table.columns[table.fold == k])
    return out


def words_of(sets: Sequence[Labelled]) -> Leanings:
    """How words lean in the sets' own pages."""
    bare = [Table(s.pages[: s.originals], s.blocks[: s.originals], [NO_WORDS] * FOLDS) for s in sets]
    return Leanings(bare, structure(bare))


def train(sets: Sequence[Labelled], leanings: Leanings, without: int | None = None, trees: int = TREES["final"]) -> dict[str, np.ndarray]:
    """The arrays of a model of all hosts, or of all but one fold's. Each page is described by what other folds' words taught."""
    folds = [k for k in range(FOLDS) if k != without]
    books = [leanings.book([j for j in folds if j != k]) for k in range(FOLDS)]
    return arrays(fit([s.table(books) for s in sets], trees, without), leanings.book(folds), leanings.text)


def arrays(trees: dict[str, np.ndarray], words: Words, text: dict[int, str]) -> dict[str, np.ndarray]:
    """Trees, words and the columns' names as plain arrays; :meth:`cleaner.blocks.model.Model.of` reads them."""
    telling = np.flatnonzero((abs(words.anywhere) >= 0.04) | (abs(words.first) >= 0.04))
    listed = sorted((text[int(words.key[i])], i) for i in telling)
    order = [i for _, i in listed]
    lean = {name: np.round(getattr(words, name)[order] * STEPS).astype(np.int8) for name in ("anywhere", "first")}
    return {"names": np.array(NAMES), "words": np.frombuffer("\n".join(w for w, _ in listed).encode(), np.uint8), **lean, **trees}


def save(path: Path, model: dict[str, np.ndarray]) -> None:
    """Write a model's arrays, all or nothing."""
    made = io.BytesIO()
    np.savez_compressed(made, **model)
    path.write_bytes(made.getvalue())
    print(f"{path}: {path.stat().st_size} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", required=True, metavar="SCRAPES.jsonl.gz")
    parser.add_argument("--news", required=True, metavar="SCRAPES.jsonl.gz")
    parser.add_argument("--out", type=Path, default=MODEL, help="where the model goes")
    parser.add_argument("--folds", type=Path, metavar="DIR", help="write here, instead, models that leave a part of the hosts out")
    a = parser.parse_args()
    sets = [read(path, seed, seed) for seed, path in enumerate((a.articles, a.news), 1)]  # the second, smaller, is copied twice
    leanings = words_of(sets)
    if not a.folds:
        return save(a.out, train(sets, leanings))
    a.folds.mkdir(parents=True, exist_ok=True)
    for k in range(FOLDS):
        save(a.folds / f"fold-{k}.npz", train(sets, leanings, k))


if __name__ == "__main__":
    main()
