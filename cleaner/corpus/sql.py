"""The group-bys of the corpus pass, all of its SQL: thresholds, tables, queries. One text for DuckDB and for Spark SQL.

It keeps to what both understand in the same way: joins, group-bys, window functions and ``if``; hashes are BIGINT, the same 64
bits with a sign; numbers with a fraction are written with an exponent, or one engine would take them for decimals. ``explode``
and ``collect_list`` are Spark's names, which :mod:`cleaner.corpus.tables` teaches DuckDB. A table is a name and a query;
``{part}`` of ``{parts}`` stands where an engine may go through a table in several turns.
"""
from __future__ import annotations

from cleaner.corpus.templates import ANYWHERE, ELSEWHERE, LEAST, LONG, LONG_WORDS, SMALL

Tables = dict[str, str]


def double(x: float) -> str:
    """A number as both engines write a double."""
    return f"{x:e}"


# --- what the rows become ---------------------------------------------------------------------------------------------------

#: A document that came twice counts once; made of what :mod:`cleaner.corpus.tables` makes of the keys.
ONCE: Tables = {name: f"SELECT DISTINCT * FROM read_{name}" for name in ("documents", "titles", "lines")}
READ_TWICE = "SELECT count(*) > count(DISTINCT doc) FROM read_documents"
HOSTS = "SELECT count(DISTINCT site) FROM documents WHERE site <> 0"

# --- what the pages of a host repeat ----------------------------------------------------------------------------------------

#: A masked key or a label counts when so many different lines have it; of one line the line itself tells.
VARIANTS = 2
#: Two pages are one story when they share so many paragraphs of so many words, and so large a share of the shorter page's.
STORY_SHARED, STORY_WORDS, STORY_SHARE = 3, 12, 0.5

#: Paragraphs on many pages say nothing about two of them; the limit keeps the self-join linear. Pages with the same words are
#: one story however many there are.
SAME_STORY: Tables = {
    "prose": f"SELECT DISTINCT site, doc, key FROM lines WHERE site <> 0 AND words >= {STORY_WORDS}",
    "rare_prose": """
        WITH pages AS (SELECT site, count(*) AS pages FROM documents GROUP BY site),
             held AS (SELECT site, key, count(*) AS held FROM prose GROUP BY site, key HAVING count(*) > 1)
        SELECT site, doc, key FROM prose JOIN held USING (site, key) JOIN pages USING (site)
        WHERE held <= greatest(3, if(pages <= 30, floor(pages / 3), least(floor(pages / 10), 30)))""",
    "same_story": f"""
        WITH size AS (SELECT doc, count(*) AS size FROM prose GROUP BY doc),
             pairs AS (SELECT x.doc AS a, y.doc AS b, count(*) AS shared FROM rare_prose x JOIN rare_prose y USING (site, key)
                       WHERE x.doc < y.doc GROUP BY x.doc, y.doc HAVING count(*) >= {STORY_SHARED})
        SELECT a, b FROM pairs JOIN size x ON a = x.doc JOIN size y ON b = y.doc WHERE shared >= {double(STORY_SHARE)} * least(x.size, y.size)
        UNION ALL SELECT first, doc FROM (SELECT doc, min(doc) OVER (PARTITION BY site, exact) AS first FROM documents WHERE site <> 0 AND exact <> 0)
        WHERE first <> doc""",
}
STORY: Tables = {"story": "SELECT doc, site, coalesce(root, doc) AS story FROM documents LEFT JOIN joined ON doc = node WHERE site <> 0"}

KINDS = ("key", "masked", "lead_in", "name")
#: ``frequent``: keys that at least three stories of a host carry. ``flagged``: lines that such a key marks wherever they stand.
#: ``body``: first and last line of a page that is neither repeated nor another page's title.
FREQUENT: Tables = {
    "sites": f"SELECT site, count(DISTINCT story) AS stories FROM story GROUP BY site HAVING count(DISTINCT story) >= {LEAST}",
    "keyed": " UNION ALL ".join(
        f"SELECT site, doc, place, words, {n} AS kind, key AS line, {kind} AS key FROM lines WHERE site <> 0 AND {kind} <> 0" for n, kind in enumerate(KINDS)
    ),
    "counted": f"""
        SELECT site, key, any_value(kind) AS kind, max(words) AS words, count(DISTINCT story) AS stories
        FROM keyed JOIN story USING (doc, site) GROUP BY site, key
        HAVING count(DISTINCT story) >= {LEAST} AND (any_value(kind) = 0 OR count(DISTINCT line) >= {VARIANTS})""",
    "spread": "SELECT key, count(DISTINCT site) AS hosts FROM keyed SEMI JOIN counted USING (key) GROUP BY key",
    "judged": f"""
        SELECT c.site, c.key, c.stories, hosts,
          if(kind < 2,
             c.stories >= if(s.stories < {SMALL}, s.stories, if(words >= {LONG_WORDS}, greatest({LONG[1]}, ceil({double(LONG[0])} * s.stories)),
                                                                greatest({ANYWHERE[1]}, ceil({double(ANYWHERE[0])} * s.stories)))),
             c.stories >= greatest(4, if(s.stories < {SMALL}, s.stories, greatest({ANYWHERE[1]}, ceil({double(ANYWHERE[0])} * s.stories))))
               AND hosts - 1 <= {double(ELSEWHERE)} * (SELECT count(DISTINCT site) FROM documents WHERE site <> 0)) AS strong
        FROM counted c JOIN sites s USING (site) JOIN spread USING (key)""",
    "repeated": "SELECT doc, place, k.site, k.key, strong FROM keyed k JOIN judged USING (site, key)",
    "flagged": """
        SELECT DISTINCT doc, place FROM repeated WHERE strong
        UNION SELECT l.doc, l.place FROM lines l SEMI JOIN titles t ON l.site = t.site AND l.key = t.key
              ANTI JOIN titles o ON l.doc = o.doc AND l.key = o.key WHERE l.site IN (SELECT site FROM sites)""",
    "body": """
        SELECT doc, min(place) AS first, max(place) AS last FROM lines ANTI JOIN repeated USING (doc, place) ANTI JOIN flagged USING (doc, place)
        WHERE site IN (SELECT site FROM sites) GROUP BY doc""",
    "frequent": """
        SELECT site, key, any_value(stories) AS stories, any_value(hosts) AS hosts,
          avg(if(body.first IS NULL OR place < body.first OR place > body.last, 1e0, 0e0)) AS edge
        FROM repeated JOIN judged USING (site, key) LEFT JOIN body USING (doc) GROUP BY site, key""",
}
#: Rows of the statistics: a host, a line, a title.
SITES = "SELECT DISTINCT host, stories FROM documents JOIN sites USING (site)"
LINES = "SELECT host, key, stories, edge, hosts FROM frequent JOIN (SELECT DISTINCT site, host FROM documents) h USING (site)"
TITLES = "SELECT DISTINCT host, key FROM titles SEMI JOIN sites USING (site) JOIN (SELECT DISTINCT site, host FROM documents) h USING (site)"

# --- documents that repeat each other ---------------------------------------------------------------------------------------

#: Of documents with the same words one stands for all.
EQUAL: Tables = {
    "alone": "SELECT min(doc) AS doc, exact FROM documents WHERE exact <> 0 GROUP BY exact",
    "equal": "SELECT a.doc AS a, d.doc AS b FROM documents d JOIN alone a USING (exact) WHERE a.doc <> d.doc",
}
#: What documents are signed by: their shingles without those of their host's template lines.
GATHERED = """
    SELECT doc, flatten(collect_list(shingles)) AS shingles FROM lines SEMI JOIN alone USING (doc) ANTI JOIN flagged USING (doc, place)
    WHERE abs(doc % {parts}) = {part} GROUP BY doc"""
#: Each member of a bucket meets the bucket's first and its own neighbour: linear in the bucket, however large.
CANDIDATES: Tables = {
    "bands": "SELECT doc, explode(bands) AS band FROM signed",
    "met": """
        SELECT doc, first_value(doc) OVER w AS first, lag(doc) OVER w AS before
        FROM bands SEMI JOIN (SELECT band FROM bands GROUP BY band HAVING count(*) > 1) shared USING (band) WINDOW w AS (PARTITION BY band ORDER BY doc)""",
    "candidates": "SELECT first AS a, doc AS b FROM met WHERE first <> doc UNION SELECT before, doc FROM met WHERE before IS NOT NULL",
}
PAIRS = """
    SELECT a, b, d.title <> 0 AND d.title = e.title AS titled, x.sketch AS x, y.sketch AS y
    FROM candidates JOIN signed x ON a = x.doc JOIN signed y ON b = y.doc JOIN documents d ON a = d.doc JOIN documents e ON b = e.doc"""
EDGES = "SELECT a, b FROM equal UNION ALL SELECT a, b FROM related WHERE near"
#: The original of a cluster is the one of the earliest date, then the longest, then the smallest id.
COPIES: Tables = {
    "scores": """
        SELECT doc, max(share) AS score FROM (
          SELECT a AS doc, 1e0 AS share FROM equal UNION ALL SELECT b, 1e0 FROM equal
          UNION ALL SELECT a, share FROM related WHERE near UNION ALL SELECT b, share FROM related WHERE near) GROUP BY doc""",
    "members": """
        SELECT doc, id, score, first_value(doc) OVER w AS first, first_value(id) OVER w AS original
        FROM cluster JOIN documents ON node = doc JOIN scores USING (doc) WINDOW w AS (PARTITION BY root ORDER BY date, length DESC, id, doc)""",
    "copies": "SELECT doc, id, original, score FROM members WHERE doc <> first",
    "inside": "SELECT a AS doc, b AS other, share FROM (SELECT *, row_number() OVER (PARTITION BY a ORDER BY share DESC, b DESC) AS turn FROM related WHERE NOT near) WHERE turn = 1",
}
DUPLICATES = "SELECT doc, id, original, score FROM copies"
CONTAINED = """
    SELECT i.doc, x.id, y.id, i.share FROM inside i JOIN documents x ON i.doc = x.doc JOIN documents y ON i.other = y.doc
    LEFT JOIN cluster c ON i.doc = c.node LEFT JOIN cluster e ON i.other = e.node WHERE coalesce(c.root, i.doc) <> coalesce(e.root, i.other)"""

# --- paragraphs that several hosts carry ------------------------------------------------------------------------------------

#: Words from which a paragraph that several hosts carry is copy; shorter ones are formulas.
WIRE_WORDS = 8
#: A shingle that more paragraphs hold says nothing about any two of them; within the limit each meets so many neighbours.
COMMON, NEIGHBOURS = 200, 6
#: Only every so manieth shingle is looked up, and so many must be shared.
SAMPLE, SHARED = 2, 2
#: So many longer wordings are tried for each, those that share most with it first.
TRIED = 4

#: One row a wording; ``doc, place`` say where its text stands.
PASSAGES: Tables = {
    "passages": f"""
        SELECT key, count(DISTINCT site) AS hosts, min(site) AS site, min(words) AS words, min(doc) AS doc, min_by(place, doc) AS place FROM (
          SELECT key, site, doc, min(words) AS words, min(place) AS place
          FROM lines ANTI JOIN flagged USING (doc, place) ANTI JOIN copies USING (doc) WHERE words >= {WIRE_WORDS} AND site <> 0 GROUP BY key, site, doc)
        GROUP BY key""",
}
#: Wordings that share rare shingles, one row for each shingle that they share.
MEETINGS = f"""
    WITH held AS (
      SELECT DISTINCT key, site, hosts, words, shingle
      FROM (SELECT p.key, p.site, p.hosts, p.words, explode(shingles) AS shingle FROM passages p JOIN lines l USING (doc, place))
      WHERE shingle % {SAMPLE} = 0 AND floor(abs(shingle / {SAMPLE})) % {{parts}} = {{part}}),
    ranked AS (
      SELECT *, row_number() OVER (PARTITION BY shingle ORDER BY words DESC, key) AS rank, count(*) OVER (PARTITION BY shingle) AS size FROM held),
    useful AS (SELECT * FROM ranked WHERE size BETWEEN 2 AND {COMMON})
    SELECT x.key AS a, y.key AS b FROM useful x JOIN useful y
    ON x.shingle = y.shingle AND (y.rank - x.rank BETWEEN 1 AND {NEIGHBOURS} OR x.rank = 1 AND y.rank > 1)
    WHERE NOT (x.hosts = 1 AND y.hosts = 1 AND x.site = y.site)"""
TEXTS = f"""
    SELECT longer, shorter, x.text AS longer_text, y.text AS shorter_text FROM (
      SELECT a AS longer, b AS shorter FROM (
        SELECT a, b, row_number() OVER (PARTITION BY b ORDER BY shared DESC, a) AS turn
        FROM (SELECT a, b, count(*) AS shared FROM meetings GROUP BY a, b HAVING count(*) >= {SHARED}))
      WHERE turn <= {TRIED})
    JOIN passages p ON longer = p.key JOIN passages q ON shorter = q.key
    JOIN lines x ON p.doc = x.doc AND p.place = x.place JOIN lines y ON q.doc = y.doc AND q.place = y.place"""
NO_TEXTS = "SELECT doc AS longer, doc AS shorter, id AS longer_text, id AS shorter_text FROM documents WHERE false"
#: Each wording goes to the one longer wording that holds most of it.
SAYINGS = "SELECT shorter, longer FROM (SELECT *, row_number() OVER (PARTITION BY shorter ORDER BY score DESC, longer DESC) AS turn FROM said) WHERE turn = 1"
#: Every wording with the hosts of its whole cluster.
WIRES = """
    WITH clustered AS (SELECT key, coalesce(root, key) AS cluster FROM passages LEFT JOIN grouped ON key = node),
         spread AS (SELECT cluster, count(DISTINCT l.site) AS hosts FROM clustered JOIN lines l USING (key) ANTI JOIN copies c ON l.doc = c.doc
                    WHERE l.site <> 0 GROUP BY cluster HAVING count(DISTINCT l.site) > 1)
    SELECT key, cluster, hosts FROM clustered JOIN spread USING (cluster)"""
