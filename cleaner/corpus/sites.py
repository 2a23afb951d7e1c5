"""Group-bys that find what the pages of a host repeat: stories, lines by number of stories, lines at the page's edge."""
from __future__ import annotations

from collections.abc import Iterator

import duckdb

from cleaner.corpus.minhash import components
from cleaner.corpus.tables import fetched, hashes, store
from cleaner.corpus.templates import ANYWHERE, ELSEWHERE, LEAST, LONG, LONG_WORDS, SMALL

#: A masked key or a label counts when so many different lines have it; of one line the line itself tells.
VARIANTS = 2
#: Two pages are one story when they share so many paragraphs of so many words, and so large a share of the shorter page's.
SHARED, STORY_WORDS, STORY_SHARE = 3, 12, 0.5

#: Paragraphs on many pages say nothing about two of them; the limit keeps the self-join linear. Pages with the same words are
#: one story however many there are.
SAME_STORY = f"""
CREATE TABLE prose AS SELECT DISTINCT site, doc, key FROM lines WHERE site <> 0 AND words >= {STORY_WORDS};
CREATE TABLE rare_prose AS
  WITH pages AS (SELECT site, count(*) AS pages FROM documents GROUP BY site),
       held AS (SELECT site, key, count(*) AS held FROM prose GROUP BY site, key HAVING count(*) > 1)
  SELECT site, doc, key FROM prose JOIN held USING (site, key) JOIN pages USING (site)
  WHERE held <= greatest(3, if(pages <= 30, pages // 3, least(pages // 10, 30)));
CREATE TABLE same_story AS
  WITH size AS (SELECT doc, count(*) AS size FROM prose GROUP BY doc),
       pairs AS (SELECT x.doc AS a, y.doc AS b, count(*) AS shared FROM rare_prose x JOIN rare_prose y USING (site, key)
                 WHERE x.doc < y.doc GROUP BY a, b HAVING count(*) >= {SHARED})
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


def sites(db: duckdb.DuckDBPyConnection) -> Iterator[dict]:
    """Rows of the statistics about hosts: their stories, repeated lines and titles. Leaves the table ``flagged`` behind."""
    db.execute(SAME_STORY)
    story = components(db.execute("SELECT a, b FROM same_story").fetchall())
    db.execute("CREATE TABLE joined (doc UBIGINT, root UBIGINT)")
    store(db, "joined", {"doc": hashes(story), "root": hashes(story.values())})
    db.execute("CREATE TABLE story AS SELECT doc, site, coalesce(root, doc) AS story FROM documents LEFT JOIN joined USING (doc) WHERE site <> 0")
    db.execute(FREQUENT)
    yield from described(db)


def described(db: duckdb.DuckDBPyConnection) -> Iterator[dict]:
    """The tables of :func:`sites` as rows of the statistics."""
    names = dict(db.execute("SELECT DISTINCT site, host FROM documents SEMI JOIN sites USING (site)").fetchall())
    for site, stories in db.execute("SELECT site, stories FROM sites").fetchall():
        yield {"about": "host", "host": names[site], "count": stories}
    for site, key, stories, edge, hosts in fetched(db, "SELECT site, key, stories, edge, hosts FROM frequent"):
        yield {"about": "line", "host": names[site], "key": key, "count": stories, "share": edge, "hosts": hosts}
    for site, key in fetched(db, "SELECT DISTINCT site, key FROM titles SEMI JOIN sites USING (site)"):
        yield {"about": "title", "host": names[site], "key": key}
