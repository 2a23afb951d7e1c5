"""Paragraphs that several hosts carry, word for word or edited: agency copy. They are flagged, never cut."""
from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pyarrow as pa

from cleaner.corpus import sql
from cleaner.corpus.tables import Engine, make_all, unsigned
from cleaner.text.facts import Passage, compare, without_credit

#: Share of the shorter version's words that must stand in the longer one; of a piece, less than half as long, more of them.
SCORE, PIECE = 0.7, 0.9
#: Wordings that share less of their pairs of words are not compared word by word.
SHARE = 0.4
#: Below so many words a version must be literal.
SHORT = 15

SAID = pa.schema([("shorter", pa.int64()), ("longer", pa.int64()), ("score", pa.float64())])


def wires(tables: Engine, near: bool = True) -> Iterator[dict]:
    """Rows of the statistics about paragraphs that several hosts carry. Needs the tables ``flagged`` and ``copies``.

    Each wording is joined to the one longer wording that holds most of it and says nothing else, so that a piece without
    facts never joins two that differ in theirs.
    """
    make_all(tables, sql.PASSAGES)
    if near:
        tables.make("meetings", sql.MEETINGS)
    tables.map("said", sql.TEXTS if near else sql.NO_TEXTS, sayings, SAID)
    tables.join("grouped", sql.SAYINGS)
    for key, cluster, hosts in tables.rows(sql.WIRES):
        yield {"about": "wire", "key": unsigned(key), "cluster": unsigned(cluster), "count": hosts}


def sayings(texts: pa.RecordBatch) -> pa.RecordBatch:
    """Which wordings say the same as a longer one."""
    found, passage = [], cache(Passage)  # a wording is compared with several others
    bare = cache(lambda text: passage(without_credit(text)))
    for longer, shorter, longer_text, shorter_text in zip(*(c.to_pylist() for c in texts.columns)):
        if score := says_the_same(bare(shorter_text), passage(longer_text)):
            found.append({"shorter": shorter, "longer": longer, "score": score})
    return pa.RecordBatch.from_pylist(found, SAID)


def says_the_same(x: Passage, y: Passage) -> float:
    """Share of a wording's words that a longer one holds, 0 when it says something else."""
    if x.share(y) < SHARE:
        return 0.0
    found = compare(x, y)
    if found.fact or found.score < (PIECE if x.length < 0.5 * y.length else SCORE) or x.length < SHORT and (found.novel or found.breaks):
        return 0.0
    return found.score
