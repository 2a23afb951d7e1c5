"""What the statistics of a corpus say about one document."""
from __future__ import annotations

from collections.abc import Iterator

from cleaner.corpus.stats import Stats
from cleaner.corpus.templates import host_of, template_marks
from cleaner.document import DOCUMENT, Document, Mark, restored_blocks
from cleaner.text.keys import hash64, normal


def identity(doc: Document) -> int:
    """The key of a document: its id, where it was read, and its text as it came.

    The text belongs to it because ids come again: two files may use the same, and yesterday's statistics meet today's files.
    """
    return hash64("\0".join([doc.id, doc.meta.source or "", str(doc.meta.row), *restored_blocks(doc)]))


def apply(doc: Document, stats: Stats, dropped: bool = False) -> Document:
    """Add what the corpus knows about a document: its host's template lines are cut; copies and wire paragraphs are flagged.

    dropped: a copy gets the mark that sends it to ``rejected/``.
    """
    new = list(copy_marks(doc, stats, dropped))
    if site := stats.sites.get(host_of(doc)):
        doc = doc.add(template_marks(doc, site, stats.hosts))
    return doc.add(m for m in (*new, *wire_marks(doc, stats)) if m not in doc.marks)


def copy_marks(doc: Document, stats: Stats, dropped: bool) -> Iterator[Mark]:
    """The marks that name a document's original or the document that holds it."""
    key = identity(doc) if stats.copies or stats.inside else 0
    for known, rule in ((stats.copies, "dropped" if dropped else "document"), (stats.inside, "contained")):
        if copy := known.get(key):
            yield Mark(DOCUMENT, 0, 0, "duplicates", f"duplicate.{rule}", "flag", None, copy.score, copy.original)


def wire_marks(doc: Document, stats: Stats) -> Iterator[Mark]:
    """The flags of paragraphs that several hosts carry."""
    for i, block in doc.live() if stats.wire else ():
        if wire := stats.wire.get(hash64("k " + normal(block.text))):
            detail = f"{wire.hosts} hosts carry this paragraph"
            yield Mark(i, 0, len(block.text), "duplicates", "duplicate.wire", "flag", None, float(wire.hosts), detail)
