"""A run on Apache Spark: executors read the files to shards, clean each shard as a worker of the local pool does, and write its parts.

A shard is a file in the output folder until the run is done, so that no page crosses the network but to and from that folder, work
is in pieces of one size whatever the size of a file or a host, and a task that is lost with its machine is done again with the same
rows. Spark's own tables hold keys of documents only (:mod:`cleaner.engines.spark_tables`). The driver sees counts and statistics.
"""
from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

import cleaner
from cleaner.corpus.fit import found
from cleaner.corpus.stats import Stats
from cleaner.engines import isolation
from cleaner.engines.here import Work, done, shard
from cleaner.engines.pool import WAITING, Job, to_ipc
from cleaner.engines.spark import check_version, ddl, session
from cleaner.engines.spark_tables import SparkTables, as_pattern
from cleaner.io.inputs import Inputs, Meter, Source
from cleaner.io.records import BATCH_BYTES, Reading, batches, merged, own_types, schema_of
from cleaner.io.write import Counts, write_whole

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Files that one task reads: as many as this, or as many bytes.
FILES, BYTES = 512, 4 * BATCH_BYTES
#: Tasks of a stage, at most: Spark's driver keeps some kB for each.
TASKS = 20_000
#: Seconds between two looks at how far a stage is.
LOOK = 1.0
#: Folder in the output for what Spark must not lose.
KEPT = ".spark"

#: What tasks answer: their own number, and JSON.
ANSWER = pa.schema([("number", pa.int64()), ("answer", pa.string())])


class Group(NamedTuple):
    """Files that one task reads."""

    number: int
    sources: list[Source]


@dataclass(frozen=True)
class Reader:
    """How an executor reads. out: the folder of the run."""

    out: Path
    reading: Reading
    own: pa.Schema
    version: str = cleaner.__version__


class Cluster:
    """The machines of a Spark cluster. master: its URL, or "spark" for the one that the session has. settings: of that session."""

    def __init__(self, master: str, settings: Mapping[str, str]):
        self.master, self.settings = master, settings
        self.ours, self.out = True, Path()
        self.starts: list[int] = []  # number of the first shard of each group, and of all shards

    @cached_property
    def spark(self) -> SparkSession:
        with spoken(self.master):
            self.ours, made = session(self.master, self.settings)
            return made

    def own_schema(self, files: Inputs, reading: Reading) -> pa.Schema:
        answers = self.answers(self.over(grouped(files)).mapInArrow(partial(told, reading), ddl(ANSWER)))
        return schema_of(merged(pickle.loads(bytes.fromhex(a)) for _, a in sorted(answers)))

    def one_pass(self, work: Work, job: Job, config_hash: str) -> int:
        summary = work.summary
        if not self.starts:
            self.starts = self.read(work, job.out)
        total = self.starts[-1]

        def look(share: float) -> None:
            summary.meter = Meter(1_000, behind=int(1_000 * share), current=f"on {self.master}")
            summary.seconds = time.monotonic() - work.begin
            work.progress(summary)

        tasks = self.spark.range(0, total, 1, max(1, min(total, TASKS)))
        for _, answer in self.answers(tasks.mapInArrow(partial(cleaned, job, config_hash, work.asked, self.starts), ddl(ANSWER)), look):
            for counts in json.loads(answer):
                (summary.add_first if job.first else summary.add)({name: Counter(counter) for name, counter in counts.items()})
        look(1.0)
        return total

    def read(self, work: Work, out: Path) -> list[int]:
        """Read the input to shards; the number of the first shard of each group of files, and of all shards."""
        self.out = out
        shutil.rmtree(out / WAITING, ignore_errors=True)
        (out / KEPT).mkdir(parents=True, exist_ok=True)
        reader = Reader(out, work.reading, work.own)
        answers = self.answers(self.over(grouped(work.files)).mapInArrow(partial(read, reader), ddl(ANSWER)))
        starts = [0]
        for _, count in sorted(answers):
            starts.append(starts[-1] + int(count))
        return starts

    def statistics(self, job: Job, parts: int, memory: str) -> Stats:
        tables = SparkTables(self.spark, job.out, parts, job.out / KEPT)
        with spoken(self.master):
            tables.read()
            return found(tables)

    def repeated_ids(self, out: Path, memory: str, shown: int = 5) -> tuple[int, list[str]]:
        reader = self.spark.read.schema("id string, source string").option("recursiveFileLookup", "true").option("pathGlobFilter", "part-*.parquet")
        reader.parquet(*(as_pattern(path) for name in ("articles", "rejected") if (path := out / name).exists())).createOrReplaceTempView("written")
        self.spark.sql(
            "SELECT id, count(*) AS n, slice(array_sort(collect_set(source)), 1, 2) AS sources FROM written GROUP BY id HAVING count(*) > 1"
        ).createOrReplaceTempView("again")
        with spoken(self.master):
            total = self.spark.sql("SELECT count(*) FROM again").collect()[0][0]
            first = self.spark.sql(f"SELECT * FROM again ORDER BY id LIMIT {shown}").collect() if total else ()
        return total, [f"{id} ({n} records, {', '.join(sources)})" for id, n, sources in first]

    def close(self) -> None:
        """End the session, where this run began it, and remove what only the run needed."""
        if "spark" in self.__dict__ and self.ours:
            self.spark.stop()
        for folder in (WAITING, KEPT) if self.starts else ():
            shutil.rmtree(self.out / folder, ignore_errors=True)

    def over(self, groups: Iterable[Group]) -> DataFrame:
        """Groups of files, a task each: one partition dealt out. From Arrow, since rows of Python start a second Python on every executor."""
        rows = [{"number": group.number, "sources": pickle.dumps(group.sources)} for group in groups]
        table = pa.Table.from_pylist(rows, pa.schema([("number", pa.int64()), ("sources", pa.binary())]))
        return self.spark.createDataFrame(table).coalesce(1).repartition(max(1, len(rows)))

    def answers(self, tasks: DataFrame, look: Callable[[float], None] = lambda share: None) -> list[tuple[int, str]]:
        """What tasks answer. look: is told the finished share of them now and then."""
        context = self.spark.sparkContext
        group = f"cleaner-{time.monotonic_ns()}"

        def collected() -> list[tuple[int, str]]:
            context.setJobGroup(group, "cleaner", interruptOnCancel=True)
            return [tuple(row) for row in tasks.collect()]

        with spoken(self.master), ThreadPoolExecutor(1) as thread:
            future = thread.submit(collected)
            try:
                while True:
                    try:
                        return future.result(LOOK)
                    except TimeoutError:
                        look(finished_share(context.statusTracker(), group))
            except BaseException:
                context.cancelJobGroup(group)
                raise


@contextmanager
def spoken(master: str) -> Iterator[None]:
    """What Spark raises as a RuntimeError of one line: what a Python function on an executor said, or the first line of what Java says."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in ("pyspark", "py4j"):
            raise
        lines = [line.strip(" :") for line in str(error).splitlines() if line.strip()]
        said = [line for kind in (r"\w+", r"[\w.$]+") for line in lines if re.match(rf"{kind}(Error|Exception|Interrupt): ", line)]
        reason = (said or lines or ["no reason given"])[0]
        raise RuntimeError(f"{master} gave up: {reason}; what is finished stays, the same command goes on") from error


def finished_share(tracker: Any, group: str) -> float:
    """The share of the tasks of a group of jobs that has ended."""
    stages = [info for job in tracker.getJobIdsForGroup(group) for stage in tracker.getJobInfo(job).stageIds if (info := tracker.getStageInfo(stage))]
    return sum(s.numCompletedTasks for s in stages) / max(1, sum(s.numTasks for s in stages))


def grouped(files: Inputs) -> Iterator[Group]:
    """The files of an input in groups for one task each, in order."""
    sources: list[Source] = []
    number = size = 0
    for source in files:
        sources.append(source if source.fs else source._replace(path=os.path.abspath(source.path)))
        size += source.facts()[0]
        if len(sources) >= FILES or size >= BYTES:
            yield Group(number, sources)
            number, sources, size = number + 1, [], 0
    if sources:
        yield Group(number, sources)


# --- on an executor ------------------------------------------------------------------------------------------------------


def groups_of(batches: Iterable[pa.RecordBatch]) -> Iterator[Group]:
    """The groups of files that a task was given. Raises FileNotFoundError for a file that this machine does not see."""
    for batch in batches:
        for number, sources in zip(*(column.to_pylist() for column in batch.columns)):
            group = Group(number, pickle.loads(sources))  # the driver of this very run wrote it
            for source in group.sources:
                if not source.fs and not os.path.exists(source.path):
                    raise FileNotFoundError(f"{source.path} is not there on an executor; input and output must be on a file system that all machines share")
            yield group


def told(reading: Reading, groups: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The own columns of groups of files."""
    for group in groups_of(groups):
        yield answer(group.number, pickle.dumps(merged(own_types(source, reading) for source in group.sources)).hex())


def read(reader: Reader, groups: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Read groups of files to shards; how many each has."""
    check(reader.out, reader.version)
    for group in groups_of(groups):
        count = 0
        for batch in batches(group.sources, reader.reading, reader.own):
            write_whole(waiting(reader.out, group.number, count), partial(put, to_ipc(batch, "zstd")), sync=False)
            count += 1
        yield answer(group.number, str(count))


def put(data: bytes, file: Any) -> None:
    """Write some bytes."""
    file.write(data)


def waiting(out: Path, group: int, number: int) -> Path:
    """Where a shard waits."""
    return out / WAITING / f"{group:07d}" / f"{number}.arrow"


def cleaned(job: Job, config_hash: str, asked: str, starts: list[int], numbers: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Clean and write shards, but those that are finished; what was counted in them."""
    check(job.out, job.stamp.get("cleaner_version", cleaner.__version__))
    for batch in numbers:
        counts: list[Counts] = []
        todo = []
        for number in batch.column(0).to_pylist():
            group = bisect_right(starts, number) - 1
            path = waiting(job.out, group, number - starts[group])
            one = shard(number, path.read_bytes(), config_hash, asked)._replace(data=str(path))
            if was := done(job, one):
                counts.append(was)
            else:
                todo.append(one)
        counts += isolation.shards(todo, job)
        yield answer(batch.column(0)[0].as_py() if batch.num_rows else -1, json.dumps(counts))


def check(out: Path, version: str) -> None:
    """Raises RuntimeError where this machine has another cleaner, FileNotFoundError where it does not see the output folder."""
    check_version(version)
    if not (out / KEPT).is_dir():
        raise FileNotFoundError(f"{out} is not there on an executor; input and output must be on a file system that all machines share")


def answer(number: int, text: str) -> pa.RecordBatch:
    """What a task answers."""
    return pa.RecordBatch.from_pylist([{"number": number, "answer": text}], ANSWER)
