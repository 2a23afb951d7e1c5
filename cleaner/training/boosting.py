"""Boosted symmetric trees out of a table, by CatBoost, as the plain arrays of :class:`cleaner.blocks.trees.SymmetricTrees`."""
from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import catboost
import numpy as np

#: The same data give the same trees: a fixed seed, a fixed number of threads.
FIXED = {"loss_function": "Logloss", "boost_from_average": False, "random_seed": 1, "thread_count": 2, "verbose": False, "allow_writing_files": False}


def boosted(columns: np.ndarray, labels: np.ndarray, weight: np.ndarray, settings: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Trees whose sum is the log-odds of a label; settings: CatBoost's own, beside :data:`FIXED`. weight: of each row."""
    model = catboost.CatBoost({**FIXED, **settings})
    model.fit(catboost.Pool(columns, labels.astype(int), weight=weight))
    return arrays(model)


def arrays(model: catboost.CatBoost) -> dict[str, np.ndarray]:
    """A model's questions and leaves; a tree that asked fewer questions than others asks the rest in vain."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.json")
        model.save_model(str(path), format="json")
        stored = json.loads(path.read_text("utf-8"))
    trees, (scale, (bias,)) = stored["oblivious_trees"], stored["scale_and_bias"]
    depth = max(len(tree["splits"] or ()) for tree in trees)
    feature = np.zeros((len(trees), depth), np.uint8)
    threshold = np.full((len(trees), depth), np.inf, np.float32)
    leaf = np.zeros((len(trees), 2**depth), np.float32)
    for number, tree in enumerate(trees):
        for level, split in enumerate(tree["splits"] or ()):
            feature[number, level], threshold[number, level] = split["float_feature_index"], split["border"]
        values = scale * np.array(tree["leaf_values"])
        leaf[number] = np.tile(values, 2**depth // len(values))
    leaf[0] += bias
    return {"feature": feature, "threshold": threshold, "leaf": leaf}
