"""``cleaner stages`` and ``cleaner rules``: what exists."""
from __future__ import annotations

import inspect

import click

from cleaner.pipeline import DEFAULT
from cleaner.stage import stage_name


@click.command()
def stages() -> None:
    """List the stages with their options, types and defaults."""
    for one in DEFAULT:
        click.echo(f"{click.style(stage_name(one), bold=True)}  {inspect.getdoc(one).splitlines()[0]}")
        for option in one.options().values():
            click.echo(f"    {option.name}: {inspect.formatannotation(option.annotation)} = {option.default!r}")


@click.command()
@click.option("--language", help="Only the rules of one language.")
@click.option("--category", help="Only one category.")
def rules(language, category) -> None:
    """List the wordings that `boilerplate` knows: language, category, where they count, where they were seen, an example."""
    from cleaner.rules import rules as known

    for rule in known():
        if language in (None, rule.language) and category in (None, rule.category):
            click.echo(f"{rule.id}\t{rule.language}\t{rule.category}\t{rule.where}\t{rule.source}\t{rule.hit}")
