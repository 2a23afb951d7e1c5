"""The tables of the corpus pass in Spark: the same SQL as in DuckDB, components of graphs by star contraction, nothing on the driver but results."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from cleaner.corpus import fit, sql
from cleaner.corpus.tables import SCHEMAS, make_all, rows_of
from cleaner.engines.spark import ddl
from cleaner.io import first
from cleaner.io.write import part

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: One turn of star contraction over edges (u, v), u above v (Kiveris et al. 2014, "Connected components in MapReduce and beyond"):
#: every neighbour above a node goes to the smallest one that it knows, then every neighbour below it does.
LARGE_STAR = """
    WITH both_ways AS (SELECT u, v FROM edges UNION ALL SELECT v, u FROM edges),
         least_of AS (SELECT u, least(u, min(v)) AS m FROM both_ways GROUP BY u)
    SELECT DISTINCT v AS u, m AS v FROM both_ways JOIN least_of USING (u) WHERE v > u"""
SMALL_STAR = """
    WITH least_of AS (SELECT u, min(v) AS m FROM edges GROUP BY u)
    SELECT v AS u, m AS v FROM edges JOIN least_of USING (u) WHERE v <> m UNION SELECT u, m FROM least_of"""
#: What tells that a turn changed nothing.
PRINT = "SELECT count(*), bit_xor(xxhash64(u, v)) FROM edges"


class SparkTables:
    """The tables of a session, in files. out: the folder with what the first pass left, in so many parts. room: where the tables go.

    Each is written before the next is made of it: nothing is lost with an executor, and a plan of plans would grow beyond all memory.
    """

    def __init__(self, spark: SparkSession, out: Path, parts: int, room: Path):
        self.spark, self.out, self.parts, self.room, self.made = spark, out, parts, room, 0

    def read(self, batches: Iterable[pa.RecordBatch] = ()) -> None:
        """Take in the keys of documents, on the executors, from the parts of the first pass."""
        for name, schema in SCHEMAS.items():
            parts = self.spark.range(0, self.parts, 1, min(self.parts, 10_000))
            self.keep(f"read_{name}", parts.mapInArrow(partial(keys, self.out, name), ddl(schema)))
        if next(self.rows(sql.READ_TWICE))[0]:
            make_all(self, sql.ONCE)
        else:
            for name in SCHEMAS:
                self.spark.table(f"read_{name}").createOrReplaceTempView(name)

    def make(self, name: str, query: str) -> None:
        """A table from a query."""
        self.keep(name, self.spark.sql(query.format(part=0, parts=1)))

    def map(self, name: str, query: str, function: Callable[[pa.RecordBatch], pa.RecordBatch], schema: pa.Schema) -> None:
        """A table from what a function makes of batches of rows."""
        self.keep(name, self.spark.sql(query.format(part=0, parts=1)).mapInArrow(partial(each, function), ddl(schema)))

    def join(self, name: str, edges: str) -> None:
        """The components of a graph."""
        ends = ", ".join(self.spark.sql(edges).columns)
        self.make("edges", f"SELECT DISTINCT greatest({ends}) AS u, least({ends}) AS v FROM ({edges})")
        before, now = None, next(self.rows(PRINT))
        while now != before and now[0]:
            for star in (LARGE_STAR, SMALL_STAR):
                self.make("edges", star)
            before, now = now, next(self.rows(PRINT))
        self.make(name, "SELECT u AS node, v AS root FROM edges UNION ALL SELECT DISTINCT v, v FROM edges")

    def rows(self, query: str) -> Iterator[tuple]:
        """The rows of a query."""
        return iter(map(tuple, self.spark.sql(query).collect()))

    def keep(self, name: str, rows: DataFrame) -> None:
        """Write a table, and read it from there from now on."""
        self.made += 1
        path = self.room / f"{self.made}-{name}"
        rows.write.parquet(f"file://{path}", mode="overwrite")
        self.spark.read.schema(rows.schema).parquet(as_pattern(path)).createOrReplaceTempView(name)


def as_pattern(path: Path) -> str:
    """A path as Spark reads one: what would be a wildcard is none."""
    return "file://" + re.sub(r"([\[\]{}*?\\])", r"\\\1", str(path))


def keys(out: Path, name: str, parts: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The rows of a table from some parts of the first pass."""
    wanted = {"documents": fit.SCHEMA.names[:8], "titles": ["doc", "site", "titles"]}.get(name, [n for n in fit.SCHEMA.names if n not in ("id", "titles")])
    for batch in parts:
        for number in batch.column(0).to_pylist():
            table = pq.ParquetFile(out / first.FOLDER / part(number)).read(wanted)
            for found in table.filter(table["doc"].is_valid()).combine_chunks().to_batches():
                yield rows_of(name, found)


def each(function: Callable[[pa.RecordBatch], pa.RecordBatch], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """A function on every batch."""
    for batch in batches:
        yield function(batch)
