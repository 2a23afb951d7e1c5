"""Cleaned batches to Parquet: ``articles/``, ``marks/`` and ``rejected/``, one part of each for a shard, whole or not at all."""
from __future__ import annotations

import errno
import glob
import gzip
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaner import schema

FOLDERS = ("articles", "marks", "rejected")

#: Key of the Parquet metadata under which a marks part says which shard it is and what was counted in it.
SHARD = b"cleaner.shard"

#: Folder name for a document without the value that it is partitioned by. Hive's own name for it reads back as null, on
#: which ``pandas.read_parquet`` fails (pyarrow 26: "Cannot yet unify dictionaries with nulls").
NO_VALUE = "none"

#: Errors of a shard that go into the record of the run; ``rejected/`` holds them all.
SHOWN_ERRORS = 20

#: What the system says where a disk, a quota or the size of a file is at its end.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

Counts = dict[str, Counter]

#: What is counted in CPU seconds.
TIMES = ("cpu", "slowest")


def day_of(dates: pa.ChunkedArray) -> pa.ChunkedArray:
    """Year, month and day that a date begins with, null where it does not."""
    is_day = pc.match_substring_regex(dates, r"^\d{4}-\d{2}-\d{2}")
    return pc.if_else(is_day, pc.utf8_slice_codeunits(dates, 0, 10), pa.scalar(None, pa.string()))


#: What articles can be partitioned by, and its value for each row.
PARTITIONS: dict[str, Callable[[pa.Table], pa.ChunkedArray]] = {
    "lang": lambda table: table["lang"],
    "host": lambda table: table["host"],
    "date": lambda table: day_of(table["date"]),
}

#: Name of the folders, where it is not that of the column: a date is a day there, and the column keeps the time.
FOLDER_NAMES = {"date": "day"}

#: Bytes that a file system takes as a name.
LONGEST_NAME = 255


@dataclass(frozen=True)
class Writing:
    """How to write articles. partition_by: "lang", "host", "date" (by day), or "" for one folder. jsonl: also write ``OUT/jsonl``."""

    partition_by: str = ""
    jsonl: bool = False

    def __post_init__(self) -> None:
        if self.partition_by not in ("", *PARTITIONS):
            raise ValueError(f"articles are partitioned by {', '.join(PARTITIONS)}; not by {self.partition_by!r}")


def write_shard(result: pa.RecordBatch, out: Path, number: int, fingerprint: str, writing: Writing = Writing()) -> Counts:
    """Write one cleaned batch as part ``number`` of each folder and count it.

    The marks part is renamed into place last: where it stands, the shard is complete. fingerprint: what the shard was made
    from (input and configuration), by which :func:`finished` knows it again.
    """
    counts = count(result)
    table = pa.Table.from_batches([result]).replace_schema_metadata(None)
    documents = table.drop_columns([schema.NESTED_MARKS.name])
    good = pc.equal(documents["status"], "ok")
    articles = documents.filter(good)
    write_parquet(documents.filter(pc.invert(good)), out / "rejected" / part(number))
    for folder, rows in partitions(articles, writing.partition_by):
        write_parquet(rows, out / "articles" / folder / part(number))
    if writing.jsonl:
        write_whole(out / "jsonl" / part(number, ".jsonl.gz"), lambda file: write_json_lines(articles.to_pylist(), file))
    note = {"fingerprint": fingerprint, "counts": {k: v for k, v in counts.items() if k not in TIMES}}  # which would differ each time
    write_parquet(marks_table(table).replace_schema_metadata({SHARD: json.dumps(note)}), out / "marks" / part(number))
    return counts


def part(number: int, suffix: str = ".parquet") -> str:
    """The file name of a part."""
    return f"part-{number:05d}{suffix}"


def partitions(articles: pa.Table, by: str) -> Iterator[tuple[str, pa.Table]]:
    """The rows by folder: Hive's ``lang=en``, whose column is then in the folder's name and not in the file."""
    if not by:
        yield "", articles
        return
    name = FOLDER_NAMES.get(by, by)
    values = PARTITIONS[by](articles).to_pylist()
    rows = articles.drop_columns([name]) if name in articles.column_names else articles
    folders = pa.array([f"{name}={folder_value(value, len(name) + 1)}" for value in values], pa.string())
    for folder in sorted(set(folders.to_pylist())):
        yield folder, rows.filter(pc.equal(folders, folder))


def folder_value(value: str | None, taken: int) -> str:
    """A value as part of a folder's name: anything but letters, digits and ``_.-~`` escaped. One too long for a name counts as none.

    taken: bytes of the name that are used.
    """
    name = quote(value or NO_VALUE, safe="")
    return name if taken + len(name) <= LONGEST_NAME else NO_VALUE


def write_json_lines(rows: Iterable[dict[str, Any]], file: BinaryIO) -> None:
    """Rows as gzipped JSON lines; the same rows give the same bytes."""
    with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        for row in rows:
            packed.write(json.dumps(row, ensure_ascii=False, default=str).encode() + b"\n")


def finished(out: Path, number: int, fingerprint: str, folder: str = "marks") -> Counts | None:
    """What was counted in a shard that is complete and was made from the same, or None."""
    try:
        note = json.loads((pq.read_schema(out / folder / part(number)).metadata or {})[SHARD])
    except (OSError, KeyError, ValueError, pa.ArrowException):
        return None
    return {k: Counter(v) for k, v in note["counts"].items()} if note["fingerprint"] == fingerprint else None


def remove_parts(out: Path, first: int, folders: Iterable[str] = (*FOLDERS, "jsonl")) -> None:
    """Remove the parts from number ``first`` on, which a longer or other run left behind, and files that were never finished."""
    for path in [p for folder in folders for p in sorted((out / folder).rglob("*part-*"))]:
        number = re.match(r"part-(\d+)\.", path.name)
        if path.name.endswith(".tmp") or number and int(number[1]) >= first:
            path.unlink()


def remove_unfinished(folder: Path, name: str = "") -> None:
    """Remove what a killed run left beside its parts: files of the name (all without one) that :func:`write_whole` never finished, DuckDB's folders."""
    for path in folder.glob(f".{glob.escape(name) or '*'}.*.tmp"):
        path.unlink(missing_ok=True)
    for path in () if name else folder.glob(".cleaner-*"):
        shutil.rmtree(path, ignore_errors=True)


def marks_table(table: pa.Table) -> pa.Table:
    """The nested marks of a batch as rows of ``schema.MARK``."""
    nested = table[schema.NESTED_MARKS.name].combine_chunks()
    ids = table["id"].combine_chunks().take(pc.list_parent_indices(nested))
    flat = pc.list_flatten(nested)
    return pa.Table.from_arrays([ids, *(flat.field(f.name) for f in schema.MARK if f.name != "id")], schema=schema.MARK)


def count(result: pa.RecordBatch) -> Counts:
    """What happened in a batch: documents by status, decisions by action and rule, sums of sizes, CPU seconds by stage and of the slowest documents, errors."""
    marks = pc.list_flatten(result.column(schema.NESTED_MARKS.name))
    pairs = zip(marks.field("action").to_pylist(), marks.field("rule").to_pylist())
    sums = {name: pc.sum(result.column(name)).as_py() or 0 for name in ("paragraphs_in", "paragraphs_out", "chars_in", "chars_out")}
    cpu, slowest = (json.loads((result.schema.metadata or {}).get(name.encode(), b"{}")) for name in TIMES)
    return {
        "status": Counter(result.column("status").to_pylist()),
        "rules": Counter(f"{action} {rule}" for action, rule in pairs),
        "sums": Counter(sums),
        "lang": Counter(x or "none" for x in result.column("lang").to_pylist()),
        "errors": Counter([e for e in result.column("error").to_pylist() if e][:SHOWN_ERRORS]),
        "cpu": Counter({stage: round(seconds, 4) for stage, seconds in cpu.items()}),
        "slowest": Counter(slowest),
    }


def write_parquet(table: pa.Table, path: Path, **options: Any) -> None:
    """Write a table as Parquet, whole or not at all. options: those of pyarrow."""
    write_whole(path, lambda file: pq.write_table(table, file, compression="zstd", **options))


def write_json(value: Any, path: Path) -> None:
    """Write a JSON file, whole or not at all."""
    write_whole(path, lambda file: file.write(json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"))


def write_whole(path: Path, write: Callable[[BinaryIO], Any], sync: bool = True) -> None:
    """Write a file so that it is there whole or not at all: another name, fsync, rename. sync: let it survive a power cut too.

    Raises OSError with the remedy when there is no room for it; what was written of it is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")  # two machines may be at it
    try:
        with open(temporary, "wb") as file:
            write(file)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno in NO_ROOM:
            reason = f"{os.strerror(error.errno)}; make room and give the same command again, what is finished stays"
            raise OSError(error.errno, reason, str(path)) from error
        raise
