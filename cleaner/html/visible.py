"""All visible blocks of an HTML page, in order, with what only HTML knows about them."""
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from cleaner.document import Block, Hints, Kind

#: Elements whose content no reader sees as text.
HIDDEN = {
    "script", "style", "noscript", "template", "head", "svg", "iframe", "object", "embed", "math", "canvas", "audio", "video", "map",
    "select", "textarea", "datalist", "frameset",
}  # fmt: skip
#: Elements that begin and end a block.
BLOCKS = {
    "html", "body", "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "menu", "table", "caption",
    "thead", "tbody", "tfoot", "tr", "td", "th", "section", "article", "main", "aside", "nav", "header", "footer", "form", "figure",
    "figcaption", "blockquote", "pre", "address", "fieldset", "legend", "details", "summary", "dialog", "button", "label", "option",
    "hr", "center", "hgroup", "search",
}  # fmt: skip
KINDS: dict[str, Kind] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "heading"),
    **dict.fromkeys(("li", "dt", "dd"), "list_item"),
    **dict.fromkeys(("figcaption", "caption"), "caption"),
    "tr": "table_row",
}
#: Elements that hold whole texts: what is in them is no longer a list item, heading or caption of what is around them.
CONTAINERS = {
    "html", "body", "article", "section", "main", "aside", "nav", "header", "footer", "form", "table", "td", "th", "dialog",
}  # fmt: skip
#: The kind of what stands in an element; in any other it is that of what is around it.
OWN_KIND: dict[str, Kind] = {**dict.fromkeys(CONTAINERS, "paragraph"), **KINDS}
# What an element means for the text, by its tag; any other is inline. A cell of a plain row is inline too, after a bar.
HIDES, BLOCK, CELL, LINK, BREAK = range(5)
PARTS: dict[object, int] = {
    **dict.fromkeys(HIDDEN, HIDES), **dict.fromkeys((etree.Comment, etree.PI, etree.Entity), HIDES), **dict.fromkeys(BLOCKS, BLOCK),
    "td": CELL, "th": CELL, "a": LINK, "br": BREAK,
}  # fmt: skip
WORD = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}(?![a-z])")
LOWER_WORD = re.compile(r"[a-z]{2,}")  # the same where nothing is a capital, as in six of seven values, and sooner
HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
#: Characters of an attribute that are read; generated class lists run to thousands.
NAME_CHARS = 200
#: Strings of ``Hints.ancestors``; a page's outermost wrappers tell nothing of a block.
ANCESTORS = 60


@dataclass(slots=True)
class Place:
    """A block element: where texts stand. What follows ``outer`` is read when a text turns up in it; most elements hold none.

    row: its number among those that hold text, in the page's order; -1 for none. own: its words (:func:`names`). path: its own and
    those of the elements around it. depth: block elements around it.
    """

    element: etree._Element
    tag: str
    kind: Kind
    outer: Place | None = None
    row: int = -1
    own: tuple[str, ...] = ()
    path: tuple[str, ...] | None = None
    depth: int = 0


class Reader:
    """The blocks of a page and the places where they stand, put together piece by piece.

    pieces: the present block so far. linked: its characters in links. cell: the next piece stands in another cell of the row.
    """

    def __init__(self, kept: bool | None) -> None:
        self.kept = kept
        self.blocks: list[Block] = []
        self.places: list[Place] = []
        self.pieces: list[str] = []
        self.linked = 0
        self.cell = self.broken = False
        self._last: Place | None = None
        self._rows = 0

    def add(self, text: str, linked: bool) -> None:
        """One more piece of the present block."""
        if self.cell:
            if self.pieces:
                self.pieces.append(" | ")
            self.cell = False
        self.pieces.append(text)
        if linked:
            self.linked += len(text.strip())

    def space(self) -> None:
        """White space; in front of a block it is none."""
        if self.pieces:
            self.pieces.append(" ")

    def add_lines(self, text: str, linked: bool, place: Place) -> None:
        """Text as it was typed: a blank line ends the present block."""
        for n, part in enumerate(BLANK_LINE.split(text)):
            if n:
                self.finish(place)
            if part.isspace():
                self.space()
            elif part:
                self.add(part, linked)

    def finish(self, place: Place) -> None:
        """The present block ends, where there is one."""
        if not self.pieces:
            return
        if place.path is None:
            self._reach(place)
        text = " ".join("".join(self.pieces).split())
        hints = Hints(place.tag, min(1.0, self.linked / len(text)), place.path, self.kept)
        self.blocks.append(Block(text, place.kind, hints, self._before(place)))
        self.places.append(place)
        self.pieces.clear()
        self._last, self.linked, self.broken = place, 0, False

    def _reach(self, place: Place) -> None:
        """A text turned up in a place: the words of that and of those around it are read, from the element outwards."""
        new = []
        while place.path is None:
            new.append(place)
            place = place.outer
        for inner in reversed(new):
            inner.row, inner.depth = self._rows, place.depth + 1
            inner.own = names(inner.element, inner.tag)
            inner.path = (inner.own + place.path)[:ANCESTORS]
            self._rows += 1
            place = inner

    def _before(self, place: Place) -> str:
        if not self.blocks:
            return ""
        beside = place.kind in ("list_item", "table_row") and self.blocks[-1].kind == place.kind
        return "\n" if beside or self.broken and self._last is place else "\n\n"


def read_blocks(root: etree._Element, kept: bool | None = None) -> tuple[list[Block], list[Place]]:
    """The blocks of a page that a reader may see, in its order, and the place of each; the tree is left as it is.

    A block is the text between two block elements, line breaks or (in ``<pre>``) blank lines, its white space collapsed.
    The cells of a table row that hold nothing but inline text are one block, with `` | `` between them. ``before`` is the
    break that the block's element implies; ``kept`` goes into the hints of all of them.
    """
    reader = Reader(kept)
    pieces = reader.pieces
    place = Place(root, "", "paragraph", path=())
    links = 0
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        part = PARTS.get(element.tag)
        if event == "start":
            if part is HIDES:
                walker.skip_subtree()
                continue
            if part is BLOCK or part is CELL and place.kind != "table_row":
                if pieces:
                    reader.finish(place)
                place = inside(element, element.tag, place)
            elif part is LINK:
                links += 1
            elif part is CELL:
                reader.cell = True
            elif part is BREAK and place.kind == "table_row":
                reader.space()
            elif part is BREAK:
                reader.finish(place)
                reader.broken = True
            text = element.text
        else:
            if part is BLOCK or part is CELL and place.element is element:
                if pieces:
                    reader.finish(place)
                place = place.outer
            elif part is LINK:
                links -= 1
            text = element.tail
        if not text:
            continue
        if place.tag == "pre":
            reader.add_lines(text, links > 0, place)
        elif not text.isspace():
            reader.add(text, links > 0)
        elif pieces:
            pieces.append(" ")
    reader.finish(place)
    return reader.blocks, reader.places


def inside(element: etree._Element, tag: str, outer: Place) -> Place:
    """The place in a block element whose parent's is ``outer``."""
    if tag == "tr":
        kind = "table_row" if plain_row(element) else "paragraph"
    else:
        kind = OWN_KIND.get(tag) or outer.kind
    return Place(element, tag, kind, outer)


def plain_row(row: etree._Element) -> bool:
    """Whether a table row is one of a table of facts: two cells at least, none with blocks in it."""
    cells = 0
    for element in row.iterdescendants():
        if element.tag in ("td", "th"):
            cells += 1
        elif element.tag in BLOCKS:
            return False
    return cells > 1


def names(element: etree._Element, tag: str) -> tuple[str, ...]:
    """An element's tag and, with a dot before them, the words of its class, id, role and itemprop, in lower case.

    An element that its own attributes hide has the word ``.hidden``: it is read all the same, scripts may show it.
    """
    there = element.keys()  # most attributes are not there, and to ask for one costs as much as to list all
    if not there:
        return spelled(tag, False)
    get = element.get
    hidden = "hidden" in there or "aria-hidden" in there and get("aria-hidden") == "true" or "style" in there and bool(HIDING.search(get("style")))
    own = get("class") if "class" in there else None, get("id") if "id" in there else None
    return spelled(tag, hidden, *own, get("role") if "role" in there else None, get("itemprop") if "itemprop" in there else None)


@lru_cache(maxsize=10_000)
def spelled(tag: str, hidden: bool, *values: str | None) -> tuple[str, ...]:
    """A tag and, each once, the words of attributes (the first :data:`NAME_CHARS` of each) with a dot before them."""
    words: dict[str, None] = {}
    for value in filter(None, values):
        value = value[:NAME_CHARS]
        found = LOWER_WORD.findall(value) if value.islower() else map(str.lower, WORD.findall(value))
        for word in found:
            words["." + word] = None
    if hidden:
        words[".hidden"] = None
    return (tag, *words)
