"""Reading a finished run back: one document with its marks, and the text as it came."""
from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from cleaner.document import Block, Document, Mark, Meta, restored_blocks
from cleaner.limits import interruptible

Row = dict[str, Any]

#: Ids of a run that are looked at in memory; DuckDB takes as long to begin as this many take.
FEW = 20_000


def find_document(out: str | Path, id: str) -> tuple[Row, list[Row]]:
    """A document of a run, from ``articles/`` or ``rejected/``, and its marks in the order in which they were made.

    Raises FileNotFoundError where ``out`` holds no run, KeyError where it has no such document.
    """
    for folder in ("articles", "rejected"):
        rows = read(Path(out) / folder, id)
        if rows:
            return rows[0], read(Path(out) / "marks", id)
    raise KeyError(f"no document {id!r} in {out}; `SELECT id FROM '{out}/articles/*.parquet'` lists them")


def read(folder: Path, id: str) -> list[Row]:
    """The rows of one id in a folder of Parquet files."""
    import pyarrow.dataset as ds  # here, not above: it loads pandas, .5 s that a run need not wait

    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is missing; `cleaner run INPUT -o {folder.parent}` makes it")
    return ds.dataset(folder, format="parquet", partitioning="hive").to_table(filter=ds.field("id") == id).to_pylist()


def repeated_ids(out: str | Path, memory: str = "400MB", shown: int = 5) -> tuple[int, list[str]]:
    """How many ids of a run stand for more than one record, and the first of them with their files."""
    files = [str(p) for folder in ("articles", "rejected") for p in sorted((Path(out) / folder).rglob("part-*.parquet"))]
    if not files:
        return 0, []
    if sum(pq.read_metadata(file).num_rows for file in files) <= FEW:
        ids = [id for file in files for id in pq.ParquetFile(file).read(["id"])["id"].to_pylist()]
        if len(set(ids)) == len(ids):
            return 0, []
    with interruptible(), tempfile.TemporaryDirectory(prefix=".cleaner-", dir=out) as folder, duckdb.connect() as db:
        db.execute(f"SET memory_limit = '{memory}'; SET preserve_insertion_order = false")
        db.execute("SET temp_directory = $folder", {"folder": folder})
        again = "SELECT id, count(*) AS n FROM read_parquet($files, hive_partitioning = false) GROUP BY id HAVING count(*) > 1"
        total = db.execute(f"SELECT count(*) FROM ({again})", {"files": files}).fetchall()[0][0]
        first = f"""SELECT id, any_value(n), list_sort(list(DISTINCT source))[:2] FROM read_parquet($files, hive_partitioning = false)
                    JOIN (SELECT * FROM ({again}) ORDER BY id LIMIT {shown}) USING (id) GROUP BY id ORDER BY id"""
        return total, [f"{id} ({n} records, {', '.join(sources)})" for id, n, sources in (db.execute(first, {"files": files}).fetchall() if total else ())]


def restored(article: Row, marks: list[Row]) -> str:
    """The text of a document as it came, rebuilt from its row and its marks; blocks stand apart by a blank line."""
    return "\n\n".join(restored_blocks(document(article, marks)))


def document(article: Row, marks: list[Row]) -> Document:
    """The document that a row and its marks were made from: cuts put back where they were, every decision on it.

    A row does not hold the kinds of blocks and what HTML knew of them.
    """
    decisions = [as_mark(m) for m in marks]
    cuts: dict[int, list[Mark]] = {}
    gone = {m["block"] for m in marks if m["action"] != "flag" and m["replacement"] is None}
    for m, row in zip(decisions, marks):
        if m.action == "cut":
            cuts.setdefault(m.block, []).append(m._replace(original=row["text"]))
    left = iter([line for line in (article["text"] or "").split("\n") if line])
    texts = (with_cuts("" if n in gone else next(left, ""), cuts.get(n, ())) for n in range(article["paragraphs_in"] or 0))
    meta = {k: article[k] for k in ("url", "host", "title", "author", "date", "lang", "lang_score", "source", "row") if k in article}
    return Document(article["id"], tuple(map(Block, texts)), tuple(decisions), Meta(**meta))


def as_mark(row: Row) -> Mark:
    """A row of ``marks/`` as the mark that it was."""
    known = {k: row[k] for k in ("block", "start", "end", "stage", "rule", "action", "score")}
    replacement = None if row["action"] == "flag" else row["replacement"] or ""
    return Mark(**known, replacement=replacement, detail=row["detail"] or "", original=row["text"] or "" if row["action"] == "edit" else "")


def with_cuts(stayed: str, cuts: Iterable[Mark]) -> str:
    """What stayed of a block with its cut spans, which may overlap, put back where they were; a cut's ``original`` is its text."""
    whole, used = "", 0
    for m in sorted(cuts, key=lambda m: (m.start, m.end)):
        fill = max(0, m.start - len(whole))
        whole += stayed[used : used + fill]
        used += fill
        whole += m.original[len(whole) - m.start :]
    return whole + stayed[used:]
