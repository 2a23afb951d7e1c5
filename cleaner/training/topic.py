"""Train the trees of the topic stage: ``python -m cleaner.training.topic FOLDER... [--out FILE]``.

Each FOLDER holds ``inputs.jsonl`` (id, host, lang, title, text: one paragraph a line) and ``truth.jsonl`` (id, kind, intruded:
numbers of the foreign paragraphs, none for a genuine article). Needs lightgbm, which the package itself does not. Prints what
limits cost and catch, measured by cross-validation over hosts, and writes the trees as plain arrays.
"""
from __future__ import annotations

import argparse
import json
import random
import zlib
from collections.abc import Iterator
from pathlib import Path

import lightgbm
import numpy as np

from cleaner.topics.topicality import measure

#: What a kind of intruder weighs in training; the genuine paragraphs together weigh as much as all kinds.
#: Foreign paragraphs count more than single lines: lines are easy to catch and, unlike paragraphs, rules catch them as well.
WEIGHT = {
    "random": 4.0, "same host": 3.0, "near": 4.0, "other lang": 1.5, "block": 2.0, "headline": 0.8, "headline near": 0.4,
    "headline same host": 0.6, "promo": 1.0, "legal": 0.8, "fragment": 0.2,
}
#: Genuine paragraphs next to an intruder, against those of an untouched article.
BESIDE = 0.5
DEPTH, ROUNDS, FOLDS = 5, 250, 3
PARAMETERS = {
    "objective": "binary", "num_leaves": 24, "max_depth": DEPTH, "learning_rate": 0.06, "min_data_in_leaf": 150, "lambda_l2": 5.0, "feature_fraction": 0.25,
    "bagging_fraction": 0.7, "bagging_freq": 1, "max_bin": 127, "seed": 1, "deterministic": True, "force_row_wise": True, "num_threads": 2, "verbose": -1,
}
#: Windows cut from an untouched article, and from one with an intruder.
WINDOWS, INTRUDED_WINDOWS = 4, 1
LIMITS = (2.0, 2.25, 2.5, 2.75, 3.0, 3.25, 3.5)


def documents(folder: Path) -> Iterator[tuple[dict, dict]]:
    """The documents of a folder with their truth."""
    truth = {row["id"]: row for row in map(json.loads, (folder / "truth.jsonl").read_text("utf-8").splitlines())}
    with open(folder / "inputs.jsonl", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            yield row, truth[row["id"]]


def window(paragraphs: list[str], foreign: list[int], rng: random.Random) -> tuple[list[str], list[int]]:
    """A part of an article, and where the foreign paragraphs stand in it.

    The number of paragraphs follows one law with and without intruders; else a model would learn that documents of
    one paragraph more than the longest article hold an intruder.
    """
    genuine = len(paragraphs) - len(foreign)
    total = genuine if rng.random() < 0.5 else rng.randint(min(5, genuine), genuine)
    size = max(total - len(foreign), 3)
    place = foreign[0] if foreign else 0
    for _ in range(50):
        start = 0 if rng.random() < 0.6 else rng.randint(0, genuine - size)
        if not foreign or start <= place <= start + size:
            break
    else:
        start = max(0, min(place - size // 2, genuine - size))
    own = [p for i, p in enumerate(paragraphs) if i not in foreign][start : start + size]
    place -= start
    return own[:place] + [paragraphs[i] for i in foreign] + own[place:], list(range(place, place + len(foreign)))


def examples(folder: Path) -> Iterator[tuple[str, str, np.ndarray]]:
    """Host, kind and columns of every paragraph to learn from."""
    for row, truth in documents(folder):
        for turn in range(INTRUDED_WINDOWS if truth["intruded"] else WINDOWS):
            rng = random.Random(f"{folder.name}|{row['id']}|{turn}")
            paragraphs, foreign = window(row["text"].split("\n"), truth["intruded"], rng)
            columns = np.stack(list(measure(row["title"], paragraphs, row["lang"]).columns.values()), 1)
            for i, values in enumerate(columns):
                if i in foreign:
                    yield row["host"], truth["kind"], values
                elif not foreign or foreign[0] - 2 <= i <= foreign[-1] + 2:
                    yield row["host"], "beside" if foreign else "genuine", values


def weights(kind: np.ndarray) -> np.ndarray:
    """The weight of each example: kinds by WEIGHT whatever their number, genuine ones as much as all kinds."""
    weight = np.zeros(len(kind))
    own = np.isin(kind, ("genuine", "beside"))
    weight[own] = np.where(kind[own] == "genuine", 1.0, BESIDE) * sum(WEIGHT.values()) / own.sum()
    for name, share in WEIGHT.items():
        weight[kind == name] = share / max((kind == name).sum(), 1)
    return weight * len(kind) / weight.sum()


def fit(columns: np.ndarray, foreign: np.ndarray, weight: np.ndarray) -> lightgbm.Booster:
    return lightgbm.train(PARAMETERS, lightgbm.Dataset(columns, foreign, weight=weight), ROUNDS)


def table(kind: np.ndarray, score: np.ndarray) -> str:
    """What each limit flags of the genuine paragraphs and of each kind, %."""
    names = ["genuine", *WEIGHT]
    rows = [("limit", *names), *((limit, *(f"{100 * np.mean(score[kind == n] > limit):.2f}" for n in names)) for limit in LIMITS)]
    return "\n".join("  ".join(f"{cell!s:>{max(len(n), 6)}}" for cell, n in zip(row, rows[0])) for row in rows)


def arrays(booster: lightgbm.Booster) -> dict[str, np.ndarray]:
    """The trees as complete binary trees of one depth: feature and threshold of each node, value of each leaf."""
    trees = booster.dump_model()["tree_info"]
    nodes = 2**DEPTH - 1
    feature = np.zeros((len(trees), nodes), np.uint8)
    threshold = np.full((len(trees), nodes), np.inf, np.float32)
    leaf = np.zeros((len(trees), nodes + 1), np.float32)

    def fill(t: int, node: dict, at: int) -> None:
        if at >= nodes:
            leaf[t, at - nodes] = node["leaf_value"]
            return
        if "leaf_value" not in node:
            feature[t, at], threshold[t, at] = node["split_feature"], node["threshold"]
        fill(t, node.get("left_child", node), 2 * at + 1)
        fill(t, node.get("right_child", node), 2 * at + 2)

    for t, tree in enumerate(trees):
        fill(t, tree["tree_structure"], 0)
    return {"feature": feature, "threshold": threshold, "leaf": leaf}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "data" / "topic_model.npz")
    args = parser.parse_args()
    hosts, kinds, rows = zip(*(example for folder in args.folder for example in examples(folder)))
    kind, columns = np.array(kinds), np.stack(rows)
    foreign, weight = ~np.isin(kind, ("genuine", "beside")), weights(np.array(kinds))
    fold = np.array([zlib.crc32(host.encode()) % FOLDS for host in hosts])
    score = np.zeros(len(kind))
    for k in range(FOLDS):
        score[fold == k] = fit(columns[fold != k], foreign[fold != k], weight[fold != k]).predict(columns[fold == k], raw_score=True)
    print(table(kind, score))
    names = np.array(list(measure("", ["word"] * 6, "en").columns))
    np.savez_compressed(args.out, names=names, **arrays(fit(columns, foreign, weight)))


if __name__ == "__main__":
    main()
