"""``cleaner stage NAME``: one stage over a file or standard input, text in, text out."""
from __future__ import annotations

import inspect
import typing

import click

import cleaner
from cleaner.commands.common import fail, say
from cleaner.explain import reason
from cleaner.intake import from_bytes
from cleaner.stage import Stage
from cleaner.stages.decode import decode_bytes


class Stages(click.Group):
    """A command for each stage, with the options of its signature; only the stage that is asked for is loaded."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The stages by name, in the order of the flow."""
        return list(cleaner.STAGES)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of a stage, None for a name that is none."""
        if own := super().get_command(ctx, name):
            return own
        return stage_command(name, getattr(cleaner, name)) if name in cleaner.STAGES else None


@click.group(cls=Stages)
def stage() -> None:
    """Run one stage on a file or standard input: text in, text out. `cleaner stage NAME --help` shows its options."""


def stage_command(name: str, one: Stage) -> click.Command:
    """A command for a stage, its options read from the stage's signature."""

    def command(file, **settings) -> None:
        given = {k: v for k, v in settings.items() if v is not None}
        doc = one.with_(**given)(from_bytes(file.read(), html=False))
        if doc.text != "" or not doc.blocks:
            say(doc.text)
        for m in doc.marks:
            click.echo(reason(m, "").plain, err=True)

    parameters = [click.Argument(["file"], type=click.File("rb"), default="-"), *map(option_of, one.options().values())]
    return click.Command(name, params=parameters, callback=command, help=inspect.getdoc(one))


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
def decode(file, http) -> None:
    """Bytes in any encoding to UTF-8."""
    try:
        decoded = decode_bytes(file.read(), http=http)
    except ValueError as error:
        fail(error)
    click.echo(decoded.text.encode("utf-8", "replace"), nl=False)
    click.echo(f"{decoded.encoding} ({decoded.evidence})", err=True)


@stage.command("extract")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--url", help="Address of the page.")
@click.option("--favor", type=click.Choice(["precision", "balanced", "recall"]), default="balanced", help="Where unsure, cut more or keep more.")
@click.option("--model/--no-model", default=True, help="Whether a model may overrule trafilatura.")
def extract(file, url, **pages) -> None:
    """The main content of an HTML page as text."""
    try:
        say(from_bytes(file.read(), html=True, url=url, pages=pages).text)
    except ValueError as error:
        fail(error)


@stage.command("segment")
@click.argument("file", type=click.File("rb"), default="-")
def segment(file) -> None:
    """The blocks of a text, one a line, with their kinds."""
    for block in from_bytes(file.read(), html=False).blocks:
        say(f"{block.kind}\t{block.text}")
