"""What a run asks of the machines that it runs on, and this machine doing it: shards of the input through its pool."""
from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from cleaner.corpus import fit as corpus
from cleaner.corpus.stats import Stats
from cleaner.engines.pool import Job, Shard, clean_shards, to_ipc
from cleaner.io import first, outputs
from cleaner.io.inputs import Inputs, Meter
from cleaner.io.records import Reading, batches, own_schema
from cleaner.io.write import finished

if TYPE_CHECKING:
    from cleaner.engines.local import Summary


@dataclass(frozen=True)
class Work:
    """What the two passes over an input have in common. size: bytes of its files. own: the schema of its own columns. asked: hash of the settings."""

    files: Inputs
    size: int
    reading: Reading
    own: pa.Schema
    asked: str
    workers: int
    summary: Summary
    begin: float
    progress: Callable[[Summary], None]


class Machines(Protocol):
    """Where a run runs.

    own_schema: the input's own columns. one_pass: every shard through a pass but those that are finished; the number of
    shards. statistics: those of the corpus, from what the first pass left. repeated_ids: as
    :func:`cleaner.io.outputs.repeated_ids`. close: called at the end of the run.
    """

    def own_schema(self, files: Inputs, reading: Reading) -> pa.Schema: ...
    def one_pass(self, work: Work, job: Job, config_hash: str) -> int: ...
    def statistics(self, job: Job, parts: int, memory: str) -> Stats: ...
    def repeated_ids(self, out: Path, memory: str) -> tuple[int, list[str]]: ...
    def close(self) -> None: ...


class Here:
    """This machine."""

    def own_schema(self, files: Inputs, reading: Reading) -> pa.Schema:
        return own_schema(files, reading)

    def one_pass(self, work: Work, job: Job, config_hash: str) -> int:
        summary, total = work.summary, 0
        take = summary.add_first if job.first else summary.add
        summary.meter = Meter(work.size)

        def missing() -> Iterator[Shard]:
            nonlocal total
            for shard in shards(work, config_hash):
                total = shard.number + 1
                if counts := done(job, shard):
                    take(counts)
                else:
                    yield shard

        for counts in clean_shards(missing(), job, work.workers):
            take(counts)
            summary.seconds = time.monotonic() - work.begin
            work.progress(summary)
        return total

    def statistics(self, job: Job, parts: int, memory: str) -> Stats:
        return corpus.fit(first.keys(job.out), memory=memory, folder=job.out)

    def repeated_ids(self, out: Path, memory: str) -> tuple[int, list[str]]:
        return outputs.repeated_ids(out, memory)

    def close(self) -> None:
        pass


def done(job: Job, shard: Shard) -> dict | None:
    """What was counted in a shard that an earlier run finished, or None."""
    return finished(job.out, shard.number, *((shard.content, first.FOLDER) if job.first else (shard.fingerprint,)))


def shards(work: Work, config_hash: str) -> Iterator[Shard]:
    """The input as numbered batches, each with fingerprints of its content and the configuration."""
    for number, batch in enumerate(batches(work.summary.meter.watch(work.files), work.reading, work.own)):
        yield shard(number, to_ipc(batch), config_hash, work.asked)


def shard(number: int, data: bytes, config_hash: str, asked: str) -> Shard:
    """A shard with its fingerprints."""
    content = hashlib.blake2b(data).digest()
    return Shard(number, data, *(hashlib.blake2b(content, key=key.encode(), digest_size=16).hexdigest() for key in (config_hash, asked)))
