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

from cleaner.topics.article import Article, article, words_weight
from cleaner.topics.style import typing_style, word_style
from cleaner.topics.vocabulary import COMMON, Words, read

#: Paragraphs that are judged together at most; a longer document is judged in equal parts.
WINDOW = 100
#: Share of the rest of the article in the mixture of both models, and nats of a word that only the language explains.
MIX = 0.5
MISSING = math.log(1 - MIX)
#: Nats that one shared word can speak for a paragraph at most: a name said once is no proof of a topic.
CAP, LOW_CAP = 5.0, 2.0
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


class Measured(NamedTuple):
    """The columns of an article's paragraphs, one entry a paragraph, and what they were measured on: also the cosines between them."""

    columns: Columns
    words: Words
    article: Article
    cosine: np.ndarray

    def table(self) -> np.ndarray:
        """The columns in the order of :func:`names`, a row for each paragraph."""
        return np.stack(list(self.columns.values()), 1)

    def alone(self, paragraph: int) -> set[str]:
        """Stems of the distinctive words that only this paragraph holds."""
        a = self.article
        mine = a.pair_stem[a.pair_row == paragraph + 1]
        return {self.words.known[s] for s in self.words.stems[mine[~a.shared[mine] & (a.rarity[mine] < COMMON)]].tolist()}


def measure(title: str | None, paragraphs: Sequence[str], lang: str | None) -> Measured:
    """Measure at most :data:`WINDOW` paragraphs, none of them empty. lang: ISO 639-1 code of the article."""
    words = read(title, paragraphs, lang)
    a = article(words, len(paragraphs))
    weight = words_weight(a.zipf)[a.column]
    cosine = cosines(a, weight)
    columns = evidence_columns(a) | coverage_columns(a, weight) | similarity_columns(cosine)
    columns |= block_columns(a, columns) | word_columns(a, words) | shape_columns(paragraphs)
    frequent = (a.rarity[words.stem] >= COMMON) & (words.row > 0)
    columns |= word_style(words.row[frequent] - 1, words.stem[frequent], a.rarity, len(paragraphs)) | typing_style(paragraphs)
    return Measured(columns | relative_columns(columns), words, a, cosine)


def per(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a / b, 0 where both are."""
    return a / np.maximum(b, 1e-6)


def gains(others: np.ndarray, rest: np.ndarray, zipf: np.ndarray) -> np.ndarray:
    """Nats by which the rest explains a word better than the language. others: its count in the rest. rest: words of it."""
    return np.log(1 - MIX + MIX * others / rest / 10 ** (zipf - 9))


def evidence_columns(a: Article) -> Columns:
    """Nats for each paragraph, in sum and by word."""
    rest = np.maximum(a.size - a.own, 1)
    gain = gains(a.total[a.column] - a.count, rest[a.row], a.zipf[a.column])
    number = a.sums() + a.alone
    some = np.maximum(number, 1)
    evidence, low = (a.sums(np.minimum(gain, cap)) + MISSING * a.alone for cap in (CAP, LOW_CAP))
    return {
        "evidence": evidence, "evidence_mean": evidence / some, "evidence_root": evidence / np.sqrt(some), "evidence_low": low,
        "evidence_low_mean": low / some, "distinctive": number, "alone": a.alone, "alone_share": a.alone / some,
        "alone_weight": a.alone_weight, "rest": rest,
    }


def coverage_columns(a: Article, weight: np.ndarray) -> Columns:
    """Share of a paragraph's weight that the rest, the title and the neighbours hold as well. weight: of each entry."""
    far, v = 3, len(a.zipf)
    held = np.zeros((len(a.own) + 2 * far) * v, bool)
    place = (a.row + far) * v + a.column
    held[place] = True
    before2, before, after, after2, after3 = (held[place + steps * v] for steps in (-2, -1, 1, 2, 3))
    covered = a.sums(weight)
    all_weight = covered + a.alone_weight
    in_title = a.sums(weight * (a.title > 0)[a.column])
    return {
        "cover": np.where(all_weight > 0, per(covered, all_weight), 0.5), "cover_title": per(in_title, all_weight),
        "title_cover": per(in_title, words_weight(a.zipf[a.title > 0]).sum()),
        "cover_around": per(a.sums(weight * (before | after | after2 | before2)), all_weight),
        "cover_before": per(a.sums(weight * before), all_weight),
        "cover_following": per(a.sums(weight * (after | after2 | after3)), all_weight),
    }


def cosines(a: Article, weight: np.ndarray) -> np.ndarray:
    """The cosines between paragraphs as vectors of weighted words, 0 with itself: from each two entries of one stem.

    weight: of each entry. Matrix products of this size start threads that take ten times the CPU.
    """
    n = len(a.own)
    x = (1 + np.log(a.count)) * weight
    length = np.sqrt(a.sums(x**2) + a.alone_weight**2 / np.maximum(a.alone, 1))
    x /= np.maximum(length, 1e-6)[a.row]
    order = np.argsort(a.column, kind="stable")  # one stem's entries together, by paragraph
    row, x = a.row[order], x[order]
    behind = np.cumsum(np.bincount(a.column, minlength=len(a.zipf)))[a.column[order]] - 1 - np.arange(len(order))  # of its stem
    one = np.repeat(np.arange(len(order)), behind)
    other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(behind) - behind, behind)
    upper = np.bincount(row[one] * n + row[other], x[one] * x[other], n * n).reshape(n, n)
    return upper + upper.T


def similarity_columns(cosine: np.ndarray) -> Columns:
    """How near the paragraphs are to one another, from their cosines."""
    n = len(cosine)
    others = max(n - 1, 1)
    degree = cosine.sum(1)
    beside = cosine.diagonal(1)
    with_before, with_after, bridge = np.zeros((3, n))
    with_before[1:], with_after[:-1], bridge[1:-1] = beside, beside, cosine.diagonal(2)
    return {
        "lexrank": degree / others, "lexrank_second": per((cosine * degree).sum(1), np.sqrt((degree**2).sum())),
        "cosine_best3": np.sort(cosine, 1)[:, -3:].mean(1), "links": (cosine > LINK).sum(1) / others, "cosine_before": with_before,
        "bridge_gap": bridge - np.maximum(with_before, with_after),
    }


def block_columns(a: Article, c: Columns) -> Columns:
    """Runs of three paragraphs judged against the rest without the whole run: they may not explain each other.

    For each paragraph over the runs it stands in: nats against the run, its best explained member, nats lost by the change.
    c: the evidence that each gives alone.
    """
    n, v = len(a.own), len(a.zipf)
    against, worst, drop = np.full(n, -9.0), np.full(n, 5.0), np.zeros(n)
    if n >= 2 * RUN:
        runs = n - RUN + 1
        members = np.arange(runs)[:, None] + np.arange(RUN)
        counts = np.zeros((n, v))
        counts[a.row, a.column] = a.count
        together = sum(counts[k : k + runs] for k in range(RUN))
        rest = np.maximum(a.size - a.own[members].sum(1), 1)
        run = a.row[:, None] - np.arange(RUN)  # an entry stands in three runs, as their first, second, third member
        entry, member = np.nonzero((run >= 0) & (run < runs))
        run, column = run[entry, member], a.column[entry]
        gain = np.minimum(gains(a.total[column] - together[run, column], rest[run], a.zipf[column]), CAP)
        e = np.bincount(run * RUN + member, gain, runs * RUN).reshape(runs, RUN) + MISSING * a.alone[members]
        root = (e / np.sqrt(np.maximum(c["distinctive"], 1)[members])).max(1)
        whole = np.where(e.max(1) < 1, -np.maximum(e, -8).sum(1), -9)
        lost = c["evidence"][members].sum(1) - e.sum(1)
        for k in range(RUN):
            for most, found, of in ((np.maximum, against, whole), (np.minimum, worst, root), (np.maximum, drop, lost)):
                most(found[k : k + runs], of, out=found[k : k + runs])
    return {"run": against, "run_worst": worst, "run_drop": drop}


def word_columns(a: Article, words: Words) -> Columns:
    """What kind of words a paragraph is made of: their frequency, capitals, names, words of prompts and notices."""
    n = len(a.own)
    new = ~a.shared[a.pair_stem]

    def count(row: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(row, weights, n + 1)[1:]

    def stems(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        hit = np.zeros(len(new), bool)
        hit[a.pair[mask]] = True
        return count(a.pair_row[hit]), count(a.pair_row[hit & new])

    size = np.maximum(a.own, 1)
    names, new_names = stems(words.capital & ~words.first & (words.letters > 1))
    capital = count(words.row[words.capital])
    return {
        "words": a.own, "zipf": count(words.row, words.zipf) / size, "frequent": count(words.row[words.zipf > 5.3]) / size,
        "letters": count(words.row, words.letters) / size, "capital": capital / size,
        "title_case": per(capital, capital + count(words.row[words.long_lower])), "names": names, "new_names": new_names,
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
    before, after = np.zeros((2, n))
    before[1:], after[:-1] = words[:-1], words[1:]

    def others(x: np.ndarray) -> np.ndarray:
        return (x.sum() - x) / max(n - 1, 1)

    measured = np.stack([c["evidence_mean"], c["lexrank"], np.log1p(words), c["zipf"], c["frequent"]])
    unusual = np.zeros((5, n))
    if usual.sum() >= 3:
        apart = measured - middle(measured[:, usual])
        unusual = apart / (middle(np.abs(apart[:, usual])) + [[0.1], [0.01], [0.3], [0.1], [0.05]])
    out = dict(zip(("unusual_evidence", "unusual_lexrank", "unusual_words", "unusual_zipf", "unusual_frequent"), unusual)) | {
        "words_before": before, "words_after": after, "others_end": others((c["end"] >= 2) * 1.0),
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
