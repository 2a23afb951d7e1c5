"""Which visible blocks of a page are its article: boosted trees over :mod:`cleaner.html.columns`, numpy alone.

Trafilatura's verdict is the strongest of the columns and the base of the decision: the trees overrule it where the evidence is
strong, and where they would throw away most of what it keeps, its verdict stands. Trained by :mod:`cleaner.training.html`.
"""
from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from cleaner.blocks.model import Favor, Trees
from cleaner.html.columns import Columns, Page, measure

#: The chance from which a block is kept. Measured by host-disjoint cross-validation: see cleaner/data/MODEL.md.
LIMITS: dict[Favor, float] = {"precision": 0.65, "balanced": 0.45, "recall": 0.25}

#: Share of the words that the extractor keeps, below which its verdict stands.
FALLBACK = 0.3

#: Words that must be kept where the extractor finds no article at all; else there is none.
RESCUED = 60


class Judgement(NamedTuple):
    """A page's blocks judged. probability: chance to belong to the article. keep: the decision. fell_back: the verdict stood."""

    probability: np.ndarray
    keep: np.ndarray
    fell_back: bool
    columns: Columns

    def reason(self, block: int) -> str:
        """What speaks for the decision about a block, in words."""
        return reason({name: float(values[block]) for name, values in self.columns.items()}, bool(self.keep[block]))


class Model(NamedTuple):
    """The trees, and the columns that they look at."""

    trees: Trees
    names: tuple[str, ...]


def judge(page: Page, favor: Favor = "balanced", model: Model | None = None) -> Judgement:
    """Judge the blocks of a page. model: the shipped one when not given."""
    if not page.blocks:
        return Judgement(np.zeros(0), np.zeros(0, bool), False, {})
    model = model or shipped()
    measured = measure(page)
    p = model.trees.probabilities(measured.table(model.names))
    keep, fell_back = decided(p, measured.words, np.asarray(page.kept, bool), favor)
    return Judgement(p, keep, fell_back, measured.columns)


def decided(p: np.ndarray, words: np.ndarray, kept: np.ndarray, favor: Favor = "balanced") -> tuple[np.ndarray, bool]:
    """Which blocks stay, and whether the extractor's verdict stands. p: chances, words: lengths, kept: the verdict.

    What "precision" keeps "balanced" keeps too, and what that keeps "recall" does.
    """
    keep, base = p >= LIMITS[favor], p >= LIMITS["balanced"]
    found = words[base].sum()
    if kept.any() and found >= FALLBACK * words[kept].sum() or not kept.any() and found >= RESCUED:
        return keep, False
    return (kept | keep if favor == "recall" and kept.any() else kept), True


def reason(column: dict[str, float], keep: bool) -> str:
    """A block's telling columns in words, at most four."""
    linked = [name.removeprefix("in ") for name, value in column.items() if value and name.startswith("in ") and name.removeprefix("in ") in RESIDUAL]
    facts = [
        (not keep and column["link"] > 0.5, "mostly links"), (not keep and bool(linked), f"inside {linked[0] if linked else ''}"),
        (not keep and column["repeats before"] > 0.5, "repeats a passage above"), (column["same before"] > 0, "stood above already"),
        (not keep and not column["in kept"], "outside the article"), (column["in kept"] > 0 and keep, "between parts of the article"),
        (column["alike kept blocks"] >= 0.5, "made like blocks of the article"),
        (0 <= column["alike kept blocks"] < 0.2, "made like blocks that are not the article"),
        (keep and column["prose"] > 0, "prose"), (column["page prose kept"] < 0.3 and keep, "the extractor kept little of the page"),
        (column["title in it"] > 0.7, "like the title"), (not keep and column["end"] == 0, "no sentence"),
    ]  # fmt: skip
    return ", ".join([text for true, text in facts if true][:4]) or "in sum"


#: Surroundings that are named in a reason.
RESIDUAL = {"comment", "share", "related", "newsletter", "nav", "foot", "side", "ad", "<aside>", "<nav>", "<footer>", "<form>", "<button>"}


@cache
def shipped() -> Model:
    """The model that comes with the package."""
    with files("cleaner").joinpath("data/html_model.npz").open("rb") as f, np.load(f, allow_pickle=False) as z:
        return Model(Trees(z["feature"], z["threshold"], z["leaf"]), tuple(z["names"].tolist()))
