"""Opening a file whatever it is compressed with, told by its first bytes and not by its name."""
from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

#: What broken compressed data raises, depending on the format and on where it breaks.
CORRUPT = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError)


def opened(path: Path) -> BinaryIO:
    """A file for reading its decompressed bytes: plain, gzip, zstd, bzip2 or xz. Raises OSError where it cannot be opened."""
    with open(path, "rb") as file:
        magic = file.read(6)
    if magic.startswith(b"\x1f\x8b"):
        return gzip.open(path)
    if magic.startswith(b"\x28\xb5\x2f\xfd"):
        return io.BufferedReader(pa.input_stream(str(path), compression="zstd"))
    if magic.startswith(b"BZh"):
        return bz2.open(path)
    if magic == b"\xfd7zXZ\x00":
        return lzma.open(path)
    return open(path, "rb")
