"""Flag what does not belong to the story, and say why. Nothing is ever cut here.

Small boosted trees (see ``cleaner/training/topic.py``) judge each paragraph by the columns of :mod:`cleaner.topics.topicality`;
the reason is put together from the columns that stand out. Sentences are judged by :mod:`cleaner.topics.fragments`.
"""
from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from math import ceil
from typing import Any

import numpy as np

from cleaner.blocks.trees import Cascade
from cleaner.document import DOCUMENT, Document, Mark, kept
from cleaner.stage import stage
from cleaner.text.languages import label
from cleaner.topics.fragments import scraps
from cleaner.topics.stories import LIMIT as ONE_STORY
from cleaner.topics.stories import border
from cleaner.topics.topicality import HEADING, RUN, WINDOW, Measured, measure, names
from cleaner.topics.vocabulary import tokens

#: An article of fewer paragraphs or words says too little about its topic.
LEAST_PARAGRAPHS, LEAST_WORDS = 5, 80
#: Log-odds of not belonging from which a paragraph is flagged; what that costs and catches stands in cleaner/data/TOPIC_MODEL.md.
LIMIT = 3.2
#: What is added to the limit: so much times (SHORT_WORDS / words - 1) in an article of fewer words, and so much in a language
#: other than those of nearly all training pages: 1.3 % of the genuine paragraphs in eleven such languages are flagged at the limit alone.
#: Of 186 short articles of the evaluation sets none needs the higher limit, of the fixtures three do.
SHORT_WORDS, SHORT_BAR = 350, 0.4
LEARNED, OTHER_BAR = ("en", "de"), 1.25
#: Scripts that put no space between words (Thai, Lao, Burmese, Khmer, kana, Han), and Hangul: the stage abstains when
#: they make up a quarter of an article. Measured with word evidence: Korean flagged falsely 16 %, Japanese 5 %.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
UNSPACED_SHARE = 0.25

#: A paragraph is called a prompt or a notice when so many such words are new in it, in a paragraph of at most so many words.
SPEAKS, SPEAKS_WORDS = 2, 25
#: Share of frequent words below which a paragraph is hardly in the language of its article.
FOREIGN, FOREIGN_WORDS = 0.15, 8
#: Difference between the shares of letters beyond Latin from which a paragraph is in another script than the rest, and its score:
#: sure whatever the trees say, which know the alphabets of their training pages alone.
SCRIPT, SURE = 0.4, 8.0
#: The score of a paragraph that was not judged.
ABSTAINS = -10.0
#: A paragraph that stands so many log-odds below the limit after so many of the trees is asked no further (a soft cascade, Bourdev &
#: Brandt 2005): seven of eight. Measured on 404,000 paragraphs with and without intruders, at limits from 1.2 to 4.2: none of 1,170 to
#: 4,969 flagged stood 4.0 below.
FIRST_TREES, LEFT_BELOW = 50, 4.5
#: Nats from which a paragraph's marks and frequent words are said to be of another kind: less than 1 and 3 % of the genuine paragraphs.
TYPING, STYLE = -1.5, -2.6
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

    limit: log-odds of not belonging from which a paragraph is flagged; higher flags less. Below 350 words and in languages other
    than English and German it takes more. fragments: also look for scraps of sentences. Rules: ``topic.off_topic``,
    ``topic.headline``, ``topic.promo``, ``topic.legal``, ``topic.fragment``, and of the whole document ``topic.mixed`` (two stories
    in one). Articles of less than 5 paragraphs or 80 words are left alone, and scripts without word boundaries but for a paragraph
    in another script.
    """
    live, texts = readable(doc)
    words = word_count(texts)
    if not long_enough(texts, words):
        return doc
    lang, known = doc.meta.lang or label(texts).lang, spaced(texts)
    limit = bar(words, lang, limit)
    marks = []
    for start, within, measured, found in judged(doc.meta.title, texts, lang, known, limit):
        marks += mixed_marks(measured, start) if known else ()
        for i in np.flatnonzero(found > limit):
            block = doc.blocks[live[start + i]]
            if block.kind not in SILENT:
                rule, why = reason(measured, i, within[i])
                detail = f"{why} (score {found[i]:.1f}, limit {limit:.1f})"
                marks.append(Mark(live[start + i], 0, len(block.text), "topic", rule, "flag", score=round(float(found[i]), 2), detail=detail))
    if fragments:
        marks += fragment_marks(doc, live, lang)
    return doc.add(m for m in marks if m not in doc.marks)


def scores(doc: Document, model: Cascade | None = None) -> list[float]:
    """For each block the log-odds that it does not belong, -10 where the stage abstains. model: the shipped one when not given."""
    live, texts = readable(doc)
    out = [ABSTAINS] * len(doc.blocks)
    if long_enough(texts, word_count(texts)):
        for start, _, _, found in judged(doc.meta.title, texts, doc.meta.lang or label(texts).lang, spaced(texts), model=model):
            for i, score in enumerate(found):
                out[live[start + i]] = float(score)
    return out


def judged(
    title: str | None, texts: list[str], lang: str, known: bool, limit: float | None = None, model: Cascade | None = None
) -> Iterator[tuple[int, list[str], Measured, np.ndarray]]:
    """The parts of an article: number of the first paragraph, paragraphs, what was measured of them, their scores.

    known: whether the script puts spaces between its words. limit: a score far below this one need not be exact.
    """
    for start, size in parts(len(texts)):
        within = texts[start : start + size]
        measured = measure(title, within, lang)
        found = judge(measured, limit, model) if known else np.full(size, ABSTAINS)
        yield start, within, measured, np.where(other_script(measured, within), SURE, found)


def readable(doc: Document) -> tuple[list[int], list[str]]:
    """The blocks that still say something, with what is left of their text."""
    found = [(i, text) for i, pieces in enumerate(kept(doc)) if (text := "".join(pieces).strip())]
    return [i for i, _ in found], [text for _, text in found]


def long_enough(texts: list[str], words: int) -> bool:
    """Whether an article has enough paragraphs and words to have shown a topic."""
    return len(texts) >= LEAST_PARAGRAPHS and words >= LEAST_WORDS


def bar(words: int, lang: str, limit: float = LIMIT) -> float:
    """The limit of an article of so many words: higher where it is short or in a language that the trees hardly know."""
    short = max(0.0, SHORT_WORDS / words - 1)
    return limit + SHORT_BAR * short + OTHER_BAR * (lang not in LEARNED)


def word_count(texts: list[str]) -> int:
    """Words of an article; two signs of a script without spaces are a word."""
    return sum(t.count(" ") + 1 + unspaced(t) // 2 for t in texts)


def spaced(texts: list[str]) -> bool:
    """Whether the script puts spaces between its words."""
    return sum(map(unspaced, texts)) <= UNSPACED_SHARE * sum(map(len, texts))


def unspaced(text: str) -> int:
    """Characters of scripts that put no space between words."""
    return 0 if text.isascii() else len(UNSPACED.findall(text))


def parts(n: int) -> Iterator[tuple[int, int]]:
    """Start and length of the equal parts in which n paragraphs are judged."""
    number = ceil(n / WINDOW)
    borders = [n * k // number for k in range(number + 1)]
    return ((a, b - a) for a, b in itertools.pairwise(borders))


def judge(measured: Measured, limit: float | None = None, model: Cascade | None = None) -> np.ndarray:
    """The log-odds of each paragraph of not belonging to its article; far below the limit, where one is given, those of the first trees."""
    lowest = -np.inf if limit is None else limit - LEFT_BELOW
    return (model or trees()).log_odds(measured.table(), lambda sums: sums < lowest)


def other_script(measured: Measured, texts: list[str]) -> np.ndarray:
    """The paragraphs in another script than the rest. Latin ones need so many words: names and addresses are Latin everywhere."""
    gap = measured.columns["script"]
    if (np.abs(gap) < SCRIPT).all():
        return np.zeros(len(texts), bool)
    return (gap >= SCRIPT) | (gap <= -SCRIPT) & np.array([text.count(" ") >= FOREIGN_WORDS - 1 for text in texts])


def reason(measured: Measured, i: int, text: str) -> tuple[str, str]:
    """Rule and plain reason of a flagged paragraph: what stands out in its columns."""
    c = {name: values[i] for name, values in measured.columns.items()}
    alone, short = measured.alone(i), c["words"] <= SPEAKS_WORDS
    words = [w for w in dict.fromkeys(tokens(text)) if w.lower()[:6] in alone]
    listed = f" ({', '.join(words[:3])}{', …' if len(words) > 3 else ''})" if words else ""
    heading = c["end"] == 0 and c["words"] <= HEADING
    facts = [
        (abs(c["script"]) >= SCRIPT, "topic.off_topic", "it is written in another script than the rest of the article"),
        (short and c["new_prompt"] >= SPEAKS, "topic.promo", "it asks the reader to do something that the article does not speak of"),
        (short and c["new_legal"] >= SPEAKS, "topic.legal", "it speaks of rights or terms, the article does not"),
        (c["words"] >= FOREIGN_WORDS and c["frequent"] < FOREIGN, "topic.off_topic", "hardly any of its words are frequent in the article's language"),
        (heading, "topic.headline", "it stands like a headline of its own"),
        (
            c["alone"] >= 1, "topic.off_topic",
            f"{c['alone']:.0f} of its {c['distinctive']:.0f} distinctive words{listed} occur nowhere else in the article",
        ),
        (c["run_drop"] >= RUN_DROP, "topic.off_topic", f"it shares its words with a run of {RUN} paragraphs, not with the rest"),
        (c["typing"] <= TYPING, "topic.off_topic", "its quotation marks, dashes or apostrophes are of another kind than the article's"),
        (c["style_root"] <= STYLE, "topic.off_topic", "its frequent words are not those of the article"),
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
    """The suspect sentences of blocks that no earlier stage cut into. score: how many signs speak against one; one is enough."""
    cut = {m.block for m in doc.marks if m.action == "cut"}
    whole = [i for i in live if i not in cut]
    for s in scraps([doc.blocks[i].text for i in whole], lang):
        yield Mark(whole[s.paragraph], s.start, s.end, "topic", "topic.fragment", "flag", score=1.0, detail=f"{s.why} (signs 1, limit 1)")


@cache
def trees() -> Cascade:
    """The shipped trees. Raises ValueError when they were trained on other columns than this code measures."""
    with files("cleaner").joinpath("data/topic_model.npz").open("rb") as f, np.load(f, allow_pickle=False) as z:
        if tuple(z["names"].tolist()) != names():
            raise ValueError("cleaner/data/topic_model.npz was trained on other columns; run python -m cleaner.training.topic")
        return cascade({name: z[name] for name in ("feature", "threshold", "leaf")})


def cascade(arrays: Mapping[str, np.ndarray]) -> Cascade:
    """Trees as :func:`judge` asks them."""
    return Cascade(**arrays, first=FIRST_TREES)
