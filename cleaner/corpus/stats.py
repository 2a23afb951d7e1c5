"""The statistics of a corpus: what the second pass must know about all documents to decide about one."""
from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaner.corpus.columns import Sites, keyed
from cleaner.corpus.templates import Site
from cleaner.text.keys import VERSION

#: Version of the file's columns and of what they mean.
FORMAT = "stats-1"

#: Rows that are Python objects at a time.
BATCH = 10_000

#: One row a fact; ``about`` says which, columns that it does not need are null.
SCHEMA = pa.schema(
    [
        pa.field("about", pa.dictionary(pa.int8(), pa.string())),  # host, line, title, duplicate, contained, wire
        pa.field("host", pa.string()),
        pa.field("key", pa.uint64()),  # line, title, wire: hash of the normal form; duplicate, contained: identity of the document
        pa.field("count", pa.int64()),  # host, line: stories; wire: hosts
        pa.field("hosts", pa.int64()),  # line: hosts that have it
        pa.field("share", pa.float64()),  # line: share at the page's edge; duplicate, contained: Jaccard index, containment
        pa.field("id", pa.string()),  # duplicate, contained: the document
        pa.field("other", pa.string()),  # duplicate: the original; contained: the document that holds it
        pa.field("cluster", pa.uint64()),  # wire: smallest key of the paragraphs that say the same
    ]
)


class Copy(NamedTuple):
    """A document that repeats another one: both ids, and the Jaccard index or containment that told, 1 for the same words."""

    id: str
    original: str
    score: float


class Wire(NamedTuple):
    """A paragraph that several hosts carry: the cluster of its versions and the number of hosts."""

    cluster: int
    hosts: int


@dataclass(frozen=True)
class Stats:
    """What :func:`cleaner.corpus.fit.fit` found: templates by host, document clusters, paragraphs that several hosts carry.

    copies, inside: by the identity of the document (:func:`cleaner.corpus.apply.identity`). wire: by key of the paragraph. All in
    ascending order.
    """

    sites: Mapping[str, Site] = field(default_factory=dict)
    hosts: int = 0
    copies: Mapping[int, Copy] = field(default_factory=dict)
    inside: Mapping[int, Copy] = field(default_factory=dict)
    wire: Mapping[int, Wire] = field(default_factory=dict)

    def duplicate_of(self, id: str) -> str | None:
        """The id of the original of which a document is a copy or a version, None for an original."""
        return self._originals[0].get(id)

    def contained_in(self, id: str) -> str | None:
        """The id of a document that holds most of this one without being a version of it; None for none."""
        return self._originals[1].get(id)

    @cached_property
    def _originals(self) -> tuple[dict[str, str], dict[str, str]]:
        return tuple({c.id: c.original for c in known.values()} for known in (self.copies, self.inside))

    @cached_property
    def digest(self) -> str:
        """16 hex digits of everything that the statistics hold."""
        out = hashlib.blake2b(f"{FORMAT} {VERSION} {self.hosts}".encode(), digest_size=8)
        for row in self._rows():
            out.update(repr(row).encode("utf-8", "surrogatepass"))
        return out.hexdigest()

    def counted(self) -> dict[str, int]:
        """How much of each kind the statistics hold."""
        return {
            "hosts": self.hosts,
            "hosts_with_repeats": sum(bool(s.lines) for s in self.sites.values()),
            "repeated_lines": sum(len(s.lines) for s in self.sites.values()),
            "clusters": len({c.original for c in self.copies.values()}),
            "duplicates": len(self.copies),
            "contained": len(self.inside),
            "wire_paragraphs": len({w.cluster for w in self.wire.values()}),
        }

    def save(self, path: str | Path, made_from: str = "") -> None:
        """Write the statistics as one Parquet file, with the names and versions of the hash functions in its metadata.

        made_from: what tells the corpus and the settings, for a run that is taken up again.
        """
        meta = {"cleaner.stats": FORMAT, "cleaner.text.keys": VERSION, "cleaner.hosts": str(self.hosts)}
        meta |= {"cleaner.digest": self.digest, "cleaner.made_from": made_from}
        rows = self._rows()
        with pq.ParquetWriter(path, SCHEMA.with_metadata(meta), compression="zstd") as writer:
            while part := list(islice(rows, BATCH)):
                writer.write_table(pa.Table.from_pylist(part, schema=SCHEMA))

    def _rows(self) -> Iterator[dict[str, Any]]:
        for host, site in self.sites.items():
            yield {"about": "host", "host": host, "count": site.stories}
            for key, line in site.lines.items():
                yield {"about": "line", "host": host, "key": key, "count": line.stories, "hosts": line.hosts, "share": line.edge}
            for key in site.titles:
                yield {"about": "title", "host": host, "key": key}
        for about, copies in (("duplicate", self.copies), ("contained", self.inside)):
            for key, copy in copies.items():
                yield {"about": about, "key": key, "id": copy.id, "other": copy.original, "share": copy.score}
        for key, wire in self.wire.items():
            yield {"about": "wire", "key": key, "cluster": wire.cluster, "count": wire.hosts}

    @classmethod
    def load(cls, path: str | Path) -> Stats:
        """Read statistics. Raises ValueError for a file of other keys, FileNotFoundError where there is none."""
        meta = facts(path)
        return cls.laid_out(pq.ParquetFile(path).read(use_threads=False), int(meta["cleaner.hosts"]))

    @classmethod
    def of(cls, rows: Iterable[dict[str, Any]], hosts: int) -> Stats:
        """Statistics from rows of :data:`SCHEMA`."""
        rows, parts = iter(rows), [SCHEMA.empty_table()]
        while part := list(islice(rows, BATCH)):
            parts.append(pa.Table.from_pylist(part, schema=SCHEMA))
        return cls.laid_out(pa.concat_tables(parts), hosts)

    @classmethod
    def laid_out(cls, table: pa.Table, hosts: int) -> Stats:
        """Statistics from a table of :data:`SCHEMA`."""
        kinds = table["about"].cast(pa.string())
        about = {name: table.filter(pc.equal(kinds, name)) for name in ("host", "line", "title", "duplicate", "contained", "wire")}
        copies, inside = (keyed(about[name], Copy, "id", "other", "share") for name in ("duplicate", "contained"))
        sites = Sites(about["host"], about["line"], about["title"])
        return cls(sites, hosts, copies, inside, keyed(about["wire"], Wire, "cluster", "count"))


def facts(path: str | Path) -> dict[str, str]:
    """The metadata of a statistics file. Raises ValueError for any other file and for one of another version."""
    again = f"make one with: cleaner fit INPUT -o {path}"
    try:
        meta = {k.decode(): v.decode("utf-8", "replace") for k, v in (pq.read_schema(path).metadata or {}).items()}
    except pa.ArrowInvalid as error:
        raise ValueError(f"{path} is no statistics file ({error}); {again}") from None
    if "cleaner.text.keys" not in meta:
        raise ValueError(f"{path} is no statistics file; {again}")
    for name, what, ours in (("cleaner.stats", "in another format", FORMAT), ("cleaner.text.keys", "with other keys", VERSION)):
        if (was := meta.get(name, "none")) != ours:
            raise ValueError(f"{path} was made {what} ({was}) than this version uses ({ours}), so nothing in it would be found; {again}")
    return meta
