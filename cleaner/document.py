"""The types every room shares, and the two functions that turn decisions into text and back.

A document has hundreds of blocks and marks, so these are named tuples: made in a third of a dataclass's time.

A stage never cuts: it adds a :class:`Mark`. :func:`render` carries the marks out, :func:`restore` takes them back.
Every offset counts Unicode code points inside one block's own text.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

Kind = Literal["paragraph", "heading", "list_item", "caption", "table_row"]
Action = Literal["cut", "edit", "flag"]

#: The block number of a mark that speaks of the whole document.
DOCUMENT = -1


class Hints(NamedTuple):
    """What only HTML knows about a block. Plain text has :data:`NO_HINTS`; every stage must work without them.

    tag: the block's own element, ``""`` when unknown. link_density: share of its characters inside links, 0 to 1.
    ancestors: tags and class/id tokens from the element outwards. kept: the verdict of trafilatura or, where it
    was not needed, of the model; None when there is neither.
    """

    tag: str = ""
    link_density: float = 0.0
    ancestors: tuple[str, ...] = ()
    kept: bool | None = None


NO_HINTS = Hints()


class Block(NamedTuple):
    """One paragraph, heading, list item, caption or table row.

    text: its own words, without the white space around it and without line breaks.
    before: the white space that stood in front of it in the input (HTML: the break that its element implies).
    """

    text: str
    kind: Kind = "paragraph"
    hints: Hints = NO_HINTS
    before: str = "\n\n"


class Mark(NamedTuple):
    """One decision about ``blocks[block].text[start:end]``.

    rule: stable name, ``stage.reason`` (``boilerplate.read_also``). action: "cut" leaves the span out, "edit" says that
    the span was rewritten, "flag" only speaks. replacement: what stands there instead ("" for a cut, None for a flag).
    score: what the rule measured, apart from the threshold that acted on it; its unit is the rule's own.
    detail: a sentence or a value for a reader. original: the input's wording of an edited span.
    """

    block: int
    start: int
    end: int
    stage: str
    rule: str
    action: Action
    replacement: str | None = None
    score: float | None = None
    detail: str = ""
    original: str = ""


@dataclass(frozen=True, slots=True)
class Meta:
    """What is known of a document beside its text. Unknown input columns travel in ``extra``.

    date: as the input writes it, ISO 8601 where the extractor found it. lang: ISO 639-1 code, "und" for none found,
    None before the language stage. row: 0-based record number in ``source``. encoding: how the bytes were decoded.
    """

    url: str | None = None
    host: str | None = None
    sitename: str | None = None
    title: str | None = None
    author: str | None = None
    date: str | None = None
    lang: str | None = None
    lang_score: float | None = None
    source: str | None = None
    row: int | None = None
    encoding: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A text as blocks, with every decision made about it so far. ``tail`` is the white space after the last block."""

    id: str = ""
    blocks: tuple[Block, ...] = ()
    marks: tuple[Mark, ...] = ()
    meta: Meta = Meta()
    tail: str = ""

    @property
    def text(self) -> str:
        """The clean text: every block that no mark cut, blocks apart by a blank line or, where the input had none, a break."""
        return render(self)

    @property
    def flags(self) -> tuple[str, ...]:
        """The names of the rules that flagged something, each once, sorted."""
        return tuple(sorted({m.rule for m in self.marks if m.action == "flag"}))

    def live(self) -> Iterator[tuple[int, Block]]:
        """The blocks that no mark has cut whole so far, with their numbers: what a later stage decides about."""
        gone = {m.block for m in self.marks if m.action == "cut" and m.end - m.start >= len(self.blocks[m.block].text)}
        return ((i, b) for i, b in enumerate(self.blocks) if i not in gone)

    def add(self, marks: Iterable[Mark]) -> Document:
        """This document with more marks."""
        marks = tuple(marks)
        return replace(self, marks=self.marks + marks) if marks else self

    def about(self, **fields: Any) -> Document:
        """This document with some fields of ``meta`` set anew."""
        return replace(self, meta=replace(self.meta, **fields))

    def _repr_html_(self) -> str:
        """What a notebook shows: the text with cuts struck through, edits and flags in colour, all of it escaped."""
        from cleaner.view import html_document

        return html_document(self)


def render(doc: Document) -> str:
    """Carry out the cuts of a document.

    Blocks stand apart as in the input, at most one blank line between two; nothing else is added or changed.
    """
    return joined(doc, kept(doc))


def joined(doc: Document, kept_pieces: list[list[str]]) -> str:
    """The same, where what :func:`kept` gives is known."""
    out: list[str] = []
    for pieces, block in zip(kept_pieces, doc.blocks):
        if text := "".join(pieces):
            if out:
                out.append("\n\n" if block.before.count("\n") != 1 else "\n")
            out.append(text)
    return "".join(out)


def kept(doc: Document) -> list[list[str]]:
    """For each block the pieces of its text that no mark cuts, in order; overlapping cuts count once."""
    cuts: dict[int, list[tuple[int, int]]] = {}
    pieces = [[b.text] for b in doc.blocks]
    for m in doc.marks:
        if m.action == "cut":
            if m.start == 0 and m.end >= len(pieces[m.block][0]):
                pieces[m.block] = [""]
            else:
                cuts.setdefault(m.block, []).append((m.start, m.end))
    for block, spans in cuts.items():
        if pieces[block][0]:  # else it has been cut as a whole since
            pieces[block] = outside(doc.blocks[block].text, spans)
    return pieces


def outside(text: str, spans: list[tuple[int, int]]) -> list[str]:
    """The pieces of a text that lie in none of the spans, in order; the last one may be empty."""
    out, position = [], 0
    for start, end in sorted(spans):
        if start > position:
            out.append(text[position:start])
        if end > position:
            position = end
    out.append(text[position:])
    return out


def restored_blocks(doc: Document) -> list[str]:
    """The text of each block as it came: edits undone in reverse order, cuts ignored."""
    texts = [b.text for b in doc.blocks]
    for m in reversed(doc.marks):
        if m.action == "edit":
            text = texts[m.block]
            texts[m.block] = text[: m.start] + m.original + text[m.end :]
    return texts


def restore(doc: Document) -> str:
    """The text as it came, white space between the blocks included.

    ``restore(clean(text)) == text`` for every str; for HTML it gives the extracted text before any decision.
    """
    return "".join(b.before + t for b, t in zip(doc.blocks, restored_blocks(doc))) + doc.tail
