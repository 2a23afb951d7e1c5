"""Which visible blocks of a page an extractor kept, found by their text: its own tree does not say where a block came from."""
from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

WORD = re.compile(r"\w+")
#: Words in a row by which blocks are compared where their texts differ.
SHINGLE = 3
#: Share of a block's shingles that must stand in the extractor's text.
COVERED = 0.5
#: Pairs of blocks beyond which they are compared by their shingles alone: alignment is quadratic at worst. A page of news
#: has 200 blocks, 30 of them kept.
ALIGNED = 2_000_000


def kept_blocks(blocks: Sequence[str], texts: Sequence[str]) -> list[bool]:
    """For each visible block whether it stands in the extractor's ``texts``; both in the order of the page.

    Blocks that are equal are aligned first. Between two such, a block that was split, joined or shortened counts as kept
    when :data:`COVERED` of its shingles are there.
    """
    kept = [False] * len(blocks)
    for i, j, size, gap, rest in aligned(blocks, texts):
        kept[i : i + size] = [True] * size
        if gap and rest:
            for at in covered([blocks[k] for k in gap], " ".join(texts[k] for k in rest)):
                kept[gap[at]] = True
    return kept


def aligned(blocks: Sequence[str], texts: Sequence[str]) -> Iterator[tuple[int, int, int, range, range]]:
    """Runs of equal blocks, each with the blocks and texts that lie between it and the run before."""
    if len(blocks) * len(texts) > ALIGNED:
        yield len(blocks), len(texts), 0, range(len(blocks)), range(len(texts))
        return
    a = b = 0
    for i, j, size in difflib.SequenceMatcher(None, blocks, texts, autojunk=False).get_matching_blocks():
        yield i, j, size, range(a, i), range(b, j)
        a, b = i + size, j + size


def covered(blocks: Sequence[str], text: str) -> Iterator[int]:
    """The numbers of the blocks whose words stand in a text, each shingle of the text counted once."""
    there = shingles(words(text))
    for i, block in enumerate(blocks):
        own = shingles(words(block))
        shared = own & there
        if own and shared.total() >= COVERED * own.total():
            there.subtract(shared)
            yield i


def words(text: str) -> list[str]:
    """The words of a text in lower case."""
    return WORD.findall(text.lower())


def shingles(tokens: list[str]) -> Counter:
    """How often each run of :data:`SHINGLE` words occurs; a shorter text is one run."""
    return Counter(zip(*(tokens[k:] for k in range(SHINGLE)))) if len(tokens) >= SHINGLE else Counter([tuple(tokens)] if tokens else [])


def agreement(kept: Iterable[str], texts: Iterable[str]) -> float:
    """Word F1 between the kept blocks and the extractor's texts, 1 when both are empty."""
    a, b = Counter(words(" ".join(kept))), Counter(words(" ".join(texts)))
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 1.0
