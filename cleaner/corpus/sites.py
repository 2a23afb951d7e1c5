"""Group-bys that find what the pages of a host repeat: stories, lines by number of stories, lines at the page's edge."""
from __future__ import annotations

from collections.abc import Iterator

from cleaner.corpus import sql
from cleaner.corpus.tables import Engine, make_all, unsigned


def sites(tables: Engine) -> Iterator[dict]:
    """Rows of the statistics about hosts: their stories, repeated lines and titles. Leaves the table ``flagged`` behind."""
    make_all(tables, sql.SAME_STORY)
    tables.join("joined", "SELECT a, b FROM same_story")
    make_all(tables, sql.STORY | sql.FREQUENT)
    for host, stories in tables.rows(sql.SITES):
        yield {"about": "host", "host": host, "count": stories}
    for host, key, stories, edge, hosts in tables.rows(sql.LINES):
        yield {"about": "line", "host": host, "key": unsigned(key), "count": stories, "share": edge, "hosts": hosts}
    for host, key in tables.rows(sql.TITLES):
        yield {"about": "title", "host": host, "key": unsigned(key)}
