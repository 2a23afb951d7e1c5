"""The elements in which a page's blocks stand, as numpy columns: what is around them, what they are used for, which are alike."""
from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
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
    rows: dict[int, int] = {}
    makes: dict[tuple, int] = {}
    table: list[tuple[int, int, int, int, int, int]] = []  # outer, own, near, around, depth, make
    none = (-1, 0, 0, 0, 0, 0)
    for place in places:
        new = []
        while id(place) not in rows and place.tag:
            new.append(place)
            place = place.outer
        row = rows.get(id(place), -1)
        for inner in reversed(new):
            outer, own = inner.outer, bits(inner.own)
            around = table[row] if row >= 0 else none
            beyond = table[around[0]] if around[0] >= 0 else none
            make = makes.setdefault((inner.own, outer.own, outer.outer.tag if outer.outer else ""), len(makes))
            table.append((row, own, own | around[1] | beyond[1], own | around[3], around[4] + 1, make))
            row = rows[id(inner)] = len(table) - 1
    end = list(range(1, len(table) + 2))
    for row in range(len(table) - 1, -1, -1):
        outer = table[row][0]
        if outer >= 0 and end[row] > end[outer]:
            end[outer] = end[row]
    columns = np.array([*table, (*none[:5], len(makes))], np.int64).T
    return np.array([rows.get(id(p), len(table)) for p in places]), Elements(columns[0], np.array(end), *columns[2:])


@lru_cache(maxsize=10_000)
def bits(names: tuple[str, ...]) -> int:
    """The families and elements that an element's tag and class words stand for."""
    found = 0
    for name in names:
        found |= BITS.get(name, 0)
    return found
