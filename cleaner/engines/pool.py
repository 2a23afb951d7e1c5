"""Shards through a pool of processes in which one bad document costs one document.

A document that raises or takes too long is rejected by the worker itself. One that ends its process, or hangs where no signal
reaches it (lxml), is found by halving its shard. Pools of the standard library lose 28 of 40 tasks to one dead worker;
pebble loses that one (measured).
"""
from __future__ import annotations

import os
import resource
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import pebble
import pyarrow as pa

from cleaner import schema
from cleaner.halves import packed
from cleaner.io.first import HALF, NO_KEYS, first_batch, halves, write_first
from cleaner.io.first import SCHEMA as FIRST
from cleaner.io.write import Counts, Writing, write_shard
from cleaner.pipeline import Pipeline, failed

#: Seconds between two looks of a worker at whether its parent is still there.
WATCH = 0.5


class Shard(NamedTuple):
    """One unit of work: a batch of records as Arrow IPC, its number, and fingerprints.

    fingerprint: of the records and the whole configuration. content: of the records and of what the first pass depends on.
    """

    number: int
    data: bytes
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
    """Clean and write shards, in this process or in a pool; at most two shards a worker wait in memory."""
    if workers == 1:
        for shard in todo:
            yield clean_shard(job, shard)
        return
    context = get_context("forkserver")
    context.set_forkserver_preload(["cleaner.engines.pool"])
    with pebble.ProcessPool(workers, context=context, initializer=start_worker, initargs=[job.max_memory]) as pool:
        waiting: deque[tuple[Shard, pebble.ProcessFuture]] = deque()
        try:
            for shard in todo:
                waiting.append((shard, schedule(pool, job, shard.data, clean_shard, job, shard)))
                if len(waiting) > 2 * workers:
                    yield outcome(pool, job, *waiting.popleft())
            while waiting:
                yield outcome(pool, job, *waiting.popleft())
        except BaseException:
            pool.stop()
            raise


# --- in a worker ---------------------------------------------------------------------------------------------------------


def start_worker(max_memory: int) -> None:
    """Limit the memory of this process, and let it leave with its parent."""
    with open("/proc/self/statm") if os.path.exists("/proc/self/statm") else open(os.devnull) as file:
        now = int((file.read().split() or [0])[0]) * resource.getpagesize()
    if now:
        resource.setrlimit(resource.RLIMIT_AS, (now + max_memory, resource.RLIM_INFINITY))
    threading.Thread(target=leave_with, args=[os.getppid()], daemon=True).start()


def leave_with(parent: int) -> None:
    """End this process when its parent has gone; nobody would take its result."""
    while os.getppid() == parent:
        time.sleep(WATCH)
    os._exit(1)


def clean_shard(job: Job, shard: Shard) -> Counts:
    """Clean one shard and write it."""
    begun = ([], {}) if job.first else halves(job.out, shard.number, shard.content)
    return write(clean_data(job, from_ipc(shard.data), begun), job, shard)


def clean_data(job: Job, records: pa.RecordBatch, begun: tuple[list[str | None], dict[str, float]] = ([], {})) -> pa.RecordBatch:
    """Clean a batch of records. begun: what the first pass made of them."""
    if job.first:
        return first_batch(job.pipeline, records, job.timeout, job.keep)
    return job.pipeline.batch(records, job.stamp, job.timeout, begun)


def write(result: pa.RecordBatch, job: Job, shard: Shard) -> Counts:
    """Write what became of a shard."""
    if job.first:
        return write_first(result, job.out, shard.number, shard.content)
    return write_shard(result, job.out, shard.number, shard.fingerprint, job.writing)


# --- what became of it ---------------------------------------------------------------------------------------------------


def schedule(pool: pebble.ProcessPool, job: Job, data: bytes, function: Callable, *args) -> pebble.ProcessFuture:
    """Give a batch to the pool; its process is ended when several of its documents could have timed out and more."""
    return pool.schedule(function, args=args, timeout=job.grace + job.timeout * min(4, from_ipc(data).num_rows))


def outcome(pool: pebble.ProcessPool, job: Job, shard: Shard, future: pebble.ProcessFuture) -> Counts:
    """What a shard counted. A document that ended its process is found by halving, and the others are cleaned."""
    try:
        return future.result()
    except (pebble.ProcessExpired, TimeoutError):
        result = salvage(pool, job, from_ipc(shard.data))
        return write(result.combine_chunks().to_batches()[0], job, shard)


def salvage(pool: pebble.ProcessPool, job: Job, records: pa.RecordBatch) -> pa.Table:
    """Clean a batch whose process ended: in halves of halves, until the document that ends it stands alone and is rejected."""
    if records.num_rows > 1:
        half = records.num_rows // 2
        parts = [records.slice(0, half), records.slice(half)]
        futures = [schedule(pool, job, to_ipc(part), clean_data, job, part) for part in parts]
        return pa.concat_tables(salvaged(pool, job, part, future) for part, future in zip(parts, futures))
    return salvaged(pool, job, records, schedule(pool, job, to_ipc(records), clean_data, job, records))


def salvaged(pool: pebble.ProcessPool, job: Job, records: pa.RecordBatch, future: pebble.ProcessFuture) -> pa.Table:
    """The result of a part of a shard, or of its parts."""
    try:
        result = future.result()
    except (pebble.ProcessExpired, TimeoutError) as error:
        if records.num_rows > 1:
            return salvage(pool, job, records)
        result = lost(job, records, error)
    return pa.Table.from_batches([result.replace_schema_metadata(None)])


def lost(job: Job, records: pa.RecordBatch, error: Exception) -> pa.RecordBatch:
    """The result of a batch of one document whose process ended."""
    slow = isinstance(error, TimeoutError)
    reason = f"it took more than {job.timeout:g} seconds and could not be interrupted" if slow else f"the process that cleaned it ended: {error}"
    row = failed(records.to_pylist()[0], "error.timeout" if slow else "error.crash", reason) | job.stamp
    if job.first:
        return pa.RecordBatch.from_pylist([NO_KEYS | {HALF: packed(row)}], schema=FIRST)
    return pa.RecordBatch.from_pylist([row], schema=schema.result(schema.own_columns(records.schema)))


def to_ipc(batch: pa.RecordBatch) -> bytes:
    """A record batch as bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return sink.getvalue().to_pybytes()


def from_ipc(data: bytes) -> pa.RecordBatch:
    """The record batch in some bytes."""
    with pa.ipc.open_stream(data) as stream:
        return stream.read_next_batch()
