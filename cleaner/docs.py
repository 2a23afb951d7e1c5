"""The generated parts of README.md and docs/. ``python -m cleaner.docs README.md docs/*.md`` fills them in.

A test fails when they are stale.
A part stands between ``<!-- generated: name -->`` (or ``name argument``) and ``<!-- end -->``; the example's output and marks are
what the example's input gives.
"""
from __future__ import annotations

import html
import inspect
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

import click

import cleaner
from cleaner import schema
from cleaner.cli import main
from cleaner.commands.common import EXIT_CODES
from cleaner.config import find_stage
from cleaner.doors import NAMES
from cleaner.pipeline import DEFAULT
from cleaner.report.collect import REMEDIES
from cleaner.rules import cost, rules
from cleaner.stage import Stage, stage_name

PART = re.compile(r"(<!-- generated: (\w+)(?: (\w+))? -->\n).*?(<!-- end -->)", re.DOTALL)
FIGURES = re.compile(r"<!-- figures: (\w+) -->\n(.*?)\n<!-- end -->", re.DOTALL)
#: Characters of an example in the table of the categories.
EXAMPLE_MOST = 90
EXAMPLE = re.compile(r"(<!-- example: (\w+) -->\n```text\n)(.*?)(```)", re.DOTALL)


def filled(text: str) -> str:
    """A page with all its generated parts as they should be."""
    source = next((m[3] for m in EXAMPLE.finditer(text) if m[2] == "input"), "")
    doc = cleaner.clean(source, html=False)
    results = {"input": source, "output": doc.text + "\n", "marks": "".join(mark_line(doc, m) for m in doc.marks)}
    text = EXAMPLE.sub(lambda m: m[1] + results[m[2]] + m[4], text)
    return PART.sub(lambda m: m[1] + "\n".join(PARTS[m[2]](*filter(None, [m[3]]))) + "\n" + m[4], text)


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


def stage_reference(name: str) -> Iterable[str]:
    """What a stage's docstring says, and its options with their types and defaults."""
    function = getattr(cleaner, name, None) or find_stage(f"cleaner.stages.{name}:{name}")
    text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", inspect.getdoc(function) or "").replace("``", "`")
    options = [o for o in signature(function).values() if o.kind is o.KEYWORD_ONLY]
    for o in signature(function).values():
        text = re.sub(rf"(?:^|\s+){o.name}: ", f"\n\n* `{o.name}`: ", text)
    yield from re.sub(r"\s+Raises ", "\n\nRaises ", text).split("\n")
    if options:
        yield from ("", "| option | type | default |", "|---|---|---|")
    for o in options:
        yield f"| `{o.name}` | {code(inspect.formatannotation(o.annotation))} | {code(repr(o.default))} |"


def signature(function: Callable) -> Mapping[str, inspect.Parameter]:
    """The parameters of a function or stage."""
    return inspect.signature(getattr(function, "function", function), eval_str=True).parameters


def commands() -> Iterable[str]:
    """Every command in a line."""
    yield "| command | what it does |"
    yield "|---|---|"
    for name, command in all_commands():
        yield f"| `cleaner {name}` | {(command.help or '').splitlines()[0]} |"


def reference() -> Iterable[str]:
    """Every command with its arguments and options."""
    for name, command in all_commands():
        context = click.Context(command, info_name=f"cleaner {name}")
        usage = " ".join(command.get_usage(context).removeprefix("Usage: ").split())
        yield from (f"## cleaner {name}", "", f"`{usage}`", "", command.help or "", "")
        options = [p for p in command.params if isinstance(p, click.Option)]
        if options:
            yield from ("| option | what it does |", "|---|---|")
        for option in options:
            names, says = option.get_help_record(context) or ("", "")
            yield f"| {code(names)} | {cell(says)} |"
        yield ""


def all_commands() -> Iterable[tuple[str, click.Command]]:
    """The commands in the order of `cleaner --help`."""
    context = click.Context(main)
    return ((name, main.get_command(context, name)) for name in main.list_commands(context))


def exit_codes(form: str = "") -> Iterable[str]:
    """What each exit code says; in the form "short" on one line."""
    if form:
        yield " · ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items())
        return
    yield from ("| code | meaning |", "|---:|---|")
    for code, meaning in EXIT_CODES.items():
        yield f"| {code} | {meaning} |"


def statuses() -> Iterable[str]:
    """Why documents are in ``rejected/``, and the remedy."""
    yield from ("| status | what to do |", "|---|---|")
    for status, remedy in REMEDIES.items():
        yield f"| `{status}` | {remedy} |"


def categories() -> Iterable[str]:
    """The categories of the phrase book, with an English example that each finds."""
    by_category = defaultdict(list)
    for rule in rules():
        by_category[rule.category].append(rule)
    yield from ("| category | rows | languages | for example | switch off |", "|---|---:|---:|---|---|")
    for name, known in sorted(by_category.items()):
        seen = [r for r in known if r.language == "en" and r.default and len(r.hit.split()) > 2 and len(r.hit) <= EXAMPLE_MOST] or known
        example = max(seen, key=lambda r: (r.found or 0, r.id)).hit
        languages = len({r.language for r in known} - {"und"})
        yield f"| {name} | {len(known):,} | {languages} | {cell(example)} | `--disable {name}` |"


def code(text: str) -> str:
    """Code inside a table; where it holds what ends a column, as an entity that every reader of Markdown takes for it."""
    return f"<code>{html.escape(text, quote=False).replace('|', '&#124;')}</code>" if "|" in text else f"`{text}`"


def cell(text: str) -> str:
    """A text inside a table."""
    return text.replace("|", "\\|").replace("<", "&lt;")


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


def benchmarks(name: str = "summary") -> Iterable[str]:
    """A part of BENCHMARKS.md, which `make bench` writes; a word where it has not been written."""
    page = Path(cleaner.__file__).parents[1] / "BENCHMARKS.md"
    found = dict(FIGURES.findall(page.read_text("utf-8"))) if page.is_file() else {}
    return found.get(name, "`make bench` has not been run yet.").split("\n")


def measured(card: str) -> Iterable[str]:
    """The first of the tables that a model's training wrote into its card, ``cleaner/data/<card>.md``."""
    text = (Path(cleaner.__file__).parent / "data" / f"{card}.md").read_text("utf-8").partition("<!-- measured -->\n")[2]
    table = text[: text.index("<!-- end -->")].strip().partition("\n\n| ")
    return [*table[0].split("\n"), "", *("| " + table[2]).partition("\n\n")[0].split("\n")] if table[2] else ["Not measured yet."]


PARTS: dict[str, Callable[[], Iterable[str]]] = {
    "stages": stages,
    "stage": stage_reference,
    "commands": commands,
    "reference": reference,
    "exit_codes": exit_codes,
    "statuses": statuses,
    "categories": categories,
    "columns": columns,
    "schema": tables,
    "benchmarks": benchmarks,
    "measured": measured,
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
