"""Apache Spark: a DataFrame of yours cleaned in your own job, and the session behind ``cleaner run --engine spark://…``.

    from cleaner.engines import spark
    cleaned = spark.clean(df, text="body", url="link")
"""
from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

import cleaner
from cleaner import schema
from cleaner.corpus.stats import Stats
from cleaner.doors import NAMES, text_column
from cleaner.engines import isolation
from cleaner.engines.pool import Job
from cleaner.pipeline import Pipeline

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: The columns that :func:`clean` adds, with the types that Spark gives them.
MARKS = schema.NESTED_MARKS.type
ADDED = {"lang": pa.string(), "flags": pa.list_(pa.string()), "status": pa.string(), "error": pa.string(), "duplicate_of": pa.string(), "marks": MARKS}

#: What Spark calls the types of Arrow that our tables have.
TYPES = {pa.int64(): "bigint", pa.int32(): "int", pa.string(): "string", pa.bool_(): "boolean", pa.float64(): "double"}

#: What a session of ours says where nobody else does: few rows at once, as a row may hold a page; two arenas of memory instead of eight
#: for each core; no words but ours on the screen.
SETTINGS = {
    "spark.sql.execution.arrow.maxRecordsPerBatch": "512", "spark.python.worker.reuse": "true", "spark.executorEnv.MALLOC_ARENA_MAX": "2",
    "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR",
}  # fmt: skip


def clean(
    df: DataFrame,
    text: str = "",
    url: str = "",
    *,
    pipeline: Pipeline | None = None,
    stats: Stats | str | None = None,
    timeout: float = 60.0,
    max_memory: int = 2_000_000_000,
    **columns: str,
) -> DataFrame:
    """A Spark DataFrame with its text column cleaned; ``cleaner.clean(DataFrame)`` for Spark.

    df: any DataFrame. text: the column of the text, or of pages as HTML or bytes; the usual names are found without it. url
    and columns: those of the address and of title, author, date, lang and id, where they have unusual names.
    pipeline: the stages, the default ones without it. stats: statistics of a corpus, or the path of their file, which every
    executor must see. timeout: seconds of wall time for one document. max_memory: bytes that the process in which documents are
    cleaned may take beside what it starts with.

    The columns lang, flags, status, error, duplicate_of and marks are added, or take the place of such ones; rows and other
    columns stay. A document that fails keeps its row: its text is null then, status and error say why. One that ends the process
    or hangs costs no other one. The lists of files, the pass over the corpus and the output folder are those of ``cleaner run``.

    Raises KeyError for a column that is not there, TypeError for a text column of another type.
    """
    from pyspark.sql.types import BinaryType, StringType, StructField, StructType

    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)  # nothing here goes through pandas
    roles = {"text": text or text_column(df.columns), **({"url": url} if url else {}), **columns}
    for role, name in roles.items():
        if name not in df.columns or role not in NAMES:
            raise KeyError(f"no column {name!r} for {role!r}; the DataFrame has {', '.join(df.columns)}; there can be told: {', '.join(NAMES)}")
    if not isinstance(df.schema[roles["text"]].dataType, (StringType, BinaryType)):
        raise TypeError(f"the column {roles['text']!r} is {df.schema[roles['text']].dataType.simpleString()}; a text is string or binary")
    for role, usual in NAMES.items():
        if role not in ("text", "html") and (name := next((n for n in usual if n in df.columns), None)):
            roles.setdefault(role, name)
    chosen = pipeline or Pipeline()
    job = Job(chosen.with_stats(stats) if stats is not None else chosen, Path(), {}, timeout=timeout, max_memory=max_memory)
    kept = [StructField(f.name, StringType()) if f.name == roles["text"] else f for f in df.schema if f.name not in ADDED]
    added = StructType.fromDDL(ddl(pa.schema(ADDED.items())))
    return df.mapInArrow(partial(cleaned, job, roles), StructType([*kept, *added]))


def cleaned(job: Job, roles: Mapping[str, str], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What an executor does with the batches of a DataFrame."""
    check_version(cleaner.__version__)
    for batch in batches:
        there = batch.filter(batch.column(roles["text"]).is_valid())
        results = isolation.batches([records(there, roles)] if there.num_rows else [], job)
        found = pa.Table.from_batches([r.replace_schema_metadata(None) for r in results], schema.result(pa.schema([])))
        yield joined(batch, roles["text"], found)


def records(batch: pa.RecordBatch, roles: Mapping[str, str]) -> pa.RecordBatch:
    """Rows of a DataFrame as records. One without an id has "" there, as nothing about its place is known."""
    rows = []
    for values in batch.select(sorted(set(roles.values()))).to_pylist():
        content = values[roles["text"]]
        known = {role: None if (v := values[name]) is None else str(v) for role, name in roles.items() if role != "text"}
        form = "bytes" if isinstance(content, bytes) else "text"
        rows.append({"id": "", **{k: v for k, v in known.items() if v is not None}, "_form": form, "_content": content if form == "bytes" else content.encode("utf-8", "surrogatepass")})
    return pa.RecordBatch.from_pylist(rows, schema.RECORD)


def joined(batch: pa.RecordBatch, text: str, found: pa.Table) -> pa.RecordBatch:
    """A batch of the DataFrame with what was found of those of its rows that have a text."""
    valid = batch.column(text).is_valid().to_pylist()
    place = iter(range(len(valid)))
    take = pa.array([next(place) if there else None for there in valid], pa.int64())
    new = {name: found["_marks" if name == "marks" else name].combine_chunks().take(take) for name in (*ADDED, "text")}
    kept = {f.name: new["text"] if f.name == text else batch.column(f.name) for f in batch.schema if f.name not in ADDED}
    return pa.RecordBatch.from_pydict(kept | {name: new[name] for name in ADDED})


def ddl(columns: pa.Schema) -> str:
    """An Arrow schema as Spark writes one."""
    return ", ".join(f"`{f.name}` {spark_type(f.type)}" for f in columns)


def spark_type(kind: pa.DataType) -> str:
    """What Spark calls a type of Arrow."""
    if pa.types.is_list(kind):
        return f"array<{spark_type(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return f"struct<{', '.join(f'`{f.name}`: {spark_type(f.type)}' for f in kind)}>"
    return TYPES[kind]


def check_version(driver: str) -> None:
    """Raises RuntimeError where an executor has another cleaner than the driver, which would give other rows."""
    if cleaner.__version__ != driver:
        raise RuntimeError(f"this executor has cleaner {cleaner.__version__}, the driver {driver}; ship one environment to all (docs: Running on a cluster)")


def session(master: str, settings: Mapping[str, str] = {}) -> tuple[bool, SparkSession]:
    """(whether it is new, a Spark session). master: its URL, or "spark" for the one that spark-submit or the configuration names.

    Executors run this Python, by its path, unless PYSPARK_PYTHON, ``spark.pyspark.python`` or ``spark.archives`` says otherwise.

    Raises ImportError with the remedy where PySpark or Java is missing.
    """
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ImportError(f"--engine {master} needs PySpark ({error}); pip install 'cleaner[spark]'") from error
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)  # nothing here goes through pandas
    builder = SparkSession.builder.appName("cleaner")
    if master != "spark":
        builder = builder.master(master)
    if not {"spark.pyspark.python", "spark.archives"} & settings.keys():
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    for key, value in (SETTINGS | settings).items():
        builder = builder.config(key, value)
    new = SparkSession.getActiveSession() is None
    try:
        made = builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise ImportError(f"--engine {master} needs Java 17 or later on the PATH or in JAVA_HOME: {error}") from error
    return new, made
