"""The elements in which a page's blocks stand, as numpy columns: what is around them, what they are used for, which are alike."""
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cleaner.html.visible import Place

#: Words of class, id, role and itemprop by what they are used for. Publishers in every language name their classes in English.
FAMILIES = {
    "body": "article content entry story post body text main richtext rich prose copy paragraph wysiwyg",
    "comment": "comment comments disqus respond reply replies commentlist discussion forum kommentare comentarios commentaires",
    "share": "share sharing social follow facebook twitter addthis whatsapp teilen",
    "related": "related recommended recommend recommendation recommendations recirc recirculation read also popular trending latest "
               "recent teaser teasers outbrain taboola carousel slider grid card cards list feed tile",
    "newsletter": "newsletter subscribe subscription signup optin mailchimp promo promotion cta banner paywall donate offer abo",
    "nav": "nav navigation menu navbar breadcrumb breadcrumbs toolbar pagination pager skip toc contents",
    "foot": "footer foot copyright legal bottom colophon disclaimer",
    "head": "header masthead top hero headline title kicker eyebrow subtitle lead intro summary standfirst dek excerpt",
    "side": "sidebar aside widget rail complementary column",
    "ad": "ad ads advert advertisement sponsor sponsored sponsors dfp adslot anzeige werbung",
    "meta": "meta byline author authors bio date time dateline published info tag tags category categories credit",
    "caption": "caption figcaption gallery image photo media figure video",
    "hidden": "cookie consent gdpr modal popup overlay dialog hidden sr visually offscreen print noprint tooltip alert",
    "faq": "faq accordion toggle tab tabs",
    "table": "table data code pre highlight",
    "live": "live blog liveblog ticker update timeline",
    "box": "box factbox infobox inset pullquote quote embed",
}  # fmt: skip
AROUND = ("article", "main", "aside", "nav", "header", "footer", "form", "ul", "ol", "figure", "section", "table", "blockquote", "button",
          "address", "details", "dl")  # fmt: skip
#: One bit a family, then one an element of AROUND.
BITS: dict[str, int] = {tag: 1 << len(FAMILIES) + i for i, tag in enumerate(AROUND)}
for _i, _words in enumerate(FAMILIES.values()):
    BITS |= {f".{w}": BITS.get(f".{w}", 0) | 1 << _i for w in _words.split()}


class Elements(NamedTuple):
    """The block elements of a page that hold text, in its order; the last row stands for the page itself.

    outer: row of the element around. end: row behind the last element in it. near, around: families and elements as bits: its own
    with two around it, with all. depth: elements around it. make: a number that elements of the same tag and classes in such
    elements share.
    """

    outer: np.ndarray
    end: np.ndarray
    near: np.ndarray
    around: np.ndarray
    depth: np.ndarray
    make: np.ndarray


def elements(places: Sequence[Place]) -> tuple[np.ndarray, Elements]:
    """The row of each block's element, and the elements."""
    held = by_row(places)
    rows = [place.outer.row for place in held]
    words: dict[tuple[str, ...], int] = {(): 0}
    tags: dict[str, int] = {"": 0}
    outer = np.array([*rows, -1])  # the page is around itself, and has no words
    wording = np.array([*(words.setdefault(place.own, len(words)) for place in held), 0])
    tag = np.array([*(tags.setdefault(place.tag, len(tags)) for place in held), 0])
    depth = np.array([*(place.depth for place in held), 0])
    own, beyond = np.array([*map(bits, words)])[wording], outer[outer]
    make = np.unique((wording * len(words) + wording[outer]) * len(tags) + tag[beyond], return_inverse=True)[1]
    around, up = own, outer
    while up.max() >= 0:
        around, up = around | around[up], up[up]
    row = np.array([place.row for place in places])
    return np.where(row < 0, len(held), row), Elements(outer, np.array(ends(rows)), own | own[outer] | own[beyond], around, depth, make)


def by_row(places: Sequence[Place]) -> list[Place]:
    """The places of a page's blocks and those around them, in the order of their rows."""
    held: list[Place] = []
    for place in places:
        new = []
        while place.row >= len(held):
            new.append(place)
            place = place.outer
        held += reversed(new)
    return held


def ends(outer: Sequence[int]) -> list[int]:
    """The row behind the last element in each, and in the page. outer: row of the element around, -1 for the page."""
    end = list(range(1, len(outer) + 2))
    for row in range(len(outer) - 1, -1, -1):
        if end[row] > end[outer[row]]:
            end[outer[row]] = end[row]
    return end


def bits(names: Sequence[str]) -> int:
    """The families and elements that an element's tag and class words stand for."""
    found = 0
    for name in names:
        found |= BITS.get(name, 0)
    return found
