"""The corpus pass: what repeats across documents, found by group-bys in bounded memory and used as a setting of the next pass.

    stats = fit(documents)              first pass: keys of every document, then DuckDB
    doc = apply(doc, stats)             second pass (:mod:`cleaner.corpus.apply`): templates cut, copies and wire paragraphs flagged

Nothing depends on the order of the documents, on the size of the batches or on who made them.
"""
from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from cleaner.corpus import sql
from cleaner.corpus.apply import identity
from cleaner.corpus.minhash import shingles
from cleaner.corpus.sites import sites
from cleaner.corpus.stats import Stats
from cleaner.corpus.tables import DuckTables, Engine
from cleaner.corpus.templates import host_of, line_keys, title_keys
from cleaner.corpus.versions import versions
from cleaner.corpus.wire import wires
from cleaner.document import Document
from cleaner.limits import interruptible
from cleaner.text.keys import hash64, length, normal, words

#: Documents of one batch on the way into DuckDB.
BATCH = 256

_keys, _hash = pa.list_(pa.uint64()), pa.uint64()
#: One row a document; the lists hold one value a live block.
SCHEMA = pa.schema(
    [
        ("doc", _hash), ("id", pa.string()), ("host", pa.string()), ("site", _hash), ("date", pa.string()), ("length", pa.int64()), ("exact", _hash),
        ("title", _hash), ("titles", _keys), ("keys", _keys), ("masked", _keys), ("lead_in", _keys), ("name", _keys), ("words", pa.list_(pa.uint16())),
        ("text", pa.list_(pa.string())), ("shingles", pa.list_(pa.list_(pa.uint32()))),
    ]
)


def fit(documents: Iterable[Document | pa.RecordBatch], *, memory: str = "400MB", near: bool = True, folder: str | Path | None = None) -> Stats:
    """Statistics of a corpus: templates by host, document clusters, paragraphs that several hosts carry.

    documents: documents, or the batches that :func:`rows` made of them, in any order.
    memory: limit of DuckDB, which spills to disk beyond it. folder: where its temporary files go. near: look for edited
    copies of wire paragraphs too, not only for those with the same words.
    """
    import duckdb  # here, not above: workers make rows and need none of it

    with interruptible(), tempfile.TemporaryDirectory(prefix=".cleaner-", dir=folder) as room, duckdb.connect(str(Path(room, "corpus.duckdb"))) as db:
        db.execute(f"SET memory_limit = '{memory}'; SET threads = 2; SET preserve_insertion_order = false; PRAGMA disable_checkpoint_on_shutdown")
        db.execute("SET temp_directory = $folder", {"folder": f"{room}/spill"})
        tables = DuckTables(db)
        tables.read(batches(documents))
        return found(tables, near)


def found(tables: Engine, near: bool = True) -> Stats:
    """The statistics of the keys that some tables hold, on whatever engine."""
    rows = chain(sites(tables), versions(tables), wires(tables, near))
    return Stats.of(rows, next(tables.rows(sql.HOSTS))[0])


def rows(documents: Iterable[Document]) -> Iterator[pa.RecordBatch]:
    """The keys of documents, one row each: the part of :func:`fit` that any number of workers may do."""
    batch: list[dict[str, Any]] = []
    for doc in documents:
        batch.append(row(doc))
        if len(batch) == BATCH:
            yield packed(batch)
            batch = []
    if batch:
        yield packed(batch)


def packed(rows: list[dict[str, Any]]) -> pa.RecordBatch:
    """Rows of :func:`row` as a batch; the shingles go as whole arrays, not number by number."""
    blocks = [r["shingles"] or [] for r in rows]
    flat = [held for of in blocks for held in of]
    values = pa.array(np.concatenate([np.empty(0, np.uint32), *flat]))
    inner = pa.ListArray.from_arrays(offsets(flat), values)
    whole = pa.ListArray.from_arrays(offsets(blocks), inner)
    return pa.RecordBatch.from_arrays([whole if f.name == "shingles" else pa.array([r[f.name] for r in rows], f.type) for f in SCHEMA], schema=SCHEMA)


def offsets(lists: list) -> pa.Array:
    """Where each of some lists begins when they lie one behind the other, and where the last one ends."""
    return pa.array(np.cumsum([0, *map(len, lists)]), pa.int32())


def row(doc: Document) -> dict[str, Any]:
    """The keys of one document's live blocks."""
    texts = [b.text for _, b in doc.live()]
    tokens = [words(t) for t in texts]
    plain = "\n".join(map(" ".join, tokens))
    sizes = [min(65_535, int(length(t))) for t in tokens]
    keys = list(map(line_keys, texts, tokens))
    host, date = host_of(doc), (doc.meta.date or "")[:10]
    return {
        "doc": identity(doc),
        "id": doc.id,
        "host": host,
        "site": hash64(host) if host else 0,
        "date": date if date[4:5] == "-" else "9999",
        "length": sum(map(len, texts)),
        "exact": hash64(plain) if any(tokens) else 0,
        "title": hash64(title) if (title := normal(doc.meta.title or "")) else 0,
        "titles": sorted(title_keys(doc.meta.title)),
        **{name: [k[kind] for k in keys] for kind, name in enumerate(("keys", "masked", "lead_in", "name"))},
        "words": sizes,
        "text": [t if n >= sql.WIRE_WORDS else "" for t, n in zip(texts, sizes)],
        "shingles": shingles(tokens),
    }


def batches(documents: Iterable[Document | pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Documents turned into batches of keys, batches as they are."""
    pending: list[Document] = []
    for item in documents:
        if isinstance(item, pa.RecordBatch):
            yield item
            continue
        pending.append(item)
        if len(pending) == BATCH:
            yield from rows(pending)
            pending = []
    yield from rows(pending)
