"""How far a batch is, and the closing table."""
from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from cleaner.engines.local import Summary
from cleaner.engines.trial import NOWHERE
from cleaner.io.write import FOLDERS
from cleaner.view import visible

#: Seconds between two lines of progress where there is no terminal.
LOG_EVERY = 10.0


@contextmanager
def progress_shown(quiet: bool, log_format: str) -> Iterator[Callable[[Summary], None]]:
    """What to call after each shard: a bar on a terminal, a line every ten seconds elsewhere."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield partial(log_line, log_format, [time.monotonic()]) if not quiet else lambda summary: None
        return
    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeRemainingColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=1.0)
        yield lambda summary: bar.update(task, completed=summary.meter.share, description=in_words(summary))


def log_line(log_format: str, last: list[float], summary: Summary) -> None:
    """A progress line on standard error, at most one in ten seconds; ``last`` holds the time of the one before."""
    if time.monotonic() - last[0] >= LOG_EVERY:
        last[0] = time.monotonic()
        click.echo(json.dumps(facts(summary)) if log_format == "json" else f"{summary.meter.share:4.0%}  {in_words(summary)}", err=True)


def in_words(summary: Summary) -> str:
    """How far a run is; the speed is that of the present pass."""
    speed = (summary.documents or summary.first) / max(time.monotonic() - summary.meter.begun, 0.001)
    if not summary.documents:
        return visible(f"first pass, {summary.first:,} records read, {speed:,.0f}/s, {summary.meter.current}")
    return visible(f"{summary.documents:,} documents, {speed:,.0f}/s, {summary.rejected:,} rejected, {summary.meter.current}")


def facts(summary: Summary) -> dict[str, Any]:
    """How far a run is, for machines."""
    known = {k: getattr(summary, k) for k in ("first", "documents", "articles", "rejected", "seconds")}
    return {**known, "share": summary.meter.share, "file": summary.meter.current, "out": str(summary.out)}


def in_corpus(summary: Summary) -> str:
    """What the corpus pass found."""
    n = summary.counts["corpus"]
    return (
        f"{n['repeated_lines']:,} lines repeated on {n['hosts_with_repeats']:,} of {n['hosts']:,} hosts; {n['duplicates']:,} copies in {n['clusters']:,} "
        f"clusters of documents, {n['contained']:,} contained in another; {n['wire_paragraphs']:,} paragraphs on several hosts"
    )


def show_summary(summary: Summary) -> None:
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
                table.add_row(Text(visible(f"  {rule}")), f"{n:,}")
    console.print(table)
    say = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    if "corpus" in summary.counts:
        say(f"corpus: {in_corpus(summary)}")
    if summary.rejected:
        say(visible("rejected: " + ", ".join(f"{n} {k}" for k, n in summary.counts["status"].most_common() if k != "ok")))
        for error in summary.errors:
            say("  " + visible(error))
    count, examples = summary.repeated_ids
    if count:
        say(f"{count:,} ids stand for several records each, so their marks cannot be told apart by id: {visible('; '.join(examples))}; --id-column names a better column")
    if summary.unknown_files:
        say(f"not read, of unknown format or a link out of its folder: {visible(', '.join(summary.unknown_files[:5]))} ({len(summary.unknown_files)} in all); name such a file to read it")
    if summary.out == NOWHERE:
        return say("a dry run: nothing was written; site templates and copies are looked for only with --stats")
    for folder in FOLDERS:
        say(f"{folder:9} {summary.out}/{folder}/*.parquet")
    say(f"{'record':9} {summary.out}/run.json")
