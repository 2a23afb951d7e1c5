"""The columns of every table, written down once: records on their way in, articles and marks on their way out."""
from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate, chain, repeat
from typing import Any

import pyarrow as pa

from cleaner.document import Document, kept

#: One input record on its way to a worker. ``_content`` is what the reader found, as bytes (a str travels as UTF-8 with
#: lone surrogates allowed); ``_form`` says what it is: "text", "html", or what nobody decoded yet: "page" (HTML) and "bytes".
#: ``_error`` is set where the reader could not read the record: status and message, tab between. The input's own columns follow.
RECORD = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        ("source", pa.string()),
        ("row", pa.int64()),
        ("title", pa.string()),
        ("author", pa.string()),
        ("date", pa.string()),
        ("url", pa.string()),
        ("lang", pa.string()),
        ("_form", pa.string()),
        ("_content", pa.large_binary()),
        ("_charset", pa.string()),
        ("_error", pa.string()),
    ]
)

#: ``articles/`` and ``rejected/``: one row a document. The input's own columns follow.
ARTICLE = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        ("text", pa.string()),
        ("title", pa.string()),
        ("author", pa.string()),
        ("date", pa.string()),
        ("url", pa.string()),
        ("host", pa.string()),
        ("lang", pa.string()),
        ("lang_score", pa.float32()),
        ("source", pa.string()),
        ("row", pa.int64()),
        ("status", pa.string()),
        ("error", pa.string()),
        ("flags", pa.list_(pa.string())),
        ("paragraphs_in", pa.int32()),
        ("paragraphs_out", pa.int32()),
        ("chars_in", pa.int64()),
        ("chars_out", pa.int64()),
        ("duplicate_of", pa.string()),
        ("cleaner_version", pa.string()),
        ("config_hash", pa.string()),
    ]
)

#: ``marks/``: one row a decision. ``text`` is what the input had there; ``replacement`` what the output has: null where a
#: whole block went, "" where a span inside a block went, the new wording of an edit, null for a flag.
MARK = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        ("block", pa.int32()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("action", pa.string()),
        ("stage", pa.string()),
        ("rule", pa.string()),
        ("score", pa.float64()),
        ("text", pa.string()),
        ("replacement", pa.string()),
        ("detail", pa.string()),
    ]
)

#: What a worker gives back: the article's columns with its marks nested, so that one batch is one batch.
NESTED_MARKS = pa.field("_marks", pa.list_(pa.struct([f for f in MARK if f.name != "id"])))

#: Columns of ours that an input column of the same name must not overwrite; such a column travels as ``input_<name>``.
TAKEN = frozenset(ARTICLE.names) | frozenset(RECORD.names)

SURROGATE = re.compile("[\ud800-\udfff]")


def own_name(name: str) -> str:
    """The name under which an input column travels: its own, or ``input_<name>`` where ours (or such a one) has that name."""
    bare = name = storable(name)
    while bare.startswith("input_"):
        bare = bare.removeprefix("input_")
    return f"input_{name}" if bare in TAKEN else name


def result(own: pa.Schema) -> pa.Schema:
    """The schema of a cleaned batch, from the schema of the input's own columns."""
    return pa.schema([*ARTICLE, *own, NESTED_MARKS])


def own_columns(batch: pa.Schema) -> pa.Schema:
    """The input's own columns in the schema of a record batch."""
    return pa.schema([f for f in batch if f.name not in RECORD.names])


def storable(text: str | None) -> str | None:
    """A text that Arrow can hold: lone surrogates become U+FFFD."""
    return text if not text or text.isascii() else SURROGATE.sub("\ufffd", text)


def mark_rows(doc: Document) -> list[dict[str, Any]]:
    """The marks of a document as rows of ``marks/``, without the id, in the order in which they were made."""
    return [{k: storable(v) if isinstance(v, str) else v for k, v in zip(MARK.names[1:], mark)} for mark in mark_values(doc, kept(doc))]


def mark_values(doc: Document, pieces: list[list[str]]) -> list[tuple]:
    """The values of these rows. pieces: what :func:`cleaner.document.kept` gives."""
    gone = {i for i, left in enumerate(pieces) if not any(left)}
    rows = []
    for block, start, end, stage, rule, action, replacement, score, detail, original in doc.marks:
        text = original if action == "edit" else doc.blocks[block].text[start:end] if block >= 0 else ""
        if block in gone and (action == "cut" or replacement == ""):  # so that a block emptied by repairs alone is known
            replacement = None
        rows.append((block, start, end, action, stage, rule, score, text, replacement, detail))
    return rows


def nested(marks: list[list[tuple]]) -> pa.Array:
    """The column of :data:`NESTED_MARKS` from the values of each document's marks, column by column: a dict a mark takes twice as long."""
    kind = NESTED_MARKS.type
    columns = zip(*chain.from_iterable(marks)) if any(marks) else repeat((), kind.value_type.num_fields)
    flat = pa.StructArray.from_arrays([column(values, f.type) for values, f in zip(columns, kind.value_type)], fields=list(kind.value_type))
    return pa.ListArray.from_arrays(pa.array(accumulate(map(len, marks), initial=0), pa.int32()), flat, kind)


def column(values: Sequence, kind: pa.DataType) -> pa.Array:
    """A column of a table; where texts hold what Arrow does not, as :func:`storable` ones."""
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:
        return pa.array(map(storable, values), kind)
