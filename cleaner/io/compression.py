"""Reading a file whatever it is compressed with, told by its first bytes and not by its name."""
from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from typing import BinaryIO

import pyarrow as pa

#: What broken compressed data raises, depending on the format and on where it breaks.
CORRUPT = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError)

#: Data that unpacks to more than so many times its size is made to fill a disk or to last for hours: news reaches 20, made-up
#: records that differ by a number 500; gzip has no more than 1032. Less than :data:`SMALL` bytes harm nobody.
RATIO, SMALL = 1_000, 100_000_000

OPENERS = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
    b"\x28\xb5\x2f\xfd": lambda file: pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd"),
}


class Bomb(ValueError):
    """Data that unpacks to far more than any text does."""

    def __init__(self) -> None:
        super().__init__(f"it unpacks to more than {RATIO} times its size, as decompression bombs do; unpack it yourself if it is none")


class Unpacked(io.RawIOBase):
    """The bytes of a decompressor, with an eye on how many come out of how few. taken: packed bytes that they have taken so far."""

    def __init__(self, stream: BinaryIO, taken: Callable[[], int]):
        self.stream, self.taken, self.size = stream, taken, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        """Fill a buffer. Raises Bomb."""
        data = self.stream.read(len(buffer))
        buffer[: len(data)] = data
        self.size += len(data)
        if self.size > SMALL and self.size > RATIO * self.taken():
            raise Bomb
        return len(data)

    def close(self) -> None:
        """Close the decompressor too."""
        if not self.closed:
            self.stream.close()
        super().close()


def decompressed(file: BinaryIO) -> BinaryIO:
    """The decompressed bytes of a binary file: plain, gzip, zstd, bzip2 or xz. Reading them raises Bomb where too many come of it."""
    buffered = io.BufferedReader(file) if not isinstance(file, io.BufferedReader) else file
    head = buffered.peek(6)[:6]
    opener = next((opener for magic, opener in OPENERS.items() if head.startswith(magic)), None)
    return io.BufferedReader(Unpacked(opener(buffered), buffered.tell), 1 << 16) if opener else buffered
