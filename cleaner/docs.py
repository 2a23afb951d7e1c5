"""The generated parts of README.md and docs/: ``python -m cleaner.docs README.md docs/rules.md`` fills them in, a test fails when they are stale.

A part stands between ``<!-- generated: name -->`` and ``<!-- end -->``; the example's output and marks are what the example's
input gives.
"""
from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import click

import cleaner
from cleaner import schema
from cleaner.cli import main
from cleaner.doors import NAMES
from cleaner.pipeline import DEFAULT
from cleaner.rules import cost, rules
from cleaner.stage import Stage, stage_name

PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.S)
FIGURES = re.compile(r"<!-- figures: summary -->\n(.*?)\n<!-- end -->", re.S)
EXAMPLE = re.compile(r"(<!-- example: (\w+) -->\n```text\n)(.*?)(```)", re.S)


def filled(text: str) -> str:
    """A page with all its generated parts as they should be."""
    source = next((m[3] for m in EXAMPLE.finditer(text) if m[2] == "input"), "")
    doc = cleaner.clean(source, html=False)
    results = {"input": source, "output": doc.text + "\n", "marks": "".join(mark_line(doc, m) for m in doc.marks)}
    text = EXAMPLE.sub(lambda m: m[1] + results[m[2]] + m[4], text)
    return PART.sub(lambda m: m[1] + "\n".join(PARTS[m[2]]()) + "\n" + m[3], text)


def mark_line(doc: cleaner.Document, m: cleaner.Mark) -> str:
    """One mark on one line: block, action, rule, and what it is about."""
    span = doc.blocks[m.block].text[m.start : m.end] if m.block >= 0 else ""
    what = f"{m.original!r} → {m.replacement!r}" if m.action == "edit" else repr(span if len(span) <= 60 else span[:57] + "…")
    return f"{m.block:3}  {m.action:4}  {m.rule:26}  {what}\n"


def stages() -> Iterable[str]:
    """Every stage with its options and defaults."""
    yield "| stage | what it does | options |"
    yield "|---|---|---|"
    for function in (cleaner.decode, cleaner.extract, cleaner.segment, *DEFAULT):
        options = function.options().values() if isinstance(function, Stage) else ()
        shown = "<br>".join(f"`{o.name}: {inspect.formatannotation(o.annotation)} = {o.default!r}`".replace("|", "\\|") for o in options)
        yield f"| `{stage_name(function)}` | {first_line(function)} | {shown} |"


def commands() -> Iterable[str]:
    """Every command with its options."""
    yield "| command | what it does | options |"
    yield "|---|---|---|"
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        shown = " ".join(f"`{p.opts[-1]}`" for p in command.params if isinstance(p, click.Option) and "--help" not in p.opts)
        yield f"| `cleaner {name}` | {(command.help or '').splitlines()[0]} | {shown} |"


def columns() -> Iterable[str]:
    """Which column names are known for what."""
    yield "| holds | column names |"
    yield "|---|---|"
    for role, names in NAMES.items():
        yield f"| {role} | {', '.join(f'`{n}`' for n in names)} |"


def tables() -> Iterable[str]:
    """The columns of the outputs."""
    for name, columns in (("articles, rejected", schema.ARTICLE), ("marks", schema.MARK)):
        shown = ", ".join(f"`{f.name}` {str(f.type).replace('list<item: string>', 'list<string>').replace('list<element: string>', 'list<string>')}" for f in columns)
        yield f"* **{name}**: {shown}"


def kept_rules() -> Iterable[str]:
    """The rows of the phrase book that stay on though they lose more than they find."""
    yield "| row | found | lost | why |"
    yield "|---|---:|---:|---|"
    for rule in rules():
        if "why" in rule.row:
            yield f"| `{rule.id}` | {rule.found} | {rule.lost} | {rule.row['why']} |"


def benchmarks() -> Iterable[str]:
    """The summary of BENCHMARKS.md, which `make bench` writes."""
    page = Path(cleaner.__file__).parents[1] / "BENCHMARKS.md"
    return FIGURES.search(page.read_text("utf-8"))[1].split("\n") if page.exists() else ["`make bench` has not been run yet."]


PARTS: dict[str, Callable[[], Iterable[str]]] = {
    "stages": stages,
    "commands": commands,
    "columns": columns,
    "schema": tables,
    "benchmarks": benchmarks,
    "rules_kept": kept_rules,
    "rules_by_category": partial(cost.table, by=cost.category),
    "rules_by_language": partial(cost.table, by=cost.language),
    "rules_dearest": partial(cost.dearest, worst=25),
}


def first_line(thing: object) -> str:
    """The first line of a docstring."""
    return (inspect.getdoc(thing) or "").splitlines()[0].replace("|", "\\|")


if __name__ == "__main__":
    for page in map(Path, sys.argv[1:]):
        page.write_text(filled(page.read_text("utf-8")), "utf-8")
