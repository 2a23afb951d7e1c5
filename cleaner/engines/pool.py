"""Shards through a pool of processes in which one bad document costs one document.

A document that raises or takes too long is rejected by the worker itself. One that ends its process, or hangs where no signal
reaches it (lxml), is found by cleaning its shard again, one document at a time.
"""
from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pebble
import pyarrow as pa

from cleaner import schema
from cleaner.engines.workers import Task, Workers
from cleaner.halves import packed
from cleaner.io.first import NO_KEYS, first_batch, halves, with_halves, write_first
from cleaner.io.write import Counts, Writing, write_shard, write_whole
from cleaner.pipeline import Pipeline, failed

#: Folder in the output for shards that wait for a worker.
WAITING = ".waiting"

#: What a task gives whose process ended, or was ended because it took too long.
ENDED = (pebble.ProcessExpired, TimeoutError)


class Shard(NamedTuple):
    """One unit of work: a batch of records as Arrow IPC (or the path of a file of it), its number, and fingerprints.

    fingerprint: of the records and the whole configuration. content: of the records and of what the first pass depends on.
    """

    number: int
    data: bytes | str
    fingerprint: str
    content: str = ""


@dataclass(frozen=True)
class Job:
    """What every shard of a run has in common.

    timeout: seconds of wall time for one document. grace: seconds beside it that a shard's process may take before it is
    ended: start of a worker, writing, a busy machine. max_memory: bytes that a worker may take beside what it starts with.
    first: this is the first pass, for the statistics of the corpus. keep: it leaves the documents for the second one.
    """

    pipeline: Pipeline
    out: Path
    stamp: dict[str, str]
    writing: Writing = Writing()
    timeout: float = 60.0
    grace: float = 60.0
    max_memory: int = 2_000_000_000
    first: bool = False
    keep: bool = True


def clean_shards(todo: Iterable[Shard], job: Job, workers: int) -> Iterator[Counts]:
    """Clean and write shards, in this process or in a pool, in which at most two shards a worker wait, as files."""
    if workers == 1:
        for shard in todo:
            yield clean_shard(job, shard)
        return
    with waiting_room(job.out) as room, Workers(workers, job.max_memory) as pool:
        tasks = (Task(shard, time_for(job, shard), clean_shard, (job, shard)) for shard in map(room, todo))
        for task, future in pool.results(tasks, 2 * workers + 1):
            yield outcome(pool, job, task.about, future)
            os.unlink(task.about.data)


@contextmanager
def waiting_room(out: Path) -> Iterator[Callable[[Shard], Shard]]:
    """Gives what puts the data of a shard into a file, which goes with the room.

    Through a pipe it would lie in memory as often as it waits, and a worker killed while it takes it would leave the pipe
    unreadable for the others.
    """
    folder = out / WAITING
    shutil.rmtree(folder, ignore_errors=True)

    def put(shard: Shard) -> Shard:
        path = folder / f"{shard.number}.arrow"
        write_whole(path, lambda file: file.write(shard.data), sync=False)
        return shard._replace(data=str(path))

    try:
        yield put
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- in a worker ---------------------------------------------------------------------------------------------------------


def clean_shard(job: Job, shard: Shard) -> Counts:
    """Clean one shard and write it."""
    begun = ([], {}) if job.first else halves(job.out, shard.number, shard.content)
    return write(clean_data(job, from_ipc(shard.data), begun), job, shard)


def clean_data(job: Job, records: pa.RecordBatch, begun: tuple[list[str | None], dict[str, float]] = ([], {})) -> pa.RecordBatch:
    """Clean a batch of records. begun: what the first pass made of them."""
    if job.first:
        return first_batch(job.pipeline, records, job.timeout, job.keep)
    return job.pipeline.batch(records, job.stamp, job.timeout, begun)


def clean_alone(job: Job, data: bytes) -> pa.RecordBatch:
    """Clean a document of a shard whose process ended."""
    return clean_data(job, from_ipc(data))


def write(result: pa.RecordBatch, job: Job, shard: Shard) -> Counts:
    """Write what became of a shard."""
    if job.first:
        return write_first(result, job.out, shard.number, shard.content)
    return write_shard(result, job.out, shard.number, shard.fingerprint, job.writing)


# --- what became of it ---------------------------------------------------------------------------------------------------


def time_for(job: Job, shard: Shard) -> float:
    """Seconds after which the process of a shard is ended: several of its documents could have timed out, or all take a 600th of that."""
    rows = from_ipc(shard.data).num_rows
    return job.grace + job.timeout * min(rows, max(4, rows / 600))


def outcome(pool: Workers, job: Job, shard: Shard, future: pebble.ProcessFuture) -> Counts:
    """What a shard counted. Where its process ended, its documents are cleaned one by one."""
    try:
        return future.result()
    except ENDED:
        result = salvage(pool, job, from_ipc(shard.data))
        return write(result.combine_chunks().to_batches()[0], job, shard)


def salvage(pool: Workers, job: Job, records: pa.RecordBatch) -> pa.Table:
    """Clean a batch whose process ended, each document as a task of its own; one that ends its process again is rejected.

    Halving would find a single bad document with fewer tasks, but each halving waits for the time limit again, and a task
    costs a millisecond where a document takes five.
    """
    alone = (to_ipc(records.slice(n, 1)) for n in range(records.num_rows))  # a slice would be pickled with all that it is cut from
    rows = (Task(n, job.grace + job.timeout, clean_alone, (job, data)) for n, data in enumerate(alone))
    found = {task.about: salvaged(job, records.slice(task.about, 1), future) for task, future in pool.results(rows, 3 * pool.count)}
    return pa.Table.from_batches([found[n].replace_schema_metadata(None) for n in sorted(found)])


def salvaged(job: Job, record: pa.RecordBatch, future: pebble.ProcessFuture) -> pa.RecordBatch:
    """The result of one document."""
    try:
        return future.result()
    except ENDED as error:
        return lost(job, record, error)


def lost(job: Job, records: pa.RecordBatch, error: Exception) -> pa.RecordBatch:
    """The result of a batch of one document whose process ended."""
    slow = isinstance(error, TimeoutError)
    reason = f"it took more than {job.timeout:g} seconds and could not be interrupted" if slow else f"the process that cleaned it ended: {error}"
    row = failed(records.to_pylist()[0], "error.timeout" if slow else "error.crash", reason) | job.stamp
    if job.first:
        return with_halves([NO_KEYS], [packed(row)])
    return pa.RecordBatch.from_pylist([row], schema=schema.result(schema.own_columns(records.schema)))


def to_ipc(batch: pa.RecordBatch, compression: str | None = None) -> bytes:
    """A record batch as bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as stream:
        stream.write_batch(batch)
    return sink.getvalue().to_pybytes()


def from_ipc(data: bytes | str) -> pa.RecordBatch:
    """The record batch in some bytes, or in the file of that name."""
    with pa.ipc.open_stream(pa.memory_map(data) if isinstance(data, str) else data) as stream:
        return stream.read_next_batch()
