"""WARC and WET files: the records in a stream, found again after a damaged one.

warcio and fastwarc read a record's HTTP part well, but of a file that breaks off they lose up to a buffer of good records or
end without a word, and one wrong Content-Length costs the next record (measured with warcio 1.8.1 and fastwarc 2.0.1). So
the framing is ours and the HTTP part warcio's.
"""
from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from warcio.archiveiterator import ArchiveIterator

from cleaner.io.compression import decompressed
from cleaner.io.members import MAGIC, Damaged, Members

BEGIN = b"WARC/"
#: How the next record shows itself inside one whose Content-Length is too large.
NEXT = b"\r\n\r\nWARC/1."
#: What a record's header says about the page.
ABOUT = re.compile(rb"^(WARC-Target-URI|WARC-Date):[ \t]*(.*?)\r?$", re.MULTILINE)

#: Kinds of record that hold a page or a text. "resource" has no HTTP header, "conversion" (WET) is plain text.
KINDS = ("response", "resource", "conversion")


class Record(NamedTuple):
    """One record: its kind, where and when it was fetched, its HTTP or own content type, its payload, or what is wrong with it."""

    kind: str
    url: str | None
    date: str | None
    content_type: str
    payload: bytes
    problem: str = ""


class Rewound:
    """A stream into which bytes can be put back."""

    def __init__(self, file: BinaryIO | Members):
        self.file, self.pending = file, b""

    def put_back(self, data: bytes) -> None:
        """Let ``data`` be read next."""
        self.pending = data + self.pending

    def read(self, size: int) -> bytes:
        """So many bytes, fewer at the end."""
        out, self.pending = self.pending[:size], self.pending[size:]
        return out + self.file.read(size - len(out)) if len(out) < size else out

    def readline(self) -> bytes:
        """A line of at most 64 kB with its end."""
        end = self.pending.find(b"\n") + 1
        if end:
            line, self.pending = self.pending[:end], self.pending[end:]
            return line
        line, self.pending = self.pending, b""
        return line + self.file.readline(65_536)


def records(file: BinaryIO | Members, max_bytes: int) -> Iterator[Record]:
    """The records of a decompressed WARC stream that hold a page or a text, and one for each stretch that is damaged.

    max_bytes: of a longer record only so many bytes and one more are kept.
    """
    stream = Rewound(file)
    while True:
        try:
            if not (line := stream.readline()):
                return
            if not line.strip():
                continue
            if not line.startswith(BEGIN):
                yield Record("", None, None, "", b"", f"no WARC record begins here: {line[:40]!r}")
                while line and not line.startswith(BEGIN):
                    line = stream.readline()
                if not line:
                    return
            yield from one_record(stream, line, max_bytes)
        except Damaged as error:
            stream.pending = b""
            known = {name: value.decode("utf-8", "replace") for name, value in ABOUT.findall(error.head.partition(b"\r\n\r\n")[0])}
            yield Record("", known.get(b"WARC-Target-URI"), known.get(b"WARC-Date"), "", b"", str(error))


def opened(file: BinaryIO) -> BinaryIO | Members:
    """The decompressed bytes of a WARC file. Of gzip a damaged member is passed over, as most tools write one a record."""
    buffered = io.BufferedReader(file)
    return Members(buffered, BEGIN) if buffered.peek(len(MAGIC)).startswith(MAGIC) else decompressed(buffered)


def one_record(stream: Rewound, first: bytes, max_bytes: int) -> Iterator[Record]:
    """The record whose first line was read; none where it is of another kind."""
    head, known = [first], {}
    while (line := stream.readline()).strip():
        head.append(line)
        name, _, value = line.decode("utf-8", "replace").partition(":")
        known[name.strip().lower()] = value.strip()
    length = int(known["content-length"]) if known.get("content-length", "").isdigit() else -1
    kind, about = known.get("warc-type", ""), (known.get("warc-target-uri"), known.get("warc-date"))
    body = stream.read(min(length, max_bytes + 65_536)) if length >= 0 else b""
    missing = length - len(body)
    while missing > 0 and len(body) > max_bytes and (skipped := stream.read(min(missing, 1_000_000))):
        missing -= len(skipped)
    after = stream.readline() if missing <= 0 else b""
    problem = "its Content-Length is missing" if length < 0 else ""
    if missing > 0 or after.strip():
        wrong = "its Content-Length is wrong" if NEXT in body or after else f"{missing} bytes of it are missing; the file breaks off"
        problem = problem or wrong
        cut = body.find(NEXT)
        stream.put_back((body[cut:] if cut >= 0 else b"") + after)
    if kind in KINDS or problem:
        yield Record(kind, *about, "", b"", problem) if problem else parsed(b"".join(head) + b"\r\n", body, kind, about)


def parsed(head: bytes, body: bytes, kind: str, about: tuple[str | None, str | None]) -> Record:
    """A whole record with its HTTP part read: header off, transfer and content encoding undone."""
    if kind == "response" and not body.startswith(b"HTTP/"):
        return Record(kind, *about, "", b"", "the response has no HTTP header")
    try:
        record = next(iter(ArchiveIterator(io.BytesIO(head + body + b"\r\n\r\n"))))
        headers = record.http_headers or record.rec_headers
        return Record(kind, *about, headers.get_header("Content-Type") or "", record.content_stream().read())
    except Exception as error:  # warcio raises whatever its parsers raise
        return Record(kind, *about, "", b"", f"it cannot be read: {error}")
