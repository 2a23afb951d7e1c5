"""``cleaner run`` and ``cleaner fit``: the batch and its statistics.

What they run with is imported when they run, beside the process from which the workers come: both take a second.
"""
from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cleaner.commands.common import INTERRUPTED, NOTHING, USAGE, chosen_settings, fail, settings_options
from cleaner.doors import NAMES
from cleaner.engines import server

if TYPE_CHECKING:
    from cleaner.io.records import Reading

#: What articles/ may be spread by: the keys of ``cleaner.io.write.PARTITIONS``, whose room takes as long to load as a worker to begin.
PARTITIONED = ("lang", "host", "date")


def column_options(command: Callable) -> Callable:
    """An option ``--<role>-column`` for everything that an input column can hold."""
    for role in reversed(NAMES):
        usual = ", ".join(NAMES[role][:3])
        command = click.option(f"--{role}-column", help=f"Input column of the {role}; without it {usual} …")(command)
    return command


def batch_options(command: Callable) -> Callable:
    """The options that ``run`` and ``fit`` share: what is read, by which stages, and how much of the machine it may take."""
    for option in reversed([
        click.argument("inputs", nargs=-1, required=True),
        settings_options,
        column_options,
        click.option("--max-bytes", type=click.IntRange(1), help="A larger record is rejected.  [default: 10 MB]"),
        click.option("--rows-per-file", type=click.IntRange(1), help="Records in one part file, and in one unit of work.  [default: 512]"),
        click.option("--workers", type=click.IntRange(1), help="Processes; one a core without it."),
        click.option("--timeout", type=click.FloatRange(0, min_open=True), default=60.0, show_default=True, help="Seconds that one document may take."),
        click.option("--max-memory", type=click.IntRange(1), default=2_000_000_000, show_default=True, help="Bytes that one worker may take."),
        click.option("--corpus-memory", default="400MB", show_default=True, help="Limit of DuckDB for the statistics of the corpus; beyond it, it spills."),
        click.option("--engine", default="local", show_default=True, metavar="MASTER", help="Where it runs: local, or a Spark master: spark://host:7077, yarn, k8s://…; spark for the one that spark-submit names."),
        click.option("--spark", "spark_pairs", multiple=True, metavar="KEY=VALUE", help="A setting of the Spark session, as spark.executor.memory=2g. Repeatable."),
        click.option("--quiet", is_flag=True, help="Print nothing but errors."),
        click.option("--log-format", type=click.Choice(["text", "json"]), default="text", help="Progress lines and closing words where there is no terminal."),
    ]):  # fmt: skip
        command = option(command)
    return command


@contextmanager
def batch_errors(kept: str) -> Iterator[None]:
    """What goes wrong in a batch as one line and an exit code. kept: where the finished part lies after an interruption."""
    from cleaner.engines import local

    try:
        yield
    except local.NothingToDo as error:
        fail(error, NOTHING)
    except (ValueError, TypeError, OSError, ImportError, RuntimeError) as error:
        fail(error, USAGE)
    except KeyboardInterrupt:
        fail(f"interrupted; what is finished stays in {kept}, the same command goes on with the rest", INTERRUPTED)


@click.command()
@batch_options
@click.option("-o", "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for articles/, marks/, rejected/ and run.json.")
@click.option("--stats", type=click.Path(exists=True, dir_okay=False), help="Statistics of `cleaner fit`; without them a first pass makes them from the input.")
@click.option("--no-corpus", is_flag=True, help="One pass: no site templates, no copies of documents (the stage `repeats` is left out).")
@click.option("--drop-duplicates", is_flag=True, help="Copies and versions of another document go to rejected/, status `duplicate`.")
@click.option("--marks", type=click.Choice(["near", "full"]), help="Of HTML pages `near` leaves out the blocks that surely are no part of the article, menus above all; `full` keeps them all.  [default: near]")
@click.option("--partition-by", type=click.Choice(PARTITIONED), help="Spread articles/ over folders by language, host or day of the date.")
@click.option("--format", "format_", type=click.Choice(["parquet", "jsonl"]), default=None, help="jsonl: write the articles as gzipped JSON lines too, to OUT/jsonl.")
@click.option("--overwrite", is_flag=True, help="Begin anew in a folder that holds another run.")
@click.option("--dry-run", is_flag=True, help="Clean a sample, print the closing table, write nothing.")
@click.option("--sample", type=click.IntRange(1), help="Documents of a dry run.  [default: 200]")
def run(inputs, out, stats, no_corpus, drop_duplicates, marks, partition_by, format_, dry_run, sample, quiet, log_format, **options) -> None:
    """Clean files, folders and URLs of text, HTML, JSON lines, CSV, Parquet, WARC, zip and tar to Parquet."""
    if not (out or dry_run) or sample and not dry_run:
        raise click.UsageError("--sample goes with --dry-run" if sample else "where to? name a folder with --out, or try with --dry-run")
    if not dry_run:
        begin_workers(options)
    with batch_errors(out):
        from cleaner import config
        from cleaner.commands.progress import facts, progress_shown, show_summary
        from cleaner.engines import local
        from cleaner.engines.trial import trial
        from cleaner.io.write import Writing
        from cleaner.pipeline import DEFAULT, Pipeline
        from cleaner.stage import stage_name
        from cleaner.stages.repeats import repeats

        settings, reading = chosen(options)
        options["spark"] = spark_settings(options.pop("spark_pairs"))
        writing = Writing(**settings.pop("writing", {}) | ({"partition_by": partition_by} if partition_by else {}) | ({"jsonl": format_ == "jsonl"} if format_ else {}))
        if no_corpus and (stats or drop_duplicates):
            raise ValueError(f"--no-corpus leaves out the stage that {'--stats' if stats else '--drop-duplicates'} speaks to; choose one")
        if marks:
            settings.setdefault("extract", {})["marks"] = marks
        if drop_duplicates:
            settings.setdefault("repeats", {})["drop_duplicates"] = True
        if no_corpus:
            settings["stages"] = [name for name in settings.get("stages", map(stage_name, DEFAULT)) if name != stage_name(repeats)]
        pipeline = config.pipeline(settings)
        if dry_run:
            pipeline = Pipeline(pipeline.stages, stats) if stats else pipeline
            summary = trial(inputs, sample or 200, pipeline=pipeline, reading=reading, timeout=options["timeout"])
        else:
            with progress_shown(quiet, log_format) as progress:
                summary = local.run(inputs, out, pipeline=pipeline, stats=stats, reading=reading, writing=writing, progress=progress, **options)
    if not quiet:
        click.echo(json.dumps(facts(summary))) if log_format == "json" else show_summary(summary)
    sys.exit(summary.exit_code)


@click.command()
@batch_options
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File for the statistics, Parquet.")
def fit(inputs, out, quiet, log_format, **options) -> None:
    """Find what repeats in a corpus: statistics for `cleaner run --stats`, of this crawl or the next."""
    begin_workers(options)
    with batch_errors(f"{out}.parts"):
        from cleaner import config
        from cleaner.commands.progress import facts, in_corpus, progress_shown
        from cleaner.engines import local

        settings, reading = chosen(options)
        options["spark"] = spark_settings(options.pop("spark_pairs"))
        settings.pop("writing", None)
        with progress_shown(quiet, log_format) as progress:
            summary = local.fit(inputs, out, pipeline=config.pipeline(settings), reading=reading, progress=progress, **options)
    if not quiet:
        known = {**facts(summary), **summary.counts["corpus"]}
        click.echo(json.dumps(known) if log_format == "json" else f"{summary.first:,} records in {summary.seconds:.1f} s: {in_corpus(summary)}\n{out}")


def begin_workers(options: dict[str, Any]) -> None:
    """Let the process from which workers are forked load while this one does, where there will be any."""
    if options["engine"] == "local" and (options["workers"] or os.cpu_count() or 1) > 1:
        server.begin()


def chosen(options: dict[str, Any]) -> tuple[dict[str, Any], Reading]:
    """The settings of the stages and how to read, taken out of the options of a command."""
    columns = {role: options.pop(f"{role}_column") for role in NAMES}
    limits = {"max_bytes": options.pop("max_bytes"), "batch_rows": options.pop("rows_per_file")}
    settings = chosen_settings(*(options.pop(name) for name in ("config_file", "pairs", "disable", "only", "favor")))
    return settings, chosen_reading(settings.pop("reading", {}), columns, limits)


def spark_settings(pairs: Iterable[str]) -> dict[str, str]:
    """``key=value`` pairs. Raises ValueError for anything else."""
    for pair in pairs:
        if "=" not in pair:
            raise ValueError(f"--spark takes key=value, as spark.executor.memory=2g; not {pair!r}")
    return dict(pair.split("=", 1) for pair in pairs)


def chosen_reading(table: dict[str, Any], columns: dict[str, str | None], limits: dict[str, int | None]) -> Reading:
    """How to read: the config file's ``[reading]`` with the command line's options on top."""
    from cleaner.io.records import Reading

    chosen = Reading(**table)
    columns = chosen.columns | {role: name for role, name in columns.items() if name}
    return replace(chosen, columns=columns, **{k: v for k, v in limits.items() if v})
