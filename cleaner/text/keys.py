"""Keys under which equal or nearly equal texts meet: normal forms, words, consonant skeletons, hashes.

Whatever is stored or compared across runs carries :data:`VERSION`; a change of any key changes it.
"""
from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

#: Name of the keys and hash functions in this room, written into every statistics file.
VERSION = "keys-1: nfkc casefold no-marks no-punctuation, blake2b-64, skeleton trigrams, multiply-shift minhash 42x3 seed 7"

#: Scripts written without spaces (Thai, Lao, Burmese, Khmer, kana, Han): one character is one token there.
DENSE = "\u0e01-\u0e7f\u0e81-\u0eff\u1000-\u1049\u1780-\u17d3\u3005-\u3007\u3041-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
DENSE_CHARACTER = re.compile(f"([{DENSE}])")
#: A word, or the sign that says what a number counts. ``\w`` knows no vowel signs of the Indic scripts, so their blocks are
#: named (the danda between them is punctuation).
WORDLIKE = re.compile(r"(?:[^\W_]++|[\u0300-\u036f\u0591-\u05bd\u064b-\u0652\u0900-\u0963\u0966-\u0dff\u0f00-\u0fff]++)++")
TOKEN = re.compile(WORDLIKE.pattern + r"|[$£€¥₹₽%‰°]")

#: Letters that keep their stroke or tail through NFKD, as plain letters.
STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "œ": "oe", "æ": "ae", "þ": "th"})

#: One letter for what transliterations write in several ways, in this order; those of one letter all at once behind the others.
SOUNDS = (("ph", "f"), ("kh", "k"), ("gh", "g"), ("sch", "s"), ("sh", "s"), ("ch", "k"))
LETTERS = bytes.maketrans(b"qczwyj", b"kksvii")
#: What is left out behind the first letter.
VOWELS = b"aeiouhyj"

NOT_ASCII = re.compile("[^\x00-\x7f]+")
#: For each byte of UTF-8 itself where it is part of a character that is not ASCII, else a space.
BLANKED = b" " * 128 + bytes(range(128, 256))
#: For each ASCII byte what it is to a token: itself, or a space between two; line ends stay.
SPACED = bytes(c if chr(c).isalnum() or chr(c) in "$%\n" else ord(" ") for c in range(128)) + bytes(128)
#: Longest piece of text that is not ASCII, in characters, whose plain form is remembered.
REMEMBERED = 32
#: Different characters of a text up to which each is looked for by itself.
FEW = 20
#: Words whose skeletons are remembered, and those whose hashes are.
KNOWN = 1 << 16

#: English names of months and days, long and short, as they are written.
CALENDAR = frozenset(
    "jan january feb february mar march apr april may jun june jul july aug august sep sept sepember september oct october nov november "
    "dec december".split()
    + [stem + day for stem in "mon tue tues wed wednes thu thurs fri sat satur sun".split() for day in ("", "day")]
)
MONTHS_AND_DAYS = re.compile(rf"\b(?:{'|'.join(sorted(CALENDAR))})\b")
THOUSANDS = re.compile(r",(?<=\d,)(?=\d{3}(?!\d))")  # looks behind from the comma, so that only commas are looked at
NUMBER = re.compile(r"\d+")
#: For each ASCII byte itself, for a digit the digit 0.
ZEROS = bytes.maketrans(b"123456789", b"000000000")
NUMBERS = re.compile(r"[0d](?<!\w\w)(?: (?:0|d|am|pm|st|nd|rd|th))+\b")


def hash64(text: str) -> int:
    """A 64-bit hash of a text, the same on every machine: BLAKE2b, 8 bytes, little-endian."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def visible(text: str) -> str:
    """NFKC without invisible characters and without the commas of thousands; every token of a dense script between spaces."""
    return seen(text)[0]


def seen(text: str) -> tuple[str, set[str]]:
    """The same, and its different runs of characters that are not ASCII."""
    if "," in text:
        text = THOUSANDS.sub("", text)
    if text.isascii():
        return text, set()
    text = "\n".join([unicodedata.normalize("NFKC", line) for line in text.split("\n")])  # most lines are normal, and then it is a glance
    found = not_ascii(text)
    there = "".join(found)
    if INVISIBLE.search(there) or DENSE_CHARACTER.search(there):
        text = DENSE_CHARACTER.sub(r" \1 ", INVISIBLE.sub("", text))
        found = not_ascii(text)
    return text, found


def not_ascii(text: str) -> set[str]:
    """The different runs of characters of a text that are not ASCII; a pattern takes four times as long to find them."""
    blanked = text.encode("utf-8", "surrogatepass").translate(BLANKED)
    return {run.decode("utf-8", "surrogatepass") for run in set(blanked.split())}


def folded(word: str) -> str:
    """A word without case and without combining marks."""
    word = word.casefold()
    return word if word.isascii() else NOT_ASCII.sub(_bare, word)


def _bare(run: re.Match[str]) -> str:
    return bare(run[0]) if len(run[0]) <= REMEMBERED else bare.__wrapped__(run[0])


@functools.lru_cache(maxsize=1 << 15)
def bare(run: str) -> str:
    """Characters that are not ASCII without combining marks. What stands beside them plays no part: only marks compose with ASCII."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", run) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", plain).translate(STROKES)


def _spelled(run: re.Match[str]) -> str:
    return spelled(run[0]) if len(run[0]) <= REMEMBERED else spelled.__wrapped__(run[0])


@functools.lru_cache(maxsize=1 << 15)
def spelled(run: str) -> str:
    """The same with a space for everything that is part of no token."""
    return "".join(c if TOKEN.match(c) else " " for c in bare.__wrapped__(run))


@functools.lru_cache(maxsize=1 << 15)
def steady(run: str) -> bool:
    """Whether folding turns each character into others of its own kind, so that tokens may be folded before they are parted."""

    def kind(char: str) -> str:
        return "word" if WORDLIKE.match(char) else "sign" if TOKEN.match(char) else "space"

    return all({kind(c)} == set(map(kind, bare.__wrapped__(c.casefold()))) for c in run)


def words(text: str) -> list[str]:
    """The tokens of a text without case, marks and punctuation: words, numbers, signs of sums; characters where no spaces part words."""
    return parted(plain(*seen(text)))


def tokens(text: str) -> list[str]:
    """The same of a text that is :func:`visible`."""
    return parted(plain(text, not_ascii(text)))


def read_together(texts: Sequence[str]) -> tuple[list[str], list[list[str]], bool]:
    """What :func:`visible` and :func:`tokens` make of each of several texts, and whether all are :func:`steady`.

    Read at once, which takes less than half of the time.
    """
    joined, found = seen("\n".join(texts))
    steadily = all(map(steady, found))
    if joined.count("\n") != len(texts) - 1:  # a text of several lines
        return list(map(visible, texts)), list(map(words, texts)), steadily
    text = plain(joined, found)
    parts = [line.split() for line in spaced(text).split("\n")] if text.isascii() else list(map(parted, text.split("\n")))
    return joined.split("\n"), parts, steadily


def plain(text: str, found: set[str]) -> str:
    """A text without case and spelled; ``found``: its runs of characters that are not ASCII."""
    characters = set("".join(found))
    if len(characters) > FEW or not all(map(apart, found)):
        return NOT_ASCII.sub(_spelled, text.casefold())
    for character in characters:
        text = text.replace(character, spelled(character.casefold()))
    return text.casefold()


def apart(run: str) -> bool:
    """Whether each character of a run is spelled as it is alone."""
    return len(run) == 1 or len(run) <= REMEMBERED and spelled(run.casefold()) == "".join([spelled(c.casefold()) for c in run])


def spaced(text: str) -> str:
    """An ASCII text with spaces for what is part of no token, and around signs."""
    return text.replace("$", " $ ").replace("%", " % ").encode().translate(SPACED).decode()


def parted(text: str) -> list[str]:
    """The tokens of a text as they stand in it."""
    return spaced(text).split() if text.isascii() else TOKEN.findall(text)


def normal(text: str) -> str:
    """The tokens of a text with single spaces: two texts with the same wording have the same normal form."""
    return " ".join(words(text))


def masked(tokens: list[str]) -> str:
    """A normal form with ``0`` for every run of numbers, month and weekday names (English): "5 may 2024 12 30" is "0"."""
    if not CALENDAR.isdisjoint(tokens):
        tokens = ["d" if t in CALENDAR else t for t in tokens]
    text = " ".join(tokens)
    if not text.isascii():
        return NUMBERS.sub("0", MONTHS_AND_DAYS.sub("d", NUMBER.sub("0", text)))
    text = text.encode().translate(ZEROS).decode()
    while "00" in text:
        text = text.replace("00", "0")
    spaced = f" {text}"
    return NUMBERS.sub("0", text) if " 0 " in spaced or " d " in spaced else text


def length(tokens: list[str] | tuple[str, ...]) -> float:
    """Words of a token list; two characters count as one word in scripts without spaces."""
    if "".join(tokens).isascii():
        return float(len(tokens))
    return len(tokens) - 0.5 * len([t for t in tokens if len(t) == 1 and t > "\u0e00" and DENSE_CHARACTER.match(t)])


class _Remembered(dict):
    """Words and what a function makes of them, worked out when first met; unlike an ``lru_cache`` nothing is written when one is found."""

    def __init__(self, function: Callable[[str], Any]):
        self.function = function

    def __missing__(self, word: str) -> Any:
        if len(self) >= KNOWN:
            self.clear()
        self[word] = found = self.function(word)
        return found


def _skeleton(word: str) -> str:
    if len(word) < 4 or not (word.isascii() and word.isalpha()):
        return word
    out = word
    if "h" in word:
        for spelling, sound in SOUNDS:
            out = out.replace(spelling, sound)
    letters = out.replace("ck", "k").replace("x", "ks").encode()
    out = last = ""
    for letter in (letters[:1].translate(LETTERS) + letters[1:].translate(LETTERS, VOWELS)).decode():
        if letter != last:
            out += letter
        last = letter
    return out if len(out) > 1 else word


#: The consonants of a Latin word, blind to its transliteration: mottaki and muttaqi are both ``mtk``. Words below four letters,
#: numbers and other scripts stay as they are.
skeleton = _Remembered(_skeleton).__getitem__
#: The hash of a word's skeleton.
token_hash = _Remembered(lambda word: hash64(skeleton(word))).__getitem__


def one_slip(a: str, b: str) -> bool:
    """Whether one letter dropped, doubled, replaced or two exchanged turn one word into the other."""
    if abs(len(a) - len(b)) > 1:
        return False
    limit = min(len(a), len(b))
    head = next((i for i in range(limit) if a[i] != b[i]), limit)
    tail = next((i for i in range(limit - head) if a[-1 - i] != b[-1 - i]), limit - head)
    x, y = a[head : len(a) - tail], b[head : len(b) - tail]
    return max(len(x), len(y)) <= 1 or len(x) == 2 and x == y[::-1]
