"""The group-bys of the corpus pass, all of its SQL but single lookups: thresholds, tables, queries.

Plain joins, group-bys and window functions, so that another engine can run them. What only DuckDB writes so (in Spark SQL):
``unnest`` in a SELECT (``explode``; with ``range(len(…))`` ``posexplode``), UBIGINT and USMALLINT (DECIMAL(20) or the same 64
bits as BIGINT, and INT), ``struct_pack(a := x)`` (``named_struct('a', x)``), ``flatten(list(…))`` (``flatten(collect_list(…))``),
``list_column[]`` types (ARRAY), ``$part`` (``:part``), CREATE TABLE (temporary views; what is read twice is cached).
"""
from __future__ import annotations

from cleaner.corpus.templates import ANYWHERE, ELSEWHERE, LEAST, LONG, LONG_WORDS, SMALL

# --- what the rows become ---------------------------------------------------------------------------------------------------

#: What :data:`cleaner.corpus.fit.SCHEMA` becomes: a row a document, a title key, a line.
TABLES = """
CREATE TABLE documents (doc UBIGINT, id VARCHAR, host VARCHAR, site UBIGINT, date VARCHAR, length BIGINT, exact UBIGINT, title UBIGINT);
CREATE TABLE titles (doc UBIGINT, site UBIGINT, key UBIGINT);
CREATE TABLE lines (doc UBIGINT, site UBIGINT, place UINTEGER, key UBIGINT, masked UBIGINT, lead_in UBIGINT, name UBIGINT,
                    words USMALLINT, text VARCHAR, shingles UINTEGER[]);
"""
INSERT = """
INSERT INTO documents SELECT doc, id, host, site, date, length, exact, title FROM batch;
INSERT INTO titles SELECT doc, site, unnest(titles) FROM batch;
INSERT INTO lines SELECT doc, site, unnest(range(len(keys))), unnest(keys), unnest(masked), unnest(lead_in), unnest(name), unnest(words),
                         unnest(text), unnest(shingles) FROM batch;
"""
#: A document that came twice counts once.
ONCE = """
CREATE OR REPLACE TABLE documents AS SELECT DISTINCT * FROM documents;
CREATE OR REPLACE TABLE titles AS SELECT DISTINCT * FROM titles;
CREATE OR REPLACE TABLE lines AS SELECT DISTINCT * FROM lines;
"""

# --- what the pages of a host repeat ----------------------------------------------------------------------------------------

#: A masked key or a label counts when so many different lines have it; of one line the line itself tells.
VARIANTS = 2
#: Two pages are one story when they share so many paragraphs of so many words, and so large a share of the shorter page's.
STORY_SHARED, STORY_WORDS, STORY_SHARE = 3, 12, 0.5

#: Paragraphs on many pages say nothing about two of them; the limit keeps the self-join linear. Pages with the same words are
#: one story however many there are.
SAME_STORY = f"""
CREATE TABLE prose AS SELECT DISTINCT site, doc, key FROM lines WHERE site <> 0 AND words >= {STORY_WORDS};
CREATE TABLE rare_prose AS
  WITH pages AS (SELECT site, count(*) AS pages FROM documents GROUP BY site),
       held AS (SELECT site, key, count(*) AS held FROM prose GROUP BY site, key HAVING count(*) > 1)
  SELECT site, doc, key FROM prose JOIN held USING (site, key) JOIN pages USING (site)
  WHERE held <= greatest(3, if(pages <= 30, floor(pages / 3), least(floor(pages / 10), 30)));
CREATE TABLE same_story AS
  WITH size AS (SELECT doc, count(*) AS size FROM prose GROUP BY doc),
       pairs AS (SELECT x.doc AS a, y.doc AS b, count(*) AS shared FROM rare_prose x JOIN rare_prose y USING (site, key)
                 WHERE x.doc < y.doc GROUP BY a, b HAVING count(*) >= {STORY_SHARED})
  SELECT a, b FROM pairs JOIN size x ON a = x.doc JOIN size y ON b = y.doc WHERE shared >= {STORY_SHARE} * least(x.size, y.size)
  UNION ALL SELECT first, doc FROM (SELECT doc, min(doc) OVER (PARTITION BY site, exact) AS first FROM documents WHERE site <> 0 AND exact <> 0)
  WHERE first <> doc;
"""

#: ``frequent``: keys that at least three stories of a host carry. ``flagged``: lines that such a key marks wherever they stand.
#: ``body``: first and last line of a page that is neither repeated nor another page's title.
FREQUENT = f"""
CREATE TABLE sites AS SELECT site, count(DISTINCT story) AS stories FROM story GROUP BY site HAVING count(DISTINCT story) >= {LEAST};
CREATE VIEW keyed AS
  SELECT site, doc, place, words, unnest([0, 1, 2, 3]) AS kind, key AS line, unnest([key, masked, lead_in, name]) AS key FROM lines WHERE site <> 0;
CREATE TABLE counted AS
  SELECT site, key, any_value(kind) AS kind, max(words) AS words, count(DISTINCT story) AS stories
  FROM keyed JOIN story USING (doc, site) WHERE key <> 0 GROUP BY site, key
  HAVING count(DISTINCT story) >= {LEAST} AND (any_value(kind) = 0 OR count(DISTINCT line) >= {VARIANTS});
CREATE TABLE spread AS SELECT key, count(DISTINCT site) AS hosts FROM keyed SEMI JOIN counted USING (key) GROUP BY key;
CREATE TABLE judged AS
  SELECT c.site, c.key, c.stories, hosts,
    if(kind < 2,
       c.stories >= if(s.stories < {SMALL}, s.stories, if(words >= {LONG_WORDS}, greatest({LONG[1]}, ceil({LONG[0]} * s.stories)),
                                                          greatest({ANYWHERE[1]}, ceil({ANYWHERE[0]} * s.stories)))),
       c.stories >= greatest(4, if(s.stories < {SMALL}, s.stories, greatest({ANYWHERE[1]}, ceil({ANYWHERE[0]} * s.stories))))
         AND hosts - 1 <= {ELSEWHERE} * (SELECT count(DISTINCT site) FROM documents WHERE site <> 0)) AS strong
  FROM counted c JOIN sites s USING (site) JOIN spread USING (key);
CREATE TABLE repeated AS SELECT doc, place, k.site, k.key, strong FROM keyed k JOIN judged USING (site, key);
CREATE TABLE flagged AS
  SELECT DISTINCT doc, place FROM repeated WHERE strong
  UNION SELECT l.doc, l.place FROM lines l SEMI JOIN titles t ON l.site = t.site AND l.key = t.key
        ANTI JOIN titles o ON l.doc = o.doc AND l.key = o.key WHERE l.site IN (SELECT site FROM sites);
CREATE TABLE body AS
  SELECT doc, min(place) AS first, max(place) AS last FROM lines ANTI JOIN repeated USING (doc, place) ANTI JOIN flagged USING (doc, place)
  WHERE site IN (SELECT site FROM sites) GROUP BY doc;
CREATE TABLE frequent AS
  SELECT site, key, any_value(stories) AS stories, any_value(hosts) AS hosts,
    avg(if(body.first IS NULL OR place < body.first OR place > body.last, 1.0, 0.0)) AS edge
  FROM repeated JOIN judged USING (site, key) LEFT JOIN body USING (doc) GROUP BY site, key;
"""

# --- documents that may be versions of each other ---------------------------------------------------------------------------

#: Each member of a bucket meets the bucket's first and its own neighbour: linear in the bucket, however large.
CANDIDATES = """
SELECT DISTINCT a, b FROM (
  SELECT doc AS b, unnest([first_value(doc) OVER w, lag(doc) OVER w]) AS a
  FROM bands SEMI JOIN (SELECT band, hash FROM bands GROUP BY band, hash HAVING count(*) > 1) USING (band, hash)
  WINDOW w AS (PARTITION BY band, hash ORDER BY doc)
) WHERE a <> b
"""

VERSIONS = """
SELECT a, b, d.title <> 0 AND d.title = e.title, x.sketch, y.sketch
FROM candidates JOIN sketches x ON a = x.doc JOIN sketches y ON b = y.doc JOIN documents d ON a = d.doc JOIN documents e ON b = e.doc
"""

# --- paragraphs that several hosts carry ------------------------------------------------------------------------------------

#: Words from which a paragraph that several hosts carry is copy; shorter ones are formulas.
WIRE_WORDS = 8
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
MET = f"""
INSERT INTO met
  WITH held AS (
    SELECT DISTINCT p.key, p.site, p.hosts, p.words, s.shingle
    FROM passages p JOIN lines l USING (doc, place), unnest(l.shingles) AS s(shingle)
    WHERE shingle % {SAMPLE} = 0 AND floor(shingle / {SAMPLE}) % {PARTS} = $part),
  ranked AS (
    SELECT *, row_number() OVER (PARTITION BY shingle ORDER BY words DESC, key) AS rank, count(*) OVER (PARTITION BY shingle) AS size FROM held),
  useful AS (SELECT * FROM ranked WHERE size BETWEEN 2 AND {COMMON})
  SELECT x.key, y.key FROM useful x JOIN useful y ON x.shingle = y.shingle AND (y.rank - x.rank BETWEEN 1 AND {NEIGHBOURS} OR x.rank = 1 AND y.rank > 1)
  WHERE NOT (x.hosts = 1 AND y.hosts = 1 AND x.site = y.site);
"""
TEXTS = f"""
SELECT long, short, x.text, y.text FROM (
    SELECT a AS long, b AS short FROM (
      SELECT a, b, row_number() OVER (PARTITION BY b ORDER BY count(*) DESC, a) AS rank FROM met GROUP BY a, b HAVING count(*) >= {SHARED})
    WHERE rank <= {TRIED})
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
