"""Gzip files of many members, one a record as in WARC: a damaged member costs itself, and the next one is found."""
from __future__ import annotations

import zlib
from typing import BinaryIO

MAGIC = b"\x1f\x8b\x08"
CHUNK = 1 << 20

#: Bytes of a member that are held back until its checksum is seen; of a longer one what is damaged may have been read already.
HOLD = 16_000_000


class Damaged(Exception):
    """A member that cannot be unpacked. head: what came out of it. Reading may go on, with the next member that is whole."""

    def __init__(self, start: int, end: int | None, head: bytes):
        where = f"the compressed data is damaged at byte {start:,}"
        super().__init__(f"{where}; what lies between it and byte {end:,} is lost" if end else f"{where}, and no record is found behind it")
        self.head = head


class Members:
    """The unpacked bytes of a gzip file. begins: what the content of a member begins with, by which one is known."""

    def __init__(self, file: BinaryIO, begins: bytes):
        self.file, self.begins = file, begins
        self.packed, self.ready, self.held = b"", bytearray(), bytearray()
        self.position = self.start = 0
        self.inflate = None

    def __enter__(self) -> Members:
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()

    def read(self, size: int) -> bytes:
        """So many bytes, fewer at the end."""
        while len(self.ready) < size and self.more():
            pass
        return self.take(size)

    def readline(self, limit: int) -> bytes:
        """A line of so many bytes at the most."""
        searched = 0
        while (end := self.ready.find(b"\n", searched, limit) + 1) == 0 and len(self.ready) < limit:
            searched = len(self.ready)
            if not self.more():
                break
        return self.take(end or limit)

    def take(self, size: int) -> bytes:
        out = bytes(self.ready[:size])
        del self.ready[:size]
        return out

    def more(self) -> bool:
        """Unpack some more. Raises Damaged, and EOFError where the file breaks off."""
        if not self.packed:
            self.packed = self.file.read(CHUNK)
            self.position += len(self.packed)
        if self.inflate is None:
            if not self.packed:
                return False
            self.start = self.position - len(self.packed)
            self.inflate = zlib.decompressobj(wbits=31)
        if not self.packed:
            raise EOFError("the compressed file ends before the end of its last member")
        try:
            self.held += self.inflate.decompress(self.packed, CHUNK)
        except zlib.error:
            self.recover()
        self.packed = self.inflate.unused_data if self.inflate.eof else self.inflate.unconsumed_tail
        if self.inflate.eof:
            self.inflate = None
        if self.inflate is None or len(self.held) > HOLD:
            self.ready += self.held
            self.held.clear()
        return True

    def recover(self) -> None:
        """Go to the next member, and say that this one is damaged."""
        head, start = bytes(self.held[:4096]), self.start
        self.held.clear()
        self.inflate = None
        found = self.next_member(start + 1)
        self.packed = b""
        self.position = self.file.seek(found) if found is not None else self.file.seek(0, 2)
        raise Damaged(start, found, head)

    def next_member(self, begin: int) -> int | None:
        """Where behind ``begin`` a member begins whose content begins as it should."""
        window = b""
        self.file.seek(begin)
        while more := self.file.read(CHUNK):
            window += more
            at = -1
            while (at := window.find(MAGIC, at + 1)) >= 0:
                back = self.file.tell()
                self.file.seek(begin + at)
                known = self.begins_well(self.file.read(4096))
                self.file.seek(back)
                if known:
                    return begin + at
            begin += len(window) - 2
            window = window[-2:]
        return None

    def begins_well(self, data: bytes) -> bool:
        """Whether packed data unpacks to what a member begins with."""
        try:
            return zlib.decompressobj(wbits=31).decompress(data, len(self.begins)) == self.begins
        except zlib.error:
            return False
