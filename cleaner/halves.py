"""A document between the two passes: what the stages before ``repeats`` made of it, as JSON and back.

The second pass takes it up there, so that no page is decoded, extracted and repaired twice. JSON and not pickle: it holds
lone surrogates, and a file in an output folder must not be able to run code. What the blocks of a page are, beside their
texts, is written once for all that are the same: of two neighbours in one element even the ancestors are.
"""
from __future__ import annotations

import json
from dataclasses import fields
from operator import attrgetter
from typing import Any

from cleaner.document import Block, Document, Hints, Mark, Meta

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
    kinds: dict[tuple, int] = {}
    try:
        of = [kinds.setdefault(b[1:], len(kinds)) for b in half.blocks]
        return json.dumps([half.id, half.tail, META(half.meta), [b.text for b in half.blocks], of, list(kinds), half.marks])
    except TypeError:
        return None


def unpacked(text: str, record: dict[str, Any]) -> Document | Failed:
    """What :func:`packed` made a string of. record: the record of a document that failed."""
    value = json.loads(text)
    if isinstance(value, dict):
        known = {k: v for k, v in record.items() if not k.startswith("_")}
        return known | {"status": value["failed"], "error": value["error"], "flags": [], "_marks": []}
    id, tail, meta, texts, of, kinds, marks = value
    beside = [(kind, Hints(tag, density, tuple(ancestors), kept), before) for kind, (tag, density, ancestors, kept), before in kinds]
    blocks = tuple([Block(text, *beside[n]) for text, n in zip(texts, of)])
    return Document(id, blocks, tuple([Mark(*m) for m in marks]), Meta(*meta), tail)
