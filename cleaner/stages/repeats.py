"""What a document has in common with the other documents of its corpus: its host's template lines, its original, wire copy."""
from __future__ import annotations

import functools
import os

from cleaner.corpus.apply import apply
from cleaner.corpus.stats import Stats
from cleaner.document import Document
from cleaner.stage import stage


@stage
def repeats(doc: Document, *, stats: Stats | str = "", drop_duplicates: bool = False) -> Document:
    """Cut the lines that a host repeats on its pages; flag copies of other documents and paragraphs that several hosts carry.

    It needs the statistics of a corpus and does nothing without them; ``cleaner run`` makes its own from its input.

    stats: what ``cleaner.fit`` found, or the path of a file that ``cleaner fit`` wrote.
    drop_duplicates: copies and older or shorter versions of another document go to ``rejected/`` with the status ``duplicate``.
    """
    known = loaded(stats) if isinstance(stats, str) else stats
    return apply(doc, known, drop_duplicates) if known else doc


def loaded(path: str) -> Stats | None:
    """The statistics in a file, read once for as long as the file stays the same; None for no path."""
    if not path:
        return None
    facts = os.stat(path)
    return read(path, facts.st_mtime_ns, facts.st_size)


@functools.lru_cache(maxsize=2)
def read(path: str, changed: int, size: int) -> Stats:
    return Stats.load(path)
