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

#: Bytes of a line that are read at a time, lines of a record's header, and bytes that are passed over at a time.
LONGEST_LINE, MOST_FIELDS, CHUNK = 65_536, 1_000, 1_000_000

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


class Window:
    """A stream of which one may look ahead; what was looked at is neither read nor copied again."""

    def __init__(self, file: BinaryIO | Members):
        self.file, self.held, self.at = file, bytearray(), 0

    def ahead(self, size: int) -> int:
        """Hold so many bytes from here on; how many there are."""
        if (missing := self.at + size - len(self.held)) > 0:
            self.held += self.file.read(missing)
        return min(size, len(self.held) - self.at)

    def find(self, what: bytes, size: int) -> int:
        """How far ahead something stands within the next ``size`` bytes, -1 where it does not."""
        found = self.held.find(what, self.at, self.at + size)
        return found - self.at if found >= 0 else -1

    def peek(self, start: int, size: int) -> bytes:
        """Bytes that are ahead."""
        return bytes(self.held[self.at + start : self.at + start + size])

    def skip(self, size: int) -> None:
        """Be done with so many bytes that are ahead."""
        self.at += size
        if self.at > CHUNK:
            del self.held[: self.at]
            self.at = 0

    def take(self, size: int) -> bytes:
        """So many bytes, fewer at the end."""
        out = self.peek(0, self.ahead(size))
        self.skip(len(out))
        return out

    def readline(self) -> bytes:
        """A line of at most 64 kB with its end."""
        have = min(LONGEST_LINE, len(self.held) - self.at)
        end = self.find(b"\n", have) + 1
        if not end and have < LONGEST_LINE:
            self.held += self.file.readline(LONGEST_LINE - have)
            end = len(self.held) - self.at
        return self.take(end or have)

    def clear(self) -> None:
        """Forget what is ahead."""
        self.held.clear()
        self.at = 0


def records(file: BinaryIO | Members, max_bytes: int) -> Iterator[Record]:
    """The records of a decompressed WARC stream that hold a page or a text, and one for each stretch that is damaged.

    max_bytes: of a longer record only so many bytes and one more are kept.
    """
    stream = Window(file)
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
            stream.clear()
            known = {name: value.decode("utf-8", "replace") for name, value in ABOUT.findall(error.head.partition(b"\r\n\r\n")[0])}
            yield Record("", known.get(b"WARC-Target-URI"), known.get(b"WARC-Date"), "", b"", str(error))


def opened(file: BinaryIO) -> BinaryIO | Members:
    """The decompressed bytes of a WARC file. Of gzip a damaged member is passed over, as most tools write one a record."""
    buffered = io.BufferedReader(file)
    return Members(buffered, BEGIN) if buffered.peek(len(MAGIC)).startswith(MAGIC) else decompressed(buffered)


def one_record(stream: Window, first: bytes, max_bytes: int) -> Iterator[Record]:
    """The record whose first line was read; none where it is of another kind."""
    head, known = [first], {}
    while (line := stream.readline()).strip() and len(head) < MOST_FIELDS:
        head.append(line)
        name, _, value = line.decode("utf-8", "replace").partition(":")
        known[name.strip().lower()] = value.strip()
    length = int(known["content-length"]) if known.get("content-length", "")[:18].isdecimal() else -1
    kind, about = known.get("warc-type", ""), (known.get("warc-target-uri"), known.get("warc-date"))
    body, problem = b"", f"more than {MOST_FIELDS} lines of header" if line.strip() else "its Content-Length is missing" if length < 0 else ""
    if not problem:
        body, problem = content(stream, length, max_bytes + 65_536)
    if problem:
        yield Record(kind, *about, "", b"", problem)
    elif kind in KINDS:
        yield parsed(b"".join(head) + b"\r\n", body, kind, about, max_bytes)


def content(stream: Window, length: int, most: int) -> tuple[bytes, str]:
    """The content of a record, of a longer one its first bytes, and what is wrong with its length."""
    have, large = stream.ahead(min(length, most)), length > most
    if not large:
        stream.ahead(length + 2)
    after = b"" if large else stream.peek(length, 2)
    whole = have == min(length, most) and not after.strip()
    cut = -1 if whole and not large else stream.find(NEXT, have)
    if whole and cut < 0:
        body, missing = stream.take(have), length - have
        while missing > 0 and (skipped := stream.take(min(missing, CHUNK))):
            missing -= len(skipped)
        stream.readline()
        return body, f"{missing} bytes of it are missing; the file breaks off" if missing else ""
    stream.skip(cut if cut >= 0 else have)
    return b"", "its Content-Length is wrong" if cut >= 0 or after else f"{length - have} bytes of it are missing; the file breaks off"


def parsed(head: bytes, body: bytes, kind: str, about: tuple[str | None, str | None], max_bytes: int) -> Record:
    """A whole record with its HTTP part read: header off, transfer and content encoding undone.

    A packed body may unpack to a thousand times its size; of a longer payload only ``max_bytes`` and one more are read.
    """
    if kind == "response" and not body.startswith(b"HTTP/"):
        return Record(kind, *about, "", b"", "the response has no HTTP header")
    try:
        record = next(iter(ArchiveIterator(io.BytesIO(head + body + b"\r\n\r\n"))))
        headers = record.http_headers or record.rec_headers
        return Record(kind, *about, headers.get_header("Content-Type") or "", record.content_stream().read(max_bytes + 1))
    except Exception as error:  # warcio raises whatever its parsers raise
        return Record(kind, *about, "", b"", f"it cannot be read: {error}")
