"""More training pages out of labelled ones: crops, clean texts, pages without an article, copies in letters of other scripts."""
from __future__ import annotations

import random
import re
import string
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from cleaner.blocks.phrase import Phrase

RESIDUE, ARTICLE, SKIPPED = 0, 1, -1
#: Parts of the hosts: no host is trained on and tested.
FOLDS = 3

#: Letters that stand in for Latin ones, case by case: first and last code point.
ALPHABETS = {
    "latin": (0x61, 0x7A), "cyrillic": (0x430, 0x44F), "greek": (0x3B1, 0x3C9), "arabic": (0x627, 0x63A), "devanagari": (0x905, 0x939),
}  # fmt: skip
CASED = ("latin", "cyrillic", "greek")
#: What is drawn for a copy: the Latin one most often, since most of the world's news is in Latin letters.
SCRIPTS = ("latin", "latin", "latin", "cyrillic", "greek", "arabic", "arabic", "devanagari", "han", "han", "thai")
MARKS = {"arabic": {",": "،", "?": "؟", ";": "؛"}, "han": {",": "，", "?": "？", "!": "！", ":": "：", ";": "；"}, "thai": {",": " "}}
FULL_STOP = re.compile(r"\.(?=\s|$|[\"”’)])")
STOPS = {"devanagari": "।", "han": "。", "thai": " "}


@dataclass(frozen=True)
class Page:
    """Blocks of one page with a label each: RESIDUE, ARTICLE or SKIPPED. kind: which scraper or which copy made it."""

    id: str
    host: str
    kind: str
    texts: tuple[str, ...]
    labels: tuple[int, ...]
    title: str | None = None
    phrases: tuple[Phrase | None, ...] = ()

    @property
    def fold(self) -> int:
        """The host's own part."""
        return zlib.crc32(self.host.encode()) % FOLDS

    def pick(self, kind: str, places: list[int]) -> Page:
        """The page of some of its blocks, in the order given."""
        return replace(self, kind=kind, texts=tuple(self.texts[i] for i in places), labels=tuple(self.labels[i] for i in places),
                       phrases=tuple(self.phrases[i] for i in places))

    def in_other_letters(self, kind: str, rng: random.Random) -> Page:
        """The page in letters that make no known word; half of them as a language of which the phrase book knows nothing either."""
        phrases = self.phrases if rng.random() < 0.5 else (None,) * len(self.texts)
        return replace(self, kind=kind, texts=tuple(ciphered(self.texts, rng)), title=None, phrases=phrases)

    def forgetting(self, share: float, rng: random.Random) -> Page:
        """The page as a phrase book would see it that lacks a share of the rows: other sites have other wordings."""
        gone = {row for row in sorted({p.row for p in self.phrases if p}) if rng.random() < share}
        return replace(self, phrases=tuple(None if p and p.row in gone else p for p in self.phrases))


def ciphered(texts: tuple[str, ...], rng: random.Random) -> list[str]:
    """The texts with every word replaced by one in other letters; equal words stay equal, punctuation follows the script."""
    script = rng.choice(SCRIPTS)
    swap = _whole_words(script, rng) if script in ("han", "thai") else _letters(script, rng)
    marks = str.maketrans(MARKS.get(script, {}))
    out = []
    for text in texts:
        text = swap(text)
        if script in STOPS:
            text = FULL_STOP.sub(STOPS[script], text)
        out.append(text.translate(marks).strip() or text)
    return out


def _letters(script: str, rng: random.Random):
    first, last = ALPHABETS[script]
    letters = [chr(c) for c in range(first, last + 1)]
    rng.shuffle(letters)
    table = {a: letters[n % len(letters)] for n, a in enumerate(string.ascii_lowercase)}
    if script == "latin":  # vowels stay vowels, so that words keep their shape
        vowels, others = list("aeiou"), [c for c in string.ascii_lowercase if c not in "aeiou"]
        table = dict(zip([*vowels, *others], [*rng.sample(vowels, len(vowels)), *rng.sample(others, len(others))]))
    upper = {a.upper(): b.upper() if script in CASED else b for a, b in table.items()}
    rule = str.maketrans({**table, **upper})
    nouns = script in CASED and rng.random() < 0.4  # capitals inside sentences, as German has them

    def swap(text: str) -> str:
        text = text.translate(rule)
        return re.sub(r"\w{5,}", lambda m: m[0].capitalize() if zlib.crc32(m[0].encode()) % 3 == 0 else m[0], text) if nouns else text

    return swap


def _whole_words(script: str, rng: random.Random):
    salt = str(rng.random())
    han = script == "han"
    first, size = (0x4E00, 2500) if han else (0x0E01, 46)

    def word(match: re.Match) -> str:
        old = match[0].lower()
        if old.isdigit():
            return old
        number = zlib.crc32((salt + old).encode())
        if han and len(old) <= 3:
            return chr(0x3041 + number % 60)
        length = 1 + (len(old) > 3) + (len(old) > 8) if han else max(1, len(old) - 1)
        return "".join(chr(first + (number * (i * 7919 + 1) >> 3) % size) for i in range(length))

    def swap(text: str) -> str:
        joined = re.sub(r"\w+", word, text)
        if han:
            return re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", joined)
        return re.sub(r"(?<=[\u0e00-\u0e7f]) (?=[\u0e00-\u0e7f])", lambda m: " " if rng.random() < 0.12 else "", joined)

    return swap


def variants(page: Page, rng: random.Random) -> Iterator[Page]:
    """Copies of a scrape: in other letters, its article alone, its residue alone, small and cropped pages."""
    labels = np.array(page.labels)
    article, residue = np.flatnonzero(labels == ARTICLE).tolist(), np.flatnonzero(labels == RESIDUE).tolist()
    if rng.random() < 0.4:
        yield page.in_other_letters("ciphered", rng)
    if article and rng.random() < 0.4:
        yield _sometimes_ciphered(page.pick("article_only", article), 0.4, rng)
    if len(residue) > 5 and rng.random() < 0.35:
        yield _sometimes_ciphered(page.pick("residue_only", residue), 0.3, rng)
    if len(article) > 3 and residue:
        for _ in range(2):
            yield _sometimes_ciphered(page.pick("tiny", _tiny(page, article, residue, rng)), 0.2, rng)
        yield page.pick("crop", _crop(article, residue, rng))
    if article and len(residue) > 5:
        yield _sometimes_ciphered(page.pick("short", short(article, residue, rng)), 0.3, rng)
    edges = np.flatnonzero((labels[1:] == ARTICLE) != (labels[:-1] == ARTICLE)) + 1
    if len(edges):
        at = int(rng.choice(edges.tolist()))
        yield page.pick("edge", list(range(max(0, at - rng.randint(1, 8)), min(len(labels), at + rng.randint(1, 8)))))


def _sometimes_ciphered(page: Page, share: float, rng: random.Random) -> Page:
    return page.in_other_letters(page.kind, rng) if rng.random() < share else page


def _tiny(page: Page, article: list[int], residue: list[int], rng: random.Random) -> list[int]:
    """One to five article blocks in a row with up to three lines of residue, in page order or anywhere."""
    count = min(len(article), rng.choice((1, 2, 3, 3, 4, 5)))
    start = rng.randrange(len(article) - count + 1)
    chosen = article[start : start + count]
    near = [i for i in residue if i > article[-1]][:25] + [i for i in residue if i < article[0]][-8:]
    near += [i for i in residue if article[0] < i < article[-1]]
    lines = [i for i in near if len(page.texts[i].split()) < 30]
    picked = rng.sample(lines, min(rng.choice((0, 1, 2, 3, 3)), len(lines)))
    if rng.random() < 0.6:
        return sorted({*chosen, *picked})
    for i in picked:
        chosen.insert(rng.choice((len(chosen), len(chosen), rng.randrange(len(chosen) + 1))), i)
    return chosen


def _crop(article: list[int], residue: list[int], rng: random.Random) -> list[int]:
    """Up to thirty article blocks in a row with a few lines of the residue around them."""
    count = min(len(article), rng.randint(3, 30))
    start = rng.randrange(len(article) - count + 1)
    chosen = article[start : start + count]
    behind = [i for i in residue if i > chosen[-1]][: rng.randrange(9)]
    before = [i for i in residue if i < chosen[0]][-4:][: rng.randrange(5)]
    return sorted({*chosen, *behind, *before, *(i for i in residue if chosen[0] < i < chosen[-1])})


def short(article: list[int], residue: list[int], rng: random.Random) -> list[int]:
    """A short article on a whole page: one to eight article blocks in a row, and what surrounds the whole article.

    Most of the training pages are long, most news is short: without these copies a third of the articles of two paragraphs came out empty.
    """
    count = min(len(article), rng.choice((1, 2, 2, 3, 3, 4, 5, 6, 8)))
    start = rng.randrange(len(article) - count + 1)
    before = [i for i in residue if i < article[0]]
    behind = [i for i in residue if i > article[-1]][: rng.randint(3, 60)]
    inside = [i for i in residue if article[start] < i < article[start + count - 1]]
    return sorted({*article[start : start + count], *before[len(before) - rng.randint(0, min(20, len(before))) :], *inside, *behind})


def clean_texts(page: Page, gold: str, phrase: Callable[[str], Phrase | None], rng: random.Random) -> Iterator[Page]:
    """The page's article as its gold text has it, the same in other letters, and a few paragraphs of it."""
    texts = tuple(t.strip() for t in gold.split("\n") if t.strip())
    if texts:
        whole = replace(page, kind="clean", texts=texts, labels=(ARTICLE,) * len(texts), phrases=tuple(map(phrase, texts)))
        yield whole
        yield whole.in_other_letters("clean_ciphered", rng)
        count = min(len(texts), rng.randint(2, 7))
        start = rng.randrange(len(texts) - count + 1)
        yield whole.pick("clean_crop", list(range(start, start + count)))
