"""How well each paragraph of an article is explained by the rest of it: the columns that the topic stage judges by.

Two language models compete for every distinctive word of a paragraph: the rest of the article with its title, and the
language as a whole (word frequencies of the ``wordfreq`` package). A word that the rest explains better speaks for the
paragraph, a word that occurs nowhere else speaks against it. Beside this evidence stand similarity between paragraphs
(LexRank, Erkan & Radev 2004), the gap between neighbours (TextTiling, Hearst 1997), runs of three paragraphs judged
together, and the look of a paragraph among the others. Time is linear in the text: at most :data:`WINDOW` paragraphs
are compared with one another.
"""
from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cleaner.topics.style import typing_style, word_style
from cleaner.topics.vocabulary import COMMON, UNLISTED, Words, read

#: Paragraphs that are judged together at most; a longer document is judged in equal parts.
WINDOW = 100
#: Share of the rest of the article in the mixture of both models, and nats of a word that only the language explains.
MIX = 0.5
MISSING = math.log(1 - MIX)
#: Nats that one shared word can speak for a paragraph at most: a name said once is no proof of a topic.
CAP, LOW_CAP = 5.0, 2.0
#: Zipf frequency at which a word's weight in coverage and similarity reaches 0, and the greatest weight.
WEIGHTLESS, MOST_WEIGHT = 6.5, 5.0
#: Cosine from which two paragraphs count as linked.
LINK = 0.08
#: Paragraphs of a run that may tell another story together.
RUN = 3
#: Paragraphs of fewer words do not shape what is usual in an article; lines of at most SHORT, HEADING words.
USUAL, SHORT, HEADING = 8, 8, 14

CLOSERS = "\"”’»'“«)]）」 "
QUOTES = "\"“”„«»‟‘'–—-"
QUOTED = re.compile("[\"“„«»”][^\"“”„«»]*[\"”“«»]")
SENTENCES = re.compile(r"[.!?…。](?:\s|$)")

Columns = dict[str, np.ndarray]


class Article(NamedTuple):
    """Distinctive words of n paragraphs. ``counts``: n x shared stems; words of one paragraph alone are only counted.

    zipf, title, total: of each shared stem its frequency in the language, its count in the title and in all.
    alone, alone_weight: unshared distinctive words of each paragraph, their number and weight.
    own: words of each paragraph. size: words in all. shared: of every stem, whether more than one text holds it.
    """

    counts: np.ndarray
    zipf: np.ndarray
    title: np.ndarray
    total: np.ndarray
    alone: np.ndarray
    alone_weight: np.ndarray
    own: np.ndarray
    size: float
    shared: np.ndarray
    rarity: np.ndarray


def article(words: Words, n: int) -> Article:
    """Count the words of a title and n paragraphs."""
    v = len(words.stems)
    rarity = np.zeros(v)
    np.maximum.at(rarity, words.stem, words.zipf)
    pairs, times = np.unique(words.row * v + words.stem, return_counts=True)
    row, stem = np.divmod(pairs, v)
    texts = np.bincount(stem, minlength=v)
    own = np.bincount(row, times, n + 1)
    distinctive = rarity[stem] < COMMON
    lonely = distinctive & (texts[stem] == 1)
    weight = np.clip(WEIGHTLESS - rarity[stem], 0, MOST_WEIGHT)
    columns = np.unique(stem[distinctive & ~lonely])
    counts = np.zeros((n + 1, max(len(columns), 1)))
    both = distinctive & ~lonely
    counts[row[both], np.searchsorted(columns, stem[both])] = times[both]
    rare = rarity[columns] if len(columns) else np.array([UNLISTED])
    return Article(
        counts[1:], rare, counts[0], counts.sum(0), np.bincount(row[lonely], minlength=n + 1)[1:].astype(float),
        np.bincount(row[lonely], weight[lonely], n + 1)[1:], own[1:], own.sum(), texts > 1, rarity,
    )


class Measured(NamedTuple):
    """The columns of an article's paragraphs, one entry a paragraph, and what they were measured on."""

    columns: Columns
    words: Words
    article: Article

    def table(self) -> np.ndarray:
        """The columns in the order of :func:`names`, a row for each paragraph."""
        return np.stack(list(self.columns.values()), 1)

    def alone(self, paragraph: int) -> set[str]:
        """Stems of the distinctive words that only this paragraph holds."""
        stems = np.unique(self.words.stem[self.words.row == paragraph + 1])
        a = self.article
        return {self.words.stems[s] for s in stems if not a.shared[s] and a.rarity[s] < COMMON}


def measure(title: str | None, paragraphs: Sequence[str], lang: str | None) -> Measured:
    """Measure at most :data:`WINDOW` paragraphs, none of them empty. lang: ISO 639-1 code of the article."""
    words = read(title, paragraphs, lang)
    a = article(words, len(paragraphs))
    held = a.counts > 0
    weight = np.clip(WEIGHTLESS - a.zipf, 0, MOST_WEIGHT)
    columns = evidence_columns(a, held) | coverage_columns(a, held, weight) | similarity_columns(a)
    columns |= block_columns(a, held, columns["evidence"]) | word_columns(a, words) | shape_columns(paragraphs)
    frequent = (a.rarity[words.stem] >= COMMON) & (words.row > 0)
    columns |= word_style(words.row[frequent] - 1, words.stem[frequent], a.rarity, len(paragraphs)) | typing_style(paragraphs)
    return Measured(columns | relative_columns(columns), words, a)


def per(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a / b, 0 where both are."""
    return a / np.maximum(b, 1e-6)


def evidence_columns(a: Article, held: np.ndarray) -> Columns:
    """Nats for each paragraph, in sum and by word."""
    rest = np.maximum(a.size - a.own, 1)
    gain = np.log(1 - MIX + MIX * (a.total - a.counts) / rest[:, None] / 10 ** (a.zipf - 9))
    number = held.sum(1) + a.alone
    some = np.maximum(number, 1)
    evidence = (np.minimum(gain, CAP) * held).sum(1) + MISSING * a.alone
    low = (np.minimum(gain, LOW_CAP) * held).sum(1) + MISSING * a.alone
    return {
        "evidence": evidence, "evidence_mean": evidence / some, "evidence_root": evidence / np.sqrt(some), "evidence_low": low,
        "evidence_low_mean": low / some, "distinctive": number, "alone": a.alone, "alone_share": a.alone / some,
        "alone_weight": a.alone_weight, "rest": rest,
    }


def coverage_columns(a: Article, held: np.ndarray, weight: np.ndarray) -> Columns:
    """Share of a paragraph's weight that the rest, the title and the neighbours hold as well."""
    all_weight = held @ weight + a.alone_weight
    edge = np.zeros((1, held.shape[1]), bool)
    before, after = np.vstack([edge, held[:-1]]), np.vstack([held[1:], edge])
    after2 = np.vstack([after[1:], edge])
    around = before | after | after2 | np.vstack([edge, before[:-1]])
    following = after | after2 | np.vstack([after2[1:], edge])
    in_title = held * (a.title > 0) @ weight
    return {
        "cover": np.where(all_weight > 0, per(held @ weight, all_weight), 0.5), "cover_title": per(in_title, all_weight),
        "title_cover": per(in_title, (weight * (a.title > 0)).sum()), 
        "cover_around": per((held & around) @ weight, all_weight),
        "cover_before": per((held & before) @ weight, all_weight), "cover_following": per((held & following) @ weight, all_weight),
    }


def weighted(a: Article) -> np.ndarray:
    """The paragraphs as vectors of weighted words, of length 1 where all their words are shared."""
    weight = np.clip(WEIGHTLESS - a.zipf, 0, MOST_WEIGHT)
    x = np.where(a.counts > 0, (1 + np.log(np.maximum(a.counts, 1))) * weight, 0)
    length = np.sqrt((x**2).sum(1) + a.alone_weight**2 / np.maximum(a.alone, 1))
    return x / np.maximum(length, 1e-6)[:, None]


def similarity_columns(a: Article) -> Columns:
    """Cosines of weighted words between the paragraphs."""
    x = weighted(a)
    n = len(x)
    cosine = x @ x.T
    np.fill_diagonal(cosine, 0)
    others = max(n - 1, 1)
    degree = cosine.sum(1)
    with_before, with_after = np.r_[0, np.diag(cosine, 1)], np.r_[np.diag(cosine, 1), 0]
    bridge = np.r_[0, np.diag(cosine, 2), 0] if n > 1 else np.zeros(n)
    return {
        "lexrank": degree / others, "lexrank_second": per(cosine @ degree, np.sqrt((degree**2).sum())),
        "cosine_best3": np.sort(cosine, 1)[:, -3:].mean(1), "links": (cosine > LINK).sum(1) / others, "cosine_before": with_before,
        "bridge_gap": bridge - np.maximum(with_before, with_after),
    }


def block_columns(a: Article, held: np.ndarray, alone: np.ndarray) -> Columns:
    """Runs of three paragraphs judged against the rest without the whole run: they may not explain each other.

    For each paragraph over the runs it stands in: nats against the run, its best explained member, nats lost by the change.
    """
    n = len(held)
    against, worst, drop = np.full(n, -9.0), np.full(n, 5.0), np.zeros(n)
    if n >= 2 * RUN:
        place = np.arange(n - RUN + 1)
        members = place[:, None] + np.arange(RUN)
        sums = np.vstack([np.zeros((1, held.shape[1])), np.cumsum(a.counts, 0)])
        own = np.r_[0, np.cumsum(a.own)]
        rest = np.maximum(a.size - (own[RUN:] - own[:-RUN]), 1)
        gain = np.log(1 - MIX + MIX * (a.total - (sums[RUN:] - sums[:-RUN])) / rest[:, None] / 10 ** (a.zipf - 9))
        gain = np.minimum(gain, CAP)
        e = np.stack([(gain * held[place + k]).sum(1) for k in range(RUN)], 1) + MISSING * a.alone[members]
        root = (e / np.sqrt(np.maximum(held.sum(1) + a.alone, 1)[members])).max(1)
        whole = np.where(e.max(1) < 1, -np.maximum(e, -8).sum(1), -9)
        lost = alone[members].sum(1) - e.sum(1)
        for k in range(RUN):
            np.maximum.at(against, place + k, whole)
            np.minimum.at(worst, place + k, root)
            np.maximum.at(drop, place + k, lost)
    return {"run": against, "run_worst": worst, "run_drop": drop}


def word_columns(a: Article, words: Words) -> Columns:
    """What kind of words a paragraph is made of: their frequency, capitals, names, words of prompts and notices."""
    n = len(a.own)

    def count(mask: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(words.row[mask], None if weights is None else weights[mask], n + 1)[1:]

    def stems(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        row, stem = np.divmod(np.unique(words.row[mask] * len(words.stems) + words.stem[mask]), len(words.stems))
        new = ~a.shared[stem]
        return np.bincount(row, minlength=n + 1)[1:], np.bincount(row[new], minlength=n + 1)[1:]

    every = np.ones(len(words.row), bool)
    size = np.maximum(a.own, 1)
    names, new_names = stems(words.capital & ~words.first & (words.letters > 1))
    capital = count(words.capital)
    return {
        "words": a.own, "zipf": count(every, words.zipf) / size, "frequent": count(words.zipf > 5.3) / size,
        "letters": count(every, words.letters) / size, "capital": capital / size,
        "title_case": per(capital, capital + count(words.long_lower)), "names": names, "new_names": new_names,
        "names_known": np.where(names > 0, per(names - new_names, names), 0.5),
        "new_prompt": stems(words.prompt)[1], "new_legal": stems(words.legal)[1],
    }


def shape_columns(paragraphs: Sequence[str]) -> Columns:
    """How a paragraph looks: its end, its sentences, quotes, digits."""
    ends = [p.rstrip(CLOSERS)[-1:] for p in paragraphs]
    rows = [
        (
            3 if e in ".!。！" and e else 2 if e in "?？" and e else 1 if e in "…:;," and e else 0,
            len(SENTENCES.findall(p)), p[0] in QUOTES, p[0].isalnum(), bool(QUOTED.search(p)),
        )
        for p, e in zip(paragraphs, ends)
    ]
    return dict(zip(("end", "sentences", "opens_quote", "opens_word", "quoted"), np.array(rows, float).T))


def relative_columns(c: Columns) -> Columns:
    """A paragraph beside its neighbours and among the others of its article."""
    n, words = len(c["words"]), c["words"]
    usual = words >= USUAL

    def others(x: np.ndarray) -> np.ndarray:
        return (x.sum() - x) / max(n - 1, 1)

    measured = np.stack([c["evidence_mean"], c["lexrank"], np.log1p(words), c["zipf"], c["frequent"]])
    unusual = np.zeros((5, n))
    if usual.sum() >= 3:
        apart = measured - middle(measured[:, usual])
        unusual = apart / (middle(np.abs(apart[:, usual])) + [[0.1], [0.01], [0.3], [0.1], [0.05]])
    out = dict(zip(("unusual_evidence", "unusual_lexrank", "unusual_words", "unusual_zipf", "unusual_frequent"), unusual)) | {
        "words_before": np.r_[0, words[:-1]], "words_after": np.r_[words[1:], 0], "others_end": others((c["end"] >= 2) * 1.0),
        "others_short": others((words <= SHORT) * 1.0), "others_quoted": others(c["quoted"]), "others_capital": others(c["capital"]),
        "others_heading": others(((c["end"] == 0) & (words <= HEADING)) * 1.0), "others_cover": others(c["cover"]),
        "others_evidence": others(np.clip(c["evidence_mean"], -3, 1)), "others_lexrank": others(c["lexrank"]), "others_words": others(np.log1p(words)),
        "others_style": others(c["style"]),
    }
    names = ("evidence", "evidence_root", "cover", "lexrank")
    x = np.where(c["distinctive"] >= 3, np.stack([c[name] for name in names]), 9.0)
    second = np.sort(x, 1)[:, min(1, n - 1)]
    for name, rank, least in zip(names, (x[:, :, None] > x[:, None, :]).sum(2), second):
        out |= {f"{name}_rank": rank, f"{name}_gap": least - c[name]}
    return out


def middle(x: np.ndarray) -> np.ndarray:
    """The median of each row; ``np.median`` takes five times as long for rows so short."""
    ordered = np.sort(x, 1)
    n = x.shape[1]
    return (ordered[:, [(n - 1) // 2]] + ordered[:, [n // 2]]) / 2


def names() -> tuple[str, ...]:
    """The names of all columns."""
    return tuple(measure("", ["word"], "und").columns)
