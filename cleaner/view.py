"""What a reader is shown of a document: each block in pieces by what happened to them, safe to print and safe in a page.

Terminal, notebook, report and diff all draw these pieces; a text never reaches a screen but through :func:`visible`.
"""
from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

from cleaner.document import DOCUMENT, Document, Mark

#: Cf characters that text needs: joiners, and the signs that Arabic and Syriac set around numbers and verses.
NEEDED = frozenset("\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
#: Which of several marks on a character shows: what is gone needs no flag.
RANK = {"flag": 0, "edit": 1, "cut": 2}

#: Colours of the stages in a terminal's own palette; a stage of a user's own takes the last.
TERMINAL = {"extract": "bright_black", "repair": "green", "boilerplate": "red", "duplicates": "magenta", "language": "cyan", "topic": "yellow", "": "blue"}

WORDS = re.compile(r"\w+|\s+|[^\w\s]")
#: Words of a text beyond which only its beginning and end are compared; difflib is quadratic.
MOST_WORDS = 3_000


class Piece(NamedTuple):
    """A stretch of a block and what happened to it: "" it stays, "cut", "was" (before an edit), "new" (after it), "flag"."""

    text: str
    kind: str = ""
    mark: Mark | None = None


def visible(text: str) -> str:
    """The text with control characters, bidi overrides and lone surrogates shown as escapes, so that a screen obeys none."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c == "\t" or unicodedata.category(c) not in HIDDEN or c in NEEDED else escaped(c) for c in text)


def escaped(c: str) -> str:
    """A character as Python writes it."""
    return f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}"


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters, its middle left out and counted."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]} […{len(text) - 2 * half:,} characters…] {text[-half:]}"


def pieces(text: str, marks: Iterable[Mark]) -> list[Piece]:
    """A block's text with its marks drawn in: a cut covers an edit, an edit a flag; the wording before an edit stands before it.

    An edit of the whole block (joined lines) draws nothing.
    """
    size = len(text)
    drawn = [m for m in marks if not (m.action == "edit" and m.end - m.start >= size > 0)]
    begins: dict[int, list[Mark]] = defaultdict(list)
    for m in drawn:
        begins[min(m.start, size)].append(m)
    points = sorted({0, size, *begins, *(min(m.end, size) for m in drawn)})
    out: list[Piece] = []
    here: list[Mark] = []
    for start, end in pairwise([*points, size]):
        here = [m for m in (*here, *begins[start]) if m.end > start]
        top = max(here, key=lambda m: RANK[m.action], default=None)
        if top is None or top.action != "cut":
            out += (Piece(m.original, "was", m) for m in begins[start] if m.action == "edit" and m.original)
        if start < end:
            out.append(Piece(text[start:end], {"edit": "new"}.get(top.action, top.action) if top else "", top))
    return out


def marks_by_block(doc: Document) -> dict[int, list[Mark]]:
    """The marks of all blocks; those of the document stand under ``DOCUMENT``."""
    found: dict[int, list[Mark]] = defaultdict(list)
    for m in doc.marks:
        found[m.block].append(m)
    return found


def words_diff(before: str, after: str) -> list[Piece]:
    """What changes from one wording to another, word by word, as pieces "", "was" and "new"."""
    a, b = WORDS.findall(before), WORDS.findall(after)
    limit = min(len(a), len(b))
    head = next((i for i in range(limit) if a[i] != b[i]), limit)
    tail = next((i for i in range(limit - head) if a[-1 - i] != b[-1 - i]), limit - head)
    out = [Piece("".join(a[:head]))]
    middle = a[head : len(a) - tail], b[head : len(b) - tail]
    if max(map(len, middle)) > MOST_WORDS:
        out += [Piece("".join(middle[0]), "was"), Piece("".join(middle[1]), "new")]
    else:
        out += aligned(*middle)
    out.append(Piece("".join(a[len(a) - tail :])))
    return [p for p in out if p.text]


def aligned(a: Sequence[str], b: Sequence[str]) -> Iterator[Piece]:
    """Two lists of words against each other."""
    for tag, a0, a1, b0, b1 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("".join(a[a0:a1]))
        else:
            yield Piece("".join(a[a0:a1]), "was")
            yield Piece("".join(b[b0:b1]), "new")


# --- notebook ------------------------------------------------------------------------------------------------------------

#: Characters of a document that a notebook shows; its output is saved with the notebook.
SHOWN = 20_000
#: Inline, because notebooks take style sheets out; backgrounds are translucent, so that both themes stay readable.
DRAWN = {
    "cut": "text-decoration:line-through;background:rgba(220,50,40,.18)",
    "was": "text-decoration:line-through;background:rgba(220,50,40,.18)",
    "new": "text-decoration:none;background:rgba(30,160,90,.22)",
    "flag": "color:inherit;background:rgba(230,170,20,.28)",
}
TAGS = {"cut": "del", "was": "del", "new": "ins", "flag": "mark"}


def html_pieces(parts: Iterable[Piece]) -> str:
    """Pieces as HTML that needs no style sheet, every character escaped."""
    out = []
    for text, kind, mark in parts:
        shown = escape(visible(text))
        if kind:
            title = f' title="{escape(visible(mark.rule))}"' if mark else ""
            shown = f'<{TAGS[kind]} style="{DRAWN[kind]}"{title}>{shown}</{TAGS[kind]}>'
        out.append(shown)
    return "".join(out)


def html_document(doc: Document, most: int = SHOWN) -> str:
    """A document for a notebook: what is cut struck through, edits and flags in colour, rule names as tooltips."""
    marks, lines, size, left = marks_by_block(doc), [], 0, 0
    for number, block in enumerate(doc.blocks):
        if size > most:
            left += 1
            continue
        parts = [p._replace(text=shortened(p.text, most - size if most > size else 1)) for p in pieces(block.text, marks[number])]
        size += sum(len(p.text) for p in parts)
        lines.append(f'<p dir="auto" style="margin:.4em 0">{html_pieces(parts)}</p>')
    if left:
        lines.append(f"<p><em>… {left:,} more blocks; doc.text has them all</em></p>")
    counts = {action: sum(m.action == action for m in doc.marks) for action in ("cut", "edit", "flag")}
    known = [doc.meta.title, doc.meta.lang, ", ".join(f"{n} {action}s" for action, n in counts.items())]
    about = [f"{m.rule}: {m.detail}" for m in marks[DOCUMENT]]
    head = " · ".join(escape(visible(shortened(fact, 300))) for fact in [*known, *about] if fact)
    return f'<div style="max-width:50em"><p dir="auto" style="opacity:.8"><small>{head}</small></p>{"".join(lines)}</div>'
