"""A document block by block: what was cut, repaired and flagged, by which rule, why, and how to switch that rule off."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.text import Text

from cleaner.document import DOCUMENT, Document, Mark, restored_blocks
from cleaner.rules import Rule, rules
from cleaner.switches import switch
from cleaner.view import TERMINAL, Piece, marks_by_block, pieces, shortened, visible

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, Group

#: Characters of one wording that a line of reasons shows.
WORDING = 200

#: What shows a reader without colours what happened to a stretch of text, as wdiff does.
BRACKETS = {"cut": ("[-", "-]"), "was": ("[-", "-]"), "new": ("{+", "+}"), "flag": ("[?", "?]")}

FACTS = ("title", "author", "date", "url", "encoding")


# --- for a terminal ------------------------------------------------------------------------------------------------------


def explained(doc: Document) -> Group:
    """The whole document for ``rich.print``."""
    from rich.console import Group

    return Group(*head(doc), *body(doc))


def head(doc: Document) -> Iterator[Text]:
    """Title, language and the marks that speak of the whole document."""
    for fact in facts(doc):
        yield Text(visible(fact), style="bold")
    for m in doc.marks:
        if m.block == DOCUMENT:
            yield reason(m, " " * 4)
    yield Text()


def facts(doc: Document) -> list[str]:
    """What is known of a document beside its text, a line each."""
    meta = doc.meta
    known = [f"{k}: {shortened(v, WORDING)}" for k in FACTS if (v := getattr(meta, k))]
    if meta.lang:
        known.append(f"language: {meta.lang}" + (f" ({meta.lang_score:.2f})" if meta.lang_score is not None else ""))
    return known


def body(doc: Document) -> Iterator[Text | Line]:
    """Every block with its spans in colour, and a line for each of its marks."""
    marks = marks_by_block(doc)
    for number, block in enumerate(doc.blocks):
        yield Line(pieces(block.text, marks[number]), f"{number:3} ")
        for m in marks[number]:
            yield reason(m, " " * 4)
        if number + 1 < len(doc.blocks) and doc.blocks[number + 1].before.count("\n") != 1:
            yield Text()


@dataclass(frozen=True)
class Line:
    """Pieces for whatever console prints them, something dim in front of them."""

    parts: Sequence[Piece]
    front: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        draw = drawn if console.color_system else bracketed
        yield Text.assemble((self.front, "dim"), draw(self.parts))


def bracketed(parts: Iterable[Piece]) -> Text:
    """Pieces for a file or a terminal without colours."""
    runs = groupby(parts, lambda piece: BRACKETS.get(piece.kind, ("", "")))
    return Text("".join(f"{begin}{visible(''.join(p.text for p in run))}{end}" for (begin, end), run in runs))


def drawn(parts: Iterable[Piece]) -> Text:
    """Pieces in the colours of their stages: what is gone struck through, what is new underlined."""
    out = Text()
    for text, kind, mark in parts:
        colour = TERMINAL.get(mark.stage, TERMINAL[""]) if mark else {"was": "red", "new": "green"}.get(kind, "")
        form = {"cut": " strike", "was": " strike dim", "new": " underline", "flag": " reverse"}.get(kind, "")
        out.append(visible(text), style=colour + form)
    return out


def reason(m: Mark, indent: str) -> Text:
    """One mark in words: action, rule, score, the wording that it knows, what was there before, and its switch."""
    colour = TERMINAL.get(m.stage, TERMINAL[""])
    out = Text.assemble((indent + f"└ {m.action} {visible(m.rule)}", colour))
    if m.score is not None:
        out.append(f" {m.score:.2f}")
    if m.action == "edit":
        out.append(f"  {quoted(m.original)} → {quoted(m.replacement or '')}")
    if row := known_wording(m):
        out.append(f"  wording {visible(row.pattern)!r} ({row.language}, {row.where})", style="dim")
    elif m.detail:
        out.append(f"  {visible(shortened(m.detail, WORDING))}", style="dim")
    if off := switch(m.rule):
        out.append(f"  off: {off}", style="dim italic")
    return out


def quoted(text: str) -> str:
    """A wording in quotation marks, of bounded length."""
    return f"'{visible(shortened(text, WORDING))}'"


def known_wording(m: Mark) -> Rule | None:
    """The row of the phrase book that a mark found, where it found one."""
    return by_id().get(m.detail) if m.stage == "boilerplate" else None


@cache
def by_id() -> dict[str, Rule]:
    """The phrase book by the ids of its rows."""
    return {r.id: r for r in rules()}


# --- for machines --------------------------------------------------------------------------------------------------------


def as_json(doc: Document) -> dict[str, Any]:
    """The document as plain data: its facts, its clean text, its blocks before and after with every mark and its switch."""
    marks = marks_by_block(doc)
    blocks = [
        {"block": n, "kind": b.kind, "was": was, "text": b.text, "marks": [mark_json(m) for m in marks[n]]}
        for n, (b, was) in enumerate(zip(doc.blocks, restored_blocks(doc)))
    ]
    about = {k: v for k in (*FACTS, "host", "lang", "lang_score", "source", "row") if (v := getattr(doc.meta, k)) is not None}
    return {"id": doc.id, **about, "text": doc.text, "flags": list(doc.flags), "marks": [mark_json(m) for m in marks[DOCUMENT]], "blocks": blocks}


def mark_json(m: Mark) -> dict[str, Any]:
    """A mark with the wording that it knows and its switch."""
    row = known_wording(m)
    known = {k: v for k, v in m._asdict().items() if k != "block"}
    return known | ({"wording": row.pattern, "source": row.source} if row else {}) | {"off": switch(m.rule)}


# --- one sentence --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """What became of a sentence in one block of a document. marks: those that touch it."""

    id: str
    block: int
    text: str
    marks: tuple[Mark, ...]

    def __rich__(self) -> Group:
        """For a terminal: where it is, what happened to it, by which rule, and the switch."""
        from rich.console import Group

        fate = "touched by no rule" if not self.marks else " and ".join(dict.fromkeys(FATES[m.action] for m in self.marks))
        head = Text(f"{visible(self.id)}, block {self.block}: {fate}" if self.id else f"block {self.block}: {fate}", style="bold")
        return Group(head, Line(pieces(self.text, self.marks)), *(reason(m, "  ") for m in self.marks))

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {"id": self.id, "block": self.block, "text": self.text, "marks": [mark_json(m) for m in self.marks]}


FATES = {"cut": "cut", "edit": "repaired", "flag": "flagged"}


def told(docs: Iterable[Document], sentence: str) -> Iterator[Told]:
    """What became of a sentence, in each block that has it, before or after its repair; white space and case aside."""
    wanted = " ".join(sentence.split()).casefold()
    for doc in docs:
        marks = marks_by_block(doc)
        for n, (block, was) in enumerate(zip(doc.blocks, restored_blocks(doc))):
            at = " ".join(block.text.split()).casefold().find(wanted)
            if at >= 0 and len(" ".join(block.text.split()).casefold()) == len(block.text):
                touching = [m for m in marks[n] if m.start < at + len(wanted) and m.end > at]
            elif at >= 0 or wanted in " ".join(was.split()).casefold():
                touching = marks[n]
            else:
                continue
            yield Told(doc.id, n, block.text, tuple(touching))
