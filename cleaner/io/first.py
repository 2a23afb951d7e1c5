"""What the first pass leaves on disk for the second: ``OUT/first/part-*.parquet``, gone when the run is done.

One row a record: its keys for the statistics, and the document as the stages before ``repeats`` left it.
"""
from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cleaner import schema
from cleaner.clock import slowest, timed
from cleaner.corpus import fit
from cleaner.document import Document
from cleaner.halves import packed
from cleaner.io.write import SHARD, Counts, part, write_parquet
from cleaner.pipeline import Pipeline

FOLDER = "first"
HALF = "half"
SCHEMA = pa.schema([*fit.SCHEMA, pa.field(HALF, pa.large_string())])
NO_KEYS = dict.fromkeys(fit.SCHEMA.names)


def first_batch(pipeline: Pipeline, records: pa.RecordBatch, timeout: float | None, keep: bool = True) -> pa.RecordBatch:
    """The first pass over a batch of ``schema.RECORD``: :data:`SCHEMA`, a row for every row. keep: hold the documents too."""
    rows, documents, spent = [], [], {}
    halves, clock = pipeline.halves(records, timeout)
    for id in records.column("id").to_pylist():
        with timed(spent, id):
            half = next(halves)
        known = fit.row(half) if isinstance(half, Document) else NO_KEYS
        rows.append(known | {"id": schema.storable(known["id"])})
        documents.append(packed(half) if keep else None)
    return with_halves(rows, documents, {"cpu": json.dumps(clock), "slowest": json.dumps(slowest(spent))})


def with_halves(rows: list[dict], documents: list[str | None], metadata: dict[str, str] | None = None) -> pa.RecordBatch:
    """Rows of keys and packed documents as a batch of :data:`SCHEMA`."""
    keys = fit.packed(rows)
    return pa.RecordBatch.from_arrays([*keys.columns, pa.array(documents, SCHEMA.field(HALF).type)], schema=SCHEMA.with_metadata(metadata))


def write_first(result: pa.RecordBatch, out: Path, number: int, fingerprint: str) -> Counts:
    """Write what the first pass made of one shard, whole or not at all."""
    about = result.schema.metadata or {}
    counts = {"read": Counter(records=result.num_rows), "slowest": Counter(json.loads(about.get(b"slowest", b"{}")))}
    note = {SHARD: json.dumps({"fingerprint": fingerprint, "counts": counts}), "cpu": about.get(b"cpu", b"{}")}
    write_parquet(pa.Table.from_batches([result]).replace_schema_metadata(note), out / FOLDER / part(number), use_dictionary=False)  # next to no value comes twice
    return counts


def keys(out: Path) -> Iterator[pa.RecordBatch]:
    """The keys of every document of the first pass, a shard at a time."""
    for path in sorted((out / FOLDER).glob("part-*.parquet")):
        table = pq.ParquetFile(path).read(fit.SCHEMA.names)
        yield from table.filter(table["doc"].is_valid()).to_batches()


def halves(out: Path, number: int, fingerprint: str) -> tuple[list[str | None], dict[str, float]]:
    """What the first pass made of a shard, packed, and the CPU seconds it took; nothing where it is not there."""
    try:
        file = pq.ParquetFile(out / FOLDER / part(number))
        meta = file.schema_arrow.metadata or {}
        if json.loads(meta[SHARD])["fingerprint"] != fingerprint:
            return [], {}
        return file.read(columns=[HALF])[HALF].to_pylist(), json.loads(meta[b"cpu"])
    except (OSError, KeyError, ValueError, pa.ArrowException):
        return [], {}
