"""Paragraphs that several hosts carry, word for word or edited: agency copy. They are flagged, never cut."""
from __future__ import annotations

from collections.abc import Iterator

import duckdb

from cleaner.corpus.minhash import components
from cleaner.corpus.tables import fetched, hashes, store
from cleaner.text.facts import compare, passage, without_credit

#: Words from which a paragraph that several hosts carry is copy; shorter ones are formulas.
WIRE_WORDS = 8
#: Share of the shorter version's words that must stand in the longer one; of a piece, less than half as long, more of them.
SCORE, PIECE = 0.7, 0.9
#: Wordings that share less of their pairs of words are not compared word by word.
SHARE = 0.4
#: Below so many words a version must be literal.
SHORT = 15
#: A shingle that more paragraphs hold says nothing about any two of them; within the limit each meets so many neighbours.
COMMON, NEIGHBOURS = 200, 6
#: Only every so manieth shingle is looked up, and so many must be shared.
SAMPLE, SHARED = 2, 2
#: So many longer wordings are tried for each, those that share most with it first.
TRIED = 4
#: The group-by over shingles goes through the table in so many parts.
PARTS = 8

#: One row a wording; ``doc, place`` say where its text stands.
PASSAGES = f"""
CREATE TABLE passages AS
  SELECT key, hosts, site, words, spot.doc AS doc, spot.place AS place FROM (
    SELECT key, count(DISTINCT site) AS hosts, min(site) AS site, min(words) AS words, min(struct_pack(doc := doc, place := place)) AS spot
    FROM lines ANTI JOIN flagged USING (doc, place) ANTI JOIN copies USING (doc) WHERE words >= {WIRE_WORDS} AND site <> 0 GROUP BY key);
CREATE TABLE met (a UBIGINT, b UBIGINT);
CREATE TABLE grouped (key UBIGINT, root UBIGINT);
"""
PAIRS = f"""
INSERT INTO met
  WITH held AS (
    SELECT DISTINCT p.key, p.site, p.hosts, p.words, s.shingle
    FROM passages p JOIN lines l USING (doc, place), unnest(l.shingles) AS s(shingle)
    WHERE shingle % {SAMPLE} = 0 AND shingle // {SAMPLE} % {PARTS} = $part),
  ranked AS (
    SELECT *, row_number() OVER (PARTITION BY shingle ORDER BY words DESC, key) AS rank, count(*) OVER (PARTITION BY shingle) AS size FROM held
    QUALIFY size BETWEEN 2 AND {COMMON})
  SELECT x.key, y.key FROM ranked x JOIN ranked y ON x.shingle = y.shingle AND (y.rank - x.rank BETWEEN 1 AND {NEIGHBOURS} OR x.rank = 1 AND y.rank > 1)
  WHERE NOT (x.hosts = 1 AND y.hosts = 1 AND x.site = y.site);
"""
TEXTS = f"""
SELECT long, short, x.text, y.text FROM (
    SELECT a AS long, b AS short FROM met GROUP BY a, b HAVING count(*) >= {SHARED}
    QUALIFY row_number() OVER (PARTITION BY b ORDER BY count(*) DESC, a) <= {TRIED})
  JOIN passages p ON long = p.key JOIN passages q ON short = q.key
  JOIN lines x ON p.doc = x.doc AND p.place = x.place JOIN lines y ON q.doc = y.doc AND q.place = y.place
"""
#: Every wording with the hosts of its whole cluster.
COUNTED = """
WITH clustered AS (SELECT key, coalesce(root, key) AS cluster FROM passages LEFT JOIN grouped USING (key)),
     spread AS (SELECT cluster, count(DISTINCT l.site) AS hosts FROM clustered JOIN lines l USING (key) ANTI JOIN copies c ON l.doc = c.doc
                WHERE l.site <> 0 GROUP BY cluster HAVING count(DISTINCT l.site) > 1)
SELECT key, cluster, hosts FROM clustered JOIN spread USING (cluster)
"""


def wires(db: duckdb.DuckDBPyConnection, near: bool = True) -> Iterator[dict]:
    """Rows of the statistics about paragraphs that several hosts carry. Needs the table ``flagged``.

    Each wording is joined to the one longer wording that holds most of it and says nothing else, so that a piece without
    facts never joins two that differ in theirs.
    """
    db.execute(PASSAGES)
    parent: dict[int, tuple[float, int]] = {}  # shorter wording -> (score, longer wording)
    if near:
        for part in range(PARTS):
            db.execute(PAIRS, {"part": part})
        for long, short, longer, shorter in fetched(db, TEXTS):
            if score := says_the_same(shorter, longer):
                parent[short] = max(parent.get(short, (0.0, 0)), (score, long))
    root = components([(short, long) for short, (_, long) in parent.items()])
    store(db, "grouped", {"key": hashes(root), "root": hashes(root.values())})
    for key, cluster, hosts in fetched(db, COUNTED):
        yield {"about": "wire", "key": key, "cluster": cluster, "count": hosts}


def says_the_same(short: str, long: str) -> float:
    """Share of a wording's words that a longer one holds, 0 when it says something else."""
    x, y = passage(without_credit(short)), passage(long)
    if x.share(y) < SHARE:
        return 0.0
    found = compare(x, y)
    if found.fact or found.score < (PIECE if x.length < 0.5 * y.length else SCORE) or x.length < SHORT and (found.novel or found.breaks):
        return 0.0
    return found.score
