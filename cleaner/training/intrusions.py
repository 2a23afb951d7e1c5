"""Articles with something foreign in them, made from clean ones: what the trees of the topic stage learn from.

Each sample is a part of an article, as it is or with one intrusion: paragraphs, blocks, headlines or sentences of other articles,
and prompts and notices of real pages. Foreign and own text come from the same articles, so that nothing but the fit can tell them
apart; the number of paragraphs and of words follows one law whether something intrudes or not.
"""
from __future__ import annotations

import gzip
import itertools
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cleaner.rules import rules
from cleaner.text.languages import label
from cleaner.topics.vocabulary import reader_words, tokens

#: Samples of each article: of the article alone, and of each kind of intrusion.
ALONE, TURNS = 10, 5
#: TF-IDF cosine from which two articles tell of the same event, and how many of the nearest others may intrude as ``near``.
SAME_EVENT, NEAREST = 0.6, 3
#: Paragraphs and words of an article that is used at least, and words of a paragraph or sentence that intrudes.
LEAST_PARAGRAPHS, LEAST_WORDS = 5, 80
INTRUDER_WORDS, FRAGMENT_WORDS, TITLE_WORDS = 15, (2, 8), 4
#: Paragraphs of a sample: the start of the article as far as most benchmarks and feeds go, any fewer, a short item of so many
#: words, or a long read.
USUAL, LONG, SHORT_WORDS = 25, 60, (80, 260)
LENGTHS = {"usual": 0.4, "fewer": 0.3, "short": 0.2, "long": 0.1}
#: Share of the samples that come without a title.
UNTITLED = 0.08
#: Categories of the phrase book whose examples are prompts and notices; a line of a page is one with so many words of the kind.
PROMPTS, NOTICES = ("newsletter", "follow", "paywall", "contact", "share"), ("legal", "cookie", "affiliate", "agency")
TELLING, LINE_WORDS = 2, (4, 40)

#: Share of the intruders that are typed as the article is, so that the trees do not live by quotation marks alone.
RETYPED = 0.5

OPENING, APOSTROPHE = re.compile(r'(?<!\S)"'), re.compile(r"(?<=\w)'(?=\w)")
SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’»)]*\s+")


class Article(NamedTuple):
    """A clean article."""

    id: str
    host: str
    lang: str
    title: str
    paragraphs: tuple[str, ...]


class Sample(NamedTuple):
    """Part of an article. kind: of the intrusion, "genuine" without one. foreign: numbers of the paragraphs that intrude."""

    article: Article
    kind: str
    title: str
    paragraphs: list[str]
    foreign: range


#: Prompts and notices by language: {"en": {"promo": [...], "legal": [...]}}.
Lines = Mapping[str, Mapping[str, Sequence[str]]]


def pages(scrapes: Path) -> Iterator[dict]:
    """One labelled scrape of each page of a file: JSON lines with id, host, lang, title, paragraphs, labels and gold."""
    with gzip.open(scrapes, "rt", encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            if row["scrape"] == "visible":
                yield row | {"host": row["host"] or row["id"]}


def articles(found: Iterable[dict]) -> Iterator[Article]:
    """The articles of pages that are long enough to learn from."""
    for row in found:
        text = [" ".join(line.split()) for line in row["gold"].split("\n") if line.strip()]
        if len(text) >= LEAST_PARAGRAPHS and sum(map(words, text)) >= LEAST_WORDS:
            yield Article(row["id"], row["host"], row["lang"] or label(text).lang, " ".join((row["title"] or "").split()), tuple(text))


def words(text: str) -> int:
    return text.count(" ") + 1


def lines(found: Iterable[dict]) -> Lines:
    """Prompts and notices by language: examples of the phrase book, and lines around the articles of pages that speak like them."""
    out: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: {"promo": {}, "legal": {}})
    for rule in rules():
        kind = "promo" if rule.category in PROMPTS else "legal" if rule.category in NOTICES else ""
        if kind and "{" not in rule.pattern and words(rule.hit) >= LINE_WORDS[0] and ends(rule.hit):
            out[rule.language][kind][rule.hit] = None
    for row in found:
        for text, kind in itertools.product((t for t, k in zip(row["paragraphs"], row["labels"]) if k == "boilerplate"), ("promo", "legal")):
            if speaks(text, kind):
                out[row["lang"] or "en"][kind][" ".join(text.split())] = None
    return {lang: {kind: list(texts) for kind, texts in kinds.items()} for lang, kinds in out.items()}


def ends(text: str) -> bool:
    """Whether a line ends as sentences do."""
    return text.rstrip()[-1:] in tuple(".!?")


def speaks(text: str, kind: str) -> bool:
    """Whether a line is a sentence with words of prompts or notices."""
    if not LINE_WORDS[0] <= words(text) <= LINE_WORDS[1] or not ends(text):
        return False
    prompts, notices = reader_words()
    return len({t.lower() for t in tokens(text)} & (prompts if kind == "promo" else notices)) >= TELLING


def samples(chosen: Sequence[Article], prompts: Lines, seed: str = "1") -> Iterator[Sample]:
    """Samples of articles whose intruders come from the same articles."""
    cosine = similarities([f"{a.title} {' '.join(a.paragraphs)}" for a in chosen])
    by_lang: dict[str, list[int]] = defaultdict(list)
    for i, a in enumerate(chosen):
        by_lang[a.lang].append(i)
    for i, a in enumerate(chosen):
        rng = random.Random(f"{seed}|{a.id}")
        for _ in range(ALONE):
            yield sample(a, "genuine", [], rng)
        for kind, pick in plan(i, chosen, cosine, by_lang, prompts).items():
            for _ in range(TURNS):
                if foreign := pick(rng):
                    yield sample(a, kind, foreign, rng)


def plan(i: int, chosen: Sequence[Article], cosine: np.ndarray, by_lang: dict[str, list[int]], prompts: Lines) -> dict[str, Callable]:
    """How an intruder of each kind is found for an article: paragraphs from a generator of random numbers."""
    a = chosen[i]
    others = [j for j in by_lang[a.lang] if j != i and cosine[i, j] < SAME_EVENT]
    strangers = [j for j in others if chosen[j].host != a.host]
    own_host = [j for j in others if chosen[j].host == a.host]
    near = sorted(strangers, key=lambda j: -cosine[i, j])[:NEAREST]
    abroad = [j for lang, found in by_lang.items() if lang != a.lang for j in found]

    def of(pool: list[int], choices: Callable[[Article], list[list[str]]]) -> Callable:
        return partial(pick, [chosen[j] for j in pool], choices)

    kinds = {
        "random": of(strangers, paragraphs), "near": of(near, paragraphs), "same host": of(own_host, paragraphs), "block": of(strangers, blocks),
        "headline": of(strangers, headline), "headline near": of(near, headline), "headline same host": of(own_host, headline),
        "fragment": of(strangers, fragments), "other lang": of(abroad, paragraphs),
    }  # fmt: skip
    for kind, texts in prompts.get(a.lang, {}).items():
        if texts:
            kinds[kind] = lambda rng, texts=texts: [rng.choice(texts)]
    return kinds


def pick(pool: list[Article], choices: Callable[[Article], list[list[str]]], rng: random.Random) -> list[str]:
    """One of the choices that some article of a pool offers; none when 20 articles offer none."""
    for _ in range(20 if pool else 0):
        if found := choices(rng.choice(pool)):
            return rng.choice(found)
    return []


def paragraphs(a: Article) -> list[list[str]]:
    return [[p] for p in a.paragraphs if words(p) >= INTRUDER_WORDS]


def blocks(a: Article) -> list[list[str]]:
    runs = [list(a.paragraphs[k : k + 3]) for k in range(len(a.paragraphs) - 2)]
    return [run for run in runs if min(map(words, run)) >= INTRUDER_WORDS]


def headline(a: Article) -> list[list[str]]:
    return [[a.title]] if words(a.title) >= TITLE_WORDS else []


def fragments(a: Article) -> list[list[str]]:
    sentences = [s for p in a.paragraphs if words(p) > INTRUDER_WORDS for s in SENTENCE_END.split(p)]
    least, most = FRAGMENT_WORDS
    return [[s] for s in sentences if least <= words(s) <= most and s.rstrip("\"”’»)").endswith((".", "!", "?"))]


def sample(a: Article, kind: str, foreign: list[str], rng: random.Random) -> Sample:
    """Part of an article with an intruder behind any of its paragraphs. Total length follows one law for all kinds."""
    n = len(a.paragraphs)
    law = rng.choices(list(LENGTHS), list(LENGTHS.values()))[0]
    size = min(n, LONG if law == "long" else USUAL)
    if law == "fewer":
        size = rng.randint(min(LEAST_PARAGRAPHS, size), size)
    start = 0 if rng.random() < 0.6 else rng.randint(0, n - size)
    if law == "short":
        wanted, held = rng.randint(*SHORT_WORDS), np.cumsum([words(p) for p in a.paragraphs[start:]])
        size = min(n - start, max(LEAST_PARAGRAPHS, int(np.searchsorted(held, wanted)) + 1))
    own = list(a.paragraphs[start : start + max(size - len(foreign), 3)])
    if foreign and rng.random() < RETYPED:
        foreign = retyped(foreign, "".join(own))
    place = rng.randint(1, len(own))
    title = "" if rng.random() < UNTITLED else a.title
    return Sample(a, kind, title, own[:place] + foreign + own[place:], range(place, place + len(foreign)))


def retyped(foreign: list[str], own: str) -> list[str]:
    """Foreign paragraphs with the quotation marks, apostrophes and dashes of an article, as one from its own newsroom has them."""
    curly = sum(map(own.count, "’“”")) > sum(map(own.count, "'\""))
    dash = max("–—", key=own.count)
    out = []
    for text in foreign:
        text = text.replace("–", dash).replace("—", dash)
        if curly:
            text = APOSTROPHE.sub("’", OPENING.sub("“", text)).replace('"', "”")
        else:
            text = text.replace("’", "'").replace("“", '"').replace("”", '"')
        out.append(text)
    return out


def similarities(texts: Sequence[str]) -> np.ndarray:
    """TF-IDF cosine between all texts: terms that at least two of them hold and at most 30 %, counts on a log scale."""
    postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for i, text in enumerate(texts):
        for term, count in Counter(t.lower() for t in tokens(text) if len(t) > 1).items():
            postings[term].append((i, 1 + float(np.log(count))))
    total = np.zeros((len(texts), len(texts)))
    for found in postings.values():
        if 2 <= len(found) <= 0.3 * len(texts):
            ids, weights = (np.array(x) for x in zip(*found))
            weights = weights * (np.log((1 + len(texts)) / (1 + len(found))) + 1)
            total[np.ix_(ids, ids)] += np.outer(weights, weights)
    norm = np.sqrt(np.maximum(np.diag(total), 1e-9))
    return total / norm[:, None] / norm
