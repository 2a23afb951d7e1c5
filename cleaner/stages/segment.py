"""Plain text to blocks: where a paragraph begins, which lines belong to one, and what each block is."""
from __future__ import annotations

from typing import Any

from cleaner.document import Block, Document, Mark, Meta
from cleaner.text.kinds import headline, kinds
from cleaner.text.unwrap import continued, join_lines

RULE = "segment.unwrap"


def segment(text: str, *, id: str = "", **about: Any) -> Document:
    """Cut a plain text into its paragraphs, headings, list items, captions and table rows.

    One non-empty line is one block. Where the text was wrapped to a width, the lines of a paragraph are joined, and the
    block carries one edit mark ``segment.unwrap`` with the raw lines; see :mod:`cleaner.text.unwrap` for the evidence asked.
    Lines end at ``"\\n"`` (at ``"\\r"`` in a text that has no other line end). White space between blocks is kept in
    ``Block.before``, so that ``restore(segment(text)) == text`` for every str.

    about: what is known of the text, fields of :class:`cleaner.document.Meta`. A headline in front of the text becomes
    ``title`` where none is given.
    Raises TypeError when ``text`` is not a str or ``about`` holds a field that Meta lacks.
    """
    if not isinstance(text, str):
        raise TypeError(f"segment expects str, not {type(text).__name__}; turn bytes into text with cleaner.decode")
    newline = "\r" if "\r" in text and "\n" not in text.strip() else "\n"
    lines, before, tail = split(text, newline)
    texts, marks = lines, []
    groups = continued(lines, before, newline)
    if groups or (newline == "\n" and "\r" in text):
        texts, before, marks = join(lines, before, groups)
    found = kinds(texts, about.get("title"))
    if not about.get("title") and (title := headline(texts, found)):
        about["title"] = title
    blocks = tuple(Block(t, kind, before=b) for t, kind, b in zip(texts, found, before))
    return Document(id, blocks, tuple(marks), Meta(**about), tail)


def split(text: str, newline: str) -> tuple[list[str], list[str], str]:
    """The non-empty lines of a text without the white space around them, the white space before each, and the rest."""
    lines, before = [], []
    end = start = 0
    for raw in text.split(newline):
        if line := raw.strip():
            first = start if line is raw else start + raw.index(line)
            lines.append(line)
            before.append(text[end:first])
            end = first + len(line)
        start += len(raw) + 1
    return lines, before, text[end:]


def join(lines: list[str], before: list[str], groups: set[int]) -> tuple[list[str], list[str], list[Mark]]:
    """Blocks made of lines: ``groups`` are the numbers of the lines that go on with the line before them.

    A carriage return inside a line is a line break of its own kind: its two sides are joined as well.
    """
    texts: list[str] = []
    spaces: list[str] = []
    marks: list[Mark] = []
    at, count = 0, len(lines)
    while at < count:
        last = at + 1
        while last in groups:
            last += 1
        raw = "".join(piece for i in range(at, last) for piece in (before[i] if i > at else "", lines[i]))
        if last - at > 1 or "\r" in raw:
            parts = [part for line in lines[at:last] for part in line.split("\r")]
            text = join_lines(parts)
            marks.append(Mark(len(texts), 0, len(text), "segment", RULE, "edit", text, None, f"{len(parts)} lines", raw))
        else:
            text = raw
        texts.append(text)
        spaces.append(before[at])
        at = last
    return texts, spaces, marks
