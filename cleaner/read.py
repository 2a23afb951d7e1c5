"""Formats to rows: folders and files of text, HTML, JSON lines, CSV and Parquet.

Nothing is dropped: what cannot be read becomes a row whose error says which status it gets and why.
"""
from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from cleaner.compression import CORRUPT, opened
from cleaner.stages.decode import decode_bytes

#: What a suffix says about a file. A compression suffix may stand behind it.
FORMATS = {
    ".txt": "text", ".text": "text", ".html": "html", ".htm": "html", ".xhtml": "html",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
COMPRESSED = (".gz", ".zst", ".bz2", ".xz")

#: Bytes of a CSV file that its encoding and delimiter are told from.
SAMPLE = 65_536

csv.field_size_limit(2**31 - 1)  # a field that is too large is rejected with its row, not by the parser


class Source(NamedTuple):
    """One input file: where it is, the name under which it is reported, and its format."""

    path: Path
    name: str
    format: str


class Row(NamedTuple):
    """One raw record: its number in the file (None: the file as such), its values by column, or status and reason of its failure."""

    number: int | None
    values: dict[str, Any]
    failure: tuple[str, str] | None = None


def find(inputs: Iterable[str | os.PathLike]) -> tuple[list[Source], list[str]]:
    """The files to read, sorted within each input, and the names of files in folders that no reader knows.

    A file that is named itself is read as text when its suffix is unknown. Raises FileNotFoundError for an input that
    does not exist.
    """
    sources, unknown = [], []
    for given in map(Path, inputs):
        if not given.exists():
            raise FileNotFoundError(f"no such file or folder: {given}")
        if given.is_file():
            sources.append(Source(given, given.name, format_of(given) or "text"))
            continue
        for path in sorted(p for p in given.rglob("*") if p.is_file()):
            name = path.relative_to(given).as_posix()
            if any(part.startswith(".") for part in name.split("/")):
                continue
            kind = format_of(path)
            sources.append(Source(path, name, kind)) if kind else unknown.append(name)
    return sources, unknown


def format_of(path: Path) -> str:
    """The format of a file: Parquet by its first bytes, the others by suffix, "" when neither tells."""
    with open(path, "rb") as file:
        if file.read(4) == b"PAR1":
            return "parquet"
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    return FORMATS.get(suffixes[-1], "") if suffixes else ""


def rows(source: Source, max_bytes: int) -> Iterator[Row]:
    """The records of one file in order. What breaks becomes a row with a failure; what can still be read follows it.

    max_bytes: a longer record is not held in memory whole; it fails as ``too_large``.
    """
    count = 0
    try:
        for row in READERS[source.format](source, max_bytes):
            yield row
            count += 1
        if not count:
            yield Row(None, {}, ("empty", f"{source.name}: there is no record in it"))
    except CORRUPT as error:
        reason = f"the compressed data breaks off or is damaged behind record {count}: {error}; the records before it were read"
        yield Row(None, {}, ("error.corrupt", f"{source.name}: {reason}"))
    except (OSError, ValueError, pa.ArrowException, csv.Error) as error:
        yield Row(None, {}, ("error.unreadable", f"{source.name}: {error}"))


def text_rows(source: Source, max_bytes: int) -> Iterator[Row]:
    """A text or HTML file is one record: its bytes, decoded later with all the evidence."""
    with opened(source.path) as file:
        data = file.read(max_bytes + 1)
    yield too_large(source, 0, max_bytes) if len(data) > max_bytes else Row(0, {"": data})


def json_line_rows(source: Source, max_bytes: int) -> Iterator[Row]:
    """A record a line. A line that is no JSON object fails with its number; the others are read."""
    with opened(source.path) as file:
        for number, line in enumerate(bounded_lines(file, max_bytes)):
            if line is None:
                yield too_large(source, number, max_bytes)
            elif line.strip():
                try:
                    yield json_row(source, number, json.loads(as_text(line)))
                except ValueError as error:
                    yield Row(number, {}, ("error.invalid_json", f"{source.name}, line {number + 1}: {error}"))


def json_rows(source: Source, max_bytes: int) -> Iterator[Row]:
    """A ``.json`` file: one object, a list of objects, or in truth JSON lines."""
    with opened(source.path) as file:
        text = as_text(file.read())
    try:
        value = json.loads(text)
    except ValueError:
        yield from json_line_rows(source, max_bytes)
        return
    for number, one in enumerate(value if isinstance(value, list) else [value]):
        yield json_row(source, number, one)


def json_row(source: Source, number: int, value: Any) -> Row:
    """A parsed JSON value as a row; anything but an object fails."""
    if isinstance(value, dict):
        return Row(number, value)
    reason = f"record {number + 1} is a {type(value).__name__}, not an object with a text field"
    return Row(number, {}, ("error.invalid_json", f"{source.name}: {reason}"))


def csv_rows(source: Source, max_bytes: int) -> Iterator[Row]:
    """A CSV or TSV file with a header line; the delimiter is the most frequent of comma, semicolon, tab and bar in it."""
    with opened(source.path) as file:
        sample = file.read(SAMPLE)
    encoding, errors = csv_encoding(sample)
    with io.TextIOWrapper(opened(source.path), encoding, errors, newline="") as file:
        header = sample.partition(b"\n")[0].decode(encoding, errors)
        reader = csv.reader(file, delimiter=max(",;\t|", key=header.count))
        names = [name.removeprefix("\ufeff") for name in next(reader, [])]
        for number, values in enumerate(row for row in reader if row):
            if len(values) > len(names):
                reason = f"{len(values)} fields under {len(names)} column names; a quote or the delimiter is broken"
                yield Row(number, {}, ("error.invalid_csv", f"{source.name}, record {number + 1} near line {reader.line_num}: {reason}"))
            else:
                yield Row(number, dict(zip(names, values)))


def csv_encoding(sample: bytes) -> tuple[str, str]:
    """Encoding and error handler for a CSV file. Stray bytes in UTF-8 become surrogate escapes, which ``repair`` decodes."""
    try:
        sample[: sample.rfind(b"\n") + 1].decode("utf-8")
        return "utf-8-sig", "surrogateescape"
    except UnicodeDecodeError:
        encoding = decode_bytes(sample).encoding
        return ("utf-8-sig", "surrogateescape") if encoding.startswith("utf-8") else (encoding, "replace")


def parquet_rows(source: Source, max_bytes: int) -> Iterator[Row]:
    """The rows of a Parquet file, a few hundred in memory at a time."""
    with pq.ParquetFile(source.path) as file:
        number = 0
        for batch in file.iter_batches(batch_size=256):
            for values in batch.to_pylist():
                yield Row(number, values)
                number += 1


READERS = {"text": text_rows, "html": text_rows, "jsonl": json_line_rows, "json": json_rows, "csv": csv_rows, "parquet": parquet_rows}


def as_text(data: bytes) -> str:
    """UTF-8 with stray bytes as surrogate escapes, which ``repair`` decodes."""
    return data.decode("utf-8-sig", "surrogateescape")


def bounded_lines(file: BinaryIO, limit: int) -> Iterator[bytes | None]:
    """The lines of a binary file; None for one of more than ``limit`` bytes, which is never held in memory whole."""
    while line := file.readline(limit + 1):
        if len(line) <= limit or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(limit)
        yield None


def too_large(source: Source, number: int, max_bytes: int) -> Row:
    """The row of a record above the limit."""
    reason = f"more than {max_bytes:,} bytes; --max-bytes raises the limit"
    return Row(number, {}, ("too_large", f"{source.name}, record {number + 1}: {reason}"))
