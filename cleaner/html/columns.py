"""What can be measured of a page's blocks from its markup and an extractor's verdict, as numpy columns.

A block's own look, its element and those around it, the blocks of the same make, and where the verdict puts it.
"""
from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import NamedTuple

import numpy as np

from cleaner.blocks.features import PROSE_WORDS
from cleaner.blocks.look import surface
from cleaner.blocks.repetition import SHINGLE, changes, numbered, occurrences, repeats
from cleaner.blocks.scan import Scan, powers, scan
from cleaner.document import Block, Kind
from cleaner.html.elements import AROUND, FAMILIES, Elements, elements
from cleaner.html.visible import Place

TAGS = ("p", "h1", "h2", "h3", "h4", "li", "div", "td", "tr", "blockquote", "figcaption", "pre", "dd", "dt", "button", "label", "section")
KINDS: dict[Kind, int] = {"paragraph": 0, "heading": 1, "list_item": 2, "caption": 3, "table_row": 4}

#: Elements outwards from a block's own that are measured as containers.
LEVELS = 4
#: Blocks on either side that a smoothed column looks at.
WINDOWS = (2, 5, 12)
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


class Pairs(NamedTuple):
    """The words of each block, each once: the numbers of block and word, the words of each block so counted, and of the page."""

    block: np.ndarray
    word: np.ndarray
    distinct: np.ndarray
    known: int


class Looked(NamedTuple):
    """What can be measured of a page's blocks before there is a verdict.

    words: their length. look: columns by name (:func:`cleaner.blocks.look.surface`). link: share in links. plain: whether it is a
    ``<p>``. prose: whether it reads like a paragraph. place: row of its element in ``table``. fixed: the columns that no verdict changes.
    """

    words: np.ndarray
    look: Columns
    link: np.ndarray
    plain: np.ndarray
    prose: np.ndarray
    place: np.ndarray
    table: Elements
    pairs: Pairs
    fixed: Columns


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


def look_at(page: Page) -> Looked:
    """A page that has blocks, before there is a verdict: ``page.kept`` is not looked at."""
    n = len(page.blocks)
    texts, kinds, hints, breaks = zip(*page.blocks)
    s = scan([*texts, page.title or "", page.description or ""])
    words = np.bincount(s.word_block, s.word_weight, n + 2)
    look = {name: values[:n] for name, values in surface(s, words).items()}
    words = words[:n]
    tags, links, *_ = zip(*hints)
    link, plain = np.array(links), np.array([tag == "p" for tag in tags], float)
    prose = ((words >= PROSE_WORDS) & look["end"] & (link < LINKED)).astype(float)
    place, table = elements(page.places)
    pairs, told = wording(s, n)
    unknown = np.zeros(n)  # the place of what a verdict changes: training depends on the order of the columns
    fixed = {name: look[name] for name in LOOK} | {"link": link, "kept": unknown, "prose": prose, "body words": unknown} | told
    fixed |= markup(tags, kinds, breaks, place, table)
    return Looked(words, look, link, plain, prose, place, table, pairs, fixed)


def measure(page: Page, looked: Looked | None = None) -> Measured:
    """The columns of a page that has blocks. looked: what :func:`look_at` gives, where it is there already."""
    looked = looked or look_at(page)
    words, link, plain, prose = looked.words, looked.link, looked.plain, looked.prose
    kept = np.asarray(page.kept, float)
    facts = np.stack([words, np.ones(len(words)), words * link, words * kept, words * plain, words * prose, kept], 1)
    out = looked.fixed | {"kept": kept, "body words": body_words(looked.pairs, (kept > 0) & (prose > 0))}
    out |= containers(facts, looked.place, looked.table) | alike(facts, looked.table.make[looked.place]) | verdict(facts) | whole(facts)
    out |= smoothed(looked.look, link, plain, kept, prose, words)
    return Measured(out, words)


def markup(tags: Sequence[str], kinds: Sequence[Kind], breaks: Sequence[str], place: np.ndarray, table: Elements) -> Columns:
    """The block's element and those around it. tags, kinds, breaks: of each block."""
    tag = np.array([*map({tag: i for i, tag in enumerate(TAGS)}.get, tags, repeat(-1))])
    out: Columns = {f"tag {name}": tag == i for i, name in enumerate(TAGS)}
    out |= {"kind": np.array([*map(KINDS.get, kinds)]), "line": np.array([text == "\n" for text in breaks]), "depth": table.depth[place]}
    shift = np.arange(len(FAMILIES) + len(AROUND))[:, None]
    near, around = table.near[place] >> shift[: len(FAMILIES)] & 1, table.around[place] >> shift & 1
    out |= dict(zip((f"near {family}" for family in FAMILIES), near))
    return out | dict(zip((*(f"in {family}" for family in FAMILIES), *(f"in <{tag}>" for tag in AROUND)), around))


def wording(s: Scan, n: int) -> tuple[Pairs, Columns]:
    """The words of a page, and how those of a block relate to the title and description and to the rest of it. s: n blocks, then these two."""
    known, word = numbered(s.word_key)
    pairs = np.sort(s.word_block * max(1, len(known)) + word)
    block, which = np.divmod(pairs[changes(pairs)], max(1, len(known)))
    last = np.searchsorted(block, (n, n + 1, n + 2))
    texts = {"title": which[last[0] : last[1]], "description": which[last[1] : last[2]]}
    block, which = block[: last[0]], which[: last[0]]
    distinct = np.maximum(1, np.bincount(block, minlength=n))
    out: Columns = {}
    for name, there in texts.items():
        flag = np.zeros(len(known), bool)
        flag[there] = True
        both = np.bincount(block, flag[which], n)
        out |= {f"{name} in it": both / max(1, len(there)), f"in {name}": both / distinct}
    size = np.bincount(s.word_block, minlength=n)[:n]
    first = np.cumsum(size) - size
    at = np.arange(size.sum())
    own, home = s.word_key[: len(at)], s.word_block[: len(at)]
    total = np.append(np.uint64(0), np.cumsum(own * powers()[(at - first[home]) & 63], dtype=np.uint64))
    text = np.where(size > 0, total[first + size] - total[first], np.arange(n, dtype=np.uint64))
    (before,), (count,) = occurrences(text[None])
    out |= {"same before": np.log1p(before), "same after": np.log1p(count - 1 - before)} | repeated(own, home, n)
    return Pairs(block, which, distinct, len(known)), out


def body_words(pairs: Pairs, body: np.ndarray) -> np.ndarray:
    """The share of a block's words that other blocks use which are prose and kept. body: which blocks are."""
    inside = body[pairs.block]
    frequency = np.bincount(pairs.word[inside], minlength=pairs.known)
    return np.bincount(pairs.block, frequency[pairs.word] > inside, len(body)) / pairs.distinct


def repeated(key: np.ndarray, home: np.ndarray, n: int) -> Columns:
    """The share of a block's passages that stand elsewhere on the page, before it or anywhere. key: of each word, home: its block."""
    run = max(0, len(key) - SHINGLE + 1)
    passage = sum((key[j : j + run] * powers()[j + 1] for j in range(SHINGLE)), np.zeros(run, np.uint64))
    inside = np.flatnonzero(home[:run] == home[SHINGLE - 1 :][:run])
    inside = inside[np.argsort(passage[inside])]
    return dict(zip(("repeats before", "repeats"), repeats(passage[inside], home[inside], n).values()))


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
