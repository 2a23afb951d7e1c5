"""Texts in a legacy encoding that were read as Windows-1252, as browsers do where nothing is declared: "Ïðåçèäåíò", "açýklamasý".

No byte sequence gives them away, as it does UTF-8. What does is that nobody writes so: taken back to its bytes and read in the
encoding that Firefox's detector names (chardetng), or in a Windows code page of Europe, the text is in a language whose letter
groups (langdetect's profiles) fit the changed places better by far than they fit what stands there. Measured: of 4,562 clean texts and
paragraphs and 3,509 scrapes none is taken for one; of 102 in their legacy encodings, in 20 languages, 99 come back.
"""
from __future__ import annotations

import re
from collections.abc import Iterable

from cleaner.text.charsets import ASCII, UTF8_SEQUENCE, detect, strict

#: Bytes that are letters in Windows-1252, or in encodings that are taken for it though it has raised figures there.
LETTERS = bytes([0x8A, 0x8C, 0x8E, 0x9A, 0x9C, 0x9E, 0x9F, 0xB3, 0xB9, *range(0xC0, 0xD7), *range(0xD8, 0xF7), *range(0xF8, 0x100)])
NO_LETTERS = bytes(b for b in range(256) if b not in LETTERS)
#: What languages that Windows-1252 is made for write, with the loans they keep: a text of such letters alone is in one of these.
WESTERN = tuple(
    frozenset((letters + letters.upper() + "Ÿ").encode("cp1252", "ignore"))
    for letters in ("àâäçéèêëîïìôöœùûüÿæñáíóòú", "àâáãçéèêíóôõúüñ", "äöüßéèêëàáâçñôóåøæšž", "åäöæøéèêëàáâüóòôúíç", "äöõüšžéà", "áíóúýðøæåé")
)
#: Languages written in it. Their texts are what they seem, and a reading in another code page that is in one of them is chance.
WEST = frozenset("en de fr es pt it nl da sv no fi is ca gl eu ga cy af id ms sw tl so".split())
#: What the letters of Windows-1252 begin with in UTF-8, and what those begin with that it does not have: a text with one of these
#: was read in the right encoding. Deleting all other bytes tells both in a hundredth of a search's time.
OURS, THEIRS = b"\xc3", bytes([0xC4, *range(0xC7, 0xCB), *range(0xCD, 0xE2), *range(0xE3, 0xEE)])
NO_LEADS = bytes(b for b in range(256) if b not in OURS + THEIRS)
BEYOND = re.compile("[^\\W\\d_\x00-\xffŒœŠšŽžŸƒˆ]")
#: Code pages of Europe that the detector may miss in a short text.
EUROPE = ("cp1250", "cp1254", "cp1257")
WINDOWS = ("cp1252", "iso8859-1", "iso8859-15")
#: So many letters must change, and so much better must the language fit there, natural log a letter group (most that a clean text
#: shows: .1; least that a garbled one does: .46).
LEAST, GAIN = 3, 0.4
#: In an encoding of several bytes a letter: so many bytes that are not ASCII, and so large a share of all.
MANY, MOSTLY = 12, 0.35
#: The language must be so sure.
SURE = 0.9
#: A text whose bytes are UTF-8 in so large a share is mojibake of another kind.
UTF8_SHARE = 0.5


def misread(texts: Iterable[str]) -> str:
    """The encoding that the texts of a document are in, which were read as Windows-1252; "" for none that is proven."""
    texts = [text for text in texts if not text.isascii()]
    leads = "\n".join(texts).encode("utf-8", "surrogatepass").translate(None, NO_LEADS)
    if len(leads) < LEAST or leads.strip(OURS):
        return ""
    read = {text: as_bytes(text) for text in texts}
    if any(data is None and BEYOND.search(text) for text, data in read.items()):
        return ""
    data = b"\n".join(filter(None, read.values()))
    letters = data.translate(None, NO_LETTERS)
    if len(letters) < LEAST or any(western.issuperset(letters) for western in WESTERN):
        return ""
    if sum(map(len, UTF8_SEQUENCE.findall(data))) > UTF8_SHARE * len(data.translate(None, ASCII)):
        return ""
    text, best = strict(data, "cp1252"), (GAIN, "")
    for encoding in dict.fromkeys((detect(data), *EUROPE)):
        fixed = strict(data, encoding) if encoding not in WINDOWS else None
        if fixed is not None and fixed != text:
            best = max(best, (gain(text, fixed), encoding))
    return best[1]


def as_bytes(text: str) -> bytes | None:
    """The bytes of a text in Windows-1252, None where it has other characters."""
    try:
        return text.encode("cp1252", "cleaner.c1")
    except UnicodeEncodeError:
        return None


def reread(text: str, encoding: str) -> str:
    """A text read as Windows-1252 as it is in another encoding, the text itself where that cannot be."""
    data = as_bytes(text)
    return (data is not None and strict(data, encoding)) or text


def gain(text: str, fixed: str) -> float:
    """How much better the language of the second reading fits it than either language fits the first, a letter group that differs."""
    import numpy as np  # here, not above: next to no text comes so far

    from cleaner.text.languages import DENSE_LANGUAGES, identify, knowledge, own_language

    def lacks(text: str, lang: str) -> float:
        """How far a language stays below what fits the letter groups that end at the places, natural log a group."""
        own = own_language(lang)
        return float(own.lack.take(own.profiles.groups(text, (own.length,))[0][places]).mean())

    found = identify(fixed)
    if found.score < SURE or found.lang in WEST or found.lang not in knowledge().columns:
        return 0.0
    if len(text) != len(fixed):
        high = len(text.encode()) - len(text)
        return float(found.lang in DENSE_LANGUAGES and high >= MANY and high >= MOSTLY * len(text))
    changed = np.array([a != b for a, b in zip(text, fixed)])
    places = changed.copy()
    places[1:] |= changed[:-1]
    places[2:] |= changed[:-2]
    places &= [c.isalpha() for c in fixed]
    if np.count_nonzero(changed & places) < LEAST:
        return 0.0
    languages = {found.lang, identify(text).lang} & knowledge().columns.keys()
    return min(lacks(text, lang) for lang in languages) - lacks(fixed, found.lang)
