"""Train the trees of the topic stage, ``cleaner/data/topic_model.npz``.

    python -m cleaner.training.topic --articles articles/text/scrapes.jsonl.gz --news news/text/scrapes.jsonl.gz

Reads the labelled scrapes that :mod:`cleaner.training.text` reads. Needs lightgbm; the model itself does not. Every seed is fixed:
the same data give the same model. Prints what limits cost and catch on hosts that the trees have not seen, by cross-validation in
which neither hosts nor intruders cross a fold. ``--predict FOLDER`` writes instead ``predictions.jsonl`` beside the
``inputs.jsonl`` (id, host, lang, title, text: one paragraph a line) of a folder, by trees that have not seen its hosts.
"""
from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import lightgbm
import numpy as np

from cleaner.document import Block, Document, Meta
from cleaner.stages.topic import bar, cascade, scores, word_count
from cleaner.topics.topicality import measure, names
from cleaner.training.branching import complete
from cleaner.training.intrusions import Lines, Sample, articles, lines, pages, samples

MODEL = Path(__file__).parents[1] / "data" / "topic_model.npz"
#: What a kind of intruder weighs in training; the genuine paragraphs together weigh as much as all kinds.
#: Foreign paragraphs count more than single lines: lines are easy to catch and, unlike paragraphs, rules catch them as well.
WEIGHT = {
    "random": 4.0, "same host": 1.5, "near": 4.0, "other lang": 1.5, "block": 2.0, "headline": 0.8, "headline near": 0.4,
    "headline same host": 0.3, "promo": 1.0, "legal": 0.8, "fragment": 0.2,
}  # fmt: skip
#: A genuine paragraph next to an intruder, against one of an untouched article; how many on each side are looked at.
BESIDE, NEXT = 0.5, 2
DEPTH, ROUNDS = 9, 500
#: Percent of the hosts in the first of two folds.
FIRST_FOLD = 60
SETTINGS = {
    "objective": "binary", "num_leaves": 96, "max_depth": DEPTH, "learning_rate": 0.05, "min_data_in_leaf": 80, "lambda_l2": 5.0,
    "feature_fraction": 0.25, "bagging_fraction": 0.7, "bagging_freq": 1, "max_bin": 63, "seed": 1, "deterministic": True,
    "force_row_wise": True, "num_threads": 1, "verbosity": -1,
}  # fmt: skip
LIMITS = (2.5, 2.75, 3.0, 3.25, 3.5, 3.75, 4.0)


class Examples(NamedTuple):
    """Paragraphs to learn from. kind: of the intruder, else "genuine" or "beside". sample: the number of the sample they stand in."""

    columns: np.ndarray
    kind: np.ndarray
    sample: np.ndarray

    @property
    def foreign(self) -> np.ndarray:
        return ~np.isin(self.kind, ("genuine", "beside"))


def fold_of(row: dict) -> int:
    """One of two folds, a fixed function of the host: 60 and 40 % of them."""
    return int(int(hashlib.md5(row["host"].removeprefix("www.").encode()).hexdigest(), 16) % 100 >= FIRST_FOLD)


def examples(found: Sequence[dict], prompts: Lines | None = None) -> Examples:
    """The paragraphs of the samples of some pages; of those with an intruder only it and its neighbours."""
    columns, kinds, numbers = [], [], []
    for number, s in enumerate(samples(list(articles(found)), prompts or lines(found))):
        measured = measure(s.title, s.paragraphs, s.article.lang).table()
        for i in looked_at(s):
            columns.append(measured[i].astype(np.float32))
            kinds.append(s.kind if i in s.foreign or not s.foreign else "beside")
            numbers.append(number)
    return Examples(np.stack(columns), np.array(kinds), np.array(numbers))


def looked_at(s: Sample) -> Iterable[int]:
    """The paragraphs of a sample to learn from."""
    if not s.foreign:
        return range(len(s.paragraphs))
    return range(max(0, s.foreign.start - NEXT), min(len(s.paragraphs), s.foreign.stop + NEXT))


def together(parts: Sequence[Examples]) -> Examples:
    """Several parts as one, their samples numbered anew."""
    offsets = np.cumsum([0, *(p.sample.max() + 1 for p in parts)])
    return Examples(
        np.concatenate([p.columns for p in parts]), np.concatenate([p.kind for p in parts]),
        np.concatenate([p.sample + first for p, first in zip(parts, offsets)]),
    )  # fmt: skip


def weights(kind: np.ndarray) -> np.ndarray:
    """The weight of each example: kinds by WEIGHT whatever their number, genuine ones as much as all kinds."""
    weight = np.zeros(len(kind))
    own = np.isin(kind, ("genuine", "beside"))
    weight[own] = np.where(kind[own] == "genuine", 1.0, BESIDE)
    weight[own] *= sum(WEIGHT.values()) / weight[own].sum()
    for name, share in WEIGHT.items():
        weight[kind == name] = share / max((kind == name).sum(), 1)
    return weight * len(kind) / weight.sum()


def fit(e: Examples) -> lightgbm.Booster:
    return lightgbm.train(SETTINGS, lightgbm.Dataset(e.columns, e.foreign, weight=weights(e.kind)), ROUNDS)


def table(e: Examples, score: np.ndarray) -> str:
    """What each limit flags of the genuine paragraphs, of the samples without an intruder and of each kind, %."""
    own = e.kind == "genuine"
    highest = np.full(e.sample.max() + 1, -np.inf)
    np.maximum.at(highest, e.sample[own], score[own])
    highest = highest[np.unique(e.sample[own])]
    rows = [("limit", "genuine", "articles", *WEIGHT)]
    for limit in LIMITS:
        shares = (np.mean(x > limit) for x in (score[own], highest, *(score[e.kind == name] for name in WEIGHT)))
        rows.append((limit, *(f"{100 * share:.2f}" for share in shares)))
    return "\n".join("  ".join(f"{cell!s:>{max(len(name), 6)}}" for cell, name in zip(row, rows[0])) for row in rows)


def predict(found: Sequence[dict], folder: Path) -> None:
    """Write what trees say of the documents of a folder whose hosts they have not seen."""
    rows = [json.loads(line) for line in (folder / "inputs.jsonl").read_text("utf-8").splitlines()]
    left_out = {row["host"] for row in rows}
    model = cascade(complete(fit(examples([p for p in found if p["host"] not in left_out])), DEPTH))
    with open(folder / "predictions.jsonl", "w", encoding="utf-8") as out:
        for row in rows:
            texts = [line.strip() for line in row["text"].split("\n") if line.strip()]
            doc = Document(row["id"], tuple(map(Block, texts)), (), Meta(title=row["title"], lang=row["lang"]))
            found_scores = scores(doc, model)
            limit = bar(word_count(texts), row["lang"])
            flags = [i for i, score in enumerate(found_scores) if score > limit]
            out.write(json.dumps({"id": row["id"], "flags": flags, "scores": found_scores}) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--news", type=Path, required=True)
    parser.add_argument("--predict", type=Path, metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=MODEL)
    args = parser.parse_args()
    found = [*pages(args.articles), *pages(args.news)]
    if args.predict:
        predict(found, args.predict)
        return
    first, second = (examples([p for p in found if fold_of(p) == k]) for k in (0, 1))
    unseen = [fit(other).predict(one.columns, raw_score=True) for one, other in ((first, second), (second, first))]
    both = together([first, second])
    print(table(both, np.concatenate(unseen)))
    np.savez_compressed(args.out, names=np.array(names()), **complete(fit(both), DEPTH))


if __name__ == "__main__":
    main()
