"""The Parquet files of a run as tables of a DuckDB that keeps to a memory limit."""
from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from cleaner import schema
from cleaner.io.write import FOLDERS

COLUMNS = {"articles": schema.ARTICLE, "rejected": schema.ARTICLE, "marks": schema.MARK}


def run_record(out: Path) -> dict[str, Any]:
    """The content of ``OUT/run.json``. Raises FileNotFoundError where ``out`` holds no run, ValueError for a broken one."""
    path = out / "run.json"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; `cleaner run INPUT -o {out}` makes it")
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


@contextmanager
def opened(*runs: Path, memory: int = 500_000_000) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the views ``articles``, ``rejected`` and ``marks`` of one run, or ``articles_0``, ``articles_1`` … of several.

    memory: bytes that DuckDB may take; beyond them it uses a temporary folder. Raises FileNotFoundError where a folder holds no run.
    """
    with tempfile.TemporaryDirectory(prefix="cleaner-") as folder, duckdb.connect() as db:
        db.execute(f"SET memory_limit = '{memory // 1_000_000}MB'; SET threads = 2; SET TimeZone = 'UTC'")
        db.execute("SET temp_directory = $folder", {"folder": folder})
        db.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
        for number, out in enumerate(runs):
            run_record(out)
            for name in FOLDERS:
                db.execute(view(out / name, name, f"{name}_{number}" if len(runs) > 1 else name))
        yield db


def view(folder: Path, kind: str, name: str) -> str:
    """SQL that makes a folder of Parquet files a view with our columns; ``place`` is a row's number in its file."""
    files = sorted(p for p in folder.rglob("part-*.parquet"))
    columns = COLUMNS[kind].names
    if not files:
        nothing = ", ".join(f"NULL::{kind_of(f.type)} AS {quoted(f.name)}" for f in COLUMNS[kind])
        return f"CREATE VIEW {name} AS SELECT {nothing}, 0 AS place WHERE false"
    listed = ", ".join("'" + str(f).replace("'", "''") + "'" for f in files)
    source = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = true, hive_types_autocast = false, file_row_number = true)"
    return f"CREATE VIEW {name} AS SELECT {', '.join(map(quoted, columns))}, file_row_number AS place FROM {source}"


def kind_of(arrow: Any) -> str:
    """The SQL type of one of our columns."""
    return {"string": "VARCHAR", "double": "DOUBLE", "float": "FLOAT", "int32": "INTEGER", "int64": "BIGINT"}.get(str(arrow), "VARCHAR[]")


def quoted(name: str) -> str:
    """A column's name in SQL; ``end`` is a word of the language."""
    return '"' + name.replace('"', '""') + '"'


def rows(db: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> list[dict[str, Any]]:
    """The result of a query as dicts."""
    cursor = db.execute(sql, list(values))
    names = [c[0] for c in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]
