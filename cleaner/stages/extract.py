"""HTML to blocks: everything a reader sees, and what of it is the article: trafilatura's verdict, overruled where the evidence is strong."""
from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from cleaner.document import DOCUMENT, Block, Document, Hints, Mark, Meta
from cleaner.html.verdict import agreement, kept_blocks
from cleaner.stage import Favor
from cleaner.stages.decode import decode_bytes, decode_marks

if TYPE_CHECKING:
    import numpy as np
    from lxml.html import HtmlElement

    from cleaner.html.model import Judgement
    from cleaner.html.visible import Place

#: Which blocks a document holds: every one that a reader sees, or not those that surely are no part of the article.
Kept = Literal["full", "near"]

#: Rules: trafilatura and the model leave a block out; the model alone does; the model alone keeps it; both keep it, hardly.
NOT_MAIN, MODEL_CUT, MODEL_KEPT, DOUBTFUL = "extract.not_main", "extract.model_cut", "extract.model_kept", "extract.doubtful"
#: The model's chance below which a block that trafilatura left out too is surely no part of the article: four of five blocks
#: of a page. "recall" keeps from .25.
SURE = 0.1
#: The first model's chance below which trafilatura is not shown a block: three fifths of its time, and a better verdict. Word F1 of news / articles
#: by host-disjoint folds: all shown .9753 / .9587, from .03 on .9767 / .9595. On pages with visible blocks: all .9760 / .9598, .03 .9767 / .9603,
#: .05 .9767 / .9599, .1 .9767 / .9590, .25 .9737 / .9580.
HOPELESS = 0.03
#: Block elements around a text above which trafilatura is not asked about a page: its time grows with the square of the depth. Of 922
#: saved pages the deepest has 43.
DEEPEST = 256
#: How far above its limit a chance still is near it.
NEAR = 0.1
#: Word F1 between trafilatura's text and the visible blocks found in it, below which its own blocks stand alone: its text
#: came from elsewhere (JSON-LD, one string without blocks). 2 of 922 pages.
AGREED = 0.9

#: Characters from the start in which the signs of HTML are looked for.
HEAD = 5_000
ANY_TAG = re.compile(r"<[!/?]?[a-zA-Z][^<>]*>")
PAGE_START = re.compile(r"(?>\s+|<\?xml[^>]*>|<!--.*?-->)*+<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
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
    if PAGE_START.match(head):
        return True
    tags = list(PAGE_TAG.finditer(head))
    if len(head) > TEXT_PER_TAG * len(tags) or not tags or tags[0].start() > TEXT_PER_TAG:
        return False
    return sum(t.group().startswith(ENDING) for t in tags) > 1 or len(tags) > 1 and head.lstrip().startswith("<")


def extract(
    html: str | bytes,
    *,
    url: str | None = None,
    id: str = "",
    http: str | None = None,
    favor: Favor = "balanced",
    marks: Kept = "full",
    model: bool = True,
) -> Document:
    """All visible blocks of an HTML page, what is not the article cut, with title, author, date, url, host and site name.

    A model of the page's blocks (:mod:`cleaner.html.model`) decides; where it is in doubt, on one page of four, trafilatura is asked
    about what is not hopeless (comments off, its fast mode first; not about a page nested deeper than any real one), and its verdict
    overruled where the evidence is strong. Cut:
    ``extract.not_main``, which neither takes for the article, and ``extract.model_cut``, which only trafilatura does. Flagged:
    ``extract.model_kept``, which trafilatura left out, and ``extract.doubtful``, kept by a hair. The marks' score is the model's
    chance that the block belongs to the article. Where trafilatura fails, nothing is cut and the document is flagged. Every block
    has its ``hints``.

    html: the page; bytes are decoded, ``http`` being the charset of the Content-Type header. url: where it came from.
    favor: where the model is unsure, "precision" cuts more, "recall" keeps more. marks: "near" leaves out the blocks that
    surely are no part of the article, four of five on a page of news; they are in no mark then and cannot be restored.
    model: False leaves the decision to trafilatura alone.
    Raises TypeError for any other type, ValueError for a text without a single tag or for an unknown option's value, NotText (a
    ValueError) for bytes that are no text. An empty page is an empty Document.
    """
    if isinstance(html, bytes):
        decoded = decode_bytes(html, http=http)
        doc = extract(decoded.text, url=url, id=id, favor=favor, marks=marks, model=model)
        return doc.about(encoding=decoded.encoding).add(decode_marks(decoded))
    if not isinstance(html, str):
        raise TypeError(f"extract expects str or bytes, not {type(html).__name__}")
    for name, value, known in (("favor", favor, get_args(Favor)), ("marks", marks, get_args(Kept))):
        if value not in known:
            raise ValueError(f"{name} is one of {', '.join(known)}; not {value!r}")
    if not ANY_TAG.search(html) and html.strip():
        raise ValueError("not HTML: there is no tag in it; a plain text goes through cleaner.segment")
    return read_page(html, url, id, favor, marks, model)


def read_page(html: str, url: str | None, id: str, favor: Favor, wanted: Kept, model: bool) -> Document:
    """The Document of a page. What trafilatura fails on is flagged ``error.<type>`` and left uncut."""
    from cleaner.html.metadata import description, page_meta  # here, not above: plain text need not wait 0.6 s for trafilatura
    from cleaner.html.page import broken_off, parse
    from cleaner.html.visible import read_blocks

    tree = parse(html) if html and not html.isspace() else None  # strip() would copy the page
    if tree is None:
        return Document(id, meta=Meta(url=url))
    reason = broken_off()
    failed = [Mark(DOCUMENT, 0, 0, "extract", "error.TooDeep", "flag", detail=reason)] if reason else []
    seen, places = read_blocks(tree, kept=False)
    meta = attempted(failed, page_meta, tree, url) or Meta(url=url)
    told = description(tree)
    asked = Extractor(failed, tree, seen, places)
    found, judged = None, None
    if model and seen:
        from cleaner.html.columns import Page
        from cleaner.html.model import settled

        page = Page(seen, places, (), meta.title, told)
        ask = asked.ask if max(place.depth for place in places) <= DEEPEST else lambda fast, chances: None
        found, judged = attempted(failed, settled, page, ask, favor) or (None, None)
    if judged is None:
        found = asked.ask(fast=False)
    if found is None and asked.failed:
        return Document(id, tuple(with_verdict(block, None) for block in seen), tuple(failed), meta)
    if found is None and asked.asked:
        return Document(id, tuple(asked.blocks), tuple(failed), meta)
    blocks, decisions = decided(seen, judged.keep.tolist() if found is None else found, judged, wanted)
    return Document(id, blocks, (*decisions, *failed), meta)


@dataclass
class Extractor:
    """Trafilatura, asked about a page, whose tree is not for anybody else then.

    blocks: what it took for the article when it was asked last, None where it was not or failed; a mark says that it did.
    """

    marks: list[Mark]
    tree: HtmlElement
    seen: list[Block]
    places: list[Place]
    asked: bool = False
    blocks: list[Block] | None = None

    @property
    def failed(self) -> bool:
        return self.asked and self.blocks is None

    def ask(self, fast: bool, chances: np.ndarray | None = None) -> list[bool] | None:
        """Its :func:`verdict` in its fast or its full mode. chances: of the blocks to belong to the article; it does not see the hopeless ones."""
        from cleaner.html.page import lighten, main_blocks, take_out

        if self.failed:
            return None
        if not self.asked:
            if chances is not None:
                take_out(self.places, (chances < HOPELESS).tolist())
            lighten(self.tree)
        self.asked, self.blocks = True, attempted(self.marks, main_blocks, self.tree, fast)
        return None if self.blocks is None else verdict(self.seen, self.blocks)


def attempted(failed: list[Mark], read: Callable[..., Any], *arguments: Any) -> Any:
    """What a reader finds in a page; where it fails on the page, None, and ``failed`` gains the mark ``error.<type>``."""
    try:
        return read(*arguments)
    except Exception as error:  # noqa: BLE001 - whatever a hostile page makes a reader raise
        failed.append(Mark(DOCUMENT, 0, 0, "extract", f"error.{type(error).__name__}", "flag", detail=f"{read.__name__}: {error}"))
        return None


def verdict(seen: list[Block], main: list[Block]) -> list[bool] | None:
    """For each visible block whether trafilatura keeps it; None where its text came from elsewhere."""
    texts = [b.text for b in main]
    kept = kept_blocks([b.text for b in seen], texts)
    if kept.count(True) != len(texts) and agreement([b.text for b, k in zip(seen, kept) if k], texts) < AGREED:
        return None
    return kept


def decided(seen: Sequence[Block], kept: Sequence[bool], judged: Judgement | None, wanted: Kept) -> tuple[tuple[Block, ...], list[Mark]]:
    """The blocks that a document holds, the verdict in their hints, and the decisions about them."""
    blocks: list[Block] = []
    marks: list[Mark] = []
    unasked = [None] * len(seen)
    chances, keep, limit = (unasked, kept, None) if judged is None else (judged.probability.tolist(), judged.keep.tolist(), judged.limit + NEAR)
    sure = [not main and not stays and chance is not None and chance < SURE for main, chance, stays in zip(kept, chances, keep)]
    rules = [rule_of(main, stays, limit and chance < limit) for main, chance, stays in zip(kept, chances, keep)]
    doubted = [i for i, rule in enumerate(rules) if rule and judged and not sure[i]]
    reasons = dict(zip(doubted, judged.reasons(doubted))) if judged else {}
    for i, (block, rule, chance) in enumerate(zip(seen, rules, chances)):
        if sure[i] and wanted == "near":
            continue
        blocks.append(with_verdict(block, True) if kept[i] else block)
        if rule:
            score = None if chance is None else round(chance, 3)
            action, put = ("flag", None) if keep[i] else ("cut", "")
            marks.append(Mark(len(blocks) - 1, 0, len(block.text), "extract", rule, action, put, score, reasons.get(i, "")))
    if blocks and blocks[0].before:
        blocks[0] = blocks[0]._replace(before="")
    return tuple(blocks), marks


def with_verdict(block: Block, kept: bool | None) -> Block:
    """A block with trafilatura's verdict; written out, for ``replace`` takes four times as long."""
    hints = block.hints
    return Block(block.text, block.kind, Hints(hints.tag, hints.link_density, hints.ancestors, kept), block.before)


def rule_of(main: bool, stays: bool, near: bool | None) -> str | None:
    """The rule that says how trafilatura's verdict and the decision go together; None for a block that nobody doubts."""
    if not stays:
        return MODEL_CUT if main else NOT_MAIN
    if not main:
        return MODEL_KEPT
    return DOUBTFUL if near else None
