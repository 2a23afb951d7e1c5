"""A document block by block for the terminal: what was cut, repaired and flagged, by which rule and why."""
from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from cleaner.document import DOCUMENT, Document, Mark

if TYPE_CHECKING:
    from rich.console import Group

STYLES = {"cut": "red strike", "edit": "green", "flag": "yellow"}


def explained(doc: Document) -> Group:
    """The whole document for ``rich.print``."""
    from rich.console import Group

    return Group(*head(doc), *(part for number in range(len(doc.blocks)) for part in block(doc, number)))


def head(doc: Document) -> Iterator[Text]:
    """Title, language and the marks that speak of the whole document."""
    meta = doc.meta
    facts = [f"{k}: {v}" for k in ("title", "author", "date", "url", "encoding") if (v := getattr(meta, k))]
    if meta.lang:
        facts.append(f"language: {meta.lang}" + (f" ({meta.lang_score:.2f})" if meta.lang_score is not None else ""))
    for fact in facts:
        yield Text(visible(fact), style="bold")
    for m in doc.marks:
        if m.block == DOCUMENT:
            yield reason(m, f"{'':4}")
    yield Text()


def block(doc: Document, number: int) -> Iterator[Text]:
    """One block with its spans in colour, and a line for each of its marks."""
    marks = [m for m in doc.marks if m.block == number]
    line = Text(f"{number:3} ", style="dim")
    line.append_text(spans(doc.blocks[number].text, marks))
    yield line
    for m in marks:
        yield reason(m, " " * 4)
    if number + 1 < len(doc.blocks) and "\n\n" in doc.blocks[number + 1].before:
        yield Text()


def spans(text: str, marks: Iterable[Mark]) -> Text:
    """A block's text, each character in the colour of what happened to it; a cut covers an edit, an edit a flag.

    An edit of the whole block (joined lines) colours nothing.
    """
    styles: list[str | None] = [None] * len(text)
    for action in ("flag", "edit", "cut"):
        for m in marks:
            if m.action == action and not (action == "edit" and m.end - m.start >= len(text)):
                styles[m.start : m.end] = [STYLES[action]] * (m.end - m.start)
    out, start = Text(), 0
    for i in range(1, len(text) + 1):
        if i == len(text) or styles[i] != styles[start]:
            out.append(visible(text[start:i]), style=styles[start])
            start = i
    return out


def reason(m: Mark, indent: str) -> Text:
    """One mark in words: action, rule, score, what was there before, detail."""
    out = Text(indent + f"└ {m.action} {visible(m.rule)}", style=STYLES[m.action].split()[0])
    if m.score is not None:
        out.append(f" {m.score:.2f}")
    if m.action == "edit":
        out.append(f"  {visible(m.original)!r} → {visible(m.replacement or '')!r}")
    if m.detail:
        out.append(f"  {visible(m.detail)}", style="dim")
    return out


def visible(text: str) -> str:
    """The text with control characters, bidi overrides and lone surrogates shown as escapes, so that a terminal runs none."""
    return "".join(c if c == "\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co") or c in "\u200c\u200d" else f"\\u{ord(c):04x}" for c in text)
