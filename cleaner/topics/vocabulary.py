"""The words of an article as the topic stage sees them: stems with their frequency in the language, counted by paragraph."""
from __future__ import annotations

import gzip
import re
import threading
import tomllib
from collections.abc import Collection, Iterable, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain, count, repeat
from typing import NamedTuple

import numpy as np

#: A word, or the mark that ends a sentence.
TOKEN = re.compile(r"\w+|[.!?…]")

#: Words of one paragraph that are read at most; a paragraph of 400 words has shown its topic.
MOST_TOKENS = 400
#: Tokens that are remembered at most, of all languages together, some 30 MB, and languages.
MOST_KNOWN, MOST_LANGUAGES = 131_072, 64
#: Letters of a word that stand for its stem: a crude stemmer that no language lacks.
STEM = 6
#: Zipf frequencies (log10 of occurrences per 10^9 words). A word rarer than COMMON (1 in about 3,000) is distinctive.
COMMON = 5.5
#: A word that the language's list (down to Zipf 3) does not hold; the shape of its numbers stands in for a number.
UNLISTED, SHORT_NUMBER, LONG_NUMBER = 1.5, 4.5, 3.2
#: Languages whose list wordfreq keeps under another code.
SAME_LIST = {"no": "nb", "nn": "nb", "hr": "sh", "sr": "sh", "bs": "sh"}


#: The signs of a word, a bit each.
CAPITAL, LONG_LOWER, PROMPT, LEGAL = 1, 2, 4, 8


class Words(NamedTuple):
    """The tokens of title (row 0) and paragraphs (rows 1 to n), one entry a token, sentence ends left out.

    known, stems: the stems in the order in which they first stand there, as places in a list. stem: place among them. first: opens a sentence. zipf: of the written form.
    """

    known: list[str]
    stems: np.ndarray
    row: np.ndarray
    stem: np.ndarray
    first: np.ndarray
    zipf: np.ndarray
    letters: np.ndarray
    capital: np.ndarray
    long_lower: np.ndarray
    prompt: np.ndarray
    legal: np.ndarray


def tokens(text: str) -> list[str]:
    """The words of a text and the marks that end its sentences. An underscore is a space: so the pattern takes half the time."""
    return TOKEN.findall(text.replace("_", " "))


class Frequencies:
    """Zipf frequency of the common words of a language. Kept by hash: a fifteenth of a dictionary, in corpora of many languages.

    Of hashes of 64 bits, one word in 10^14 that is not listed meets one that is.
    """

    def __init__(self, buckets: Sequence[Sequence[bytes]]):
        """buckets: the words in UTF-8, the most frequent first, each bucket a hundredth below the one before it (wordfreq's form)."""
        keys = self.hashed(chain.from_iterable(buckets))
        order = np.argsort(keys)
        self.keys, self.buckets = keys[order], np.repeat(np.arange(len(buckets), dtype=np.uint16), [len(words) for words in buckets])[order]

    @staticmethod
    def hashed(words: Iterable[bytes]) -> np.ndarray:
        """Hashes of words in UTF-8: Python's own of strings is that of their memory, the same for two Latin letters and one Chinese."""
        return np.fromiter(map(hash, words), np.int64)

    def of(self, words: Iterable[str]) -> np.ndarray:
        """The frequency of each word, UNLISTED for one that is not there."""
        keys = self.hashed(map(str.encode, words, repeat("utf-8"), repeat("surrogatepass")))
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, 9 - self.buckets[at] / 100.0, UNLISTED)


@lru_cache(maxsize=MOST_LANGUAGES)
def frequencies(lang: str) -> Frequencies | None:
    """Zipf frequency of the common words of a language (ISO 639-1), None where wordfreq has no list."""
    import msgpack
    from wordfreq import available_languages  # here, not above: it takes .14 s

    path = available_languages("small").get(SAME_LIST.get(lang, lang))
    if not path:
        return None
    with gzip.open(path) as packed:  # wordfreq's own reader makes a str of each word, which takes half as long again
        header, *buckets = msgpack.unpack(packed, raw=True)
    if header.get(b"format") != b"cB" or header.get(b"version") != 1:
        raise ValueError(f"{path} is not in the form that wordfreq 3 keeps its lists in: {header}")
    return Frequencies(buckets)


@cache
def reader_words() -> tuple[frozenset[str], frozenset[str]]:
    """Words of prompts to the reader, and of legal notices, in all languages together."""
    rows = tomllib.loads(files("cleaner").joinpath("data/topic_words.toml").read_text("utf-8"))
    prompt, legal = (frozenset(" ".join(rows[kind].values()).split()) for kind in ("prompt", "legal"))
    return prompt, legal


class Lexicon(dict):
    """Tokens of a language by number, worked out when first met; a few are most of every text.

    stems: every stem met so far, the first one "". table: of each token, by its number, its stem's number, Zipf frequency, signs.
    Numbers are only added, so that a reader in another thread never sees one change.
    """

    def __init__(self, lang: str):
        super().__init__()
        self.known, (self.prompt, self.legal) = frequencies(lang), reader_words()
        self.stems: list[str] = []
        self.places: dict[str, int] = {}
        self.table = np.zeros(0, np.int32), np.zeros(0), np.zeros(0, np.int64)
        self.lock = threading.Lock()
        self.learn([""])  # the number 0: what is no word

    def numbers(self, tokens: Sequence[str]) -> np.ndarray:
        """The number of each token."""
        found = np.fromiter(map(self.get, tokens, repeat(-1)), np.intp, len(tokens))
        fresh = np.flatnonzero(found < 0).tolist()
        if fresh:
            new = [tokens[i] for i in fresh]
            self.learn(new)
            found[fresh] = [self[token] for token in new]
        return found

    def learn(self, tokens: Iterable[str]) -> None:
        """Work out what is known of tokens."""
        with self.lock:
            new = [token for token in dict.fromkeys(tokens) if token not in self]
            first, end = len(self), len(self) + len(new)
            if end > len(self.table[0]):
                self.table = tuple(np.concatenate((column, np.zeros(max(1024, end), column.dtype))) for column in self.table)
            low = [token.lower() if token[:1].isalnum() else "" for token in new]  # a sentence end has the stem ""
            for column, values in zip(self.table, (self.placed(low), zipf(low, self.known), self.signs(new, low))):
                column[first:end] = values
            self.update(zip(new, range(first, end)))

    def placed(self, low: Sequence[str]) -> list[int]:
        """The numbers of the stems of lower-case words."""
        stems = [word[:STEM] for word in low]
        new = [stem for stem in dict.fromkeys(stems) if stem not in self.places]
        self.places.update(zip(new, count(len(self.stems))))
        self.stems += new
        return [self.places[stem] for stem in stems]

    def signs(self, tokens: Sequence[str], low: Sequence[str]) -> list[int]:
        """The letters of each token times 16, and a bit a sign. low: the same in lower case, "" for what is no word."""
        return [
            len(word and token) << 4 | PROMPT * (word in self.prompt) | LEGAL * (word in self.legal)
            | (CAPITAL if token[:1].isupper() else LONG_LOWER * (len(token) > 3 and not token[0].isdigit()))
            for token, word in zip(tokens, low)
        ]  # fmt: skip


@cache
def shelf() -> dict[str, Lexicon]:
    """Where the lexicons stand, by language."""
    return {}


def lexicon(lang: str) -> Lexicon:
    """The lexicon of a language (ISO 639-1). When all together hold too much everything is forgotten, which costs a word some microseconds."""
    known = shelf()
    if len(known) > MOST_LANGUAGES or sum(map(len, list(known.values()))) > MOST_KNOWN:
        known.clear()
    return known.get(lang) or known.setdefault(lang, Lexicon(lang))


def zipf(low: Collection[str], known: Frequencies | None) -> np.ndarray:
    """Zipf frequencies of lower-case words; without a list their length stands in for rarity. Nought for no word."""
    lengths = np.fromiter(map(len, low), np.intp, len(low))
    found = known.of(low) if known else np.maximum(UNLISTED, 7.0 - 0.7 * lengths)
    found = np.where(list(map(str.isdigit, low)), np.where(lengths <= 2, SHORT_NUMBER, LONG_NUMBER), found)
    return np.where(lengths > 0, found, 0.0)


def read(title: str | None, paragraphs: Sequence[str], lang: str | None) -> Words:
    """Read a title and its paragraphs. lang: ISO 639-1 code of the article."""
    known = lexicon(lang or "und")
    opened: list[str] = []
    sizes: list[int] = []
    for text in (title or "", *paragraphs):
        found = tokens(text)[:MOST_TOKENS]
        opened.append("")  # opens a text
        opened += found
        sizes.append(len(found) + 1)
    token = known.numbers(opened)
    stems, zipfs, signs = (column.take(token) for column in known.table)
    is_word = stems > 0
    first = np.ones(len(token), bool)
    np.logical_not(is_word[:-1], out=first[1:])
    row = np.repeat(np.arange(len(sizes)), sizes)[is_word]
    stem, opens = numbered(stems[is_word], len(known.stems))
    signs = signs[is_word]
    return Words(known.stems, stems[is_word][opens], row, stem, first[is_word], zipfs[is_word], signs >> 4, *(signs & s > 0 for s in (CAPITAL, LONG_LOWER, PROMPT, LEGAL)))


def numbered(keys: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers below ``most``, numbered anew in the order in which they first stand there; the places where they do."""
    place = np.arange(len(keys))
    seat = np.empty(most, np.intp)
    seat[keys[::-1]] = place[::-1]  # of equal keys the last that is put there stays: the first of them
    first = seat[keys]
    new = first == place
    return (np.cumsum(new) - 1)[first], np.flatnonzero(new)
