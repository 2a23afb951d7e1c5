"""Documents that repeat other documents: equal texts by hash, versions by MinHash with verification, components of both."""
from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from cleaner.corpus import sql
from cleaner.corpus.minhash import bands, overlap, sketch
from cleaner.corpus.tables import Engine, lists, make_all, unsigned

#: Documents are versions of one story from this Jaccard index of their word trigrams on: five sixths of the text are the same.
#: At .5 a text that quotes the greater part of another one joins them (3 of 9 seeds of the benchmark ``documents``).
VERSION = 0.70
#: The same for two documents with one title: half of the text is the same.
SAME_TITLE = 0.33
#: A document lies inside another one, without being a version of it, from this share of its trigrams on.
INSIDE = 0.8

SIGNED = pa.schema([("doc", pa.int64()), ("sketch", pa.list_(pa.int32())), ("bands", pa.list_(pa.int64()))])
#: Two documents: versions of each other, or ``a`` lies inside ``b``; share: Jaccard index, or share of ``a``.
RELATED = pa.schema([("a", pa.int64()), ("b", pa.int64()), ("near", pa.bool_()), ("share", pa.float64())])


def versions(tables: Engine) -> Iterator[dict]:
    """Rows of the statistics about copies, versions and parts of other documents. Needs ``flagged``, leaves ``copies`` behind."""
    make_all(tables, sql.EQUAL)
    tables.map("signed", sql.GATHERED, signatures, SIGNED)
    make_all(tables, sql.CANDIDATES)
    tables.map("related", sql.PAIRS, relations, RELATED)
    tables.join("cluster", sql.EDGES)
    make_all(tables, sql.COPIES)
    for about, query in (("duplicate", sql.DUPLICATES), ("contained", sql.CONTAINED)):
        for doc, id, other, share in tables.rows(query):
            yield {"about": about, "key": unsigned(doc), "id": id, "other": other, "share": round(share, 3)}


def signatures(gathered: pa.RecordBatch) -> pa.RecordBatch:
    """Sketches and bands of documents from their shingles."""
    docs, sketches, keys = [], [], []
    for doc, held in zip(gathered.column("doc").to_pylist(), lists(gathered.column("shingles"))):
        if len(held):
            docs.append(doc)
            sketches.append(sketch(held).view(np.int32))
            keys.append(bands(held).view(np.int64))
    return pa.RecordBatch.from_arrays([pa.array(values, f.type) for values, f in zip((docs, sketches, keys), SIGNED)], schema=SIGNED)


def relations(pairs: pa.RecordBatch) -> pa.RecordBatch:
    """Which pairs of documents are versions of each other, and which lie one inside the other."""
    found = []
    for a, b, titled, x, y in zip(*(pairs.column(c).to_pylist() for c in ("a", "b", "titled")), lists(pairs.column("x")), lists(pairs.column("y"))):
        jaccard, contained = overlap(x, y)
        if jaccard >= (SAME_TITLE if titled else VERSION):
            found.append((a, b, True, jaccard))
        elif contained >= INSIDE:
            found.append((*sorted((a, b), key=lambda doc: (len(x) if doc == a else len(y), doc)), False, contained))
    return pa.RecordBatch.from_pylist([dict(zip(RELATED.names, row)) for row in found], RELATED)
