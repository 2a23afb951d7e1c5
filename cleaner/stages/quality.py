"""Flag documents that the published quality rules of Gopher, FineWeb, C4 and RefinedWeb would drop. Nothing is dropped here."""
from __future__ import annotations

from typing import Any

from cleaner.document import DOCUMENT, Document, Mark, kept, restored_blocks
from cleaner.stage import stage
from cleaner.stages.topic import spaced
from cleaner.topics.quality import WORD, cut_share, faults


def mine(doc: Document) -> list[Mark]:
    """The marks of this stage."""
    return [m for m in doc.marks if m.stage == "quality"]


def columns(doc: Document) -> dict[str, Any]:
    """What a DataFrame gets for each document."""
    return {"flags": list(doc.flags), "marks": mine(doc)}


@stage(answer=mine, columns=columns)
def quality(doc: Document) -> Document:
    """Flag the whole document for each published rule that it breaks: ``quality.gopher_short``, ``quality.c4_sentences`` …

    The rules, their thresholds and papers stand in :mod:`cleaner.topics.quality`. They see the text as it stands after all cuts.
    """
    lines = [text for pieces in kept(doc) if (text := "".join(pieces).strip())]
    found = [*faults(lines, doc.meta.lang, spaced(lines)), *cut_share(words(restored_blocks(doc)), words(lines))]
    marks = (Mark(DOCUMENT, 0, 0, "quality", f"quality.{f.rule}", "flag", score=f.score, detail=f.why) for f in found)
    return doc.add(m for m in marks if m not in doc.marks)


def words(texts: list[str]) -> int:
    """Number of words."""
    return sum(len(WORD.findall(t)) for t in texts)
