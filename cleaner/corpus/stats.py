"""The statistics of a corpus: what the second pass must know about all documents to decide about one."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from cleaner.corpus.templates import Line, Site
from cleaner.text.keys import VERSION

#: One row a fact; ``about`` says which, columns that it does not need are null.
SCHEMA = pa.schema(
    [
        pa.field("about", pa.dictionary(pa.int8(), pa.string())),  # host, line, title, duplicate, contained, wire
        pa.field("host", pa.string()),
        pa.field("key", pa.uint64()),  # line, title, wire: hash of the normal form
        pa.field("count", pa.int64()),  # host, line: stories; wire: hosts
        pa.field("hosts", pa.int64()),  # line: hosts that have it
        pa.field("share", pa.float64()),  # line: share at the page's edge; duplicate, contained: Jaccard index, containment
        pa.field("id", pa.string()),  # duplicate, contained: the document
        pa.field("other", pa.string()),  # duplicate: the original; contained: the document that holds it
        pa.field("cluster", pa.uint64()),  # wire: smallest key of the paragraphs that say the same
    ]
)


class Copy(NamedTuple):
    """A document that repeats another one: the original's id and the Jaccard index or containment that told, 1 for the same words."""

    original: str
    score: float


class Wire(NamedTuple):
    """A paragraph that several hosts carry: the cluster of its versions and the number of hosts."""

    cluster: int
    hosts: int


@dataclass(frozen=True)
class Stats:
    """What :func:`cleaner.corpus.fit.fit` found: templates by host, document clusters, paragraphs that several hosts carry."""

    sites: Mapping[str, Site] = field(default_factory=dict)
    hosts: int = 0
    copies: Mapping[str, Copy] = field(default_factory=dict)
    inside: Mapping[str, Copy] = field(default_factory=dict)
    wire: Mapping[int, Wire] = field(default_factory=dict)

    def duplicate_of(self, id: str) -> str | None:
        """The id of the original of which a document is a copy or a version, None for an original."""
        copy = self.copies.get(id)
        return copy.original if copy else None

    def contained_in(self, id: str) -> str | None:
        """The id of a document that holds most of this one without being a version of it; None for none."""
        copy = self.inside.get(id)
        return copy.original if copy else None

    def save(self, path: str | Path) -> None:
        """Write the statistics as one Parquet file, with the version of the keys and hash functions in its metadata."""
        meta = {"cleaner.text.keys": VERSION, "cleaner.hosts": str(self.hosts)}
        pq.write_table(pa.Table.from_pylist(list(self._rows()), schema=SCHEMA.with_metadata(meta)), path, compression="zstd")

    def _rows(self) -> Iterator[dict[str, Any]]:
        for host, site in sorted(self.sites.items()):
            yield {"about": "host", "host": host, "count": site.stories}
            for key, line in sorted(site.lines.items()):
                yield {"about": "line", "host": host, "key": key, "count": line.stories, "hosts": line.hosts, "share": line.edge}
            for key in sorted(site.titles):
                yield {"about": "title", "host": host, "key": key}
        for about, copies in (("duplicate", self.copies), ("contained", self.inside)):
            for id, copy in sorted(copies.items()):
                yield {"about": about, "id": id, "other": copy.original, "share": copy.score}
        for key, wire in sorted(self.wire.items()):
            yield {"about": "wire", "key": key, "cluster": wire.cluster, "count": wire.hosts}

    @classmethod
    def load(cls, path: str | Path) -> Stats:
        """Read statistics. Raises ValueError for a file of other keys, FileNotFoundError where there is none."""
        try:
            table = pq.read_table(path)
        except pa.ArrowInvalid as error:
            raise ValueError(f"{path} is no statistics file ({error}); make one with: cleaner fit INPUT -o {path}") from None
        meta = {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()}
        if "cleaner.text.keys" not in meta:
            raise ValueError(f"{path} is no statistics file; make one with: cleaner fit INPUT -o {path}")
        if meta["cleaner.text.keys"] != VERSION:
            raise ValueError(
                f"{path} was made with other keys ({meta['cleaner.text.keys']}) than this version uses ({VERSION}), so nothing in it would be found; "
                f"make it anew with: cleaner fit INPUT -o {path}"
            )
        return cls.of((row for batch in table.to_batches(max_chunksize=10_000) for row in batch.to_pylist()), int(meta["cleaner.hosts"]))

    @classmethod
    def of(cls, rows: Iterable[dict[str, Any]], hosts: int) -> Stats:
        """Statistics from rows of :data:`SCHEMA`."""
        stories, lines, titles = {}, {}, {}
        copies: dict[str, dict[str, Copy]] = {"duplicate": {}, "contained": {}}
        wire = {}
        for r in rows:
            match r["about"]:
                case "host":
                    stories[r["host"]] = r["count"]
                case "line":
                    lines.setdefault(r["host"], {})[r["key"]] = Line(r["count"], r["share"], r["hosts"])
                case "title":
                    titles.setdefault(r["host"], set()).add(r["key"])
                case "wire":
                    wire[r["key"]] = Wire(r["cluster"], r["count"])
                case about:
                    copies[about][r["id"]] = Copy(r["other"], r["share"])
        sites = {h: Site(n, lines.get(h, {}), frozenset(titles.get(h, ()))) for h, n in stories.items()}
        return cls(sites, hosts, copies["duplicate"], copies["contained"], wire)
