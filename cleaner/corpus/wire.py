"""Paragraphs that several hosts carry, word for word or edited: agency copy. They are flagged, never cut."""
from __future__ import annotations

from collections.abc import Iterator

import duckdb

from cleaner.corpus import sql
from cleaner.corpus.minhash import components
from cleaner.corpus.tables import fetched, hashes, store
from cleaner.text.facts import Passage, compare, without_credit

#: Share of the shorter version's words that must stand in the longer one; of a piece, less than half as long, more of them.
SCORE, PIECE = 0.7, 0.9
#: Wordings that share less of their pairs of words are not compared word by word.
SHARE = 0.4
#: Below so many words a version must be literal.
SHORT = 15


def wires(db: duckdb.DuckDBPyConnection, near: bool = True) -> Iterator[dict]:
    """Rows of the statistics about paragraphs that several hosts carry. Needs the table ``flagged``.

    Each wording is joined to the one longer wording that holds most of it and says nothing else, so that a piece without
    facts never joins two that differ in theirs.
    """
    db.execute(sql.PASSAGES)
    parent: dict[int, tuple[float, int]] = {}  # shorter wording -> (score, longer wording)
    if near:
        for part in range(sql.PARTS):
            db.execute(sql.MET, {"part": part})
        for long, short, longer, shorter in fetched(db, sql.TEXTS):
            if score := says_the_same(shorter, longer):
                parent[short] = max(parent.get(short, (0.0, 0)), (score, long))
    root = components([(short, long) for short, (_, long) in parent.items()])
    store(db, "grouped", {"key": hashes(root), "root": hashes(root.values())})
    for key, cluster, hosts in fetched(db, sql.COUNTED):
        yield {"about": "wire", "key": key, "cluster": cluster, "count": hosts}


def says_the_same(short: str, long: str) -> float:
    """Share of a wording's words that a longer one holds, 0 when it says something else."""
    x, y = Passage(without_credit(short)), Passage(long)
    if x.share(y) < SHARE:
        return 0.0
    found = compare(x, y)
    if found.fact or found.score < (PIECE if x.length < 0.5 * y.length else SCORE) or x.length < SHORT and (found.novel or found.breaks):
        return 0.0
    return found.score
