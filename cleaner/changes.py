"""Two texts against each other: what went, what came, in colour in a terminal and in a notebook."""
from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from rich.text import Text

from cleaner.document import Document
from cleaner.view import TERMINAL, Piece, html_pieces, shortened, visible, words_diff

#: Unchanged paragraphs that are shown before and behind a changed one.
AROUND = 1
#: Paragraphs beyond which only the ends that both texts share are lined up; difflib is quadratic.
MOST_LINES = 5_000
#: Characters of one stretch that are shown.
MOST = 4_000


@dataclass(frozen=True)
class Comparison:
    """How ``after`` differs from ``before``, paragraph by paragraph and in those word by word.

    ``str()`` writes ``[-gone-]`` and ``{+new+}``; ``rich.print`` and notebooks show colours. Control characters are shown as
    escapes. False where nothing differs.
    """

    before: str
    after: str

    @cached_property
    def lines(self) -> list[list[Piece]]:
        """Every paragraph as pieces: "" stays, "was" is gone, "new" came."""
        return list(compared(paragraphs(self.before), paragraphs(self.after)))

    def __bool__(self) -> bool:
        return any(p.kind for line in self.lines for p in line)

    def __str__(self) -> str:
        marks = {"was": "[-{}-]", "new": "{{+{}+}}", "": "{}"}
        return "\n".join("".join(marks[p.kind].format(visible(p.text)) for p in line) for line in folded(self.lines))

    def __rich__(self) -> Text:
        """For a terminal."""
        styles = {"was": f"{TERMINAL['boilerplate']} strike", "new": f"{TERMINAL['repair']} underline", "": ""}
        return Text("\n").join(Text.assemble(*((visible(p.text), styles[p.kind]) for p in line)) for line in folded(self.lines))

    def _repr_html_(self) -> str:
        """For a notebook."""
        shown = (f'<p dir="auto" style="margin:.4em 0">{html_pieces(line)}</p>' for line in folded(self.lines))
        return f'<div style="max-width:50em">{"".join(shown)}</div>'


def compare(before: str | Document, after: str | Document) -> Comparison:
    """What changed between two texts; of a Document its clean text counts.

    >>> print(compare("One. Read more.\\n\\nShare", "One."))
    One.[- Read more.-]
    [-Share-]

    Raises TypeError for anything else.
    """
    return Comparison(text_of(before), text_of(after))


def text_of(x: Any) -> str:
    """The text of a str or Document."""
    if isinstance(x, (str, Document)):
        return x if isinstance(x, str) else x.text
    raise TypeError(f"expected str or Document, not {type(x).__name__}")


def paragraphs(text: str) -> list[str]:
    """The lines of a text that hold something."""
    return [line for line in text.split("\n") if line.strip()]


def compared(a: list[str], b: list[str]) -> Iterator[list[Piece]]:
    """Two lists of paragraphs against each other; between those that are equal, the most alike are compared word by word."""
    if max(len(a), len(b)) > MOST_LINES:
        head = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
        yield from ([Piece(x)] for x in a[:head])
        yield from paired(a[head:], b[head:])
        return
    for tag, a0, a1, b0, b1 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        yield from ([Piece(x)] for x in a[a0:a1]) if tag == "equal" else paired(a[a0:a1], b[b0:b1])


def paired(a: list[str], b: list[str]) -> Iterator[list[Piece]]:
    """Changed paragraphs: each new one with the old one that it was made from, where one shares most of its words."""
    left = list(a)
    for new in b:
        words = set(new.split())
        best = next((i for i, old in enumerate(left[:20]) if 2 * len(words & set(old.split())) >= len(words)), None)
        if best is None:
            yield [Piece(new, "new")]
            continue
        yield from ([Piece(old, "was")] for old in left[:best])
        yield words_diff(left[best], new)
        del left[: best + 1]
    yield from ([Piece(old, "was")] for old in left)


def folded(lines: list[list[Piece]]) -> Iterator[list[Piece]]:
    """The changed paragraphs with their neighbours; the others counted."""
    changed = {n for n, line in enumerate(lines) if any(p.kind for p in line)}
    near = {n + d for n in changed for d in range(-AROUND, AROUND + 1)}
    for shown, group in groupby(range(len(lines)), key=lambda n: n in near):
        group = list(group)
        if shown or len(group) == 1:
            yield from ([p._replace(text=shortened(p.text, MOST)) for p in lines[n]] for n in group)
        else:
            yield [Piece(f"… {len(group):,} paragraphs that stay …")]
