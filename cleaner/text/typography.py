"""What machine translation and scraping leave around words: doubled spaces, spaces before punctuation, reversed quotes.

A rule acts only where no language writes it so. French sets a space before ``: ; ! ?`` and inside « »: these stay unless
the language is known to be another one, or the same text sets a space before commas and full stops too.
"""
from __future__ import annotations

import re
from dataclasses import dataclass

#: Languages that set a space before : ; ! ? (Imprimerie nationale; Breton follows).
SPACED_PUNCTUATION = ("fr", "br")
#: Languages that close a „quotation” with ”; the others that open with „ close with “.
CLOSING_RIGHT = ("pl", "ro", "hu", "nl", "hr", "sr", "bs")
#: Words of French that its neighbours seldom share: 0.10 to 0.11 of the words of 3 French gold articles, at most 0.03 of 876 in six other
#: languages.
FRENCH = frozenset("les des est dans pour qui sur pas avec aux vous nous elle cette sont mais où du".split())
FRENCH_SHARE = 1 / 12
FRENCH_SAMPLE = 300

DOUBLE_SPACE = re.compile(r"(?<=\S)[ \t]{2,}(?=\S)")
SPACED_APOSTROPHE = re.compile(r"(?<=\w) ’ (?=(?:s|t|re|ve|ll|d|m)\b)")
QUOTE = re.compile("[“”„]")
#: A space before a mark that ends a word of two letters or more; " ..." and ".com" stay.
COMMA = r",(?=\s|$)|\.(?! ?\.)(?=\s|$)"
MARK = rf"{COMMA}|[;:!?](?=\s|$)"
AFTER_WORD = r"(?<=[^\W\d_]{2}) +"
AFTER_ANY = r"(?<=\w) +"
SPACED = {
    (after, mark): re.compile(f"{before}(?={what})")
    for after, before in (("word", AFTER_WORD), ("any", AFTER_ANY))
    for mark, what in (("comma", COMMA), ("mark", MARK))
}
CLOSE_COMMA = re.compile(r"\w[,.](?=\s|$)")

#: One look for all of it, by two character classes before anything else.
UNTIDY = re.compile(r"[ \t][ \t,.;:!?“’](?:(?<=[ \t]{2})|(?<= [,.;:!?“])(?:\s|$)|(?<= ’) )")


@dataclass(frozen=True, slots=True)
class Habits:
    """How a document writes, as far as rules depend on it.

    spaced_marks: a space before : ; ! ? is its language's own. closer: what closes a „quotation”, "" when unknown.
    """

    spaced_marks: bool
    closer: str


def habits(texts: list[str], lang: str | None) -> Habits:
    """The habits of a document, from its language where that is known, else from its texts."""
    base = (lang or "").lower().replace("_", "-").split("-")[0]
    if base in ("", "und"):
        spaced = is_french(texts) or not any(SPACED["word", "comma"].search(t) for t in texts if " ," in t or " ." in t)
    else:
        spaced = base in SPACED_PUNCTUATION
    left, right = (sum(len(re.findall(rf"(?<=\S){c}(?!\w)", t)) for t in texts if "„" in t) for c in "“”")
    if left != right:
        return Habits(spaced, "“" if left > right else "”")
    return Habits(spaced, "" if base in ("", "und") else "”" if base in CLOSING_RIGHT else "“")


def is_french(texts: list[str]) -> bool:
    """A cheap guess from function words, sure enough to keep French spaces, not to label a document."""
    words = re.findall(r"\w+", " ".join(texts)[: 8 * FRENCH_SAMPLE].lower())[:FRENCH_SAMPLE]
    return sum(w in FRENCH for w in words) > FRENCH_SHARE * len(words)


def loose_spaces(text: str, kept: bool) -> re.Pattern[str]:
    """The pattern for spaces before punctuation that a text has by mistake; kept: those before : ; ! ? belong there.

    A text that sets a space before commas and full stops and never sets one close is taken at its word after digits and
    single letters too ("in 1987 .", "Viby J .").
    """
    everywhere = SPACED["any", "comma"].search(text) and not CLOSE_COMMA.search(text)
    return SPACED["any" if everywhere else "word", "comma" if kept else "mark"]


def stray_quotes(text: str, closer: str) -> list[tuple[int, int, str]]:
    """Spans where a space and “ stand for a closing quotation mark, each with the mark that belongs there, in order.

    A “ with white space on both sides opens nothing: behind an open quotation it is its end, translated the wrong way
    round; so it is at the end of a paragraph, and after a sentence unless a quotation mark behind it needs an opener.
    closer: what closes a quotation opened by „.
    """
    found, opener = [], ""
    marks = list(QUOTE.finditer(text))
    for n, mark in enumerate(marks):
        i, char = mark.start(), mark[0]
        parted = not i or text[i - 1].isspace() or text[i - 1] in "([—–-/"
        followed = i + 1 < len(text) and not text[i + 1].isspace()
        if char == "„":
            opener = char
        elif char == "”":
            opener = char if parted and followed and not opener else ""
        elif followed:
            opener = char if parted or text[i + 1].isalnum() else ""
        elif not i or not text[i - 1].isspace():
            opener = ""
        else:
            start = i
            while start and text[start - 1] == " ":
                start -= 1
            last = i + 1 == len(text)
            after = marks[n + 1] if n + 1 < len(marks) else None
            if after and after[0] == "”" and text[after.start() - 1].isspace():
                opener = char  # “ a quotation set apart on both sides ”
                continue
            opens = after is not None and (after[0] == "”" or not text[after.end() : after.end() + 1].strip())
            ends_sentence = text[start - 1 : start] in tuple(".,!?…;")
            if opener or last or (ends_sentence and not opens):
                right = closer if opener == "„" else "”"
                found += [(start, i + 1, right)] if right and start else []
                opener = ""
    return found
