"""The command line: ``cleaner run``, ``fit``, ``stage``, ``explain``, ``restore``, ``rules`` and ``stages``."""
from __future__ import annotations

import inspect
import json
import sys
import time
import typing
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

import cleaner
from cleaner import config
from cleaner.engines import local
from cleaner.explain import explained, reason, visible
from cleaner.io import outputs
from cleaner.io.records import NAMES, Reading
from cleaner.io.write import FOLDERS, PARTITIONS, Writing
from cleaner.intake import from_bytes
from cleaner.pipeline import DEFAULT
from cleaner.stage import stage_name
from cleaner.rules import rules
from cleaner.stage import Stage
from cleaner.stages.decode import decode_bytes
from cleaner.stages.repeats import repeats

USAGE, NOTHING, INTERRUPTED = 2, 3, 130

#: Seconds between two lines of progress where there is no terminal.
LOG_EVERY = 10.0


def fail(reason: object, code: int) -> NoReturn:
    """Say what is wrong on standard error and end."""
    click.echo(f"cleaner: {visible(str(reason))}", err=True)
    sys.exit(code)


def column_options(command: Callable) -> Callable:
    """An option ``--<role>-column`` for everything that an input column can hold."""
    for role in reversed(NAMES):
        usual = ", ".join(NAMES[role][:3])
        command = click.option(f"--{role}-column", help=f"Input column of the {role}; without it {usual} …")(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(cleaner.__version__, prog_name="cleaner")
def main() -> None:
    """Clean scraped news text: boilerplate, damaged encodings, duplicate paragraphs and off-topic fragments.

    Exit codes: 0 all documents done, 1 finished but some rejected, 2 usage or configuration, 3 nothing to do or nothing
    written, 130 interrupted.
    """


# --- the batch -----------------------------------------------------------------------------------------------------------


def batch_options(command: Callable) -> Callable:
    """The options that ``run`` and ``fit`` share: what is read, by which stages, and how much of the machine it may take."""
    for option in reversed([
        click.argument("inputs", nargs=-1, required=True),
        click.option("-c", "--config", "config_file", type=click.Path(exists=True, dir_okay=False), help="TOML file: stages = [...] and a table of options a stage."),
        click.option("--set", "pairs", multiple=True, metavar="STAGE.OPTION=VALUE", help="One option of a stage; `cleaner stages` lists them. Repeatable."),
        column_options,
        click.option("--max-bytes", type=click.IntRange(1), help="A larger record is rejected.  [default: 10 MB]"),
        click.option("--rows-per-file", type=click.IntRange(1), help="Records in one part file, and in one unit of work.  [default: 512]"),
        click.option("--workers", type=click.IntRange(1), help="Processes; one a core without it."),
        click.option("--timeout", type=click.FloatRange(0, min_open=True), default=60.0, show_default=True, help="Seconds that one document may take."),
        click.option("--max-memory", type=click.IntRange(1), default=2_000_000_000, show_default=True, help="Bytes that one worker may take."),
        click.option("--corpus-memory", default="400MB", show_default=True, help="Limit of DuckDB for the statistics of the corpus; beyond it, it spills."),
        click.option("--quiet", is_flag=True, help="Print nothing but errors."),
        click.option("--log-format", type=click.Choice(["text", "json"]), default="text", help="Progress lines and closing words where there is no terminal."),
    ]):  # fmt: skip
        command = option(command)
    return command


@contextmanager
def batch_errors(kept: str) -> Iterator[None]:
    """What goes wrong in a batch as one line and an exit code. kept: where the finished part lies after an interruption."""
    try:
        yield
    except local.NothingToDo as error:
        fail(error, NOTHING)
    except (ValueError, TypeError, OSError, ImportError) as error:
        fail(error, USAGE)
    except KeyboardInterrupt:
        fail(f"interrupted; what is finished stays in {kept}, the same command goes on with the rest", INTERRUPTED)


@main.command()
@batch_options
@click.option("-o", "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for articles/, marks/, rejected/ and run.json.")
@click.option("--stats", type=click.Path(exists=True, dir_okay=False), help="Statistics of `cleaner fit`; without them a first pass makes them from the input.")
@click.option("--no-corpus", is_flag=True, help="One pass: no site templates, no copies of documents (the stage `repeats` is left out).")
@click.option("--drop-duplicates", is_flag=True, help="Copies and versions of another document go to rejected/, status `duplicate`.")
@click.option("--partition-by", type=click.Choice(list(PARTITIONS)), default=None, help="Spread articles/ over folders by language, host or day of the date.")
@click.option("--format", "format_", type=click.Choice(["parquet", "jsonl"]), default=None, help="jsonl: write the articles as gzipped JSON lines too, to OUT/jsonl.")
@click.option("--overwrite", is_flag=True, help="Begin anew in a folder that holds another run.")
def run(inputs, out, stats, no_corpus, drop_duplicates, partition_by, format_, quiet, log_format, **options) -> None:
    """Clean files, folders and URLs of text, HTML, JSON lines, CSV, Parquet, WARC, zip and tar to Parquet."""
    with batch_errors(out):
        settings, reading = chosen(options)
        writing = Writing(**settings.pop("writing", {}) | ({"partition_by": partition_by} if partition_by else {}) | ({"jsonl": format_ == "jsonl"} if format_ else {}))
        if no_corpus and (stats or drop_duplicates):
            raise ValueError(f"--no-corpus leaves out the stage that {'--stats' if stats else '--drop-duplicates'} speaks to; choose one")
        if drop_duplicates:
            settings.setdefault("repeats", {})["drop_duplicates"] = True
        if no_corpus:
            settings["stages"] = [name for name in settings.get("stages", map(stage_name, DEFAULT)) if name != stage_name(repeats)]
        pipeline = config.pipeline(settings)
        with progress_shown(quiet, log_format) as progress:
            summary = local.run(inputs, out, pipeline=pipeline, stats=stats, reading=reading, writing=writing, progress=progress, **options)
    if not quiet:
        click.echo(json.dumps(facts(summary))) if log_format == "json" else show_summary(summary)
    sys.exit(summary.exit_code)


@main.command("fit")
@batch_options
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File for the statistics, Parquet.")
def fit_command(inputs, out, quiet, log_format, **options) -> None:
    """Find what repeats in a corpus: statistics for `cleaner run --stats`, of this crawl or the next."""
    with batch_errors(f"{out}.parts"):
        settings, reading = chosen(options)
        settings.pop("writing", None)
        with progress_shown(quiet, log_format) as progress:
            summary = local.fit(inputs, out, pipeline=config.pipeline(settings), reading=reading, progress=progress, **options)
    if not quiet:
        known = {**facts(summary), **summary.counts["corpus"]}
        click.echo(json.dumps(known) if log_format == "json" else f"{summary.first:,} records in {summary.seconds:.1f} s: {in_corpus(summary)}\n{out}")


def chosen(options: dict[str, Any]) -> tuple[dict[str, Any], Reading]:
    """The settings of the stages and how to read, taken out of the options of a command."""
    columns = {role: options.pop(f"{role}_column") for role in NAMES}
    limits = {"max_bytes": options.pop("max_bytes"), "batch_rows": options.pop("rows_per_file")}
    settings = chosen_settings(options.pop("config_file"), options.pop("pairs"))
    return settings, chosen_reading(settings.pop("reading", {}), columns, limits)


def chosen_settings(config_file: str | None, pairs: tuple[str, ...]) -> dict[str, Any]:
    """The settings of a config file with ``--set`` on top."""
    settings = config.load(config_file) if config_file else {}
    for pair in pairs:
        name, option, value = config.assignment(pair)
        settings.setdefault(name, {})[option] = value
    return settings


def chosen_reading(table: dict[str, Any], columns: dict[str, str | None], limits: dict[str, int | None]) -> Reading:
    """How to read: the config file's ``[reading]`` with the command line's options on top."""
    chosen = Reading(**table)
    columns = chosen.columns | {role: name for role, name in columns.items() if name}
    return replace(chosen, columns=columns, **{k: v for k, v in limits.items() if v})


@contextmanager
def progress_shown(quiet: bool, log_format: str) -> Iterator[Callable[[local.Summary], None]]:
    """What to call after each shard: a bar on a terminal, a line every ten seconds elsewhere."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield partial(log_line, log_format, [time.monotonic()]) if not quiet else lambda summary: None
        return
    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=1.0)
        yield lambda summary: bar.update(task, completed=summary.meter.share, description=in_words(summary))


def log_line(log_format: str, last: list[float], summary: local.Summary) -> None:
    """A progress line on standard error, at most one in ten seconds; ``last`` holds the time of the one before."""
    if time.monotonic() - last[0] >= LOG_EVERY:
        last[0] = time.monotonic()
        click.echo(json.dumps(facts(summary)) if log_format == "json" else f"{summary.meter.share:4.0%}  {in_words(summary)}", err=True)


def in_words(summary: local.Summary) -> str:
    """How far a run is."""
    if not summary.documents:
        return visible(f"first pass, {summary.first:,} records read, {summary.meter.current}")
    speed = summary.documents / summary.seconds if summary.seconds else 0
    return visible(f"{summary.documents:,} documents, {speed:,.0f}/s, {summary.rejected:,} rejected, {summary.meter.current}")


def facts(summary: local.Summary) -> dict[str, Any]:
    """How far a run is, for machines."""
    known = {k: getattr(summary, k) for k in ("first", "documents", "articles", "rejected", "seconds")}
    return {**known, "share": summary.meter.share, "file": summary.meter.current, "out": str(summary.out)}


def in_corpus(summary: local.Summary) -> str:
    """What the corpus pass found."""
    n = summary.counts["corpus"]
    return (
        f"{n['repeated_lines']:,} lines repeated on {n['hosts_with_repeats']:,} of {n['hosts']:,} hosts; {n['duplicates']:,} copies in {n['clusters']:,} "
        f"clusters of documents, {n['contained']:,} contained in another; {n['wire_paragraphs']:,} paragraphs on several hosts"
    )


def show_summary(summary: local.Summary) -> None:
    """The closing table: documents, decisions by rule, what was rejected and why, where the files are."""
    console, sums = Console(), summary.counts.get("sums", Counter())
    share = 100 * (1 - sums["chars_out"] / sums["chars_in"]) if sums["chars_in"] else 0
    table = Table(title=f"{summary.documents:,} documents in {summary.seconds:.1f} s", title_justify="left", box=None)
    for column in ("", "count"):
        table.add_column(column, justify="right" if column else "left")
    table.add_row("clean articles", f"{summary.articles:,}")
    table.add_row("rejected", f"{summary.rejected:,}")
    table.add_row("paragraphs in → out", f"{sums['paragraphs_in']:,} → {sums['paragraphs_out']:,}")
    table.add_row("share of text cut", f"{share:.1f} %")
    for action, heading in (("cut", "cut by rule"), ("edit", "repaired by rule"), ("flag", "flagged by rule")):
        found = [(k.partition(" ")[2], n) for k, n in summary.counts.get("rules", Counter()).most_common() if k.startswith(action + " ")]
        if found:
            table.add_section()
            table.add_row(f"[bold]{heading}[/]", f"[bold]{sum(n for _, n in found):,}[/]")
            for rule, n in found:
                table.add_row(f"  {rule}", f"{n:,}")
    console.print(table)
    say = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    if "corpus" in summary.counts:
        say(f"corpus: {in_corpus(summary)}")
    if summary.rejected:
        say("rejected: " + ", ".join(f"{n} {k}" for k, n in summary.counts["status"].most_common() if k != "ok"))
        for error in summary.errors:
            say("  " + visible(error))
    count, examples = summary.repeated_ids
    if count:
        say(f"{count:,} ids stand for several records each, so their marks cannot be told apart by id: {visible('; '.join(examples))}; --id-column names a better column")
    if summary.unknown_files:
        say(f"not read, unknown format: {visible(', '.join(summary.unknown_files[:5]))} ({len(summary.unknown_files)} in all); name such a file to read it as text")
    for folder in FOLDERS:
        say(f"{folder:9} {summary.out}/{folder}/*.parquet")
    say(f"{'record':9} {summary.out}/run.json")


# --- single documents ----------------------------------------------------------------------------------------------------


@main.group()
def stage() -> None:
    """Run one stage on a file or standard input: text in, text out. `cleaner stage NAME --help` shows its options."""


def add_stage_command(one: Stage) -> None:
    """A command for a stage, its options read from the stage's signature."""

    def command(file, **settings) -> None:
        given = {k: v for k, v in settings.items() if v is not None}
        doc = one.with_(**given)(from_bytes(file.read(), html=False))
        if doc.text != "" or not doc.blocks:
            click.echo(doc.text)
        for m in doc.marks:
            click.echo(reason(m, "").plain, err=True)

    parameters = [click.Argument(["file"], type=click.File("rb"), default="-"), *map(option_of, one.options().values())]
    stage.add_command(click.Command(stage_name(one), params=parameters, callback=command, help=inspect.getdoc(one)))


def option_of(parameter: inspect.Parameter) -> click.Option:
    """A stage's option as an option of its command: flags for bool, repeatable for tuples, choices for Literal."""
    name, kind = "--" + parameter.name.replace("_", "-"), parameter.annotation
    shown = f"default: {parameter.default!r}"
    base = typing.get_origin(kind) or kind
    if base is bool:
        return click.Option([f"{name}/--no-{name[2:]}"], default=None, help=shown)
    if base is tuple:
        return click.Option([name], multiple=True, default=None, help=shown + "; repeatable", callback=lambda c, p, v: v or None)
    if base is typing.Literal:
        return click.Option([name], type=click.Choice(typing.get_args(kind)), help=shown)
    return click.Option([name], type=base if base in (int, float) else str, help=shown)


@stage.command("decode")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--http", help="Charset of the HTTP header.")
def decode_command(file, http) -> None:
    """Bytes in any encoding to UTF-8."""
    try:
        decoded = decode_bytes(file.read(), http=http)
    except ValueError as error:
        fail(error, USAGE)
    click.echo(decoded.text.encode("utf-8", "replace"), nl=False)
    click.echo(f"{decoded.encoding} ({decoded.evidence})", err=True)


@stage.command("extract")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--url", help="Address of the page.")
def extract_command(file, url) -> None:
    """The main content of an HTML page as text."""
    try:
        click.echo(from_bytes(file.read(), html=True, url=url).text)
    except ValueError as error:
        fail(error, USAGE)


@stage.command("segment")
@click.argument("file", type=click.File("rb"), default="-")
def segment_command(file) -> None:
    """The blocks of a text, one a line, with their kinds."""
    for block in from_bytes(file.read(), html=False).blocks:
        click.echo(f"{block.kind}\t{block.text}")


for _one in DEFAULT:
    add_stage_command(_one)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-c", "--config", "config_file", type=click.Path(exists=True, dir_okay=False), help="TOML file as for `run`.")
@click.option("--set", "pairs", multiple=True, metavar="STAGE.OPTION=VALUE", help="One option of a stage. Repeatable.")
def explain(file, config_file, pairs) -> None:
    """Show what is cut, repaired and flagged in FILE, and why, block by block."""
    try:
        pipeline = config.pipeline(chosen_settings(config_file, pairs))
        doc = pipeline(file.read_bytes())
    except (config.ConfigError, ValueError, OSError) as error:
        fail(error, USAGE)
    Console().print(explained(doc), soft_wrap=True)


@main.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("id")
def restore(out, id) -> None:
    """Print the document ID of the run in OUT as it came, before anything was cut or repaired."""
    try:
        click.echo(outputs.restored(*outputs.find_document(out, id)))
    except (KeyError, FileNotFoundError) as error:
        fail(error.args[0], USAGE)


# --- what exists ---------------------------------------------------------------------------------------------------------


@main.command()
def stages() -> None:
    """List the stages with their options, types and defaults."""
    for one in DEFAULT:
        click.echo(f"{click.style(stage_name(one), bold=True)}  {inspect.getdoc(one).splitlines()[0]}")
        for option in one.options().values():
            click.echo(f"    {option.name}: {inspect.formatannotation(option.annotation)} = {option.default!r}")


@main.command("rules")
@click.option("--language", help="Only the rules of one language.")
@click.option("--category", help="Only one category.")
def show_rules(language, category) -> None:
    """List the wordings that `boilerplate` knows: language, category, where they count, where they were seen, an example."""
    for rule in rules():
        if language in (None, rule.language) and category in (None, rule.category):
            click.echo(f"{rule.id}\t{rule.language}\t{rule.category}\t{rule.where}\t{rule.source}\t{rule.hit}")
