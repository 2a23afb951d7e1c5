"""The batch on one machine: shards of records through a pool of processes, each shard written whole or not at all."""
from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import pebble
import pyarrow as pa

import cleaner
from cleaner import config, schema
from cleaner.pipeline import Pipeline, failed
from cleaner.read import Source, find
from cleaner.records import Reading, batches, own_schema
from cleaner.write import FOLDERS, SHOWN_ERRORS, Counts, finished, remove_parts, write_json, write_shard

#: Seconds beside the documents' own limits that a shard may take before its process is ended: start of a worker, writing.
SHARD_GRACE = 60.0


class NothingToDo(ValueError):
    """The inputs hold no file that a reader knows."""


class OtherRun(ValueError):
    """The output folder holds the result of other inputs or another configuration."""


class Shard(NamedTuple):
    """One unit of work: a batch of records as Arrow IPC, its number, and what it was made from."""

    number: int
    data: bytes
    fingerprint: str


@dataclass(frozen=True)
class Job:
    """What every shard of a run has in common. timeout: seconds of wall time for one document."""

    pipeline: Pipeline
    out: Path
    stamp: dict[str, str]
    timeout: float


@dataclass
class Summary:
    """What a run did. counts: documents by status, decisions by "action rule", sums of sizes, languages, CPU seconds by stage."""

    out: Path
    counts: Counts = field(default_factory=dict)
    unknown_files: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, counts: Counts) -> None:
        """Take in what one shard counted."""
        for name, counter in counts.items():
            self.counts.setdefault(name, Counter()).update(counter)

    @property
    def documents(self) -> int:
        """Input records: articles and rejected ones."""
        return self.counts.get("status", Counter()).total()

    @property
    def articles(self) -> int:
        """Documents in ``articles/``."""
        return self.counts.get("status", Counter())["ok"]

    @property
    def rejected(self) -> int:
        """Documents in ``rejected/``."""
        return self.documents - self.articles

    @property
    def errors(self) -> list[str]:
        """The first reasons for which something was rejected or left undone."""
        return list(self.counts.get("errors", ()))[:SHOWN_ERRORS]

    @property
    def exit_code(self) -> int:
        """0 all documents done; 1 some rejected; 3 nothing written."""
        return 3 if not self.articles else 1 if self.rejected else 0


def run(
    inputs: str | os.PathLike | Iterable[str | os.PathLike],
    out: str | os.PathLike,
    *,
    pipeline: Pipeline | None = None,
    reading: Reading = Reading(),
    workers: int | None = None,
    timeout: float = 60.0,
    overwrite: bool = False,
    progress: Callable[[Summary], None] = lambda summary: None,
) -> Summary:
    """Clean files and folders to ``out/articles``, ``out/marks``, ``out/rejected`` and ``out/run.json``.

    inputs: files or folders (recursive). pipeline: the stages, the default ones without it. reading: columns and limits.
    workers: processes, one a core without it; 1 runs in this process. timeout: seconds of wall time for one document.
    overwrite: begin anew in a folder that holds another run. progress: called after each shard.
    A run that was cut off goes on where it stopped; shards that are there already are not cleaned again.

    Raises NothingToDo, OtherRun (both ValueError) and FileNotFoundError.
    """
    begin, job_pipeline = time.monotonic(), pipeline or Pipeline()
    sources, unknown = find([inputs] if isinstance(inputs, (str, os.PathLike)) else inputs)
    if not sources:
        hint = f"; unknown: {', '.join(unknown[:5])}" if unknown else ""
        raise NothingToDo("no text, HTML, JSON lines, CSV or Parquet file in the input" + hint)
    settings = {"stages": config.resolved(job_pipeline), "reading": asdict(reading)}
    stamp = {"cleaner_version": cleaner.__version__, "config_hash": config.config_hash(settings)}
    job, summary = Job(job_pipeline, Path(out), stamp, timeout), Summary(Path(out), unknown_files=unknown)
    note = {**stamp, "inputs": describe(sources), "settings": settings, "started": now(), "state": "running"}
    prepare(job.out, note, overwrite)

    total = 0

    def missing() -> Iterator[Shard]:
        nonlocal total
        for shard in shards(sources, reading, stamp["config_hash"]):
            total = shard.number + 1
            if counts := finished(job.out, shard.number, shard.fingerprint):
                summary.add(counts)
            else:
                yield shard

    for counts in clean_shards(missing(), job, workers or os.cpu_count() or 1):
        summary.add(counts)
        progress(summary)
    remove_parts(job.out, total)
    summary.seconds = time.monotonic() - begin
    counted = {name: dict(counter.most_common()) for name, counter in summary.counts.items()}
    note |= {"state": "finished", "finished": now(), "seconds": round(summary.seconds, 2), "counts": counted, "unknown_files": unknown}
    write_json(note, job.out / "run.json")
    return summary


# --- before the work -----------------------------------------------------------------------------------------------------


def prepare(out: Path, note: dict, overwrite: bool) -> None:
    """Make the output folder ready, or refuse one that holds another run."""
    record = out / "run.json"
    if record.exists() and not overwrite:
        before = json.loads(record.read_text("utf-8"))
        for fact, what in (("inputs", "other inputs"), ("cleaner_version", "another version"), ("config_hash", "another configuration")):
            if before.get(fact) != note[fact]:
                raise OtherRun(f"{out} holds a run with {what}; choose another folder, or replace it with --overwrite")
    elif not record.exists() and any((out / folder).exists() for folder in FOLDERS):
        raise OtherRun(f"{out} holds {', '.join(FOLDERS)} of something else and no run.json; choose another folder")
    if overwrite:
        remove_parts(out, 0)
    write_json(note, record)


def describe(sources: list[Source]) -> dict[str, int | str]:
    """Number, size and fingerprint (names, sizes, times of change) of the input files."""
    digest, size = hashlib.blake2b(digest_size=8), 0
    for source in sources:
        facts = source.path.stat()
        size += facts.st_size
        digest.update(f"{source.name}\0{facts.st_size}\0{facts.st_mtime_ns}\0".encode("utf-8", "surrogateescape"))
    return {"files": len(sources), "bytes": size, "fingerprint": digest.hexdigest()}


def shards(sources: list[Source], reading: Reading, config_hash: str) -> Iterator[Shard]:
    """The input as numbered batches, each with a fingerprint of its content and the configuration."""
    own = own_schema(sources, reading)
    for number, batch in enumerate(batches(sources, reading, own)):
        data = to_ipc(batch)
        yield Shard(number, data, hashlib.blake2b(data, key=config_hash.encode(), digest_size=16).hexdigest())


def now() -> str:
    """The time, UTC, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


# --- the work ------------------------------------------------------------------------------------------------------------


def clean_shards(todo: Iterable[Shard], job: Job, workers: int) -> Iterator[Counts]:
    """Clean and write shards, in this process or in a pool; at most two shards a worker wait in memory."""
    if workers == 1:
        yield from map(partial(clean_shard, job), todo)
        return
    context = get_context("forkserver")
    context.set_forkserver_preload(["cleaner.engines.local"])
    with pebble.ProcessPool(workers, context=context) as pool:
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


def clean_shard(job: Job, shard: Shard) -> Counts:
    """Clean one shard and write it."""
    return write_shard(clean_data(job, from_ipc(shard.data)), job.out, shard.number, shard.fingerprint)


def clean_data(job: Job, records: pa.RecordBatch) -> pa.RecordBatch:
    """Clean a batch of records."""
    return job.pipeline.batch(records, job.stamp, job.timeout)


def schedule(pool: pebble.ProcessPool, job: Job, data: bytes, function: Callable, *args) -> pebble.ProcessFuture:
    """Give a batch to the pool; its process is ended when all its documents could have timed out and more."""
    return pool.schedule(function, args=args, timeout=SHARD_GRACE + job.timeout * min(8, from_ipc(data).num_rows))


def outcome(pool: pebble.ProcessPool, job: Job, shard: Shard, future: pebble.ProcessFuture) -> Counts:
    """What a shard counted. A document that ended its process is found by halving, and the others are cleaned."""
    try:
        return future.result()
    except (pebble.ProcessExpired, TimeoutError):
        result = salvage(pool, job, from_ipc(shard.data))
        return write_shard(result.combine_chunks().to_batches()[0], job.out, shard.number, shard.fingerprint)


def salvage(pool: pebble.ProcessPool, job: Job, records: pa.RecordBatch) -> pa.Table:
    """Clean a batch in halves of halves until the document that ends the process stands alone and is rejected."""
    if records.num_rows > 1:
        half = records.num_rows // 2
        return pa.concat_tables(salvage(pool, job, part) for part in (records.slice(0, half), records.slice(half)))
    try:
        result = schedule(pool, job, to_ipc(records), clean_data, job, records).result()
    except (pebble.ProcessExpired, TimeoutError) as error:
        result = lost(job, records, "error.timeout" if isinstance(error, TimeoutError) else "error.crash", str(error))
    return pa.Table.from_batches([result.replace_schema_metadata(None)])


def lost(job: Job, records: pa.RecordBatch, status: str, message: str) -> pa.RecordBatch:
    """The result of a batch of one document that could not be cleaned at all."""
    one = records.to_pylist()[0]
    row = failed(one, status, f"the process that cleaned it ended: {message}") | job.stamp
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
