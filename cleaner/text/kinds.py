"""What a line of plain text is by its form: a heading, a list item, a caption, a row of a table, or a paragraph."""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from cleaner.document import Kind
from cleaner.text.unwrap import UNSPACED

#: Characters and spaces. Longer lines are no headings.
HEADING_CHARS, HEADING_SPACES = 160, 24
#: Characters. A heading stands before prose: a block at least this long that ends like a sentence. In scripts written
#: without spaces a third of it says as much; Thai and Lao know no mark for the end of a sentence.
PROSE_CHARS = 80
#: Lines (standfirst, byline, date, share buttons) that may stand between a headline and the text; from the third on, all
#: of them shorter than it.
HEADLINE_GAP, NEAR_GAP = 8, 2

BULLETS = "-*•·‣▪◦●■►▶✓✔➤"
ITEM = re.compile(rf"[{BULLETS}]\s+\S")
NUMBERED = re.compile(r"\(?(\d{1,2})[.)]\s+\S")
MARKDOWN_HEADING = re.compile(r"#{1,6}\s+\S|={2,6} .* ={2,6}$")
CAPTION = re.compile(
    r"(?:image |photo |picture )?caption\b|(?:figure|fig\.|abbildung|abb\.|figura|figuur|figur|рис\.|rys\.|obr\.|şekil|kuva)\s*\d+[.:]|"
    r"(?:图|圖|図|그림)\s*\d",
    re.IGNORECASE,
)
CAPTION_INITIALS = frozenset("cCiIpPfFaAрРrRoOşŞkK图圖図그")
SENTENCE_END = tuple(".!?…。！？।॥؟۔።။។\"”»“’')）」』")
#: A sentence end inside a text, but for abbreviations.
SENTENCES = re.compile(r"\b\w{5,}+[.!?] +\w")
NO_HEADING_END = tuple(".;,…。；，।॥۔።။")


def kinds(texts: Sequence[str], title: str | None = None) -> list[Kind]:
    """The kind of each block, by its own form and its neighbours'. ``title``: a block that repeats it is a heading."""
    found: list[Kind] = [own_kind(t) for t in texts]
    numbers = {int(m[1]) for t in texts if t[0] in "(0123456789" and (m := NUMBERED.match(t))}
    candidates = [i for i, text in enumerate(texts) if found[i] == "paragraph" and len(text) <= HEADING_CHARS]
    labels = {t for t, n in Counter(texts[i] for i in candidates).items() if n > 1}  # what comes back heads no section
    for i in candidates:
        text = texts[i]
        if text == title:
            found[i] = "heading"
        elif numbers and (m := NUMBERED.match(text)) and (int(m[1]) + 1 in numbers or int(m[1]) - 1 in numbers):
            found[i] = "list_item"
        elif (cells := borders(text)) and any(borders(texts[j]) == cells for j in (i - 1, i + 1) if 0 <= j < len(texts)):
            found[i] = "table_row"
        elif i + 1 < len(texts) and is_prose(texts[i + 1]) and heading_form(text) and text not in labels:
            found[i] = "heading"
    if texts and found[0] == "paragraph" and headline_form(texts[0]) and opens_text(texts):
        found[0] = "heading"
    return found


def opens_text(texts: Sequence[str]) -> bool:
    """Whether prose follows the first block, but for a few shorter lines."""
    gap = next((n for n, text in enumerate(texts[1 : HEADLINE_GAP + 2]) if is_prose(text)), HEADLINE_GAP + 1)
    return gap <= NEAR_GAP or gap <= HEADLINE_GAP and max(map(len, texts[1 : gap + 1])) < len(texts[0])


def headline(texts: Sequence[str], found: Sequence[Kind]) -> str | None:
    """The headline in front of a text, None where it begins otherwise."""
    return texts[0] if texts and found[0] == "heading" and headline_form(texts[0]) else None


def own_kind(text: str) -> Kind:
    """The kind that a block's own signs give it, "paragraph" when it has none."""
    first = text[0]
    if first in BULLETS:
        return "list_item" if ITEM.match(text) else "paragraph"
    if first in "#=" and MARKDOWN_HEADING.match(text):
        return "heading"
    if first == "|" and text.endswith("|") and len(text) > 2:
        return "table_row"
    return "caption" if first in CAPTION_INITIALS and CAPTION.match(text) else "paragraph"


def borders(text: str) -> int:
    """The number of cell borders in a line: tabs, or (as a negative number) bars between spaces, two at least."""
    if tabs := text.count("\t"):
        return tabs
    bars = text.count(" | ")
    return -bars if bars > 1 else 0


def heading_form(text: str) -> bool:
    """Whether a short line could be a heading: no sentence, begins with a capital, a digit or a letter without case."""
    if text.endswith(NO_HEADING_END) or text.count(" ") > HEADING_SPACES:
        return False
    first = next((c for c in text if c.isalnum()), "")
    return first != "" and not first.islower()


def headline_form(text: str) -> bool:
    """Whether a line could be a headline: one sentence of three words or, in a script without spaces, six characters at least."""
    if len(text) > HEADING_CHARS or not heading_form(text) or SENTENCES.search(text):
        return False
    return text.count(" ") > 1 or len(text) > 5 and bool(UNSPACED.search(text))


def is_prose(text: str) -> bool:
    """Whether a block is running text: long, and it ends like a sentence."""
    if text.endswith(SENTENCE_END):
        return len(text) >= PROSE_CHARS or 3 * len(text) >= PROSE_CHARS and bool(UNSPACED.search(text))
    return len(text) >= PROSE_CHARS and bool(UNSPACED.match(text))
