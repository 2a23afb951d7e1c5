"""Does a block belong to the article? A small tree model over the columns of :mod:`cleaner.blocks.features`, numpy alone.

Boosted trees (CatBoost, see ``cleaner/data/MODEL.md``) shipped as plain arrays; the decision in context is body text
extraction (Finn, Kushmerick & Smyth 2001) over log-odds; a gate keeps its hands off text that is nearly clean.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from cleaner.blocks.features import NAMES, PROSE_WORDS, SHORT, Words, densest, features
from cleaner.blocks.look import Reader
from cleaner.blocks.phrase import WEAK, Phrase
from cleaner.blocks.scan import scan
from cleaner.blocks.trees import SymmetricTrees
from cleaner.stage import Favor

#: A block counts as surely residue below this chance, or when a firm wording of the phrase book found it. Measured by host-disjoint folds,
#: the model alone: .12 instead of .15 spares a third of what clean texts lose, boilerplate F1 -.0001.
SURE_RESIDUE = 0.12
#: A document is a scraped page when this share of its blocks is surely residue, or the smaller share and so many different firm rows of
#: the phrase book; else its text is nearly clean. Measured: clean texts lose a third less than with the smaller share alone, and a tenth
#: less than where rows of ordinary words count too (boilerplate F1 of `articles` +.0002, loss .0104 to .0097).
PAGE, PAGE_WITH_ROWS, ROWS = 0.3, 0.15, 3
#: A scraped page has so many blocks of sure residue at least: 98 % of the scrapes of all visible text do, and 1 % of clean texts.
LINES = 5
#: A document of so few blocks is no page, and what remains of it says less about a line than a page does.
FEW = 8
#: A longer text that is nearly clean loses what the model would cut, or nothing when that is more than this share of its words.
MOST_OF_CLEAN = 0.05
#: A scraped page has an article at all when one paragraph of it has this chance; it counts only where the phrase book found ROWS
#: different rows, so that a clean list is never emptied. Measured on pages of the news set: 4 of 127 cut to articles of one to eight
#: paragraphs come out empty, 90 of 128 without an article do (a limit on the words of the whole article: 16 and 115).
ANY_ARTICLE = 0.25
#: What stands between two paragraphs of this chance in a nearly clean text is its own, such as the dates of a chronicle. Measured on a
#: quarter of `articles` and all of `news`: boilerplate F1 of `articles`, traf_recall .339 to .342, final F1 nowhere changed by more than .0001.
SURE_ARTICLE = 0.4
#: A block that ends like a sentence is prose from so many words on; others from PROSE_WORDS.
SENTENCE_WORDS = 6
#: The line before a scraped page's first prose is its headline when it has so many words and this chance. Measured: of such lines
#: that fall below the limits half are headlines, a fifth of the article, the rest residue.
HEADLINE_WORDS, HEADLINE = (4, 25), 0.1

#: Added to the log-odds when the body is sought: holds on to its doubtful ends. Measured likewise: .75 instead of .5, loss .0078 to .0073 on
#: `articles` and .0043 to .0041 on `news`, boilerplate F1 -.0005 and -.0003, final F1 the same.
BIAS = 0.75

#: Paragraphs in a row that stand twice from which both places are judged alike. Measured likewise: loss .0117 to .0106 on `articles`,
#: boilerplate F1 +.0005, final F1 -.0001; `news` has no such page.
PASSAGE = 5

#: Parts of one that a word's lean is stored in.
STEPS = 50


class Limits(NamedTuple):
    """Chances from which a block is kept: lines and prose inside the body, lines and prose outside."""

    line: float
    prose: float
    line_outside: float
    prose_outside: float


#: For scraped pages, for nearly clean text, and for documents of few blocks. "precision" cuts more, "recall" keeps more. Measured by
#: host-disjoint folds. Pages: .2 instead of .25 for lines of the body, .04 instead of .06 for its prose, .7 instead of .6 and .22 instead
#: of .17 outside, `articles` lose .98 instead of .99 % (final F1 .9301 instead of .9295, boilerplate F1 +.0004), `news` .73 instead of
#: .68 % (.9329 instead of .9320, +.0002); the body's prose is held at .05, since at .04 an agency's line stays. Few blocks: with limits of their own, not those of nearly clean text, 4 points more of the residue
#: beside three paragraphs go, for the same losses; beside three blocks of any kind 3 points more, losses .74 instead of .70 %.
LIMITS: dict[Favor, tuple[Limits, Limits, Limits]] = {
    "precision": (Limits(0.5, 0.2, 0.7, 0.4), Limits(0.1, 0.02, 0.4, 0.1), Limits(0.1, 0.02, 0.6, 0.2)),
    "balanced": (Limits(0.2, 0.05, 0.7, 0.22), Limits(0.005, 0.01, 0.3, 0.05), Limits(0.005, 0.01, 0.45, 0.1)),
    "recall": (Limits(0.1, 0.02, 0.3, 0.1), Limits(0.005, 0.005, 0.03, 0.01), Limits(0.005, 0.005, 0.03, 0.01)),
}
SCRAPED, CLEAN, SMALL = range(3)


class Judgement(NamedTuple):
    """A document's blocks judged. probability: chance to belong to the article. keep: the decision. words: their length."""

    probability: np.ndarray
    keep: np.ndarray
    words: np.ndarray
    columns: np.ndarray

    def reason(self, block: int) -> str:
        """What speaks for the decision about a block, in words."""
        return self.reasons([block])[0]

    def reasons(self, blocks: Sequence[int]) -> list[str]:
        """The same for several blocks at once."""
        if not len(blocks):
            return []
        words = self.words[blocks]
        c = dict(zip(TELLING, self.columns.T[TOLD][:, blocks].astype(float)))
        lines = np.rint(np.expm1(c["short_run_before"])) + np.rint(np.expm1(c["short_run_after"]))
        short = words < SHORT
        facts = [
            short, c["end"] == 0, c["same_before"] > 0, c["repeats_before"] > 0.5, (lines >= 4) & short, c["prose_before"] == 0,
            c["prose_after"] == 0, c["pattern"] > 0, c["phrase"] > 0, c["separators"] > 0.1, c["address"] > 0, (c["vocabulary"] < 0.2) & ~short,
        ]  # fmt: skip
        signs = (1 << np.arange(len(facts))) @ np.array(facts)
        return list(map(reason, signs.tolist(), lines.astype(int).tolist()))


#: The columns that a reason speaks of.
TELLING = (
    "end", "same_before", "repeats_before", "short_run_before", "short_run_after", "prose_before", "prose_after", "pattern", "phrase",
    "separators", "address", "vocabulary",
)  # fmt: skip
#: Where they stand.
TOLD = [NAMES.index(name) for name in TELLING]

#: What each of its facts is in words.
FACTS = (
    "short", "no sentence", "stood above already", "repeats a passage above", "between {lines} short lines", "before the first body paragraph",
    "after the last body paragraph", "same pattern elsewhere", "a phrase of the book", "separators", "an address", "shares few words with the body",
)  # fmt: skip


@lru_cache(maxsize=4096)
def reason(signs: int, lines: int) -> str:
    """A block's telling features in words, at most four. signs: a bit for each of :data:`FACTS`. lines: short ones around it."""
    true = [text.format(lines=lines) for n, text in enumerate(FACTS) if signs >> n & 1]
    return ", ".join(true[:4]) or "unlike the body in sum"


def judge(texts: Sequence[str], title: str | None = None, favor: Favor = "balanced", phrases: Sequence[Phrase | None] = (),
          model: Model | None = None, reader: Reader | None = None) -> Judgement:
    """Judge the blocks of one document, in their order.

    title: the page's headline where known. phrases: what the phrase book says of each block. model: the shipped one when not given.
    reader: the document's own, where it is judged again when some blocks are gone.
    Raises ValueError for an unknown ``favor``.
    """
    if favor not in LIMITS:
        raise ValueError(f"favor is {favor!r}, not one of {', '.join(LIMITS)}")
    model = model or shipped()
    columns, words = features(texts, title, model.words, phrases, reader)
    probability = model.trees.probabilities(columns)
    if ((columns[:, NAMES.index("same_before")] > 0) & (words >= PROSE_WORDS)).sum() >= PASSAGE:
        probability = alike(probability, texts, words)
    firm = np.array([p is not None and p.place > WEAK for p in phrases] or [False] * len(texts), bool)
    ends = columns[:, NAMES.index("end")] > 0
    return Judgement(probability, keep(probability, words, ends, favor, firm, len({p.row for p in phrases if p and p.place > WEAK})), words, columns)


def alike(p: np.ndarray, texts: Sequence[str], words: np.ndarray) -> np.ndarray:
    """The chances with those of a passage that stands twice made equal, each paragraph's better one: an article that a page holds
    for two widths of the screen is kept as one piece, not as pieces of both."""
    place, pairs = {}, []
    for n, text in enumerate(texts):
        if text in place:
            pairs.append((place[text], n))
        place[text] = n
    p, run = p.copy(), []
    for pair in [*sorted(pairs), (len(p), 0)]:
        if run and (pair[0] - run[-1][0], pair[1] - run[-1][1]) != (1, 1):
            one, other = np.array(run).T
            if (words[one] >= PROSE_WORDS).sum() >= PASSAGE:
                p[one] = p[other] = np.maximum(p[one], p[other])
            run = []
        run.append(pair)
    return p


def keep(
    p: np.ndarray, words: np.ndarray, ends: np.ndarray, favor: Favor = "balanced", firm: np.ndarray | None = None, rows: int = 0
) -> np.ndarray:
    """Which blocks stay: p their chances, words their lengths, ends which end like a sentence, in document order.

    firm: the blocks that the phrase book is sure about. rows: how many different rows of it found them.
    Inside the run of blocks with the greatest sum of log-odds x log(1 + words) a lower chance is enough than outside it.
    """
    if not len(p):
        return np.zeros(0, bool)
    firm = np.zeros(len(p), bool) if firm is None else firm
    residue = np.mean((p < SURE_RESIDUE) | firm)
    large = len(p) > FEW
    scraped = large and residue * len(p) >= LINES and (residue >= PAGE or residue >= PAGE_WITH_ROWS and rows >= ROWS)
    prose = (words >= PROSE_WORDS) | ends & (words >= SENTENCE_WORDS)
    inside = in_body(p, words, prose & ~firm, firm)
    if not scraped and (good := np.flatnonzero(prose & ~firm & (p >= SURE_ARTICLE))).size:
        inside[good[0] : good[-1]] = True

    def above(limits: Limits) -> np.ndarray:
        return p >= np.where(inside, np.where(prose, limits.prose, limits.line), np.where(prose, limits.prose_outside, limits.line_outside))

    kind = SCRAPED if scraped else CLEAN if large else SMALL
    # Whether a document is spared or emptied as a whole does not hang on the favour, so that "recall" never keeps less.
    usual = above(LIMITS["balanced"][kind])
    if scraped and rows >= ROWS and not (prose & ~firm & (p >= ANY_ARTICLE)).any():
        return np.zeros(len(p), bool)
    if large and not scraped and words[~usual & ~firm].sum() > MOST_OF_CLEAN * words.sum():
        return np.ones(len(p), bool)
    stays = above(LIMITS[favor][kind])
    if scraped and (line := headline(words, ends, firm, stays & (words >= PROSE_WORDS))) is not None:
        stays[line] |= p[line] >= HEADLINE
    return stays


def headline(words: np.ndarray, ends: np.ndarray, firm: np.ndarray, prose: np.ndarray) -> int | None:
    """The line right before the first prose, blocks that the phrase book knows aside."""
    before = np.flatnonzero(~firm[: int(np.argmax(prose))]) if prose.any() else ()
    if not len(before) or ends[before[-1]] or not HEADLINE_WORDS[0] <= words[before[-1]] <= HEADLINE_WORDS[1]:
        return None
    return int(before[-1])


def in_body(p: np.ndarray, words: np.ndarray, prose: np.ndarray, firm: np.ndarray) -> np.ndarray:
    """The blocks of the run that is most surely and most wordily article, and the prose next to it.

    What the phrase book knows ("Photo: …", "Read also: …") does not part a paragraph from the body.
    """
    certain = np.clip(p, 1e-6, 1 - 1e-6)
    start, end = densest((np.log(certain / (1 - certain)) + BIAS) * np.log1p(np.minimum(words, 80)))
    inside = np.zeros(len(p), bool)
    inside[start : end + 1] = True
    for way in (range(end + 1, len(p)), range(start - 1, -1, -1)):
        for n in way:
            if not (prose[n] or firm[n]):
                break
            inside[n] = prose[n]
    return inside


class Model(NamedTuple):
    """Trees, and how the words that the training pages share lean to residue or to articles."""

    trees: SymmetricTrees
    words: Words

    @classmethod
    def of(cls, stored: Mapping[str, np.ndarray]) -> Model:
        """The model in a file's arrays. Raises ValueError when it was trained on other columns than this code measures."""
        if tuple(stored["names"].tolist()) != NAMES:
            raise ValueError("the model was trained on other features; run make train")
        s = scan(stored["words"].tobytes().decode().split("\n"))
        _, first = np.unique(s.word_block, return_index=True)
        key = s.word_key[first]
        order = np.argsort(key)
        words = Words(key[order], *(stored[name][order] / np.float32(STEPS) for name in ("anywhere", "first")))
        return cls(SymmetricTrees(stored["feature"], stored["threshold"], stored["leaf"]), words)


@cache
def shipped() -> Model:
    """The model that comes with the package."""
    with files("cleaner").joinpath("data/text_model.npz").open("rb") as f, np.load(f, allow_pickle=False) as z:
        return Model.of({name: z[name] for name in z.files})
