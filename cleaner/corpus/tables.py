"""Rows into DuckDB and out of it, some thousand in memory at once, while other results are still being read."""
from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import duckdb
import numpy as np
import pyarrow as pa


def fetched(db: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple]:
    """The rows of a query."""
    result = db.cursor().execute(query)
    while part := result.fetchmany(2_000):
        yield from part


def arrow(db: duckdb.DuckDBPyConnection, query: str) -> Iterator[pa.RecordBatch]:
    """The rows of a query as Arrow batches."""
    yield from db.cursor().sql(query).to_arrow_reader(2_000)


def store(db: duckdb.DuckDBPyConnection, name: str, columns: dict) -> None:
    """Append columns to a table."""
    with db.cursor() as writer:
        writer.register("new_rows", pa.table(columns))
        writer.execute(f"INSERT INTO {name} SELECT * FROM new_rows")


def hashes(values) -> pa.Array:
    """64-bit hashes as an Arrow column, empty ones too."""
    return pa.array(list(values), pa.uint64())


def lists(column: pa.ListArray) -> list[np.ndarray]:
    """The lists of an Arrow column as numpy arrays."""
    flat, offsets = column.values.to_numpy(zero_copy_only=False), column.offsets.to_numpy()
    return [flat[a:b] for a, b in pairwise(offsets)]
