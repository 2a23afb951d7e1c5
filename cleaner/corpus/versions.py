"""Documents that repeat other documents: equal texts by hash, versions by MinHash with verification, union-find."""
from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa

from cleaner.corpus import sql
from cleaner.corpus.minhash import BANDS, bands, components, overlap, sketch
from cleaner.corpus.tables import arrow, hashes, lists, store

#: Documents are versions of one story from this Jaccard index of their word trigrams on: three quarters of the text are the same.
#: At .5 a text that quotes the greater part of another one joins them (3 of 9 seeds of the benchmark ``documents``).
VERSION = 0.60
#: The same for two documents with one title: half of the text is the same.
SAME_TITLE = 0.33
#: A document lies inside another one, without being a version of it, from this share of its trigrams on.
INSIDE = 0.8
#: Documents whose shingles are gathered at once.
PART = 20_000


def versions(db: duckdb.DuckDBPyConnection) -> Iterator[dict]:
    """Rows of the statistics about copies, versions and parts of other documents. Leaves the table ``copies`` behind.

    The original of a cluster is the one of the earliest date, then the longest, then the smallest id.
    """
    db.execute("CREATE TABLE alone AS SELECT min(doc) AS doc, exact FROM documents WHERE exact <> 0 GROUP BY exact")
    equal = db.execute("SELECT a.doc, d.doc FROM documents d JOIN alone a USING (exact) WHERE a.doc <> d.doc").fetchall()
    score = {doc: 1.0 for pair in equal for doc in pair}
    sign(db)
    near, inside = verified(db)
    for a, b, jaccard in near:
        score[a], score[b] = max(score.get(a, 0.0), jaccard), max(score.get(b, 0.0), jaccard)
    cluster = components(equal + [(a, b) for a, b, _ in near])
    members: dict[int, tuple] = {}
    for part in range(0, len(needed := sorted({*cluster, *inside, *(other for _, other in inside.values())})), PART):
        db.register("needed", pa.table({"doc": hashes(needed[part : part + PART])}))
        members |= {r[0]: r[1:] for r in db.execute("SELECT doc, date, -length, id FROM documents SEMI JOIN needed USING (doc)").fetchall()}
        db.unregister("needed")
    first: dict[int, int] = {}
    db.execute("CREATE TABLE copies (doc UBIGINT)")
    for doc in sorted(cluster, key=lambda doc: (members[doc], doc)):
        first.setdefault(cluster[doc], doc)
    store(db, "copies", {"doc": hashes(doc for doc, root in cluster.items() if first[root] != doc)})
    for doc, root in cluster.items():
        if first[root] != doc:
            yield {"about": "duplicate", "key": doc, "id": members[doc][2], "other": members[first[root]][2], "share": round(score[doc], 3)}
    for doc, (share, other) in inside.items():
        if cluster.get(doc, doc) != cluster.get(other, other):
            yield {"about": "contained", "key": doc, "id": members[doc][2], "other": members[other][2], "share": round(share, 3)}


def sign(db: duckdb.DuckDBPyConnection) -> None:
    """Sketches and bands of the documents, one of each set of equal ones, without their host's template lines."""
    db.execute("CREATE TABLE sketches (doc UBIGINT, sketch UINTEGER[]); CREATE TABLE bands (doc UBIGINT, band UTINYINT, hash UBIGINT)")
    parts = db.execute("SELECT count(*) FROM alone").fetchall()[0][0] // PART + 1
    for part in range(parts):
        gathered = f"""SELECT doc, flatten(list(shingles)) FROM lines SEMI JOIN alone USING (doc) ANTI JOIN flagged USING (doc, place)
                       WHERE doc % {parts} = {part} GROUP BY doc"""
        for batch in arrow(db, gathered):
            signed = [(doc, sketch(held), bands(held)) for doc, held in zip(batch[0].to_pylist(), lists(batch[1])) if len(held)]
            docs = np.array([doc for doc, _, _ in signed], np.uint64)
            store(db, "sketches", {"doc": docs, "sketch": pa.array([s for _, s, _ in signed], pa.list_(pa.uint32()))})
            keys = np.array([h for _, _, h in signed], np.uint64).ravel()
            band = np.tile(np.arange(BANDS, dtype=np.uint8), len(docs))
            store(db, "bands", {"doc": np.repeat(docs, BANDS), "band": band, "hash": keys})


def verified(db: duckdb.DuckDBPyConnection) -> tuple[list[tuple[int, int, float]], dict[int, tuple[float, int]]]:
    """(pairs that are versions with their Jaccard index, for each document that lies inside another one the share and which)."""
    db.execute(f"CREATE TABLE candidates AS {sql.CANDIDATES}")
    near, inside = [], {}
    for batch in arrow(db, sql.VERSIONS):
        for a, b, titled, x, y in zip(*(batch[i].to_pylist() for i in range(3)), lists(batch[3]), lists(batch[4])):
            jaccard, contained = overlap(x, y)
            if jaccard >= (SAME_TITLE if titled else VERSION):
                near.append((a, b, jaccard))
            elif contained >= INSIDE:
                small, large = sorted((a, b), key=lambda doc: (len(x) if doc == a else len(y), doc))
                inside[small] = max(inside.get(small, (0.0, 0)), (contained, large))
    return near, inside
