"""Finding the input: files and folders, on this machine or behind an fsspec URL, as sources that can be opened."""
from __future__ import annotations

import hashlib
import heapq
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO, NamedTuple

from cleaner.io.compression import decompressed
from cleaner.schema import storable
from cleaner.text.addresses import without_secrets

#: What a suffix says about a file. A compression suffix may stand behind it.
FORMATS = {
    ".txt": "text", ".text": "text", ".html": "html", ".htm": "html", ".xhtml": "html",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".pq": "parquet",
    ".warc": "warc", ".wet": "warc", ".zip": "zip", ".tar": "tar", ".tgz": "tar", ".tbz2": "tar", ".txz": "tar",
}  # fmt: skip
COMPRESSED = (".gz", ".zst", ".bz2", ".xz")

#: What the name of a folder ends with while names are sorted; no file name can hold it.
FOLDER = "\0"

#: Bytes of a file that are read at a time; a line longer than this, as pages are, is put together piece by piece.
BUFFER = 1 << 18

#: Names of one folder that are sorted in memory: some 4 MB.
SORTED = 50_000


@dataclass
class Meter:
    """How far the input is read in one pass. total: bytes of all files. current: name of the file that is being read. begun: when, as monotonic time."""

    total: int = 0
    behind: int = 0
    current: str = ""
    file: BinaryIO | None = None
    begun: float = field(default_factory=time.monotonic)

    def watch(self, sources: Iterable[Source]) -> Iterator[Source]:
        """The same sources, measured while they are read."""
        for source in sources:
            self.current = source.name
            yield source._replace(meter=self)
            self.behind += source.facts()[0]
            self.file = None

    @property
    def share(self) -> float:
        """How much of the input's bytes is read, 0 to 1."""
        here = self.file.tell() if self.file is not None and not self.file.closed else 0
        return min(1.0, (self.behind + here) / self.total) if self.total else 0.0


class Source(NamedTuple):
    """One input file: where it is, the name under which it is reported, and its format.

    fs: an fsspec file system, None for this machine's. meter: takes note of how far the file is read.
    """

    path: str
    name: str
    format: str
    fs: Any = None
    meter: Meter | None = None

    def open(self) -> BinaryIO:
        """The file's bytes as they are."""
        file = self.fs.open(self.path, "rb") if self.fs else open(self.path, "rb", BUFFER)
        if self.meter:
            self.meter.file = file
        return file

    def read(self) -> BinaryIO:
        """The file's bytes, decompressed."""
        return decompressed(self.open())

    def facts(self) -> tuple[int, str]:
        """Size in bytes, and what changes when the file does: time of change, or the entity tag of a remote store."""
        if self.fs:
            info = self.fs.info(self.path)
            stamp = next((info[k] for k in ("ETag", "etag", "md5", "mtime", "LastModified", "created") if info.get(k)), "")
            return info.get("size") or 0, str(stamp)
        stat = os.stat(self.path)
        return stat.st_size, str(stat.st_mtime_ns)


class Inputs:
    """The files below some paths and URLs, found anew each time they are gone through: no list of a large folder is kept.

    ``unknown`` names, after a pass, the files in folders that no reader knows or that are links out of them (the first hundred) and ``unknown_count`` counts them.
    Raises FileNotFoundError for a path that does not exist.
    """

    def __init__(self, given: str | os.PathLike | Iterable[str | os.PathLike]):
        self.given = [os.fspath(g) for g in ([given] if isinstance(given, (str, os.PathLike)) else given)]
        self.unknown: list[str] = []
        self.unknown_count = 0
        for one in self.given:
            if "://" not in one and not os.path.exists(one):
                raise FileNotFoundError(f"no such file or folder: {one}")
        here = [os.path.abspath(one) for one in self.given if "://" not in one]
        #: Several inputs are named from the folder that they have in common, so that no two files have one name.
        self.base = os.path.commonpath([os.path.dirname(one) for one in here]) if len(here) > 1 else ""

    def __iter__(self) -> Iterator[Source]:
        """The sources, in the order of their names within each input."""
        self.unknown, self.unknown_count = [], 0
        for one in self.given:
            for source in remote(one) if "://" in one else local(one):
                name = os.path.relpath(source.path, self.base).replace(os.sep, "/") if self.base and not source.fs else source.name
                source = source._replace(name=storable(name))  # a name may hold bytes that are no UTF-8
                if source.format:
                    yield source
                else:
                    self.unknown_count += 1
                    self.unknown += [source.name] if len(self.unknown) < 100 else []

    def describe(self) -> dict[str, int | str]:
        """Number, size and fingerprint (names, sizes, times of change) of the files."""
        digest, size, count = hashlib.blake2b(digest_size=8), 0, 0
        for source in self:
            length, stamp = source.facts()
            size, count = size + length, count + 1
            digest.update(f"{source.name}\0{length}\0{stamp}\0".encode("utf-8", "surrogateescape"))
        return {"files": count, "bytes": size, "fingerprint": digest.hexdigest()}


def local(given: str) -> Iterator[Source]:
    """A file, or the files in a folder and the folders in it; hidden ones are left out. A named file of unknown format is text."""
    if not os.path.isdir(given):
        yield Source(given, os.path.basename(given), format_of(given) or "text")
        return
    folders = [(given, "", in_order(names(given)))]
    while folders:
        path, prefix, entries = folders[-1]
        if (entry := next(entries, None)) is None:
            folders.pop()
        elif entry.endswith(FOLDER):
            name = entry.removesuffix(FOLDER)
            below = os.path.join(path, name)
            folders.append((below, f"{prefix}{name}/", in_order(names(below))))
        else:
            file = os.path.join(path, entry)
            yield Source(file, prefix + entry, "" if leads_out(file, given) else format_of(file))


def leads_out(file: str, folder: str) -> bool:
    """Whether a file is a link out of the folder that was given: what a stranger packed must not choose what else is read."""
    return os.path.islink(file) and not os.path.realpath(file).startswith(os.path.join(os.path.realpath(folder), ""))


def names(folder: str) -> Iterator[str]:
    """The files and folders in a folder as the system gives them, without hidden ones; a folder ends in :data:`FOLDER`."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield entry.name + FOLDER
            elif entry.is_file():
                yield entry.name


def in_order(names: Iterator[str]) -> Iterator[str]:
    """Names in order, of which no more than :data:`SORTED` are in memory at a time; sorted runs of more wait in temporary files."""
    chunk = sorted(islice(names, SORTED))
    if len(chunk) < SORTED:
        return iter(chunk)
    runs = []
    while chunk:
        run = tempfile.TemporaryFile("w+", encoding="utf-8", errors="surrogateescape", newline="\n")
        run.writelines(name.replace("\n", "/") + "\n" for name in chunk)
        run.seek(0)
        runs.append(run)
        chunk = sorted(islice(names, SORTED))
    return heapq.merge(*((line[:-1].replace("/", "\n") for line in run) for run in runs))


def remote(url: str) -> Iterator[Source]:
    """A file or folder behind ``s3://``, ``gs://``, ``https://`` or another URL that fsspec knows. Raises ImportError with the remedy."""
    try:
        import fsspec
    except ImportError as error:
        raise ImportError(f"{without_secrets(url)}: reading URLs needs fsspec; pip install 'cleaner[remote]'") from error
    fs, path = fsspec.core.url_to_fs(url)
    if fs.isfile(path):
        bare = path.partition("?")[0] if "://" in path else path  # a query may hold a key
        yield Source(path, bare.rstrip("/").rpartition("/")[2], format_of(bare, sniff=False) or "text", fs)
        return
    found = sorted(fs.find(path))
    if not found:
        raise FileNotFoundError(f"no such file or folder: {without_secrets(url)}")
    for file in found:
        name = file.removeprefix(path).lstrip("/")
        if not any(part.startswith(".") for part in name.split("/")):
            yield Source(file, name, format_of(file, sniff=False), fs)


def format_of(path: str, sniff: bool = True) -> str:
    """The format of a file by its suffix, or where that says nothing by its first bytes; "" when neither tells."""
    stem, suffix = os.path.splitext(path.lower())
    if suffix in COMPRESSED:
        suffix = os.path.splitext(stem)[1]
    known = FORMATS.get(suffix, "")
    if known or not sniff:
        return known
    with open(path, "rb") as file:
        head = file.read(6)
    return "parquet" if head.startswith(b"PAR1") else "warc" if head == b"WARC/1" else ""
