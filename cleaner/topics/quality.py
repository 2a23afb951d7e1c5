"""Rules of the field that speak of a whole document, under their own names and with their published thresholds. Flags only.

Sources, as implemented in datatrove (``gopher_quality_filter``, ``gopher_repetition_filter``, ``c4_filters``,
``fineweb_quality_filter``): Gopher (Rae et al. 2021, appendix A), C4 (Raffel et al. 2020), FineWeb (Penedo et al. 2024). They drop
a document; here each says so in a flag, because news is short, has lists and quotes, and a rule made for the web is often wrong
about it. Sizes of words are not judged in scripts without word boundaries.
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

#: Gopher: words of a document, letters of a mean word, and shares a word.
GOPHER_WORDS = (50, 100_000)
GOPHER_MEAN_WORD = (3, 10)
GOPHER_HASHES = GOPHER_ELLIPSES = 0.1
#: Gopher: shares of lines that begin with a bullet, that end in an ellipsis; of words that hold a letter; frequent English words.
GOPHER_BULLETS, GOPHER_ELLIPSIS_LINES, GOPHER_LETTERS, GOPHER_STOP_WORDS = 0.9, 0.3, 0.8, 2
STOP_WORDS = frozenset(["the", "be", "to", "of", "and", "that", "have", "with"])
#: Gopher repetition: repeated lines and their characters; share of characters in the most frequent n-gram, in repeated n-grams.
GOPHER_REPEATED_LINES, GOPHER_REPEATED_CHARACTERS = 0.3, 0.2
GOPHER_TOP = {2: 0.20, 3: 0.18, 4: 0.16}
GOPHER_REPEATED = {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}
#: FineWeb: lines that end like a sentence, lines of at most 30 characters, characters in repeated lines, line breaks a word.
FINEWEB_ENDS, FINEWEB_SHORT, FINEWEB_SHORT_CHARACTERS, FINEWEB_REPEATED, FINEWEB_BREAKS = 0.12, 0.67, 30, 0.01, 0.3
#: C4: sentences of a document.
C4_SENTENCES = 5
#: RefinedWeb (Penedo et al. 2023): a document that lost more than 5 % of its words was not an article. Hostile to short news.
REFINEDWEB_CUT = 0.05
#: Consent and access walls: so many different signs in a text of at most so many words.
CONSENT_SIGNS, CONSENT_WORDS = 3, 400

WORD = re.compile(r"\S+")
LETTER = re.compile(r"[^\W\d_]")
SENTENCE = re.compile(r"(?<![.!?…。！？])[.!?…。！？]++[\"”’»)]*+(?:\s|$)")
ENDS = tuple(".!?…。！？।؟۔:;\"”’»'")
CONSENT = re.compile(
    r"(cookies?\b)|(\bconsent|einwillig|zustimm|consentement|consentimiento|consenso|toestemming|samtycke|samtykke)"
    r"|(\bprivacy|datenschutz|confidentialit|privacidad|privacidade|personvern)"
    r"|(\bpartners\b|\bpartnern?\b|partenaires|socios|parceiros)|(\baccept|akzeptier|accepte[rz]|aceptar|aceitar|accetta|accepteren)"
    r"|(\bpersonali[sz]|personalisiert|personnalis|personaliza|personalizz)|(enable javascript|disable your ad ?blocker|javascript aktivieren)"
    r"|(are you a robot|verify you are human|access denied|unusual traffic)", re.IGNORECASE
)


class Fault(NamedTuple):
    """One rule that a document breaks: its name under ``quality.``, what was measured, and a sentence for a reader."""

    rule: str
    score: float
    why: str


def faults(lines: Sequence[str], lang: str | None = None, spaced: bool = True) -> Iterator[Fault]:
    """The rules that a document breaks.

    lines: its paragraphs, none empty. lang: ISO 639-1 code; the rule on frequent words is for English. spaced: whether the script
    puts spaces between words. An empty document breaks none.
    """
    if not lines:
        return
    words = [w for line in lines for w in WORD.findall(line)]
    if spaced:
        yield from gopher(lines, words, lang)
        yield from repetition(lines, words)
    yield from fineweb(lines, words if spaced else [])
    yield from c4(lines)
    yield from consent(lines, words)


def over(rule: str, score: float, limit: float, what: str) -> Iterator[Fault]:
    """A fault where a share is above its limit."""
    if score > limit:
        yield Fault(rule, round(score, 3), f"{what}: {score:.2f}, at most {limit} expected")


def under(rule: str, score: float, limit: float, what: str) -> Iterator[Fault]:
    """A fault where a figure is below its limit."""
    if score < limit:
        yield Fault(rule, round(score, 3), f"{what}: {score:.4g}, at least {limit} expected")


def gopher(lines: Sequence[str], words: Sequence[str], lang: str | None) -> Iterator[Fault]:
    """Gopher's quality rules."""
    real = [w for w in words if any(map(str.isalnum, w))]
    yield from under("gopher_short", len(real), GOPHER_WORDS[0], "words")
    yield from over("gopher_long", len(real), GOPHER_WORDS[1], "words")
    mean = sum(map(len, real)) / max(len(real), 1)
    if real:
        yield from under("gopher_short_words", mean, GOPHER_MEAN_WORD[0], "letters of a mean word")
        yield from over("gopher_long_words", mean, GOPHER_MEAN_WORD[1], "letters of a mean word")
    text, count = "\n".join(lines), max(len(words), 1)
    yield from over("gopher_hashes", text.count("#") / count, GOPHER_HASHES, "hash signs a word")
    yield from over("gopher_ellipses", (text.count("...") + text.count("…")) / count, GOPHER_ELLIPSES, "ellipses a word")
    yield from over("gopher_bullets", sum(x.startswith(("•", "-")) for x in lines) / len(lines), GOPHER_BULLETS, "share of bullet lines")
    broken = sum(x.endswith(("...", "…")) for x in lines) / len(lines)
    yield from over("gopher_ellipsis_lines", broken, GOPHER_ELLIPSIS_LINES, "share of lines that break off")
    lettered = sum(bool(LETTER.search(w)) for w in words) / count
    yield from under("gopher_letters", lettered, GOPHER_LETTERS, "share of words with a letter")
    if lang in (None, "en"):
        found = len(STOP_WORDS & {w.lower() for w in words})
        yield from under("gopher_stop_words", found, GOPHER_STOP_WORDS, "frequent English words")


def repetition(lines: Sequence[str], words: Sequence[str]) -> Iterator[Fault]:
    """Gopher's repetition rules; lines and paragraphs are the same thing here."""
    repeated = [line for line, times in Counter(lines).items() for _ in range(times - 1)]
    size = max(sum(map(len, lines)), 1)
    yield from over("gopher_repeated_lines", len(repeated) / len(lines), GOPHER_REPEATED_LINES, "share of repeated lines")
    share = sum(map(len, repeated)) / size
    yield from over("gopher_repeated_characters", share, GOPHER_REPEATED_CHARACTERS, "share of characters in repeated lines")
    for n, limit in GOPHER_TOP.items():
        grams = Counter(zip(*(words[k:] for k in range(n))))
        gram, times = max(grams.items(), key=lambda g: (g[1], len("".join(g[0])))) if grams else ((), 0)
        share = times * len("".join(gram)) / size if times > 1 else 0.0
        yield from over(f"gopher_top_{n}_gram", share, limit, f"share of the most frequent {n} words")
    for n, limit in GOPHER_REPEATED.items():
        yield from over(f"gopher_repeated_{n}_grams", repeated_share(words, n, size), limit, f"share of repeated runs of {n} words")


def repeated_share(words: Sequence[str], n: int, size: int) -> float:
    """Share of the characters in n-grams that stood above already, each character counted once."""
    seen: set[tuple[str, ...]] = set()
    characters = i = 0
    while i <= len(words) - n:
        gram = tuple(words[i : i + n])
        if gram in seen:
            characters += len("".join(gram))
            i += n
        else:
            seen.add(gram)
            i += 1
    return characters / size


def fineweb(lines: Sequence[str], words: Sequence[str]) -> Iterator[Fault]:
    """FineWeb's own rules."""
    yield from under("fineweb_ends", sum(x.endswith(ENDS) for x in lines) / len(lines), FINEWEB_ENDS, "share of lines that end a sentence")
    short = sum(len(x) <= FINEWEB_SHORT_CHARACTERS for x in lines) / len(lines)
    yield from over("fineweb_short_lines", short, FINEWEB_SHORT, "share of lines of 30 characters or less")
    repeated = sum(len(line) * (times - 1) for line, times in Counter(lines).items()) / max(sum(map(len, lines)), 1)
    yield from over("fineweb_repeated_lines", repeated, FINEWEB_REPEATED, "share of characters in repeated lines")
    if words:
        yield from over("fineweb_line_breaks", (len(lines) - 1) / len(words), FINEWEB_BREAKS, "line breaks a word")


def c4(lines: Sequence[str]) -> Iterator[Fault]:
    """C4's rules that speak of a document."""
    text = "\n".join(lines)
    yield from under("c4_sentences", len(SENTENCE.findall(text)), C4_SENTENCES, "sentences")
    if "lorem ipsum" in text.lower():
        yield Fault("c4_lorem_ipsum", 1.0, "the text holds the filler \"lorem ipsum\": none expected")
    if "{" in text:
        yield Fault("c4_braces", float(text.count("{")), "braces, as program code holds them: none expected")


def consent(lines: Sequence[str], words: Sequence[str]) -> Iterator[Fault]:
    """Consent text or an access wall in place of an article."""
    if len(words) > CONSENT_WORDS:
        return
    signs = {m.lastindex: m.group() for line in lines for m in CONSENT.finditer(line)}
    if len(signs) >= CONSENT_SIGNS:
        told = ", ".join(signs.values())
        yield Fault("consent", float(len(signs)), f"short, and speaks of {told}: perhaps consent text, not an article; {CONSENT_SIGNS - 1} such signs at most expected")


def cut_share(before: int, after: int) -> Iterator[Fault]:
    """RefinedWeb's rule on the share of words that were cut. before, after: words of the document as it came and as it stands."""
    yield from over("refinedweb_cut_words", (before - after) / max(before, 1), REFINEDWEB_CUT, "share of words that were cut")
