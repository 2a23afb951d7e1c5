"""``cleaner stages`` and ``cleaner rules``: what exists."""
from __future__ import annotations

import inspect
from collections.abc import Iterable

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
    """List the wordings that `boilerplate` knows, tab-separated: where they count, what they found and lost, an example, a near miss."""
    from cleaner.rules import rules as known

    chosen = [r for r in known() if language in (None, r.language) and category in (None, r.category)]
    if not chosen:
        raise click.UsageError(f"no rules; languages: {names(r.language for r in known())}; categories: {names(r.category for r in known())}")
    click.echo("id\tlanguage\tcategory\twhere\tdefault\tfound\tlost\tsource\thit\tmiss")
    for rule in chosen:
        place = (rule.id, rule.language, rule.category, rule.where, "on" if rule.default else "off")
        figures = ("" if n is None else str(n) for n in (rule.found, rule.lost))
        click.echo("\t".join((*place, *figures, rule.source, rule.hit, rule.miss)))


def names(given: Iterable[str]) -> str:
    """Names once each, in order."""
    return ", ".join(sorted(set(given)))
