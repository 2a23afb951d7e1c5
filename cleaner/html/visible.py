"""All visible blocks of an HTML page, in order, with what only HTML knows about them."""
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

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
# What an element means for the text, by its tag; any other is inline. A cell of a plain row is inline too, after a bar.
HIDES, BLOCK, CELL, LINK, BREAK = range(5)
PARTS: dict[object, int] = {
    **dict.fromkeys(HIDDEN, HIDES), **dict.fromkeys((etree.Comment, etree.PI, etree.Entity), HIDES), **dict.fromkeys(BLOCKS, BLOCK),
    "td": CELL, "th": CELL, "a": LINK, "br": BREAK,
}  # fmt: skip
#: Attributes whose words speak of an element's part in the page.
NAMED = ("class", "id", "role", "itemprop")
WORD = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}(?![a-z])")
HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
#: Characters of an attribute that are read; generated class lists run to thousands.
NAME_CHARS = 200
#: Strings of ``Hints.ancestors``; a page's outermost wrappers tell nothing of a block.
ANCESTORS = 60


@dataclass(slots=True)
class Place:
    """A block element: where texts stand. Its words are read when a text turns up in it; most elements hold none."""

    element: etree._Element
    tag: str
    kind: Kind
    outer: Place | None = None
    own: tuple[str, ...] = ()
    path: tuple[str, ...] | None = None

    def ancestors(self) -> tuple[str, ...]:
        """The tags and class/id words from the element outwards."""
        new, place = [], self
        while place.path is None:
            new.append(place)
            place = place.outer
        for inner in reversed(new):
            inner.own = names(inner.element, inner.tag)
            inner.path = (*inner.own, *inner.outer.path)[:ANCESTORS]
        return self.path


class Reader:
    """The blocks of a page and the places where they stand, put together piece by piece."""

    def __init__(self, kept: bool | None) -> None:
        self.kept = kept
        self.blocks: list[Block] = []
        self.places: list[Place] = []
        self._pieces: list[str] = []
        self._linked = 0
        self._last: etree._Element | None = None
        self._broken = self._cell = False

    def add(self, text: str, linked: bool) -> None:
        """One more piece of the present block; white space in front of it is none."""
        if text.isspace():
            if self._pieces:
                self._pieces.append(" ")
            return
        if self._cell and self._pieces:
            self._pieces.append(" | ")
        self._cell = False
        self._pieces.append(text)
        if linked:
            self._linked += len(text.strip())

    def add_lines(self, text: str, linked: bool, place: Place) -> None:
        """Text as it was typed: a blank line ends the present block."""
        for n, part in enumerate(BLANK_LINE.split(text)):
            if n:
                self.finish(place)
            if part:
                self.add(part, linked)

    def cell(self) -> None:
        """The next piece stands in another cell of the row."""
        self._cell = True

    def finish(self, place: Place, broken: bool = False) -> None:
        """The present block ends; ``broken``: a ``<br>`` ends it."""
        if self._pieces:
            text = " ".join("".join(self._pieces).split())
            hints = Hints(place.tag, min(1.0, self._linked / len(text)), place.ancestors(), self.kept)
            self.blocks.append(Block(text, place.kind, hints, self._before(place)))
            self.places.append(place)
            self._last, self._broken = place.element, False
            self._pieces.clear()
            self._linked = 0
        self._broken = self._broken or broken
        self._cell = False

    def _before(self, place: Place) -> str:
        if not self.blocks:
            return ""
        beside = place.kind in ("list_item", "table_row") and self.blocks[-1].kind == place.kind
        return "\n" if beside or self._broken and self._last is place.element else "\n\n"


def visible_blocks(root: etree._Element, kept: bool | None = None) -> list[Block]:
    """The blocks of a page that a reader may see, in the order of the page: see :func:`read_blocks`."""
    return read_blocks(root, kept)[0]


def read_blocks(root: etree._Element, kept: bool | None = None) -> tuple[list[Block], list[Place]]:
    """The blocks of a page that a reader may see, in its order, and the place of each; the tree is left as it is.

    A block is the text between two block elements, line breaks or (in ``<pre>``) blank lines, its white space collapsed.
    The cells of a table row that hold nothing but inline text are one block, with `` | `` between them. ``before`` is the
    break that the block's element implies; ``kept`` goes into the hints of all of them.
    """
    reader = Reader(kept)
    place = Place(root, "", "paragraph", path=())
    links = 0
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        part = PARTS.get(element.tag)
        if event == "start":
            if part is HIDES:
                walker.skip_subtree()
                continue
            if part is CELL and place.kind == "table_row":
                reader.cell()
            elif part is BLOCK or part is CELL:
                reader.finish(place)
                place = inside(element, element.tag, place)
            elif part is LINK:
                links += 1
            elif part is BREAK and place.kind == "table_row":
                reader.add(" ", False)
            elif part is BREAK:
                reader.finish(place, broken=True)
            text = element.text
        else:
            if part is BLOCK or part is CELL and place.element is element:
                reader.finish(place)
                place = place.outer
            elif part is LINK:
                links -= 1
            text = element.tail
        if text and place.tag == "pre":
            reader.add_lines(text, links > 0, place)
        elif text:
            reader.add(text, links > 0)
    reader.finish(place)
    return reader.blocks, reader.places


def inside(element: etree._Element, tag: str, outer: Place) -> Place:
    """The place in a block element whose parent's is ``outer``."""
    if tag == "tr":
        return Place(element, tag, "table_row" if plain_row(element) else "paragraph", outer)
    return Place(element, tag, KINDS.get(tag) or ("paragraph" if tag in CONTAINERS else outer.kind), outer)


def plain_row(row: etree._Element) -> bool:
    """Whether a table row is one of a table of facts: two cells at least, none with blocks in it."""
    cells = 0
    for element in row.iterdescendants():
        if element.tag in ("td", "th"):
            cells += 1
        elif element.tag in BLOCKS:
            return False
    return cells > 1


@lru_cache(maxsize=10_000)
def split_name(value: str) -> tuple[str, ...]:
    """The words of a class or id attribute, in lower case, each with a dot before it."""
    return tuple("." + w.lower() for w in WORD.findall(value[:NAME_CHARS]))


def names(element: etree._Element, tag: str) -> tuple[str, ...]:
    """An element's tag and, with a dot before them, the words of its class, id, role and itemprop, in lower case.

    An element that its own attributes hide has the word ``.hidden``: it is read all the same, scripts may show it.
    """
    if not element.attrib:
        return (tag,)
    named = [split_name(value) for name in NAMED if (value := element.get(name))]
    if element.get("hidden") is not None or element.get("aria-hidden") == "true" or HIDING.search(element.get("style", "")):
        named.append((".hidden",))
    return (tag, *dict.fromkeys(chain.from_iterable(named)))
