"""``cleaner export``: a finished run for other tools."""
from __future__ import annotations

from pathlib import Path

import click

from cleaner.commands.common import fail


@click.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dolma", "form", flag_value="dolma", help="documents/ with the repaired text, attributes/cleaner/ with every cut and flag as spans.")
@click.option("--jsonl", "form", flag_value="jsonl", help="jsonl/ with the rows of articles/ as gzipped JSON lines.")
@click.option("-o", "--output", "to", type=click.Path(file_okay=False, path_type=Path), help="Folder to write below.  [default: OUT/dolma; OUT for --jsonl]")
@click.option("--source", help="What Dolma's `source` says, within which ids are unique.  [default: the name of OUT]")
def export(out, form, to, source) -> None:
    """Write the articles of the run in OUT for tools that read no Parquet: as Dolma's documents and attributes, or as JSON lines."""
    from cleaner.io import export as room

    if form is None:
        raise click.UsageError("as what? --dolma or --jsonl")
    if source and form != "dolma":
        raise click.UsageError("--source goes with --dolma")
    to = to or (out / "dolma" if form == "dolma" else out)
    try:
        documents = room.dolma(out, to, source or "") if form == "dolma" else room.jsonl(out, to)
    except (FileNotFoundError, ValueError, OSError) as error:
        fail(error)
    click.echo(f"{documents:,} documents in {to / ('documents' if form == 'dolma' else 'jsonl')}")
