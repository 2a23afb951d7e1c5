"""Train the block model for plain text, ``cleaner/data/text_model.npz``.

    python -m cleaner.training.text --articles articles/text/scrapes.jsonl.gz --news news/text/scrapes.jsonl.gz

Reads labelled scrapes: JSON lines with id, host, scrape, title, paragraphs, labels (content, boilerplate, duplicate, mixed,
title) and gold. Needs lightgbm; the model itself does not. Every seed is fixed: the same data give the same model.
``--predict FILE`` writes instead what host-disjoint models keep of every scrape, one JSON line each: id, scrape, keep.
"""
from __future__ import annotations

import argparse
import gzip
import json
import random
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import lightgbm
import numpy as np

from cleaner.blocks.features import NAMES, NO_WORDS, Words, features
from cleaner.blocks.model import STEPS, keep
from cleaner.blocks.scan import IDEOGRAPH, scan
from cleaner.training.copies import ARTICLE, RESIDUE, SKIPPED, Page, clean_texts, variants

MODEL = Path(__file__).parents[1] / "data" / "text_model.npz"
LABELS = {"content": ARTICLE, "boilerplate": RESIDUE, "duplicate": RESIDUE}
FOLDS = 3
#: A word counts when so many hosts use it: below that a host's own name would be learned.
HOSTS = 5
#: Prior of a word's lean, in blocks of curvature: keeps rare words near 0.
PRIOR = 20.0
DEPTH = 6
TREES = {"structure": 60, "final": 220}
SETTINGS = dict(objective="binary", num_leaves=44, max_depth=DEPTH, learning_rate=0.1, min_data_in_leaf=60, feature_fraction=0.5, bagging_fraction=0.8,
                bagging_freq=1, lambda_l2=5, max_bin=127, seed=1, deterministic=True, force_row_wise=True, verbosity=-1)
#: Share of the blocks of long pages (above 40) that are trained on; they repeat each other.
THINNED = 0.4
#: Scrapes and copies that ``--predict`` writes.
REPORTED = ("visible", "ptags", "traf_recall", "readability", "residue_only", "tiny", "clean", "clean_ciphered", "clean_crop")
#: Clean texts weigh more: a cut there costs most.
WEIGHTS = {"clean": 2.0, "clean_ciphered": 2.0}


def read(path: str, seed: int, rounds: int) -> tuple[list[Page], list[Page]]:
    """The scrapes of a set and the copies made from them."""
    rng = random.Random(seed)
    pages, copies, seen = [], [], set()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            page = Page(row["id"], row["host"], row["scrape"], tuple(row["paragraphs"]), tuple(LABELS.get(x, SKIPPED) for x in row["labels"]))
            pages.append(page)
            for _ in range(rounds):
                copies += variants(page, rng)
            if row["id"] not in seen:
                seen.add(row["id"])
                copies += clean_texts(page, row["gold"], rng)
    return pages, copies


def fold(page: Page) -> int:
    """The host's own fold: no host is trained on and tested."""
    return zlib.crc32(page.host.encode()) % FOLDS


class Table:
    """The blocks of many pages as one matrix. ``start[i]:start[i+1]`` are those of page i."""

    def __init__(self, pages: Sequence[Page], books: Sequence[Words]):
        parts = [features(p.texts, p.title, books[fold(p)]) for p in pages]
        self.pages = pages
        self.columns = np.concatenate([f.columns for f in parts])
        self.words = np.concatenate([f.words for f in parts])
        self.labels = np.concatenate([np.array(p.labels, np.int8) for p in pages])
        self.start = np.cumsum([0, *(len(p.texts) for p in pages)])
        self.fold = np.repeat([fold(p) for p in pages], np.diff(self.start))
        self.weight = np.concatenate([weights(p, f.words) for p, f in zip(pages, parts)])

    def rows(self, page: int) -> slice:
        """Where a page's blocks are."""
        return slice(self.start[page], self.start[page + 1])


def weights(page: Page, words: np.ndarray) -> np.ndarray:
    """What each block counts: a little for itself, more by its words; a page's words count the same on every page."""
    capped = np.minimum(words, 80)
    return (0.3 + 30 * capped / max(60.0, capped.sum())) * WEIGHTS.get(page.kind, 1.0)


def fit(tables: Sequence[Table], trees: int, without: int | None = None) -> lightgbm.Booster:
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
    all_weights = np.concatenate(weight)
    data = lightgbm.Dataset(np.concatenate(columns), np.concatenate(labels), weight=all_weights * (0.6 * len(all_weights) / all_weights.sum()))
    return lightgbm.train({**SETTINGS, "num_threads": 2}, data, trees)


def structure(tables: Sequence[Table]) -> list[np.ndarray]:
    """What models that know no words say of each block, each by a model that never saw its host."""
    out = [np.zeros(len(t.labels)) for t in tables]
    for k in range(FOLDS):
        model = fit(tables, TREES["structure"], k)
        for table, p in zip(tables, out):
            p[table.fold == k] = model.predict(table.columns[table.fold == k], num_threads=2)
    return out


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
            for n, page in enumerate(table.pages):
                s = scan(page.texts)
                at = finder.find(s.word_key)
                opening = np.append(True, s.word_block[1:] != s.word_block[:-1])[: len(at)]
                for place, chosen in enumerate((at >= 0, (at >= 0) & opening)):
                    pairs = np.unique(at[chosen] * len(page.texts) + s.word_block[chosen])
                    word, block = np.divmod(pairs, len(page.texts))
                    for kind in (0, 1):
                        np.add.at(self.sums[kind, place, fold(page)], word, facts[kind, table.rows(n)][block])

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


def complete(model: lightgbm.Booster) -> dict[str, np.ndarray]:
    """The model's trees as complete trees of depth DEPTH: arrays for :class:`cleaner.blocks.model.Trees`."""
    trees = model.dump_model()["tree_info"]
    nodes = 2**DEPTH - 1
    feature, leaf = np.zeros((len(trees), nodes), np.uint8), np.zeros((len(trees), nodes + 1), np.float32)
    threshold = np.full((len(trees), nodes), np.inf, np.float32)

    def walk(tree: int, node: dict, place: int) -> None:
        if "split_feature" in node:
            feature[tree, place] = node["split_feature"]
            limit = np.float32(node["threshold"])
            threshold[tree, place] = limit if float(limit) <= node["threshold"] else np.nextafter(limit, np.float32(-np.inf))
            walk(tree, node["left_child"], 2 * place + 1)
            walk(tree, node["right_child"], 2 * place + 2)
        elif place < nodes:
            walk(tree, node, 2 * place + 1)  # an early leaf: every value goes left
        else:
            leaf[tree, place - nodes] = node["leaf_value"]

    for number, tree in enumerate(trees):
        walk(number, tree["tree_structure"], 0)
    return {"feature": feature, "threshold": threshold, "leaf": leaf}


def save(path: Path, model: lightgbm.Booster, words: Words, text: dict[int, str]) -> None:
    """Write trees, words and the columns' names as plain arrays."""
    telling = np.flatnonzero((abs(words.anywhere) >= 0.04) | (abs(words.first) >= 0.04))
    listed = sorted((text[int(words.key[i])], i) for i in telling)
    order = [i for _, i in listed]
    names = np.frombuffer("\n".join(w for w, _ in listed).encode(), np.uint8)
    np.savez_compressed(path, names=np.array(NAMES), words=names, anywhere=np.round(words.anywhere[order] * STEPS).astype(np.int8),
                        first=np.round(words.first[order] * STEPS).astype(np.int8), **complete(model))


def predictions(sets: Sequence[tuple[list[Page], list[Page]]], leanings: Leanings) -> Iterator[dict]:
    """What models that never saw a page's host keep of it."""
    for k in range(FOLDS):
        others = [j for j in range(FOLDS) if j != k]
        books = [leanings.book([j for j in others if j != i]) for i in range(FOLDS)]  # fold k itself: all others
        model = fit([Table(pages + copies, books) for pages, copies in sets], TREES["final"], k)
        for pages, copies in sets:
            for page in pages + copies:
                if fold(page) == k and page.kind in REPORTED:
                    f = features(page.texts, page.title, books[k])
                    p = model.predict(f.columns, num_threads=2)
                    yield {"id": page.id, "scrape": page.kind, "keep": np.flatnonzero(keep(p, f.words)).tolist(), "p": np.round(p, 4).tolist(),
                           "words": f.words.tolist(), "labels": page.labels}


def prepare(paths: Sequence[str]) -> tuple[list[tuple[list[Page], list[Page]]], Leanings]:
    """The sets with their copies, and how words lean in them. The second set, smaller, is copied twice."""
    sets = [read(path, seed, seed) for seed, path in enumerate(paths, 1)]
    bare = [Table(pages, [NO_WORDS] * FOLDS) for pages, _ in sets]
    return sets, Leanings(bare, structure(bare))


def train(paths: Sequence[str], out: Path, trees: int = TREES["final"]) -> None:
    """Train on the scrapes of one or more sets, which weigh the same, and write the model."""
    sets, leanings = prepare(paths)
    books = [leanings.book([j for j in range(FOLDS) if j != k]) for k in range(FOLDS)]
    model = fit([Table(pages + copies, books) for pages, copies in sets], trees)
    save(out, model, leanings.book(range(FOLDS)), leanings.text)
    print(f"{out.name}: {out.stat().st_size} bytes, {model.num_trees()} trees, {len(leanings.key)} words")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", required=True, metavar="SCRAPES.jsonl.gz")
    parser.add_argument("--news", required=True, metavar="SCRAPES.jsonl.gz")
    parser.add_argument("--out", type=Path, default=MODEL, help="where the model goes")
    parser.add_argument("--predict", type=Path, help="write host-disjoint predictions here and no model")
    a = parser.parse_args()
    paths = [a.articles, a.news]
    if not a.predict:
        return train(paths, a.out)
    with a.predict.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in predictions(*prepare(paths)))


if __name__ == "__main__":
    main()
