"""Train the block models for HTML pages, ``cleaner/data/html_first.npz`` and ``html_model.npz``.

    python -m cleaner.training.html --articles articles/html --news news/html

Reads folders of ``gold.jsonl`` (id, url, host, text) and ``pages/<id>.html.gz``. A visible block is an article's when it stands in
the gold text. Needs lightgbm; the model itself does not. Every seed is fixed: the same data give the same model.
``--predict FOLDER`` writes instead what host-disjoint models keep of every page, as ``<set>.<favor>.jsonl`` with id and text, for
the whole way of a page (repair, boilerplate and duplicates behind the model).
"""
from __future__ import annotations

import argparse
import gzip
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, get_args

import lightgbm
import numpy as np
from lxml.html import HtmlElement

from cleaner.document import Document, Meta
from cleaner.html.columns import Page, look_at, measure
from cleaner.html.densest import densest
from cleaner.html.metadata import description, page_meta
from cleaner.html.model import FILES, Model, Models, settled
from cleaner.html.page import lighten, main_blocks, parse
from cleaner.html.verdict import kept_blocks, shingles, words
from cleaner.html.visible import read_blocks
from cleaner.pipeline import Pipeline
from cleaner.stage import Favor
from cleaner.stages.boilerplate import boilerplate
from cleaner.stages.duplicates import duplicates
from cleaner.stages.extract import Extractor, decided, verdict
from cleaner.stages.repair import repair
from cleaner.training.branching import complete

DATA = Path(__file__).parents[1] / "data"
FOLDS = 3
#: Trees of each of the two halves of the model: one knows each page by its own verdict alone, the other by copies too. Their mean
#: was better than either (word F1 of news / articles by host-disjoint folds .978 / .956, alone .979 / .953 and .975 / .956).
TREES = 120
#: Trees are small and drawn from parts of rows and columns: 922 pages are few.
DEPTH = 6
SETTINGS = {
    "objective": "binary", "num_leaves": 31, "max_depth": DEPTH, "learning_rate": 0.1, "min_data_in_leaf": 60, "feature_fraction": 0.4,
    "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 10, "max_bin": 63, "seed": 1, "deterministic": True, "force_row_wise": True,
    "verbosity": -1,
}  # fmt: skip
#: Share of the blocks that are trained on where neither the gold text nor the extractor has them: menus repeat each other.
THINNED = 0.25
#: Share of a block's shingles and words that must be left in the gold text where the order of the page does not show it.
COVERED = 0.6
#: Word F1 of the labels against the gold text below which a page is not trained on: its text came from elsewhere.
AGREED = 0.85
#: For each model the weight of a page by its verdict, its own first. The second model: trafilatura's, in the copies that in its fast
#: mode, and one cut to a part of itself, so that the model learns what a page looks like whose article the extractor lost. One model
#: for all four verdicts was worse than two: .956 for .957 on articles, and the first alone .942 for .946.
COPIES: tuple[dict[str, float], ...] = ({"densest": 1.0, "full": 0.3}, {"full": 1.0, "fast": 0.5, "part": 0.2})
#: Share of a copy's blocks that are trained on.
COPIED = 0.4


class Sample(NamedTuple):
    """A page of a set: what is measured of it (``page.kept`` the verdict that is asked first), all verdicts, and which blocks its gold text holds."""

    id: str
    host: str
    tree: HtmlElement
    page: Page
    meta: Meta
    verdicts: dict[str, list[bool]]
    labels: np.ndarray
    trained: bool

    @property
    def fold(self) -> int:
        """The host's own fold: no host is trained on and tested."""
        return zlib.crc32(self.host.encode()) % FOLDS


def read(folder: Path) -> Iterator[Sample]:
    """The pages of a set; one whose text trafilatura takes from elsewhere has no places and is not trained on."""
    rng = np.random.default_rng(0)
    with open(folder / "gold.jsonl", encoding="utf-8") as lines:
        for gold in map(json.loads, lines):
            html = gzip.decompress((folder / "pages" / f"{gold['id']}.html.gz").read_bytes()).decode("utf-8", "replace")
            if (tree := parse(html)) is None:
                continue
            blocks, places = read_blocks(tree, kept=False)
            meta, told = page_meta(tree, gold["url"]), description(tree)
            lighten(tree)
            main = {"fast": main_blocks(tree, fast=True), "full": main_blocks(tree)}
            kept = {name: verdict(blocks, found) for name, found in main.items()}
            if kept["full"] is None or not blocks:
                yield Sample(gold["id"], gold["host"] or gold["id"], tree, Page(main["full"], (), ()), meta, {}, np.zeros(0, bool), False)
                continue
            texts = [b.text for b in blocks]
            kept["fast"] = kept["fast"] or kept_blocks(texts, [b.text for b in main["fast"]])
            labels, agreed = labelled(texts, gold["text"])
            page = Page(blocks, places, kept["fast"], meta.title, told)
            kept |= {"part": part(kept["full"], rng), "densest": densest(look_at(page))}
            yield Sample(gold["id"], gold["host"] or gold["id"], tree, page, meta, kept, labels, agreed >= AGREED)


def part(kept: Sequence[bool], rng: np.random.Generator) -> list[bool]:
    """A verdict that is a run of 5 to 50 % of another's blocks."""
    at = np.flatnonzero(kept)
    begin = int(rng.integers(0, max(1, len(at))))
    chosen = set(at[begin : begin + max(1, int(len(at) * rng.uniform(0.05, 0.5)))].tolist())
    return [i in chosen for i in range(len(kept))]


def labelled(texts: Sequence[str], gold: str) -> tuple[np.ndarray, float]:
    """Which blocks stand in the gold text, and the word F1 of these against it.

    Blocks are aligned with its lines in the order of the page; one that is left over counts when most of its words are left too.
    """
    there = kept_blocks(texts, [" ".join(line.split()) for line in gold.split("\n") if line.strip()])
    bags = [Counter(words(text)) for text in texts]
    whole = Counter(words(gold))
    left = whole - sum((bag for bag, k in zip(bags, there) if k), Counter())
    runs = shingles(words(gold))
    more = list(there)
    for i, bag in enumerate(bags):
        if there[i] or bag.total() < 4:
            continue
        own = shingles(words(texts[i]))
        if sum(run in runs for run in own) >= COVERED * len(own) and (bag & left).total() >= COVERED * bag.total():
            more[i] = True
            left -= bag
    return max(((np.array(found, bool), f1(bags, found, whole)) for found in (there, more)), key=lambda pair: pair[1])


def f1(bags: Sequence[Counter], found: Sequence[bool], gold: Counter) -> float:
    """Word F1 of some blocks against the gold text."""
    got = sum((bag for bag, k in zip(bags, found) if k), Counter())
    return 2 * (got & gold).total() / max(1, got.total() + gold.total())


class Table(NamedTuple):
    """The blocks of many pages as one matrix with labels and weights."""

    names: tuple[str, ...]
    columns: np.ndarray
    labels: np.ndarray
    weight: np.ndarray
    fold: np.ndarray
    own: np.ndarray


def table(samples: Iterable[Sample], copies: Mapping[str, float]) -> Table:
    """The blocks of the pages of a set, a copy for each verdict with its weight, the page's own first."""
    rng = np.random.default_rng(0)
    names: tuple[str, ...] = ()
    parts = []
    for sample in samples:
        for copy, (name, portion) in enumerate(copies.items() if sample.trained else ()):
            kept = sample.verdicts[name]
            measured = measure(sample.page._replace(kept=kept))
            names = tuple(measured.columns)
            capped = np.minimum(measured.words, 80)
            weight = (0.3 + 40 * capped / max(60.0, capped.sum())) * portion
            plain = ~sample.labels & ~np.array(kept, bool)
            share = np.where(plain, THINNED, 1.0) * (COPIED if copy else 1.0)
            chosen = rng.random(len(plain)) < share
            weight = (weight / share)[chosen]
            n = len(weight)
            parts.append((measured.table(names)[chosen], sample.labels[chosen], weight, np.full(n, sample.fold), np.full(n, not copy)))
    return Table(names, *(np.concatenate(column) for column in zip(*parts)))


def fit(tables: Sequence[Table], without: int | None = None) -> dict[str, np.ndarray]:
    """The model as arrays, its halves tree by tree in turn, one fold's hosts left out of its training."""
    halves = [complete(boosted(tables, [(t.fold != (-1 if without is None else without)) & (t.own | copies) for t in tables]), DEPTH) for copies in (False, True)]
    feature, threshold, leaf = (np.stack([half[name] for half in halves], 1).reshape(-1, halves[0][name].shape[1]) for name in ("feature", "threshold", "leaf"))
    used, feature = np.unique(feature, return_inverse=True)
    names = np.array([tables[0].names[i] for i in used])
    return {"names": names, "feature": feature.reshape(threshold.shape).astype(np.uint8), "threshold": threshold, "leaf": leaf / 2}


def boosted(tables: Sequence[Table], chosen: Sequence[np.ndarray]) -> lightgbm.Booster:
    """Boosted trees over the chosen rows of sets that weigh the same."""
    weight = np.concatenate([t.weight[c] / t.weight[c].sum() for t, c in zip(tables, chosen)])
    columns, labels = (np.concatenate([values[c] for values, c in zip(part, chosen)]) for part in ([t.columns for t in tables], [t.labels for t in tables]))
    data = lightgbm.Dataset(columns, labels, weight=weight * (0.6 * len(weight) / weight.sum()))
    return lightgbm.train({**SETTINGS, "num_threads": 1}, data, TREES)


def predictions(samples: Sequence[Sample], models: Sequence[Models], favor: Favor) -> Iterator[dict[str, str]]:
    """The clean text of every page by the model that never saw its host."""
    pipeline = Pipeline([repair, boilerplate, duplicates]).favoring(favor)
    for sample in samples:
        blocks, marks = tuple(sample.page.blocks), []
        if sample.page.places:
            asked = Extractor([], sample.tree, sample.page.blocks, sample.page.places)
            kept, judged = settled(sample.page, asked.ask, favor, models[sample.fold])
            blocks, marks = decided(blocks, judged.keep.tolist() if kept is None else kept, judged, "near")
        yield {"id": sample.id, "text": pipeline.run(Document(sample.id, blocks, tuple(marks), sample.meta)).text}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--news", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=DATA, metavar="FOLDER", help="where the models go")
    parser.add_argument("--predict", type=Path, metavar="FOLDER", help="write host-disjoint predictions there and no models")
    a = parser.parse_args()
    sets = {"articles": list(read(a.articles)), "news": list(read(a.news))}
    tables = [[table(samples, copies) for samples in sets.values()] for copies in COPIES]
    if not a.predict:
        for name, own in zip(FILES, tables):
            arrays = fit(own)
            np.savez_compressed(a.out / name, **arrays)
            print(f"{name}: {(a.out / name).stat().st_size} bytes, {len(arrays['feature'])} trees")
        return
    models = [Models(*(Model.of(fit(own, k)) for own in tables)) for k in range(FOLDS)]
    for name, samples in sets.items():
        for favor in get_args(Favor):
            with open(a.predict / f"{name}.{favor}.jsonl", "w", encoding="utf-8") as out:
                out.writelines(json.dumps(row) + "\n" for row in predictions(samples, models, favor))


if __name__ == "__main__":
    main()
