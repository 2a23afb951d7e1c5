"""An HTML page as trafilatura reads it: the parsed tree, and the blocks that it takes for the article."""
from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura import bare_extraction
from trafilatura.settings import Extractor
from trafilatura.utils import repair_faulty_html

from cleaner.document import Block, Hints, Kind
from cleaner.html.visible import Place

for name in ("trafilatura", "htmldate"):
    logging.getLogger(name).addHandler(logging.NullHandler())  # else Python prints "discarding data" for a page without an article

#: As trafilatura parses, but without the limit of 256 nested elements, behind which libxml2 drops the rest of a page. Every element
#: is an HtmlElement: lxml.html would ask a Python function for the class of each, a twentieth of what trafilatura takes.
PARSER = HTMLParser(encoding="utf-8", collect_ids=False, default_doctype=False, remove_comments=True, remove_pis=True, huge_tree=True)
PARSER.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))

#: Characters from the start in which trafilatura repairs a page, and bytes that libxml2 takes for its end or that no tree may hold.
HEAD = 4_096
CONTROL = bytes(b for b in range(32) if b not in b"\t\n\r")

#: Elements without a word for the reader that no later step asks for. They are a sixth of a page's elements and nine tenths of its
#: text; trafilatura drops them too, but goes through them first and makes copies of them.
UNSEEN = ("script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "audio", "video", "map", "select",
          "textarea", "datalist")  # fmt: skip

#: Elements that trafilatura drops before it looks for the article, the common ones (its settings.MANUALLY_CLEANED), and those that it
#: replaces by what is in them (MANUALLY_STRIPPED): two fifths of a page. Of 90 pages none has another article without them.
IGNORED = ("aside", "footer", "nav", "button", "picture", "source", "input", "label", "link", "time", "menu", "fieldset", "dialog")
UNWRAPPED = ("img", "meta", "font", "small", "address")

#: How trafilatura is asked: comments off, and in an output format for which it does not put the text together in vain. In its fast
#: mode it does not run two other extractors to compare: a third of its time, for another verdict on one page in twenty.
FAST, FULL = (Extractor(comments=False, output_format="xml", fast=fast) for fast in (True, False))

#: Elements of trafilatura's own tree that begin a block, and its kind.
KINDS: dict[str, Kind] = {
    "p": "paragraph", "head": "heading", "list": "list_item", "item": "list_item", "quote": "paragraph", "table": "table_row",
    "row": "table_row", "lb": "paragraph", "body": "paragraph",
}  # fmt: skip


def parse(html: str) -> HtmlElement | None:
    """The tree of a page or of a piece of one, None when there is nothing in it; of :data:`UNSEEN` only scripts with facts in JSON."""
    try:
        tree = document_fromstring(repaired(html), parser=PARSER)
    except etree.ParserError:
        return None
    facts = [script for script in tree.iter("script") if "json" in script.get("type", "")]
    for script in facts:
        script.tag = "facts"
    etree.strip_elements(tree, UNSEEN, with_tail=False)
    for script in facts:
        script.tag = "script"
    return tree


def repaired(html: str) -> bytes:
    """A page as bytes that libxml2 reads to the end, as trafilatura repairs it; only the beginning goes through its regular expressions."""
    head = html[:HEAD]
    new = repair_faulty_html(head, head[:50].lower())
    if "\n" not in head:
        new = new.removesuffix("\n")  # trafilatura puts it behind the first line
    if new != head:
        html = new + html[HEAD:]
    if "\ufffe" in html or "\uffff" in html:
        html = html.replace("\ufffe", "").replace("\uffff", "")
    return html.encode("utf-8", "ignore").translate(None, CONTROL)


def broken_off() -> str:
    """Why the page that was parsed last was not read to its end; "" where it was. libxml2 drops what lies deeper than 2,048 elements."""
    deep = any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in PARSER.error_log)
    return "its elements lie more than 2,048 deep in one another; what lies deeper, and behind, is not read" if deep else ""


def take_out(places: Sequence[Place], gone: Sequence[bool]) -> None:
    """Take out of a tree, for good, the elements all of whose blocks are ``gone``; what stands behind them stays."""
    if all(gone):
        return
    held: set[int] = set()
    for place, out in zip(places, gone):
        while not out and place is not None and id(place) not in held:
            held.add(id(place))
            place = place.outer
    for place in places:
        outermost = None
        while id(place) not in held:
            outermost, place = place, place.outer
        if outermost is not None and outermost.element.getparent() is not None:
            outermost.element.drop_tree()


def lighten(tree: HtmlElement) -> None:
    """Take out of a tree, for good, what trafilatura would not look at: its time goes with the number of elements."""
    etree.strip_elements(tree, IGNORED, with_tail=False)
    etree.strip_tags(tree, UNWRAPPED)


def main_blocks(tree: HtmlElement, fast: bool = False) -> list[Block]:
    """The blocks that trafilatura takes for the article, in its fast mode or not; none where it finds no article.

    The tree is left as it is. What trafilatura raises on a page goes through, RecursionError above all.
    """
    found = bare_extraction(tree, options=FAST if fast else FULL)
    return body_blocks(found.body) if found is not None else []


def body_blocks(body: etree._Element) -> list[Block]:
    """The blocks of trafilatura's own tree."""
    blocks: list[Block] = []
    pieces: list[str | None] = []
    kinds: list[Kind] = ["paragraph"]

    def finish(tag: str) -> None:
        if text := joined(pieces):
            beside = blocks and kinds[-1] in ("list_item", "table_row") and blocks[-1].kind == kinds[-1]
            before = "\n" if tag == "lb" or beside else "\n\n"
            blocks.append(Block(text, kinds[-1], Hints(tag, kept=True), before if blocks else ""))
        pieces.clear()

    for event, element in etree.iterwalk(body, events=("start", "end")):
        tag = element.tag
        if event == "start":
            if tag in KINDS:
                finish(tag)
                kinds.append(kinds[-1] if KINDS[tag] == "paragraph" else KINDS[tag])
            elif tag == "cell" and pieces:
                pieces.append(" | ")
            pieces.append(element.text)
        else:
            if tag in KINDS:
                finish(tag)
                kinds.pop()
            pieces.append(element.tail)
    finish("body")
    return blocks


def joined(pieces: Iterable[str | None]) -> str:
    """The pieces of a block as one text, its white space collapsed."""
    return " ".join("".join(filter(None, pieces)).split())
