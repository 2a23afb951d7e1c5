"""What can be measured of a page's blocks from its markup and an extractor's verdict, as numpy columns.

A block's own look, its element and those around it, the blocks of the same make, and where the verdict puts it.
"""
from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from cleaner.blocks.features import PROSE_WORDS
from cleaner.blocks.look import surface
from cleaner.blocks.scan import Scan, powers, scan
from cleaner.document import Block, Kind
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
TAGS = ("p", "h1", "h2", "h3", "h4", "li", "div", "td", "tr", "blockquote", "figcaption", "pre", "dd", "dt", "button", "label", "section")
#: One bit a family, then one an element of AROUND.
BITS: dict[str, int] = {tag: 1 << len(FAMILIES) + i for i, tag in enumerate(AROUND)}
for _i, _words in enumerate(FAMILIES.values()):
    BITS |= {f".{w}": BITS.get(f".{w}", 0) | 1 << _i for w in _words.split()}
KINDS: dict[Kind, int] = {"paragraph": 0, "heading": 1, "list_item": 2, "caption": 3, "table_row": 4}

#: Elements outwards from a block's own that are measured as containers.
LEVELS = 4
#: Blocks on either side that a smoothed column looks at.
WINDOWS = (2, 5, 12)
#: Words in a row that are compared with the rest of the page.
SHINGLE = 4
#: Share of a block in links from which it is no prose.
LINKED = 0.4
#: Steps beyond which a distance counts as one.
FAR = 200

LOOK = ("log_words", "log_chars", "end", "colon", "dots", "sentences", "commas", "capitals", "upper", "digits", "symbols", "separators", "quotes",
        "address", "date", "short_words", "starts_lower", "starts_digit", "starts_symbol", "question", "exclamation")  # fmt: skip

Columns = dict[str, np.ndarray]


class Page(NamedTuple):
    """A page to be judged. kept: the extractor's verdict on each block. title, description: what the page says of itself."""

    blocks: Sequence[Block]
    places: Sequence[Place]
    kept: Sequence[bool]
    title: str | None = None
    description: str | None = None


class Measured(NamedTuple):
    """A page's columns by name, and the words of each block."""

    columns: Columns
    words: np.ndarray

    def table(self, names: Sequence[str]) -> np.ndarray:
        """The named columns side by side, one row a block, float32."""
        out = np.empty((len(names), len(self.words)), np.float32)
        for row, name in zip(out, names):
            row[:] = self.columns[name]
        return out.T


def measure(page: Page) -> Measured:
    """The columns of a page that has blocks."""
    n = len(page.blocks)
    kept = np.asarray(page.kept, float)
    s = scan([*(b.text for b in page.blocks), page.title or "", page.description or ""])
    words = np.bincount(s.word_block, s.word_weight, n + 2)
    look = {name: values[:n] for name, values in surface(s, words).items()}
    words = words[:n]
    link = np.array([b.hints.link_density for b in page.blocks])
    plain = np.array([b.hints.tag == "p" for b in page.blocks], float)
    prose = ((words >= PROSE_WORDS) & look["end"] & (link < LINKED)).astype(float)
    out: Columns = {name: look[name] for name in LOOK} | {"link": link, "kept": kept, "prose": prose}
    out |= wording(s, n, (kept > 0) & (prose > 0))
    place, tables = elements(page.places)
    out |= markup(page.blocks, place, tables)
    facts = np.stack([words, np.ones(n), words * link, words * kept, words * plain, words * prose, kept], 1)
    out |= containers(facts, place, tables) | alike(facts, tables.make[place]) | verdict(facts) | whole(facts)
    out |= smoothed(look, link, plain, kept, prose, words)
    return Measured(out, words)


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


def markup(blocks: Sequence[Block], place: np.ndarray, table: Elements) -> Columns:
    """The block's element and those around it."""
    number = {tag: i for i, tag in enumerate(TAGS)}
    tags = np.array([number.get(b.hints.tag, -1) for b in blocks])
    out: Columns = {f"tag {tag}": tags == i for i, tag in enumerate(TAGS)}
    out |= {"kind": np.array([KINDS[b.kind] for b in blocks]), "line": np.array([b.before == "\n" for b in blocks]), "depth": table.depth[place]}
    shift = np.arange(len(FAMILIES) + len(AROUND))[:, None]
    near, around = table.near[place] >> shift[: len(FAMILIES)] & 1, table.around[place] >> shift & 1
    out |= dict(zip((f"near {family}" for family in FAMILIES), near))
    return out | dict(zip((*(f"in {family}" for family in FAMILIES), *(f"in <{tag}>" for tag in AROUND)), around))


def wording(s: Scan, n: int, body: np.ndarray) -> Columns:
    """How a block's words relate to the prose that the extractor kept, to the title and description, and to the rest of the page.

    s: n blocks, then title and description. body: which blocks are such prose.
    """
    known, word = np.unique(s.word_key, return_inverse=True)
    pairs = np.sort(s.word_block * max(1, len(known)) + word)
    pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]]  # np.unique takes twice the time
    block, which = np.divmod(pairs, max(1, len(known)))
    last = np.searchsorted(block, (n, n + 1, n + 2))
    texts = {"title": which[last[0] : last[1]], "description": which[last[1] : last[2]]}
    block, which = block[: last[0]], which[: last[0]]
    distinct = np.maximum(1, np.bincount(block, minlength=n))
    frequency = np.bincount(which[body[block]], minlength=len(known))
    out: Columns = {"body words": np.bincount(block, frequency[which] > body[block], n) / distinct}
    for name, there in texts.items():
        flag = np.zeros(len(known), bool)
        flag[there] = True
        both = np.bincount(block, flag[which], n)
        out |= {f"{name} in it": both / max(1, len(there)), f"in {name}": both / distinct}
    size = np.bincount(s.word_block, minlength=n)[:n]
    first = np.cumsum(size) - size
    at = np.arange(size.sum())
    own = s.word_key[: len(at)]
    home = s.word_block[: len(at)]
    total = np.append(np.uint64(0), np.cumsum(own * powers()[(at - first[home]) & 63], dtype=np.uint64))
    key = np.where(size > 0, total[first + size] - total[first], np.arange(n, dtype=np.uint64))
    _, same, count = np.unique(key, return_inverse=True, return_counts=True)
    order = np.argsort(same, kind="stable")
    before = np.empty(n)
    before[order] = np.arange(n) - np.repeat(np.cumsum(count) - count, count)
    return out | {"same before": np.log1p(before), "same after": np.log1p(count[same] - 1 - before)} | repeats(own, home, n)


def repeats(key: np.ndarray, home: np.ndarray, n: int) -> Columns:
    """The share of a block's passages that stand elsewhere on the page, before it or anywhere. key: of each word, home: its block."""
    run = max(0, len(key) - SHINGLE + 1)
    passage = sum((key[j : j + run] * powers()[j + 1] for j in range(SHINGLE)), np.zeros(run, np.uint64))
    inside = home[:run] == home[SHINGLE - 1 :][:run]
    passage, home = passage[inside], home[:run][inside]
    if not len(home):
        return {"repeats before": np.zeros(n), "repeats": np.zeros(n)}
    _, at, which, count = np.unique(passage, return_index=True, return_inverse=True, return_counts=True)
    per = np.maximum(1, np.bincount(home, minlength=n))
    return {"repeats before": np.bincount(home[home > home[at[which]]], minlength=n) / per, "repeats": np.bincount(home[count[which] > 1], minlength=n) / per}


def containers(facts: np.ndarray, place: np.ndarray, table: Elements) -> Columns:
    """What the block's element and those around it hold: words, links, paragraphs, and how much of the rest was kept."""
    own = summed(facts, place, len(table.outer))
    before = np.concatenate([np.zeros((1, own.shape[1])), np.cumsum(own, 0)])
    sums = before[table.end] - before[:-1]
    sums[-1] = before[-1]
    out: Columns = {}
    total = max(1.0, sums[-1, 0])
    level = place
    for k in range(LEVELS):
        c = sums[level]
        size = np.maximum(1, c[:, 0])
        out |= {f"{k} blocks": np.log1p(c[:, 1]), f"{k} words": np.log1p(c[:, 0]), f"{k} share": c[:, 0] / total, f"{k} link": c[:, 2] / size,
                f"{k} plain": c[:, 4] / size, f"{k} prose": c[:, 5] / size, f"{k} kept": of_others(c[:, 3], c[:, 0], facts[:, 3], facts[:, 0])}  # fmt: skip
        level = table.outer[level]
    return out


def alike(facts: np.ndarray, make: np.ndarray) -> Columns:
    """What blocks of the same make on the page hold, and how much of the others was kept."""
    c = summed(facts, make, make.max() + 1)[make]
    return {"alike": np.log1p(c[:, 1]), "alike words": np.log1p(c[:, 0] / c[:, 1]), "alike link": c[:, 2] / np.maximum(1, c[:, 0]),
            "alike share": c[:, 0] / max(1.0, facts[:, 0].sum()), "alike kept": of_others(c[:, 3], c[:, 0], facts[:, 3], facts[:, 0]),
            "alike kept blocks": of_others(c[:, 6], c[:, 1], facts[:, 6], facts[:, 1])}  # fmt: skip


def summed(facts: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """The sum of each column over the rows of each group."""
    return np.stack([np.bincount(group, column, groups) for column in facts.T], 1)


def of_others(part: np.ndarray, whole: np.ndarray, own_part: np.ndarray, own: np.ndarray) -> np.ndarray:
    """The share of a part in a whole, a block's own left out; -1 where there is nothing else."""
    rest = whole - own
    return np.where(rest > 0, (part - own_part) / np.maximum(1e-9, rest), -1)


def verdict(facts: np.ndarray) -> Columns:
    """Where a block stands among those that the extractor kept."""
    n, place = len(facts), np.arange(len(facts))
    kept, kept_words = facts[:, 6] > 0, facts[:, 3]
    at = np.flatnonzero(kept)
    first, last = (at[0], at[-1]) if len(at) else (FAR * FAR, -1)
    total = max(1.0, kept_words.sum())
    before = np.cumsum(kept_words) - kept_words
    since, until = steps(kept, -FAR), steps(kept[::-1], -FAR)[::-1]
    run = np.where(kept, steps(~kept, -1) + steps(~kept[::-1], -1)[::-1] - 1, 0)
    return {
        "in kept": (place >= first) & (place <= last), "to first kept": np.sign(place - first) * np.log1p(abs(place - first)),
        "to last kept": np.sign(last - place) * np.log1p(abs(last - place)), "since kept": np.log1p(np.minimum(FAR, since)),
        "until kept": np.log1p(np.minimum(FAR, until)), "kept run": np.log1p(run), "kept before": before / total,
        "kept after": (total - kept_words - before) / total, "from start": place / n, "log before": np.log1p(place), "log after": np.log1p(n - 1 - place),
    }  # fmt: skip


def whole(facts: np.ndarray) -> Columns:
    """The page in sum, and what the extractor made of it."""
    words, blocks, linked, kept, _, prose, _ = facts.sum(0)
    kept_mass = facts[:, 3:4]
    kept_prose = np.minimum(facts[:, 5], facts[:, 3]).sum()
    at = np.flatnonzero(facts[:, 6])
    dense = facts[at[0] : at[-1] + 1, 6].mean() if len(at) else -1
    density = kept_mass[:, 0] / np.maximum(1, facts[:, 0])
    return {
        "page blocks": np.log1p(blocks), "page words": np.log1p(words), "page link": linked / max(1.0, words), "page kept words": np.log1p(kept),
        "page kept": kept / max(1.0, words), "page kept blocks": np.log1p(len(at)), "page prose kept": kept_prose / prose if prose else -1,
        "page kept dense": dense, "kept link": (facts[:, 2] * density).sum() / max(1.0, kept), "kept plain": (facts[:, 4] * density).sum() / max(1.0, kept),
    }  # fmt: skip


def smoothed(look: Columns, link: np.ndarray, plain: np.ndarray, kept: np.ndarray, prose: np.ndarray, words: np.ndarray) -> Columns:
    """Means over the blocks on either side."""
    series = {"kept": kept, "link": link, "plain": plain, "prose": prose, "end": look["end"], "log_words": look["log_words"], "commas": look["commas"],
              "capitals": look["capitals"], "digits": look["digits"], "words": words, "kept words": words * kept}  # fmt: skip
    stacked = np.vstack(list(series.values())).astype(float)
    sums = np.concatenate([np.zeros((len(series), 1)), np.cumsum(stacked, 1)], 1)
    n, out = len(words), {}
    place = np.arange(n)
    for w in (1, *WINDOWS):
        low, high = np.maximum(0, place - w), np.minimum(n, place + w + 1)
        mean = dict(zip(series, (sums[:, high] - sums[:, low]) / (high - low)))
        mean["kept words"] = mean["kept words"] / np.maximum(0.1, mean.pop("words"))
        out |= {f"{name}~{w}": values for name, values in mean.items()}
    return out


def steps(flag: np.ndarray, none: int) -> np.ndarray:
    """Steps back from each place to the last flagged place before it; ``none`` is the place taken where there is none."""
    at = np.maximum.accumulate(np.where(flag, np.arange(len(flag)), none))
    return np.arange(len(flag)) - np.append(none, at[:-1])
