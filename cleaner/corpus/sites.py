"""Group-bys that find what the pages of a host repeat: stories, lines by number of stories, lines at the page's edge."""
from __future__ import annotations

from collections.abc import Iterator

import duckdb

from cleaner.corpus import sql
from cleaner.corpus.minhash import components
from cleaner.corpus.tables import fetched, hashes, store


def sites(db: duckdb.DuckDBPyConnection) -> Iterator[dict]:
    """Rows of the statistics about hosts: their stories, repeated lines and titles. Leaves the table ``flagged`` behind."""
    db.execute(sql.SAME_STORY)
    story = components(db.execute("SELECT a, b FROM same_story").fetchall())
    db.execute("CREATE TABLE joined (doc UBIGINT, root UBIGINT)")
    store(db, "joined", {"doc": hashes(story), "root": hashes(story.values())})
    db.execute("CREATE TABLE story AS SELECT doc, site, coalesce(root, doc) AS story FROM documents LEFT JOIN joined USING (doc) WHERE site <> 0")
    db.execute(sql.FREQUENT)
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
