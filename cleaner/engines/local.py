"""The batch on one machine: inputs to shards, shards to a pool, and the record of the run."""
from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path

import cleaner
from cleaner import config
from cleaner.engines.pool import Job, Shard, clean_shards, to_ipc
from cleaner.io.inputs import Inputs, Meter
from cleaner.io.records import Reading, batches, own_schema
from cleaner.io.write import FOLDERS, SHOWN_ERRORS, Counts, Writing, finished, remove_parts, write_json
from cleaner.pipeline import Pipeline


class NothingToDo(ValueError):
    """The inputs hold no file that a reader knows."""


class OtherRun(ValueError):
    """The output folder holds the result of other inputs or another configuration."""


@dataclass
class Summary:
    """What a run did so far.

    counts: documents by status, decisions by "action rule", sums of sizes, languages, CPU seconds by stage, first errors.
    unknown_files: names of files in folders that no reader knows. meter: how far the input is read.
    """

    out: Path
    counts: Counts = field(default_factory=dict)
    unknown_files: list[str] = field(default_factory=list)
    seconds: float = 0.0
    meter: Meter = field(default_factory=Meter)

    def add(self, counts: Counts) -> None:
        """Take in what one shard counted."""
        for name, counter in counts.items():
            self.counts.setdefault(name, Counter()).update(counter)
        self.counts["errors"] = Counter(dict(islice(self.counts.get("errors", Counter()).items(), SHOWN_ERRORS)))

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
        return list(self.counts.get("errors", ()))

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
    writing: Writing = Writing(),
    workers: int | None = None,
    timeout: float = 60.0,
    max_memory: int = 2_000_000_000,
    overwrite: bool = False,
    progress: Callable[[Summary], None] = lambda summary: None,
) -> Summary:
    """Clean files and folders to ``out/articles``, ``out/marks``, ``out/rejected`` and ``out/run.json``.

    inputs: files, folders (recursive) or fsspec URLs. pipeline: the stages, the default ones without it. reading: columns and
    limits. writing: partitions and formats. workers: processes, one a core without it; 1 runs in this process. timeout:
    seconds of wall time for one document. max_memory: bytes that a worker may take beside what it starts with. overwrite:
    begin anew in a folder that holds another run. progress: called after each shard.
    A run that was cut off goes on where it stopped; shards that are there already are not cleaned again.

    Raises NothingToDo, OtherRun (both ValueError) and FileNotFoundError.
    """
    begin, chosen, files = time.monotonic(), pipeline or Pipeline(), Inputs(inputs)
    settings = {"stages": config.resolved(chosen), "reading": asdict(reading), "writing": asdict(writing)}
    stamp = {"cleaner_version": cleaner.__version__, "config_hash": config.config_hash(settings)}
    described = files.describe()
    if not described["files"]:
        hint = f"; unknown: {', '.join(files.unknown[:5])}" if files.unknown else ""
        raise NothingToDo("no text, HTML, JSON lines, CSV, Parquet or WARC file in the input" + hint)
    job = Job(chosen, Path(out), stamp, writing, timeout, max_memory=max_memory)
    summary = Summary(job.out, unknown_files=list(files.unknown), meter=Meter(described["bytes"]))
    note = {**stamp, "inputs": described, "settings": settings, "started": now()}
    prepare(job.out, note, overwrite)

    total = 0

    def missing() -> Iterator[Shard]:
        nonlocal total
        for shard in shards(files, reading, stamp["config_hash"], summary.meter):
            total = shard.number + 1
            if counts := finished(job.out, shard.number, shard.fingerprint):
                summary.add(counts)
            else:
                yield shard

    for counts in clean_shards(missing(), job, workers or os.cpu_count() or 1):
        summary.add(counts)
        summary.seconds = time.monotonic() - begin
        write_json(record(note, summary, "running"), job.out / "run.json")
        progress(summary)
    remove_parts(job.out, total)
    summary.seconds = time.monotonic() - begin
    write_json(record(note, summary, "finished"), job.out / "run.json")
    return summary


def prepare(out: Path, note: dict, overwrite: bool) -> None:
    """Make the output folder ready, or refuse one that holds another run."""
    before = out / "run.json"
    if overwrite:
        remove_parts(out, 0)
    elif before.exists():
        was = json.loads(before.read_text("utf-8"))
        for fact, what in (("inputs", "other inputs"), ("cleaner_version", "another version"), ("config_hash", "another configuration")):
            if was.get(fact) != note[fact]:
                raise OtherRun(f"{out} holds a run with {what}; choose another folder, or replace it with --overwrite")
    elif any((out / folder).exists() for folder in FOLDERS):
        raise OtherRun(f"{out} holds {', '.join(FOLDERS)} of something else and no run.json; choose another folder")
    write_json(record(note, Summary(out), "running"), before)


def record(note: dict, summary: Summary, state: str) -> dict:
    """The content of ``run.json``: what was asked for, and what has been counted."""
    counts = {name: dict(counter.most_common()) for name, counter in summary.counts.items()}
    return {**note, "state": state, "updated": now(), "seconds": round(summary.seconds, 2), "counts": counts, "unknown_files": summary.unknown_files}


def shards(files: Inputs, reading: Reading, config_hash: str, meter: Meter) -> Iterator[Shard]:
    """The input as numbered batches, each with a fingerprint of its content and the configuration."""
    own = own_schema(files, reading)
    for number, batch in enumerate(batches(meter.watch(files), reading, own)):
        data = to_ipc(batch)
        yield Shard(number, data, hashlib.blake2b(data, key=config_hash.encode(), digest_size=16).hexdigest())


def now() -> str:
    """The time, UTC, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
