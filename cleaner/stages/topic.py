"""Flag what does not belong to the story, and say why. Nothing is ever cut here.

Small boosted trees (see ``cleaner/training/topic.py``) judge each paragraph by the columns of :mod:`cleaner.topics.topicality`;
the reason is put together from the columns that stand out. Sentences are judged by :mod:`cleaner.topics.fragments`.
"""
from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from math import ceil
from typing import Any

import numpy as np

from cleaner.blocks.model import Trees
from cleaner.document import DOCUMENT, Document, Mark, kept
from cleaner.stage import stage
from cleaner.text.languages import label
from cleaner.topics.fragments import scraps
from cleaner.topics.stories import LIMIT as ONE_STORY
from cleaner.topics.stories import border
from cleaner.topics.topicality import HEADING, RUN, WINDOW, Measured, measure
from cleaner.topics.vocabulary import TOKEN

#: An article of fewer paragraphs or words says too little about its topic. In the fixtures the trees flagged 26 of 274 genuine
#: paragraphs of articles below 160 words falsely, and 3 of 128 above.
LEAST_PARAGRAPHS, LEAST_WORDS = 5, 160
#: Log-odds of not belonging from which a paragraph is flagged: on held-out hosts .4 % of the genuine paragraphs, 8 % of the articles.
LIMIT = 3.15
#: Scripts that put no space between words (Thai, Lao, Burmese, Khmer, kana, Han), and Hangul: the stage abstains when
#: they make up a quarter of an article. Measured with word evidence: Korean flagged falsely 16 %, Japanese 5 %.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
UNSPACED_SHARE = 0.25

#: A paragraph is called a prompt or a notice when so many such words are new in it, in a paragraph of at most so many words.
SPEAKS, SPEAKS_WORDS = 2, 25
#: Share of frequent words below which a paragraph is hardly in the language of its article.
FOREIGN, FOREIGN_WORDS = 0.15, 8
#: Nats of evidence that a run of paragraphs loses when its members may not explain each other.
RUN_DROP = 8.0

#: Blocks that have no topic of their own.
SILENT = ("table_row", "caption")


def mine(doc: Document) -> list[Mark]:
    """The marks of this stage."""
    return [m for m in doc.marks if m.stage == "topic"]


def columns(doc: Document) -> dict[str, Any]:
    """What a DataFrame gets for each document."""
    return {"flags": list(doc.flags), "marks": mine(doc)}


@stage(answer=mine, columns=columns)
def topic(doc: Document, *, limit: float = LIMIT, fragments: bool = True) -> Document:
    """Flag paragraphs that tell another story, and sentences that lead nowhere. Never removes text.

    limit: log-odds of not belonging from which a paragraph is flagged; higher flags less. fragments: also look for scraps of
    sentences. Rules: ``topic.off_topic``, ``topic.headline``, ``topic.promo``, ``topic.legal``, ``topic.fragment``,
    and of the whole document ``topic.mixed`` (two stories in one). Articles of less than 5 paragraphs or 160 words, and scripts
    without word boundaries, are left alone.
    """
    live, texts = readable(doc)
    if not speaks(texts):
        return doc
    lang = doc.meta.lang or label(texts).lang
    marks = []
    for start, part in parts(len(texts)):
        within = texts[start : start + part]
        measured = measure(doc.meta.title, within, lang)
        marks += mixed_marks(measured, start)
        for i, score in enumerate(judge(measured)):
            block = doc.blocks[live[start + i]]
            if score > limit and block.kind not in SILENT:
                rule, why = reason(measured, i, within[i])
                detail = f"{why} (score {score:.1f}, limit {limit:.1f})"
                marks.append(Mark(live[start + i], 0, len(block.text), "topic", rule, "flag", score=round(float(score), 2), detail=detail))
    if fragments:
        marks += fragment_marks(doc, live, lang)
    return doc.add(m for m in marks if m not in doc.marks)


def scores(doc: Document) -> list[float]:
    """For each block the log-odds that it does not belong, -10 where the stage abstains."""
    live, texts = readable(doc)
    out = [-10.0] * len(doc.blocks)
    if speaks(texts):
        lang = doc.meta.lang or label(texts).lang
        for start, part in parts(len(texts)):
            for i, score in enumerate(judge(measure(doc.meta.title, texts[start : start + part], lang))):
                out[live[start + i]] = float(score)
    return out


def readable(doc: Document) -> tuple[list[int], list[str]]:
    """The blocks that still say something, with what is left of their text."""
    pieces = kept(doc)
    found = [(i, text) for i, _ in doc.live() if (text := "".join(pieces[i]).strip())]
    return [i for i, _ in found], [text for _, text in found]


def speaks(texts: list[str]) -> bool:
    """Whether an article is long enough, in a script with word boundaries."""
    if len(texts) < LEAST_PARAGRAPHS or sum(t.count(" ") + 1 for t in texts) < LEAST_WORDS:
        return False
    return spaced(texts)


def spaced(texts: list[str]) -> bool:
    """Whether the script puts spaces between its words."""
    return sum(len(UNSPACED.findall(t)) for t in texts) <= UNSPACED_SHARE * sum(map(len, texts))


def parts(n: int) -> Iterator[tuple[int, int]]:
    """Start and length of the equal parts in which n paragraphs are judged."""
    number = ceil(n / WINDOW)
    borders = [n * k // number for k in range(number + 1)]
    return ((a, b - a) for a, b in itertools.pairwise(borders))


def judge(measured: Measured) -> np.ndarray:
    """The log-odds of each paragraph of not belonging to its article."""
    p = np.clip(trees().probabilities(np.stack(list(measured.columns.values()), 1)), 1e-9, 1 - 1e-9)
    return np.log(p / (1 - p))


def reason(measured: Measured, i: int, text: str) -> tuple[str, str]:
    """Rule and plain reason of a flagged paragraph: what stands out in its columns."""
    c = {name: values[i] for name, values in measured.columns.items()}
    alone, short = measured.alone(i), c["words"] <= SPEAKS_WORDS
    words = [w for w in dict.fromkeys(TOKEN.findall(text)) if w.lower()[:6] in alone]
    listed = f" ({', '.join(words[:3])}{', …' if len(words) > 3 else ''})" if words else ""
    heading = c["end"] == 0 and c["words"] <= HEADING
    facts = [
        (short and c["new_prompt"] >= SPEAKS, "topic.promo", "it asks the reader to do something that the article does not speak of"),
        (short and c["new_legal"] >= SPEAKS, "topic.legal", "it speaks of rights or terms, the article does not"),
        (c["words"] >= FOREIGN_WORDS and c["frequent"] < FOREIGN, "topic.off_topic", "hardly any of its words are frequent in the article's language"),
        (heading, "topic.headline", "it stands like a headline of its own"),
        (
            c["alone"] >= 1, "topic.off_topic",
            f"{c['alone']:.0f} of its {c['distinctive']:.0f} distinctive words{listed} occur nowhere else in the article",
        ),
        (c["run_drop"] >= RUN_DROP, "topic.off_topic", f"it shares its words with a run of {RUN} paragraphs, not with the rest"),
        (c["title_cover"] == 0 and c["cover"] < 0.5, "topic.off_topic", "it holds no word of the title"),
        (c["lexrank_gap"] >= 0, "topic.off_topic", "no other paragraph is as far from the rest"),
    ]
    true = [(rule, why) for holds, rule, why in facts if holds] or [("topic.off_topic", "it differs from the others in sum")]
    return true[0][0], " and ".join(why for _, why in true[:2])


def mixed_marks(measured: Measured, start: int) -> Iterator[Mark]:
    """The flag of a document that holds two stories. start: paragraphs of the document before those measured."""
    found = border(measured)
    if found and found.share < ONE_STORY:
        why = f"two stories: from paragraph {start + found.paragraph + 1} on it shares {found.share:.0%} of the words that either part shares within"
        yield Mark(DOCUMENT, 0, 0, "topic", "topic.mixed", "flag", score=round(found.share, 3), detail=f"{why} (limit {ONE_STORY:.0%})")


def fragment_marks(doc: Document, live: list[int], lang: str) -> Iterator[Mark]:
    """The suspect sentences of blocks that no earlier stage cut into."""
    cut = {m.block for m in doc.marks if m.action == "cut"}
    whole = [i for i in live if i not in cut]
    for s in scraps([doc.blocks[i].text for i in whole], lang):
        yield Mark(whole[s.paragraph], s.start, s.end, "topic", "topic.fragment", "flag", detail=s.why)


@cache
def trees() -> Trees:
    """The shipped trees. Raises ValueError when they were trained on other columns than this code measures."""
    with files("cleaner").joinpath("data/topic_model.npz").open("rb") as f, np.load(f, allow_pickle=False) as z:
        if z["names"].tolist() != list(measure("", ["word"] * LEAST_PARAGRAPHS, "en").columns):
            raise ValueError("cleaner/data/topic_model.npz was trained on other columns; run python -m cleaner.training.topic")
        return Trees(z["feature"], z["threshold"], z["leaf"])
