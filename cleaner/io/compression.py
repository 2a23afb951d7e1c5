"""Reading a file whatever it is compressed with, told by its first bytes and not by its name."""
from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from typing import BinaryIO

import pyarrow as pa

#: What broken compressed data raises, depending on the format and on where it breaks.
CORRUPT = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError)

OPENERS = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
    b"\x28\xb5\x2f\xfd": lambda file: io.BufferedReader(pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd")),
}


def decompressed(file: BinaryIO) -> BinaryIO:
    """The decompressed bytes of a binary file: plain, gzip, zstd, bzip2 or xz."""
    buffered = io.BufferedReader(file) if not isinstance(file, io.BufferedReader) else file
    head = buffered.peek(6)[:6]
    return next((opener(buffered) for magic, opener in OPENERS.items() if head.startswith(magic)), buffered)
