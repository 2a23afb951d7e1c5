"""Lines that a site repeats around its articles: the keys under which they are counted, and the decision about one document.

Counted are distinct stories of a host, not pages, so that versions of one story do not look like a template. A line goes
when enough stories carry it; at the page's edge, before the first or after the last line of the article's own, fewer do.
Measured with ``site`` of the benchmarks (issue 5).
"""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from cleaner.document import Block, Document, Mark
from cleaner.text.addresses import host_of as host_named
from cleaner.text.keys import hash64, masked, normal, words

#: What a key stands for: the line itself, its numbers and dates masked, its label before a colon, its names masked.
KINDS = ("line", "masked", "lead_in", "name")

#: Stories a host needs before anything counts as its template; below SMALL only what all stories carry.
LEAST, SMALL = 3, 5
#: (share of the host's stories, least number) that must carry a line: anywhere; when it is long; when other hosts have it
#: too and it stands inside the text, as formulas of the trade do; at the page's edge.
ANYWHERE, LONG, FORMULA, EDGE = (0.20, 5), (0.50, 5), (0.75, 5), (0.08, 3)
#: Words from which a line inside a text may as well be agency background.
LONG_WORDS = 15
#: Share of a key's occurrences that must lie at the edge.
AT_EDGE = 0.90
#: Labels and lines with names must belong to the host: not more than this share of the other hosts has them too.
ELSEWHERE = 0.02
#: A title of another page is cut from so many words on; a shorter one may be a common heading.
TITLE_WORDS = 4
#: Inside a text a shorter one may be a heading of its own all the same.
HEADING_WORDS = 7

NAMES = re.compile(r"(?:\b[^\W\d_a-zß-öø-ÿ][\w’'-]+\b[ ,]*){2,}")
LEAD_IN = re.compile(r"\s*+([^:|»>]{2,40}?)\s*+[:|»>]\s*+\S")
SUFFIX = re.compile(r"(?<!\s)\s++[|–—·»-]\s+")


class Line(NamedTuple):
    """What is known of one key on one host: stories with it, share of its occurrences at the page's edge, hosts that have it."""

    stories: int
    edge: float
    hosts: int


@dataclass(frozen=True, slots=True)
class Site:
    """What is known of one host: its number of stories, its repeated lines by key, and its titles."""

    stories: int
    lines: Mapping[int, Line]
    titles: frozenset[int]


def host_of(doc: Document) -> str:
    """The host of a document, from its own field or its address, without ``www.``; ``""`` when unknown."""
    return (doc.meta.host or host_named(doc.meta.url) or "").casefold().removeprefix("www.")


def line_keys(text: str, tokens: list[str]) -> tuple[int, int, int, int]:
    """The keys of a line by :data:`KINDS`, 0 where it has none. tokens: its words."""
    plain, free = " ".join(tokens), masked(tokens)
    mask = hash64("m " + free) if free != plain and len(tokens) >= 2 and any(map(str.isalpha, free)) else 0
    lead = LEAD_IN.match(text)
    label = normal(lead.group(1)) if lead else ""
    lead_in = hash64("p " + label) if 0 <= label.count(" ") < 5 and label else 0
    name = 0
    if len(tokens) <= 12:
        slots = NAMES.sub(" nameslot ", text)
        if slots != text and (spared := masked(words(slots))).count(" ") >= 2:
            name = hash64("n " + spared)
    return hash64("k " + plain) if plain else 0, mask, lead_in, name


def title_keys(title: str | None) -> set[int]:
    """The keys of a page's title, with and without the site's name behind it."""
    if not title:
        return set()
    forms = {title, *SUFFIX.split(title)[:1]}
    return {hash64("k " + n) for n in map(normal, forms) if " " in n}


def needed(stories: int, rule: tuple[float, int]) -> float:
    """How many stories of a host must carry a line; infinite on a host with too few."""
    if stories < LEAST:
        return float("inf")
    return max(rule[1], ceil(rule[0] * stories)) if stories >= SMALL else stories


def evidence(kind: int, line: Line, words: int, site: Site, hosts: int) -> bool:
    """Whether a key alone marks its line as the host's template, wherever it stands on the page."""
    least = needed(site.stories, ANYWHERE)
    if KINDS[kind] in ("line", "masked"):
        formula = line.hosts - 1 > ELSEWHERE * hosts and line.edge < AT_EDGE
        return line.stories >= max(least, needed(site.stories, FORMULA if formula else LONG if words >= LONG_WORDS else ANYWHERE))
    return line.stories >= max(least, 4) and line.hosts - 1 <= ELSEWHERE * hosts


def template_marks(doc: Document, site: Site, hosts: int) -> list[Mark]:
    """The cuts of one document's lines that its host repeats. hosts: number of hosts in the statistics."""
    own = {*title_keys(doc.meta.title), hash64("k " + normal(doc.meta.title or ""))}
    found: dict[int, tuple[Block, str, Line]] = {}
    weak: list[tuple[int, Block, list[Line]]] = []
    titles: list[tuple[int, Block, int]] = []
    body: list[int] = []
    for i, block in doc.live():
        tokens = words(block.text)
        keys = line_keys(block.text, tokens)
        if keys[0] in own:
            body.append(i)
            continue
        known = [(kind, site.lines[k]) for kind, k in enumerate(keys) if k in site.lines]
        strong = next((p for p in known if evidence(*p, len(tokens), site, hosts)), None)
        if strong:
            found[i] = block, KINDS[strong[0]], strong[1]
        elif keys[0] in site.titles:
            titles.append((i, block, len(tokens)))
        elif known:
            weak.append((i, block, [line for _, line in known]))
        else:
            body.append(i)
    first, last = (body[0], body[-1]) if body else (len(doc.blocks), -1)
    for i, block, size in titles:
        if size >= (HEADING_WORDS if first <= i <= last else TITLE_WORDS):
            found[i] = block, "title", Line(1, 0, 1)
    least = needed(site.stories, EDGE)
    for i, block, lines in weak:
        edge = next((x for x in lines if x.stories >= least and x.edge >= AT_EDGE and x.hosts - 1 <= ELSEWHERE * hosts), None)
        if edge and not first <= i <= last:
            found[i] = block, "edge", edge
    return [mark(i, *found[i], site) for i in sorted(found)]


def mark(number: int, block: Block, kind: str, line: Line, site: Site) -> Mark:
    detail = "the title of another page of this host" if kind == "title" else f"on {line.stories} of {site.stories} stories of this host"
    return Mark(number, 0, len(block.text), "boilerplate", f"boilerplate.template_{kind}", "cut", "", round(line.stories / site.stories, 3), detail)
