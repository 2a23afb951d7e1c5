"""Rows to batches of ``schema.RECORD``: which column holds what, and the input's own columns in one schema for all files."""
from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cleaner import schema
from cleaner.doors import NAMES
from cleaner.io.inputs import Source
from cleaner.io.read import Row, rows, too_large

#: Bytes. A record above this is rejected as ``too_large``: a hundred times a long article's page.
MAX_BYTES = 10_000_000

#: A batch is cut at this many records or bytes, whichever comes first: some seconds of work, some MB of memory.
BATCH_ROWS, BATCH_BYTES = 512, 16_000_000

#: Own columns that a run may have, and the column that holds what is in more of them. A table is as wide as its widest record.
MOST_COLUMNS, OTHERS = 1_000, "input_others"


@dataclass(frozen=True)
class Reading:
    """How to read the inputs.

    columns: the input column for a role of :data:`NAMES`, where it has an unusual name.
    max_bytes: a larger record is rejected. batch_rows: records in a batch, at the most.
    """

    columns: dict[str, str] = field(default_factory=dict)
    max_bytes: int = MAX_BYTES
    batch_rows: int = BATCH_ROWS

    def roles(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Which of a record's columns holds what, by role: of several the first, of texts the first that is not empty (news-please has two)."""
        filled = {n for n in NAMES["text"] if (found := values.get(n)) is not None and (not isinstance(found, (str, list, dict)) or found)}
        wanted = {role: (self.columns[role],) if role in self.columns else usual for role, usual in NAMES.items()}
        if filled and "text" not in self.columns:
            wanted["text"] = [n for n in wanted["text"] if n in filled]
        return {role: name for role, usual in wanted.items() if (name := next((n for n in usual if n in values), None)) is not None}


def own_schema(sources: Iterable[Source], reading: Reading) -> pa.Schema:
    """The input's own columns over all files: those that hold none of our roles, each with one type for the whole run.

    Parquet tells its types, CSV holds strings, JSON lines are read through once. Where files or records disagree, integers
    widen to floats and anything else becomes a string (JSON for nested values). Behind :data:`MOST_COLUMNS` of them, as records
    have that are keyed by addresses, the others travel as JSON in the column :data:`OTHERS`.
    """
    return schema_of(merged(own_types(source, reading) for source in sources))


def schema_of(types: Mapping[str, pa.DataType]) -> pa.Schema:
    """The own columns of an input as they travel."""
    columns: dict[str, pa.DataType] = {}
    for name, kind in islice(types.items(), MOST_COLUMNS):
        own = schema.own_name(name)
        columns[own] = wider(columns.get(own, pa.null()), kind)
    if len(types) > MOST_COLUMNS:
        columns[OTHERS] = pa.string()
    return pa.schema([(n, pa.string() if t == pa.null() else t) for n, t in columns.items()])


def merged(found: Iterable[Mapping[str, pa.DataType]]) -> dict[str, pa.DataType]:
    """The own columns of several files, each with the type that holds all of them."""
    types: dict[str, pa.DataType] = {}
    for one in found:
        for name, kind in one.items():
            types[name] = wider(types.get(name, pa.null()), kind)
    return types


def own_types(source: Source, reading: Reading) -> dict[str, pa.DataType]:
    """The own columns of one file with their types; none for a file that cannot be read, which its rows will say."""
    if source.format in ("text", "html", "warc"):
        return {}
    types: dict[str, pa.DataType] = {}
    if source.format == "parquet":
        try:
            with source.open() as file:
                found = {f.name: f.type.value_type if pa.types.is_dictionary(f.type) else f.type for f in pq.read_schema(file)}
        except (OSError, pa.ArrowException):
            return {}
        taken = set(reading.roles(found).values())
        return {n: t for n, t in found.items() if n not in taken}
    for row in rows(source, reading.max_bytes):
        taken = set(reading.roles(row.values).values())
        for name, value in row.values.items():
            if name not in taken:
                types[name] = wider(types.get(name, pa.null()), type_of(value))
    return types


def type_of(value: Any) -> pa.DataType:
    """The column type that holds a JSON value as it is; string for nested values and integers beyond 64 bits."""
    if value is None:
        return pa.null()
    if isinstance(value, bool):
        return pa.bool_()
    if isinstance(value, int):
        return pa.int64() if -(2**63) <= value < 2**63 else pa.string()
    return pa.float64() if isinstance(value, float) else pa.string()


def wider(a: pa.DataType, b: pa.DataType) -> pa.DataType:
    """The type that holds both."""
    if a == b or b == pa.null():
        return a
    if a == pa.null():
        return b
    return pa.float64() if {a, b} == {pa.int64(), pa.float64()} else pa.string()


def batches(sources: Iterable[Source], reading: Reading, own: pa.Schema) -> Iterator[pa.RecordBatch]:
    """All records as batches of ``schema.RECORD`` with the own columns behind them, in the order of the files."""
    target = pa.schema([*schema.RECORD, *own])
    columns: dict[str, list] = {name: [] for name in target.names}
    size = 0

    def cut() -> pa.RecordBatch:
        batch = pa.RecordBatch.from_arrays([pa.array(columns[f.name], f.type) for f in target], schema=target)
        for values in columns.values():
            values.clear()
        return batch

    for source in sources:
        for row in rows(source, reading.max_bytes):
            try:
                one = record(source, row, reading, own)
            except RecursionError:
                reason = f"{source.name}, record {(row.number or 0) + 1}: its values are nested too deep; flatten them"
                one = record(source, row._replace(failure=("error.nested", reason)), reading, own)
            for name, values in columns.items():
                values.append(one.get(name))
            size += sum(len(value) for value in one.values() if isinstance(value, (bytes, str)))
            if len(columns["id"]) >= reading.batch_rows or size >= BATCH_BYTES:
                yield cut()
                size = 0
    if columns["id"]:
        yield cut()


def record(source: Source, row: Row, reading: Reading, own: pa.Schema) -> dict[str, Any]:
    """One row as a record; what keeps it from being cleaned stands in ``_error``."""
    alone = row.number is None or source.format in ("text", "html")
    name = row.name or (source.name if alone else f"{source.name}:{row.number}")
    out = {"id": name, "source": source.name, "row": row.number}
    if row.failure:
        return out | {"_error": schema.storable("\t".join(row.failure))}
    if row.page:
        known = {k: row.values.get(k) for k in ("url", "date")}
        return out | known | {"_form": "page" if row.page.html else "bytes", "_content": row.page.data, "_charset": row.page.charset}
    roles = reading.roles(row.values)
    get: Callable[[str], Any] = lambda role: row.values.get(roles.get(role))
    out |= {role: as_string(get(role)) for role in ("title", "author", "date", "url", "lang")}
    if out["date"] == "None":  # how news-please writes that it found none
        out["date"] = None
    out["id"] = as_string(get("id")) or name
    kinds, others = dict(zip(own.names, own.types)), {}
    for column, value in row.values.items():
        if column in roles.values():
            continue
        if (target := schema.own_name(column)) in kinds:
            out[target] = as_type(value, kinds[target])
        else:
            others[column] = value
    if others and OTHERS in kinds:
        out[OTHERS] = as_type(others, kinds[OTHERS])
    return out | content(source, row, roles, reading)


def content(source: Source, row: Row, roles: dict[str, str], reading: Reading) -> dict[str, Any]:
    """The text or HTML of a row as ``_form`` and ``_content``, or ``_error`` where it has neither column or too much of it."""
    if "text" not in roles and "html" not in roles:
        found = ", ".join(map(str, row.values)) or "none"
        reason = f"no text column (columns: {found}); name it with --text-column, or --html-column for pages"
        return {"_error": schema.storable(f"error.no_text_column\t{source.name}, record {(row.number or 0) + 1}: {reason}")}
    form = "text" if "text" in roles and row.values[roles["text"]] or "html" not in roles else "html"
    value = row.values[roles[form]]
    if isinstance(value, (list, dict)):
        value = "\n\n".join(paragraphs(value))
    text = value if isinstance(value, str) else "" if value is None else str(value)
    data = value if isinstance(value, bytes) else text.encode("utf-8", "surrogatepass")
    if len(data) > reading.max_bytes:
        return {"_error": "\t".join(too_large(source, row.number or 0, reading.max_bytes).failure)}
    return {"_form": "bytes" if isinstance(value, bytes) else form, "_content": data}


def paragraphs(value: Any) -> Iterator[str]:
    """The strings in a text that is a list, or nested as fundus has it: a summary, and sections of headlines and paragraphs."""
    if isinstance(value, (list, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from paragraphs(one)
    elif value is not None:
        yield str(value)


def as_string(value: Any) -> str | None:
    """A value of any type as the string that a reader expects; None stays None, lists are joined by "; "."""
    if value is None or isinstance(value, str):
        return schema.storable(value) if value else value
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, list):
        return "; ".join(as_string(v) or "" for v in value)
    return json.dumps(value, ensure_ascii=False, default=str)


def as_type(value: Any, kind: pa.DataType) -> Any:
    """A value for a column of the given type; only strings take values of another type, as JSON."""
    if value is None or not pa.types.is_string(kind):
        return float(value) if pa.types.is_floating(kind) and isinstance(value, int) else value  # Arrow refuses those that it would round
    if isinstance(value, str):
        return schema.storable(value)
    return value.isoformat() if isinstance(value, (datetime.date, datetime.datetime)) else json.dumps(value, ensure_ascii=False, default=str)
