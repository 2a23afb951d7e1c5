"""HTML to blocks: everything a reader sees, with trafilatura's verdict on what of it is the article."""
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cleaner.document import DOCUMENT, Block, Document, Mark, Meta
from cleaner.html.verdict import agreement, kept_blocks
from cleaner.stages.decode import decode_bytes, decode_marks

if TYPE_CHECKING:
    from lxml.html import HtmlElement

NOT_MAIN = "extract.not_main"
#: Word F1 between trafilatura's text and the visible blocks found in it, below which its own blocks stand alone: its text
#: came from elsewhere (JSON-LD, one string without blocks). 2 of 922 pages.
AGREED = 0.9

#: Characters from the start in which the signs of HTML are looked for.
HEAD = 5_000
ANY_TAG = re.compile(r"<[!/?]?[a-zA-Z][^<>]*>")
OPENING = re.compile(r"(?>\s+|<\?xml[^>]*>|<!--.*?-->)*+<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
PAGE_TAG = re.compile(
    r"</?(?:p|div|span|a|article|section|main|header|footer|nav|aside|h[1-6]|ul|ol|li|table|tr|td|br|img|figure|blockquote|"
    r"strong|em|b|i|script|style|meta|head|body|html)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
#: Tags that end something: a text that speaks of tags has few of them.
ENDING = ("</", "<br", "<BR")
#: Characters of text for each tag: pages and pieces of them measure 10 to 150, texts that speak of tags over 1,000.
TEXT_PER_TAG = 400


def looks_like_html(text: str) -> bool:
    """Whether a text is an HTML page or a piece of one, by its content.

    It is when it opens like a page; or when it begins with a tag and holds another, or holds two that end something, with
    the first and one in every :data:`TEXT_PER_TAG` characters.
    """
    head = text[:HEAD].lstrip("\ufeff")
    if OPENING.match(head):
        return True
    tags = list(PAGE_TAG.finditer(head))
    if len(head) > TEXT_PER_TAG * len(tags) or not tags or tags[0].start() > TEXT_PER_TAG:
        return False
    return sum(t.group().startswith(ENDING) for t in tags) > 1 or len(tags) > 1 and head.lstrip().startswith("<")


def extract(html: str | bytes, *, url: str | None = None, id: str = "", http: str | None = None) -> Document:
    """All visible blocks of an HTML page, what is not the article cut, with title, author, date, url, host and site name.

    The verdict is trafilatura's (comments off): each block that it left out carries a cut mark ``extract.not_main``, so
    ``.text`` is its text and a later stage can overrule it. Where it fails, nothing is cut and the document is flagged.
    Every block has its ``hints``.

    html: the page; bytes are decoded, ``http`` being the charset of the Content-Type header. url: where it came from.
    Raises TypeError for any other type, ValueError for a text without a single tag, NotText (a ValueError) for bytes that
    are no text. An empty page is an empty Document.
    """
    if isinstance(html, bytes):
        decoded = decode_bytes(html, http=http)
        doc = extract(decoded.text, url=url, id=id)
        return doc.about(encoding=decoded.encoding).add(decode_marks(decoded))
    if not isinstance(html, str):
        raise TypeError(f"extract expects str or bytes, not {type(html).__name__}")
    if html.strip() and not ANY_TAG.search(html):
        raise ValueError("not HTML: there is no tag in it; a plain text goes through cleaner.segment")
    return read_page(html, url, id)


def read_page(html: str, url: str | None, id: str) -> Document:
    """The Document of a page. What trafilatura fails on is flagged ``error.<type>`` and left uncut."""
    from cleaner.html.metadata import page_meta  # here, not above: plain text need not wait 0.6 s for trafilatura
    from cleaner.html.page import main_blocks, parse
    from cleaner.html.visible import visible_blocks

    tree = parse(html) if html.strip() else None
    if tree is None:
        return Document(id, meta=Meta(url=url))
    failed: list[Mark] = []
    main = attempted(main_blocks, tree, url, failed)
    meta = attempted(page_meta, tree, url, failed) or Meta(url=url)
    seen = visible_blocks(tree, kept=None if main is None else False)
    blocks, cuts = (tuple(seen), []) if main is None else judged(seen, main)
    return Document(id, blocks, (*cuts, *failed), meta)


def attempted(read: Callable[[HtmlElement, str | None], Any], tree: HtmlElement, url: str | None, failed: list[Mark]) -> Any:
    """What a reader finds in a page; where it fails on the page, None, and ``failed`` gains the mark ``error.<type>``."""
    try:
        return read(tree, url)
    except Exception as error:  # noqa: BLE001 - whatever a hostile page makes a reader raise
        failed.append(Mark(DOCUMENT, 0, 0, "extract", f"error.{type(error).__name__}", "flag", detail=f"{read.__name__}: {error}"))
        return None


def judged(seen: list[Block], main: list[Block]) -> tuple[tuple[Block, ...], list[Mark]]:
    """The visible blocks with the verdict in their hints, and the cuts of those that are not in ``main``."""
    texts = [b.text for b in main]
    kept = kept_blocks([b.text for b in seen], texts)
    if kept.count(True) != len(texts) and agreement([b.text for b, k in zip(seen, kept) if k], texts) < AGREED:
        return tuple(main), []
    blocks = tuple(replace(b, hints=replace(b.hints, kept=True)) if k else b for b, k in zip(seen, kept))
    return blocks, [Mark(i, 0, len(b.text), "extract", NOT_MAIN, "cut", "") for i, b in enumerate(blocks) if not kept[i]]
