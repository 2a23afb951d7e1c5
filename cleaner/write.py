"""Cleaned batches to Parquet: ``articles/``, ``marks/`` and ``rejected/``, one part of each for a shard, whole or not at all."""
from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaner import schema

FOLDERS = ("articles", "marks", "rejected")

#: Key of the Parquet metadata under which an articles part says which shard it is and what was counted in it.
SHARD = b"cleaner.shard"

#: Errors of a shard that go into the record of the run; ``rejected/`` holds them all.
SHOWN_ERRORS = 20

Counts = dict[str, Counter]


def write_shard(result: pa.RecordBatch, out: Path, number: int, fingerprint: str) -> Counts:
    """Write one cleaned batch as part ``number`` of each folder and count it.

    The articles part is renamed into place last: where it stands, the shard is complete. fingerprint: what the shard was
    made from (input and configuration), by which :func:`finished` knows it again.
    """
    counts = count(result)
    table = pa.Table.from_batches([result]).replace_schema_metadata(None)
    documents, marks = table.drop_columns([schema.NESTED_MARKS.name]), marks_table(table)
    good = pc.equal(documents["status"], "ok")
    note = json.dumps({"fingerprint": fingerprint, "counts": counts})
    for folder, part in (("rejected", documents.filter(pc.invert(good))), ("marks", marks), ("articles", documents.filter(good))):
        if folder == "articles":
            part = part.replace_schema_metadata({SHARD: note})
        write_atomically(part, part_path(out, folder, number))
    return counts


def part_path(out: Path, folder: str, number: int) -> Path:
    """Where a part stands."""
    return out / folder / f"part-{number:05d}.parquet"


def finished(out: Path, number: int, fingerprint: str) -> Counts | None:
    """What was counted in a shard that is complete and was made from the same, or None."""
    try:
        note = json.loads((pq.read_schema(part_path(out, "articles", number)).metadata or {})[SHARD])
    except (OSError, KeyError, ValueError, pa.ArrowException):
        return None
    return {k: Counter(v) for k, v in note["counts"].items()} if note["fingerprint"] == fingerprint else None


def remove_parts(out: Path, first: int) -> None:
    """Remove the parts from number ``first`` on, which a longer or other run left behind."""
    for folder in FOLDERS:
        for path in sorted((out / folder).glob("part-*.parquet")):
            if int(path.stem.removeprefix("part-")) >= first:
                path.unlink()


def marks_table(table: pa.Table) -> pa.Table:
    """The nested marks of a batch as rows of ``schema.MARK``."""
    nested = table[schema.NESTED_MARKS.name].combine_chunks()
    ids = table["id"].combine_chunks().take(pc.list_parent_indices(nested))
    flat = pc.list_flatten(nested)
    return pa.Table.from_arrays([ids, *(flat.field(f.name) for f in schema.MARK if f.name != "id")], schema=schema.MARK)


def count(result: pa.RecordBatch) -> Counts:
    """What happened in a batch: documents by status, decisions by action and rule, sums of sizes, CPU seconds by stage, errors."""
    marks = pc.list_flatten(result.column(schema.NESTED_MARKS.name))
    pairs = zip(marks.field("action").to_pylist(), marks.field("rule").to_pylist())
    sums = {name: pc.sum(result.column(name)).as_py() or 0 for name in ("paragraphs_in", "paragraphs_out", "chars_in", "chars_out")}
    cpu = json.loads((result.schema.metadata or {}).get(b"cpu", b"{}"))
    return {
        "status": Counter(result.column("status").to_pylist()),
        "rules": Counter(f"{action} {rule}" for action, rule in pairs),
        "sums": Counter(sums),
        "lang": Counter(x or "none" for x in result.column("lang").to_pylist()),
        "errors": Counter([e for e in result.column("error").to_pylist() if e][:SHOWN_ERRORS]),
        "cpu": Counter({stage: round(seconds, 4) for stage, seconds in cpu.items()}),
    }


def write_atomically(table: pa.Table, path: Path) -> None:
    """Write a Parquet file so that it is there whole or not at all: another name, fsync, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    with open(temporary, "wb") as file:
        pq.write_table(table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def write_json(value: Any, path: Path) -> None:
    """Write a JSON file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(temporary, path)
