"""A process beside a Python worker of Spark, in which documents are cleaned: one that ends it, or hangs, costs itself and not the job."""
from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from cleaner.engines.pool import ENDED, Job, Shard, clean_alone, clean_shard, outcome, salvage, time_for, to_ipc, waiting_room
from cleaner.engines.workers import Task, Workers
from cleaner.io.records import BATCH_ROWS
from cleaner.io.write import Counts


@functools.lru_cache(maxsize=1)
def child(max_memory: int) -> Workers:
    """The process of this Python worker; Spark uses a worker for many tasks, so it is started once. It leaves with its worker.

    A fork server for one process would take 60 MB of the executor's memory; without it a document that ends the process costs a second.
    """
    return Workers(1, max_memory, method="spawn")


@contextmanager
def lent(max_memory: int) -> Iterator[Workers]:
    """The process of this Python worker. When a task ends before its time, the next one gets a new process."""
    pool = child(max_memory)
    try:
        yield pool
    except BaseException:
        child.cache_clear()
        pool.end()
        raise


def shards(todo: Iterable[Shard], job: Job) -> Iterator[Counts]:
    """Clean and write shards whose records lie in files."""
    tasks = (Task(shard, time_for(job, shard), clean_shard, (job, shard)) for shard in todo)
    with lent(job.max_memory) as pool:
        for task, future in pool.results(tasks, 2):
            yield outcome(pool, job, task.about, future)


def batches(records: Iterable[pa.RecordBatch], job: Job) -> Iterator[pa.RecordBatch]:
    """Clean batches of ``schema.RECORD``."""
    with lent(job.max_memory) as pool, tempfile.TemporaryDirectory(prefix="cleaner-") as folder, waiting_room(Path(folder)) as room:
        for batch in records:
            for start in range(0, batch.num_rows, BATCH_ROWS):
                part = batch.slice(start, BATCH_ROWS)
                shard = room(Shard(0, to_ipc(part), ""))
                for _, future in pool.results([Task(shard, time_for(job, shard), clean_alone, (job, shard.data))], 1):
                    try:
                        yield future.result()
                    except ENDED:
                        yield from salvage(pool, job, part).combine_chunks().to_batches()
