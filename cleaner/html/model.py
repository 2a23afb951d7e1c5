"""Which visible blocks of a page are its article: boosted trees over :mod:`cleaner.html.columns`, numpy alone.

Two models. The first judges by the page alone (:mod:`cleaner.html.densest` gives it a verdict to start from), and where that leaves
no doubt nobody else is asked. Else trafilatura is, and its verdict is the strongest column of the second model and the base of the
decision: the trees overrule it where the evidence is strong, and where they would throw away most of what it keeps, its verdict
stands. Trained by :mod:`cleaner.training.html`.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from cleaner.blocks.trees import Cascade, chance
from cleaner.html.columns import Columns, Looked, Measured, Page, look_at, measure
from cleaner.html.densest import densest
from cleaner.stage import Favor

#: The chance from which a block is kept. Measured by host-disjoint cross-validation: see cleaner/data/MODEL.md.
LIMITS: dict[Favor, float] = {"precision": 0.7, "balanced": 0.5, "recall": 0.25}

#: Share of the words that the extractor keeps, below which its verdict stands.
FALLBACK = 0.5

#: Words that must be kept where the extractor finds no article at all; else there is none.
RESCUED = 60

#: Doubt (see :class:`Judgement`) of the first model beyond which trafilatura is asked: one page of four. Word F1 of news / articles by
#: host-disjoint folds, all trees asked and trafilatura shown all blocks: always .9759 / .9586, beyond .05 .9758 / .9590 (two pages of
#: five), .075 .9754 / .9589, .085 .9753 / .9585, .09 .9752 / .9584, .1 .9728 / .9586; before the later stages never .972 / .947.
UNSURE = 0.085

#: Doubt of the second model beyond which a page is judged once more, by the verdict of trafilatura's full mode, which takes five times as
#: long: 1 % of news pages and 3 % of articles. Word F1 beyond .2 and .3 .9754 / .9591, .4 .9754 / .9589, .5 .9754 / .9585.
DOUBT = 0.4

#: A block whose log-odds by the first trees are so far from even is settled, three of five are; by the other trees they grow so much
#: more, which decides how much is in doubt. Half of the time. Word F1 of news / articles .9753 / .9587 (all trees .9753 / .9585); with 60
#: trees and 3.0 .9753 / .9585, with 48 and 2.0 .9754 / .9577. Of 29,000 blocks that 40 trees settle at 2.5 none is decided otherwise by all.
FIRST_TREES, SETTLED, GROWTH = 48, 2.5, 1.6


class Judgement(NamedTuple):
    """A page's blocks judged.

    probability: chance to belong to the article. keep: the decision. limit: the chance from which a block is kept, 0 where the
    extractor's verdict stands. doubt: words that are expected to be judged wrongly, as a share of the article's.
    """

    probability: np.ndarray
    keep: np.ndarray
    limit: float
    columns: Columns
    doubt: float = 0.0

    def reason(self, block: int) -> str:
        """What speaks for the decision about a block, in words, at most four facts."""
        return self.reasons([block])[0]

    def reasons(self, blocks: Sequence[int]) -> list[str]:
        """The same for several blocks at once."""
        at = np.array(blocks, np.intp)
        told = np.empty((len(TELLING), len(at)))
        for row, name in zip(told, TELLING):
            column = self.columns[name]
            row[:] = column[at] if np.ndim(column) else column
        return [", ".join(facts(dict(zip(TELLING, values)), keep)[:4]) or "in sum" for values, keep in zip(told.T.tolist(), self.keep[at].tolist())]


class Model(NamedTuple):
    """The trees, and the columns that they look at."""

    trees: Cascade
    names: tuple[str, ...]

    @classmethod
    def of(cls, stored: Mapping[str, np.ndarray]) -> Model:
        """The model in a file's arrays."""
        return cls(Cascade(stored["feature"], stored["threshold"], stored["leaf"], FIRST_TREES), tuple(stored["names"].tolist()))

    def probabilities(self, measured: Measured) -> np.ndarray:
        """The chance of each block of a page to belong to the article."""
        return chance(self.trees.log_odds(measured.table(self.names), lambda sums: np.abs(sums) >= SETTLED, GROWTH))


class Models(NamedTuple):
    """The model that judges by the page alone, and the one that knows trafilatura's verdict."""

    first: Model
    second: Model


def judge(page: Page, favor: Favor = "balanced", model: Model | None = None, looked: Looked | None = None) -> Judgement:
    """Judge the blocks of a page by the verdict in it. model: the shipped second one when not given. looked: what is measured of the page already."""
    if not page.blocks:
        return Judgement(np.zeros(0), np.zeros(0, bool), 0.0, {})
    model = model or shipped().second
    measured = measure(page, looked)
    p = model.probabilities(measured)
    keep, stands = decided(p, measured.words, np.asarray(page.kept, bool), favor)
    return Judgement(p, keep, 0.0 if stands else LIMITS[favor], measured.columns, doubt(p, measured.words))


#: Their files.
FILES = ("html_first.npz", "html_model.npz")


def settled(
    page: Page, ask: Callable[[bool, np.ndarray], Sequence[bool] | None], favor: Favor = "balanced", models: Models | None = None
) -> tuple[Sequence[bool] | None, Judgement]:
    """Judge a page that has blocks, by the cheapest opinion that leaves little doubt; ``page.kept`` is not looked at.

    ask: gives trafilatura's verdict, None where there is none; told whether in its fast mode, and the blocks' chances by the first
    model. The verdict is given back with the judgement by it, None where none was asked for or found.
    """
    models = models or shipped()
    looked = look_at(page)
    page = page._replace(kept=densest(looked))
    judged = judge(page, favor, models.first, looked)
    heard, found, chances = True, None, judged.probability
    for fast, limit in ((True, UNSURE), (False, DOUBT)):
        if heard and judged.doubt <= limit and any(page.kept):
            break
        verdict = ask(fast, chances)
        heard = verdict is not None
        if heard and (found is None or list(verdict) != list(found)):
            found, page = verdict, page._replace(kept=verdict)
            judged = judge(page, favor, models.second, looked)
    return found, judged


def doubt(p: np.ndarray, words: np.ndarray) -> float:
    """How many words are expected to be judged wrongly, as a share of the article's. p: chances, words: lengths of the blocks."""
    return float((words * np.minimum(p, 1 - p)).sum() / max(1.0, words[p >= LIMITS["balanced"]].sum()))


def decided(p: np.ndarray, words: np.ndarray, kept: np.ndarray, favor: Favor = "balanced") -> tuple[np.ndarray, bool]:
    """Which blocks stay, and whether the extractor's verdict stands. p: chances, words: lengths, kept: the verdict.

    What "precision" keeps "balanced" keeps too, and what that keeps "recall" does.
    """
    keep, base = p >= LIMITS[favor], p >= LIMITS["balanced"]
    found = words[base].sum()
    if kept.any() and found >= FALLBACK * words[kept].sum() or not kept.any() and found >= RESCUED:
        return keep, False
    return (kept | keep if favor == "recall" and kept.any() else kept), True


#: Surroundings that are named in a reason.
RESIDUAL = ("in comment", "in share", "in related", "in newsletter", "in nav", "in foot", "in side", "in ad", "in <aside>", "in <nav>", "in <footer>",
            "in <form>")  # fmt: skip
TELLING = ("link", "repeats before", "same before", "in kept", "alike kept blocks", "prose", "page prose kept", "title in it", "end", *RESIDUAL)


def facts(c: dict[str, float], keep: bool) -> list[str]:
    """What a block's telling columns say for keeping it, or for cutting it."""
    alike = c["alike kept blocks"]
    if keep:
        told = [("prose", c["prose"]), ("between parts of the article", c["in kept"]), ("made like blocks of the article", alike >= 0.5),
                ("like the title", c["title in it"] > 0.7), ("the extractor kept little of the page's prose", 0 <= c["page prose kept"] < 0.3)]  # fmt: skip
    else:
        told = [("mostly links", c["link"] > 0.5), *((name, c[name]) for name in RESIDUAL), ("repeats a passage above", c["repeats before"] > 0.5),
                ("stood above already", c["same before"]), ("made like blocks that are not the article", 0 <= alike < 0.2),
                ("outside the article", not c["in kept"]), ("no sentence", not c["end"])]  # fmt: skip
    return [text for text, true in told if true]


@cache
def shipped() -> Models:
    """The models that come with the package."""
    return Models(*map(loaded, FILES))


def loaded(name: str) -> Model:
    """A model from its file."""
    with files("cleaner").joinpath(f"data/{name}").open("rb") as f, np.load(f, allow_pickle=False) as z:
        return Model.of(z)
