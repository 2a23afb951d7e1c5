"""A document between the two passes: what the stages before ``repeats`` made of it, as JSON and back.

The second pass takes it up there, so that no page is decoded, extracted and repaired twice. JSON and not pickle: it holds
lone surrogates, and a file in an output folder must not be able to run code.
"""
from __future__ import annotations

import json
from dataclasses import fields
from operator import attrgetter
from typing import Any

from cleaner.document import NO_HINTS, Block, Document, Hints, Mark, Meta

#: The facts about a document, in the order in which ``Meta`` takes them.
META = attrgetter(*(f.name for f in fields(Meta)))

#: The row of a record that could not be read: columns of ``rejected/``.
Failed = dict[str, Any]


def packed(half: Document | Failed) -> str | None:
    """A document, or the row of one that failed, as a string; None for one that holds what JSON does not, so it is made anew."""
    if not isinstance(half, Document):
        return json.dumps({"failed": half["status"], "error": half["error"]})
    if half.meta.extra:  # a stage of the user's own may put anything there
        return None
    blocks = [[b.text, b.kind, b.before, None if b.hints is NO_HINTS else b.hints] for b in half.blocks]
    try:
        return json.dumps([half.id, half.tail, META(half.meta), blocks, half.marks])
    except TypeError:
        return None


def unpacked(text: str, record: dict[str, Any]) -> Document | Failed:
    """What :func:`packed` made a string of. record: the record of a document that failed."""
    value = json.loads(text)
    if isinstance(value, dict):
        known = {k: v for k, v in record.items() if not k.startswith("_")}
        return known | {"status": value["failed"], "error": value["error"], "flags": [], "_marks": []}
    id, tail, meta, blocks, marks = value
    return Document(
        id,
        tuple(Block(t, kind, NO_HINTS if hints is None else hinted(*hints), before) for t, kind, before, hints in blocks),
        tuple(Mark(*m) for m in marks),
        Meta(*meta),
        tail,
    )


def hinted(tag: str, link_density: float, ancestors: list[str], kept: bool | None) -> Hints:
    return Hints(tag, link_density, tuple(ancestors), kept)
