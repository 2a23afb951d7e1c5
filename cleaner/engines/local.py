"""The batch: two passes over the input, on this machine or on a cluster, and the record of the run."""
from __future__ import annotations

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa

import cleaner
from cleaner import config
from cleaner.clock import slowest
from cleaner.corpus import stats as statistics
from cleaner.corpus.stats import Stats
from cleaner.engines.here import Here, Machines, Work
from cleaner.engines.pool import Job
from cleaner.io import first
from cleaner.io.inputs import Inputs, Meter
from cleaner.io.records import Reading
from cleaner.io.write import FOLDERS, SHOWN_ERRORS, Counts, Writing, remove_parts, remove_unfinished, write_json, write_whole
from cleaner.pipeline import Pipeline

#: The statistics of a run's own corpus pass, in its output folder.
STATS = "stats.parquet"


class NothingToDo(ValueError):
    """The inputs hold no file that a reader knows."""


class OtherRun(ValueError):
    """The output folder holds the result of other inputs or another configuration."""


@dataclass
class Summary:
    """What a run did so far.

    counts: documents by status, decisions by "action rule", sums of sizes, languages, CPU seconds by stage and of the slowest documents, first errors.
    unknown_files: names of files in folders that no reader knows. meter: how far the input is read.
    first: records of the first pass, which reads for the statistics of the corpus. repeated_ids: of ids that several records
    share, how many there are and the first few.
    """

    out: Path
    counts: Counts = field(default_factory=dict)
    unknown_files: list[str] = field(default_factory=list)
    seconds: float = 0.0
    meter: Meter = field(default_factory=Meter)
    first: int = 0
    repeated_ids: tuple[int, list[str]] = (0, [])

    def add_first(self, counts: Counts) -> None:
        """Take in what one shard of the first pass counted."""
        self.first += counts["read"]["records"]
        self._add_times(counts)

    def add(self, counts: Counts) -> None:
        """Take in what one shard counted."""
        for name, counter in counts.items():
            if name != "slowest":
                self.counts.setdefault(name, Counter()).update(counter)
        self._add_times(counts)
        self.counts["errors"] = Counter(dict(islice(self.counts.get("errors", Counter()).items(), SHOWN_ERRORS)))

    def _add_times(self, counts: Counts) -> None:
        """The documents that took most CPU seconds in both passes together."""
        spent = self.counts.get("slowest", Counter()) + counts.get("slowest", Counter())
        self.counts["slowest"] = Counter(slowest(spent))

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
    stats: Stats | str | os.PathLike | None = None,
    reading: Reading = Reading(),
    writing: Writing = Writing(),
    workers: int | None = None,
    timeout: float = 60.0,
    max_memory: int = 2_000_000_000,
    corpus_memory: str = "400MB",
    overwrite: bool = False,
    engine: str = "local",
    spark: Mapping[str, str] = {},
    progress: Callable[[Summary], None] = lambda summary: None,
) -> Summary:
    """Clean files and folders to ``out/articles``, ``out/marks``, ``out/rejected`` and ``out/run.json``.

    inputs: files, folders (recursive) or fsspec URLs. pipeline: the stages, the default ones without it. stats: statistics of
    a corpus or the path of their file for the stage ``repeats``; without them a first pass makes them from the input and
    leaves them in ``out/stats.parquet``. reading: columns and limits. writing: partitions and formats. workers: processes,
    one a core without it; 1 runs in this process. timeout: seconds of wall time for one document. max_memory: bytes that a
    worker may take beside what it starts with. corpus_memory: limit of DuckDB for the statistics. overwrite: begin anew in a
    folder that holds another run. engine: "local", or the master of a Spark cluster (:mod:`cleaner.engines.cluster`), all of whose
    machines must see inputs and ``out``. spark: settings of its session. progress: called after each shard.
    A run that was cut off goes on where it stopped; shards that are there already are not cleaned again.

    Raises NothingToDo, OtherRun (both ValueError) and FileNotFoundError.
    """
    begin, out, files = time.monotonic(), placed(out, engine), Inputs(inputs)
    chosen = pipeline or Pipeline()
    if stats is not None:
        chosen = chosen.with_stats(stats if isinstance(stats, Stats) else str(placed(stats, engine)))
    settings = {"extract": config.resolved_pages(chosen), "stages": config.resolved(chosen), "reading": asdict(reading), "writing": asdict(writing)}
    asked = config.config_hash(settings)
    described = described_inputs(files)
    summary = Summary(out, unknown_files=list(files.unknown))
    note = {"cleaner_version": cleaner.__version__, "config_hash": None, "asked": asked, "inputs": described, "settings": settings, "started": now()}
    prepare(out, note, overwrite)

    def told(summary: Summary) -> None:
        write_json(record(note, summary, "running"), out / "run.json")
        progress(summary)

    with stopped(note, summary), closing(machines(engine, spark)) as where:
        work = Work(files, described["bytes"], reading, where.own_schema(files, reading), asked, workers or os.cpu_count() or 1, summary, begin, told)
        job = Job(chosen, out, {}, writing, timeout, max_memory=max_memory)
        if chosen.needs_corpus():
            summary.counts["corpus"] = corpus_pass(where, work, job, out / STATS, f"{asked} {described['fingerprint']}", corpus_memory)
            chosen = chosen.with_stats(str(out / STATS))
        elif given := chosen.statistics():
            write_whole(out / STATS, given.save)  # a path is what every worker can be told
            chosen = chosen.with_stats(str(out / STATS))
        note["settings"] = settings | {"stages": config.resolved(chosen)}
        note["config_hash"] = config.config_hash(note["settings"] | {"reading": asdict(replace(reading, batch_rows=0))})  # rows do not depend on it
        job = replace(job, pipeline=chosen, stamp={"cleaner_version": cleaner.__version__, "config_hash": note["config_hash"]})
        total = where.one_pass(work, job, note["config_hash"])
        remove_parts(out, total)
        shutil.rmtree(out / first.FOLDER, ignore_errors=True)
        summary.repeated_ids = where.repeated_ids(out, corpus_memory)
        summary.seconds = time.monotonic() - begin
        write_json(record(note, summary, "finished"), out / "run.json")
    return summary


def fit(
    inputs: str | os.PathLike | Iterable[str | os.PathLike],
    path: str | os.PathLike,
    *,
    pipeline: Pipeline | None = None,
    reading: Reading = Reading(),
    workers: int | None = None,
    timeout: float = 60.0,
    max_memory: int = 2_000_000_000,
    corpus_memory: str = "400MB",
    engine: str = "local",
    spark: Mapping[str, str] = {},
    progress: Callable[[Summary], None] = lambda summary: None,
) -> Summary:
    """The first pass of :func:`run` alone: statistics of the input's files, saved at ``path`` for ``run(…, stats=path)``.

    The options are those of :func:`run`. A fit that was cut off goes on where it stopped, by the folder ``path.parts``.
    """
    begin, path, files = time.monotonic(), placed(path, engine), Inputs(inputs)
    chosen = pipeline or Pipeline()
    asked = config.config_hash({"extract": config.resolved_pages(chosen), "stages": config.resolved(chosen), "reading": asdict(reading)})
    size = described_inputs(files)["bytes"]
    summary = Summary(path, unknown_files=list(files.unknown))
    folder = path.with_name(path.name + ".parts")
    job = Job(chosen, folder, {}, Writing(), timeout, max_memory=max_memory, keep=False)
    with closing(machines(engine, spark)) as where:
        work = Work(files, size, reading, pa.schema([]), asked, workers or os.cpu_count() or 1, summary, begin, progress)
        summary.counts["corpus"] = corpus_pass(where, work, job, path, "", corpus_memory)
    shutil.rmtree(folder, ignore_errors=True)
    remove_unfinished(path.parent, path.name)
    summary.seconds = time.monotonic() - begin
    return summary


def machines(engine: str, spark: Mapping[str, str]) -> Machines:
    """Where a run runs. engine: "local", or the master of a Spark cluster. Raises ImportError where that cannot be used."""
    if engine == "local":
        return Here()
    from cleaner.engines.cluster import Cluster

    return Cluster(engine, spark)


def placed(path: str | os.PathLike, engine: str) -> Path:
    """A path for the output, which means the same on all machines."""
    return Path(path) if engine == "local" else Path(path).absolute()


def described_inputs(files: Inputs) -> dict[str, int | str]:
    """What the input is. Raises NothingToDo where it holds no file that a reader knows."""
    described = files.describe()
    if not described["files"]:
        hint = f"; of unknown format or links out of their folder: {', '.join(files.unknown[:5])}" if files.unknown else ""
        raise NothingToDo("no text, HTML, JSON lines, CSV, Parquet or WARC file in the input" + hint)
    return described


def corpus_pass(where: Machines, work: Work, job: Job, path: Path, made_from: str, memory: str) -> Counter:
    """The first pass: statistics of all documents, saved at ``path``, and what they hold.

    Those that are there already are taken when they were made from the same.
    """
    if made_from and path.exists():
        with suppress(ValueError):
            if statistics.facts(path)["cleaner.made_from"] == made_from:
                return Counter(Stats.load(path).counted())
    total = where.one_pass(work, replace(job, first=True), work.asked)
    remove_parts(job.out, total, (first.FOLDER,))
    try:
        found = where.statistics(job, total, memory)
    except duckdb.Error as error:
        reason = f"the statistics of the corpus cannot be made: {error}; make room or give DuckDB more (--corpus-memory), then give the same command again"
        raise OSError(reason) from error
    write_whole(path, lambda file: found.save(file, made_from))
    return Counter(found.counted())


def prepare(out: Path, note: dict, overwrite: bool) -> None:
    """Make the output folder ready, or refuse one that holds another run."""
    before = out / "run.json"
    if overwrite:
        remove_parts(out, 0)
        shutil.rmtree(out / first.FOLDER, ignore_errors=True)
    elif before.exists():
        was = json.loads(before.read_text("utf-8"))
        for fact, what in (("inputs", "other inputs"), ("cleaner_version", "another version"), ("asked", "another configuration")):
            if was.get(fact) != note[fact]:
                raise OtherRun(f"{out} holds a run with {what}; choose another folder, or replace it with --overwrite")
    elif any((out / folder).exists() for folder in FOLDERS):
        raise OtherRun(f"{out} holds {', '.join(FOLDERS)} of something else and no run.json; choose another folder")
    remove_unfinished(out)
    write_json(record(note, Summary(out), "running"), before)


@contextmanager
def stopped(note: dict, summary: Summary) -> Iterator[None]:
    """Let ``run.json`` say so when a run ends before its end."""
    try:
        yield
    except BaseException as error:
        with suppress(OSError):  # the disk may be what stopped it
            write_json(record(note, summary, "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"), summary.out / "run.json")
        raise


def record(note: dict, summary: Summary, state: str) -> dict:
    """The content of ``run.json``: what was asked for, and what has been counted."""
    counts = {name: dict(counter.most_common()) for name, counter in summary.counts.items()}
    return {**note, "state": state, "updated": now(), "seconds": round(summary.seconds, 2), "first_pass": summary.first, "counts": counts, "unknown_files": summary.unknown_files, "repeated_ids": summary.repeated_ids[0]}


def now() -> str:
    """The time, UTC, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
