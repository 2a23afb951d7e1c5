"""LightGBM's trees, which branch freely, as the plain arrays of :class:`cleaner.blocks.trees.Trees`."""
from __future__ import annotations

import lightgbm
import numpy as np


def complete(model: lightgbm.Booster, depth: int) -> dict[str, np.ndarray]:
    """The model's trees as complete trees of one depth, which no tree exceeds: feature and threshold of each node, value of each leaf."""
    trees = model.dump_model()["tree_info"]
    nodes = 2**depth - 1
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
