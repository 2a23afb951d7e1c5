"""Formats to rows: text, HTML, JSON lines, CSV, Parquet, WARC, and archives of them.

Nothing is dropped: what cannot be read becomes a row whose failure says which status it gets and why.
"""
from __future__ import annotations

import csv
import io
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from cleaner.io import json_records, tables, warc
from cleaner.io.compression import CORRUPT, RATIO, SMALL, Bomb, Unpacked
from cleaner.io.inputs import Source, format_of
from cleaner.schema import storable
from cleaner.stages.decode import decode_bytes
from cleaner.text.addresses import without_secrets

#: Bytes of a CSV file that its encoding and delimiter are told from.
SAMPLE = 65_536

#: Types of a tar entry that only say something about the next one, and bytes that it may take to say it.
HEADERS = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
LONGEST_HEADER = 1_000_000

#: What readers raise for a file that is damaged or is not what its name says.
UNREADABLE = (OSError, ValueError, RuntimeError, pa.ArrowException, csv.Error, zipfile.BadZipFile, tarfile.TarError)


class Page(NamedTuple):
    """What a file or a WARC record holds: bytes that nobody decoded yet. charset: the HTTP header's."""

    data: bytes
    html: bool = False
    charset: str | None = None


class Row(NamedTuple):
    """One raw record.

    number: its place in the file, from 0; None: the file as such. values: what it holds by column. page: its bytes, where
    it is a page and not a row of columns. failure: status and reason, where it could not be read. name: of an archive's member.
    """

    number: int | None
    values: dict[str, Any] = {}
    page: Page | None = None
    failure: tuple[str, str] | None = None
    name: str = ""


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
            yield Row(None, failure=("empty", f"{source.name}: there is no record in it"))
    except (*CORRUPT, *UNREADABLE) as error:
        yield Row(None, failure=failure(source.name, count, error))


def failure(name: str, count: int, error: Exception) -> tuple[str, str]:
    """Status and reason for what ended the reading of a file behind so many records."""
    if isinstance(error, Bomb):
        return "too_large", f"{name}: {error}"
    if isinstance(error, CORRUPT):
        return "error.corrupt", f"{name}: the compressed data breaks off or is damaged behind record {count}: {error}; the records before it were read"
    return "error.unreadable", without_secrets(f"{name}{f' behind record {count}' if count else ''}: {error}")


def too_large(source: Source, number: int, max_bytes: int) -> Row:
    """The row of a record above the limit."""
    reason = f"more than {max_bytes:,} bytes; --max-bytes raises the limit"
    return Row(number, failure=("too_large", f"{source.name}, record {number + 1}: {reason}"))


def page_row(source: Source, number: int, file: BinaryIO, max_bytes: int, **about: Any) -> Row:
    """The rest of a binary file as a page."""
    data = file.read(max_bytes + 1)
    return too_large(source, number, max_bytes) if len(data) > max_bytes else Row(number, page=Page(data, **about))


# --- one record a file ---------------------------------------------------------------------------------------------------


def file_rows(source: Source, max_bytes: int) -> Iterator[Row]:
    """A text or HTML file is one record: its bytes, decoded later with all the evidence."""
    with source.read() as file:
        yield page_row(source, 0, file, max_bytes, html=source.format == "html")


# --- JSON ----------------------------------------------------------------------------------------------------------------


def json_line_rows(source: Source, max_bytes: int) -> Iterator[Row]:
    """A record a line. A line that is no JSON object fails with its number; the others are read."""
    with source.read() as file:
        for number, value in json_records.line_values(file, max_bytes):
            yield json_row(source, number, value, max_bytes, "line")


def json_rows(source: Source, max_bytes: int) -> Iterator[Row]:
    """A ``.json`` file: one object, a list of objects, or in truth JSON lines."""
    with source.read() as file:
        begin = next(json_records.line_values(file, max_bytes), (0, None))[1]
    if not isinstance(begin, dict):
        with source.read() as file:
            for number, value in enumerate(json_records.listed_values(file, 4 * max_bytes)):
                if number == 0 and isinstance(value, json_records.Broken):
                    break  # perhaps lines, of which the first is broken
                yield json_row(source, number, value, max_bytes, "record")
            else:
                return
    yield from json_line_rows(source, max_bytes)


def json_row(source: Source, number: int, value: Any, max_bytes: int, unit: str) -> Row:
    """A parsed JSON value as a row; anything but an object fails."""
    if isinstance(value, dict):
        return Row(number, value)
    if isinstance(value, json_records.Broken) and not value.why:
        return too_large(source, number, max_bytes)
    reason = value.why if isinstance(value, json_records.Broken) else f"a {type(value).__name__}, not an object with a text field"
    return Row(number, failure=("error.invalid_json", f"{source.name}, {unit} {number + 1}: {reason}"))


# --- tables --------------------------------------------------------------------------------------------------------------


def csv_rows(source: Source, max_bytes: int) -> Iterator[Row]:
    """A CSV or TSV file with a header line; the delimiter is the most frequent of comma, semicolon, tab and bar in it."""
    with source.read() as file:
        sample = file.read(SAMPLE)
    encoding, errors = csv_encoding(sample)
    with io.TextIOWrapper(source.read(), encoding, errors, newline="") as file:
        header = sample.partition(b"\n")[0].decode(encoding, errors)
        records = tables.csv_records(file, max(",;\t|", key=header.count), max_bytes)
        names = [name.removeprefix("\ufeff") for name in next(records, tables.Record([])).values]
        for number, record in enumerate(records):
            where = f"{source.name}, record {number + 1}, line {record.line}"
            if record.failure:
                yield Row(number, failure=(record.failure[0], f"{where}: {record.failure[1]}"))
            elif len(record.values) > len(names):
                reason = f"{len(record.values)} fields under {len(names)} column names; a quote or the delimiter is broken"
                yield Row(number, failure=("error.invalid_csv", f"{where}: {reason}"))
            else:
                yield Row(number, dict(zip(names, record.values)))


def csv_encoding(sample: bytes) -> tuple[str, str]:
    """Encoding and error handler for a CSV file. Stray bytes in UTF-8 become surrogate escapes, which ``repair`` decodes."""
    try:
        sample[: sample.rfind(b"\n") + 1].decode("utf-8")
        return "utf-8-sig", "surrogateescape"
    except UnicodeDecodeError:
        encoding = decode_bytes(sample).encoding
        return ("utf-8-sig", "surrogateescape") if encoding.startswith("utf-8") else (encoding, "replace")


def parquet_rows(source: Source, max_bytes: int) -> Iterator[Row]:
    """The rows of a Parquet file, a few hundred in memory at a time. Of a damaged row group each row that is missing fails."""
    with source.open() as raw, pq.ParquetFile(raw) as file:
        if file.metadata.num_rows > max(SMALL, RATIO * raw.seek(0, 2)):
            raise Bomb
        end = 0
        for group in range(file.num_row_groups):
            number, end = end, end + file.metadata.row_group(group).num_rows
            try:
                for batch in file.iter_batches(batch_size=256, row_groups=[group]):
                    for values in python_rows(batch):
                        known = isinstance(values, dict)
                        where = f"{source.name}, record {number + 1}"
                        yield Row(number, values) if known else Row(number, failure=("error.unreadable", f"{where}: {values}; cast the column to a string"))
                        number += 1
            except (OSError, ValueError, pa.ArrowException) as error:
                for missing in range(number, end):
                    reason = f"row group {group + 1} of {file.num_row_groups} is damaged: {error}; fetch or write the file anew"
                    yield Row(missing, failure=("error.corrupt", f"{source.name}, record {missing + 1}: {reason}"))


def python_rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | Exception]:
    """The rows of a batch, or why one holds what Python cannot: a day in the year 5,000,000, a time zone that nobody knows."""
    try:
        yield from batch.to_pylist()
    except (ArithmeticError, LookupError, ValueError) as error:
        if batch.num_rows == 1:
            yield error
        else:
            for n in range(batch.num_rows):
                yield from python_rows(batch.slice(n, 1))


# --- archives ------------------------------------------------------------------------------------------------------------


def warc_rows(source: Source, max_bytes: int) -> Iterator[Row]:
    """The pages (responses with a text in them) and texts (conversions) of a WARC or WET file; damaged records fail by name."""
    with warc.opened(source.open()) as file:
        for number, record in enumerate(warc.records(file, max_bytes)):
            about = {"url": record.url, "date": record.date}
            if record.problem:
                where = f"{source.name}, record {number + 1}" + (f" ({record.url})" if record.url else "")
                yield Row(number, about, failure=("error.invalid_warc", f"{where}: {record.problem}"))
            elif len(record.payload) > max_bytes:
                yield too_large(source, number, max_bytes)._replace(values=about)
            elif readable(record.content_type):
                yield Row(number, about, Page(record.payload, record.kind != "conversion", charset(record.content_type)))


def readable(content_type: str) -> bool:
    """Whether a content type promises a page or a text; none at all is given the chance."""
    kind = content_type.partition(";")[0].strip().lower()
    return not kind or kind.startswith("text/") or "html" in kind or kind == "application/http"


def charset(content_type: str) -> str | None:
    """The charset that a Content-Type header names."""
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'") or None
    return None


def zip_rows(source: Source, max_bytes: int) -> Iterator[Row]:
    """The records of the files in a zip archive. A file in it that cannot be unpacked fails by its name, the others are read."""
    with source.open() as raw, zipfile.ZipFile(raw) as archive:
        files = [info for info in archive.infolist() if not info.is_dir()]
        if sum(info.compress_size for info in files) > raw.seek(0, 2):
            raise zipfile.BadZipFile("its files lie one over the other, as in decompression bombs")
        for info in files:
            try:
                yield from member_rows(source, info.filename, lambda: Unpacked(archive.open(info), lambda: info.compress_size), max_bytes)  # noqa: B023
            except (*CORRUPT, *UNREADABLE) as error:
                name = storable(f"{source.name}/{info.filename}")
                yield Row(None, failure=failure(name, 0, error), name=name)


class Entry(tarfile.TarInfo):
    """An entry of a tar archive that may say no more about itself than fits: a long name is a header of its own, as long as it says."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in HEADERS and self.size > LONGEST_HEADER:
            raise tarfile.ReadError(f"a header of {self.size:,} bytes")
        return super()._proc_member(archive)


def tar_rows(source: Source, max_bytes: int) -> Iterator[Row]:
    """The records of the files in a tar archive, compressed or not. Links, devices and files with holes are none."""
    with source.read() as raw, tarfile.open(fileobj=raw, mode="r|", tarinfo=Entry) as archive:
        for info in archive:
            if info.issparse():  # its size is what it says
                name = storable(f"{source.name}/{info.name}")
                yield Row(None, failure=("too_large", f"{name}: a file with holes; write it anew without"), name=name)
            elif info.isfile():
                yield from member_rows(source, info.name, lambda: archive.extractfile(info), max_bytes)  # noqa: B023


def member_rows(archive: Source, name: str, open_member: Any, max_bytes: int) -> Iterator[Row]:
    """The records of one file in an archive. Nothing is unpacked under the member's own name."""
    kind = format_of(name, sniff=False)
    if not kind or kind in ("zip", "tar") or name.rpartition("/")[2].startswith("."):
        return
    full = storable(f"{archive.name}/{name}")
    with open_member() as member:
        if kind in ("text", "html"):
            yield page_row(Source("", full, kind), 0, member, max_bytes, html=kind == "html")._replace(name=full)
            return
        with tempfile.NamedTemporaryFile() as copy:  # formats that are read twice or from the end
            shutil.copyfileobj(member, copy)
            copy.flush()
            for row in rows(Source(copy.name, full, kind), max_bytes):
                yield row._replace(name=full if row.number is None else f"{full}:{row.number}")


READERS = {
    "text": file_rows, "html": file_rows, "jsonl": json_line_rows, "json": json_rows, "csv": csv_rows, "parquet": parquet_rows,
    "warc": warc_rows, "zip": zip_rows, "tar": tar_rows,
}  # fmt: skip
