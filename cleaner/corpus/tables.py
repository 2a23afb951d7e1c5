"""The tables of the corpus pass: what an engine must do with them, and DuckDB doing it, some thousand rows in memory at once.

    read(batches)                       keys of documents to the tables documents, titles and lines
    make(name, query)                   a table from a query
    map(name, query, function, schema)  a table from what a Python function makes of the rows of a query, batch by batch
    join(name, edges)                   a table (node, root): for each node of the edges the smallest node of its component
    rows(query)                         a small result, row by row

:class:`cleaner.engines.spark_tables.SparkTables` does the same on a cluster.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.corpus import sql
from cleaner.corpus.minhash import components

if TYPE_CHECKING:
    import duckdb

#: Rows that a function is given at once.
ROWS = 2_000

#: Turns in which the largest group-bys go through a table, at the most, and lines of the corpus for each.
MOST_TURNS, TURN = 8, 50_000

#: The tables that the keys of documents become. Hashes are signed here: Spark has no unsigned integers, and order must not differ.
DOCUMENTS = pa.schema(
    [("doc", pa.int64()), ("id", pa.string()), ("host", pa.string()), ("site", pa.int64()), ("date", pa.string()), ("length", pa.int64()),
     ("exact", pa.int64()), ("title", pa.int64())]
)  # fmt: skip
TITLES = pa.schema([("doc", pa.int64()), ("site", pa.int64()), ("key", pa.int64())])
LINES = pa.schema(
    [("doc", pa.int64()), ("site", pa.int64()), ("place", pa.int32()), ("key", pa.int64()), ("masked", pa.int64()), ("lead_in", pa.int64()),
     ("name", pa.int64()), ("words", pa.int32()), ("text", pa.string()), ("shingles", pa.list_(pa.int32()))]
)  # fmt: skip
SCHEMAS = {"documents": DOCUMENTS, "titles": TITLES, "lines": LINES}


def rows_of(name: str, keys: pa.RecordBatch) -> pa.RecordBatch:
    """The rows of a table from keys of documents (``cleaner.corpus.fit.SCHEMA``). name: documents, titles or lines."""
    if name == "documents":
        columns = [keys.column(field.name) for field in DOCUMENTS]
    else:
        lists = keys.column("titles" if name == "titles" else "keys")
        parents = pc.list_parent_indices(lists)
        about = [keys.column(c).take(parents) for c in ("doc", "site")]
        if name == "titles":
            columns = [*about, pc.list_flatten(lists)]
        else:
            sizes = pc.list_value_length(lists).to_numpy(zero_copy_only=False)
            place = np.arange(len(parents)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
            columns = [*about, pa.array(place, pa.int32()), *(pc.list_flatten(keys.column("keys" if c == "key" else c)) for c in LINES.names[3:])]
    schema = SCHEMAS[name]
    return pa.RecordBatch.from_arrays([signed(c, f.type) for c, f in zip(columns, schema)], schema=schema)


def signed(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """An Arrow column in a type of ours: unsigned hashes as the same bits with a sign."""
    if column.type == pa.uint64():
        return column.view(pa.int64())
    if pa.types.is_list(column.type):
        return pa.ListArray.from_arrays(column.offsets, column.values.view(kind.value_type))
    return column if column.type == kind else column.cast(kind)


def unsigned(hash: int) -> int:
    """A hash as it is outside the tables."""
    return hash & 0xFFFF_FFFF_FFFF_FFFF


class Engine(Protocol):
    """What the corpus pass asks of an engine; this room's first lines say what each does."""

    def read(self, batches: Iterable[pa.RecordBatch]) -> None: ...
    def make(self, name: str, query: str) -> None: ...
    def map(self, name: str, query: str, function: Callable[[pa.RecordBatch], pa.RecordBatch], schema: pa.Schema) -> None: ...
    def join(self, name: str, edges: str) -> None: ...
    def rows(self, query: str) -> Iterator[tuple]: ...


def make_all(engine: Engine, queries: sql.Tables) -> None:
    """Tables from queries, in their order."""
    for name, query in queries.items():
        engine.make(name, query)


class DuckTables:
    """The tables in DuckDB, on disk beyond its limit of memory."""

    def __init__(self, db: duckdb.DuckDBPyConnection):
        self.db, self.parts = db, MOST_TURNS
        db.execute("CREATE MACRO explode(x) AS unnest(x); CREATE MACRO collect_list(x) AS list(x)")

    def read(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Take in the keys of documents."""
        for name, schema in SCHEMAS.items():
            self.append(f"read_{name}", schema.empty_table())
        for batch in batches:
            for name in SCHEMAS:
                self.append(f"read_{name}", pa.Table.from_batches([rows_of(name, batch)]))
        self.parts = min(MOST_TURNS, 1 + next(self.rows("SELECT count(*) FROM read_lines"))[0] // TURN)
        twice = next(self.rows(sql.READ_TWICE))[0]
        for name, query in sql.ONCE.items():
            if twice:
                self.make(name, query)
            else:
                self.db.execute(f"ALTER TABLE read_{name} RENAME TO {name}")

    def make(self, name: str, query: str) -> None:
        """A table from a query."""
        for part in range(parts := self.parts if "{parts}" in query else 1):
            begin = f"INSERT INTO {name}" if part else f"CREATE TABLE {name} AS"
            self.db.execute(f"{begin} {query.format(part=part, parts=parts)}")

    def map(self, name: str, query: str, function: Callable[[pa.RecordBatch], pa.RecordBatch], schema: pa.Schema) -> None:
        """A table from what a function makes of batches of rows."""
        self.append(name, schema.empty_table())
        for part in range(parts := self.parts if "{parts}" in query else 1):
            for batch in self.db.cursor().sql(query.format(part=part, parts=parts)).to_arrow_reader(ROWS):
                self.append(name, pa.Table.from_batches([function(batch)], schema))

    def join(self, name: str, edges: str) -> None:
        """The components of a graph."""
        root = components(self.rows(edges))
        self.append(name, pa.table({"node": pa.array(list(root), pa.int64()), "root": pa.array(list(root.values()), pa.int64())}))

    def rows(self, query: str) -> Iterator[tuple]:
        """The rows of a query."""
        result = self.db.cursor().execute(query)
        while part := result.fetchmany(ROWS):
            yield from part

    def append(self, name: str, rows: pa.Table) -> None:
        """Rows into a table, which is made when it is not there."""
        with self.db.cursor() as writer:
            writer.register("new_rows", rows)
            writer.execute(f"CREATE TABLE IF NOT EXISTS {name} AS SELECT * FROM new_rows LIMIT 0")
            writer.execute(f"INSERT INTO {name} SELECT * FROM new_rows")


def lists(column: pa.ListArray) -> list[np.ndarray]:
    """The lists of an Arrow column as numpy arrays, 32-bit values without a sign."""
    flat, offsets = column.values.to_numpy(zero_copy_only=False), column.offsets.to_numpy()
    return [flat[a:b].view(np.uint32) for a, b in zip(offsets, offsets[1:])]
