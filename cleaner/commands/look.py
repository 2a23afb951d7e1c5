"""``cleaner explain``, ``report``, ``diff`` and ``restore``: looking before trusting."""
from __future__ import annotations

import json
from pathlib import Path

import click

from cleaner.commands.common import NOTHING, chosen_settings, fail, say, settings_options
from cleaner.view import visible


@click.command()
@click.argument("target", metavar="FILE|OUT", type=click.Path(exists=True, path_type=Path))
@click.argument("id", required=False)
@click.option("--find", "sentence", help="Show what became of this sentence, and by which rule.")
@click.option("--html", "form", flag_value="html", help="Print a page instead.")
@click.option("--json", "form", flag_value="json", help="Print data for machines instead.")
@settings_options
def explain(target, id, sentence, form, **settings) -> None:
    """Show what is cut, repaired and flagged, why, and how to switch it off: in FILE, or in document ID of the run in OUT."""
    from rich.console import Console

    from cleaner import explain as room

    try:
        if target.is_dir():
            from cleaner.io import outputs
            from cleaner.report.find import ids_with

            if any(settings.values()):
                raise ValueError("a run has its settings already; --config, --set, --disable and --only go with a FILE")
            if not (id or sentence):
                raise ValueError(f"which document of {target}? give its ID, or --find a sentence")
            ids = [id] if id else ids_with(target, sentence)
            docs = (outputs.document(*outputs.find_document(target, one)) for one in ids)
        else:
            from cleaner import config

            docs = iter([config.pipeline(chosen_settings(**settings))(target.read_bytes())])
        if sentence:
            told = list(room.told(docs, sentence))
            if not told:
                fail(f"no document of {target} has {sentence!r}", NOTHING)
            click.echo(json.dumps([t.as_json() for t in told], indent=1)) if form == "json" else Console().print(*told, sep="\n", soft_wrap=True)
            return
        doc = next(docs)
    except (KeyError, FileNotFoundError) as error:
        fail(error.args[0] if isinstance(error, KeyError) else error)
    except (ValueError, OSError, TypeError) as error:
        fail(error)
    if form == "json":
        click.echo(json.dumps(room.as_json(doc), indent=1, default=str))
    elif form == "html":
        from cleaner.report.page import document_page

        click.echo(document_page(doc).encode("utf-8", "replace"))
    else:
        Console().print(room.explained(doc), soft_wrap=True)


@click.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-o", "--output", "page", type=click.Path(dir_okay=False, path_type=Path), help="The page.  [default: OUT/report.html]")
@click.option("--samples", type=click.IntRange(0, 50), default=10, show_default=True, help="Decisions shown for each rule.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another number shows other samples.")
@click.option("--max-memory", type=click.IntRange(64_000_000), default=500_000_000, show_default=True, help="Bytes that the reading may take; beyond them it uses the disk.")
def report(out, page, samples, seed, max_memory) -> None:
    """Make one self-contained HTML page of the run in OUT: counts, plots, hosts, rules, samples before and after."""
    from cleaner.io.write import write_whole
    from cleaner.report.collect import collect
    from cleaner.report.page import report_page

    page = page or out / "report.html"
    try:
        text = report_page(collect(out, samples=samples, seed=seed, memory=max_memory))
        write_whole(page, lambda file: file.write(text.encode("utf-8", "replace")))
    except (FileNotFoundError, ValueError, OSError) as error:
        fail(error)
    click.echo(visible(str(page)))


@click.command()
@click.argument("before", metavar="OUT_A", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("after", metavar="OUT_B", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--samples", type=click.IntRange(0), default=5, show_default=True, help="Documents whose texts are compared in full.")
@click.option("--json", "as_json", is_flag=True, help="Print data for machines instead.")
def diff(before, after, samples, as_json) -> None:
    """Show which documents, settings and rules differ between two runs over the same input, with samples."""
    from rich.console import Console

    from cleaner.report.runs import difference, shown

    try:
        found = difference(before, after, samples)
    except (FileNotFoundError, ValueError) as error:
        fail(error)
    click.echo(json.dumps(found, indent=1, default=str)) if as_json else Console().print(shown(found), soft_wrap=True)


@click.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("id")
def restore(out, id) -> None:
    """Print the document ID of the run in OUT as it came, before anything was cut or repaired."""
    from cleaner.io import outputs

    try:
        say(outputs.restored(*outputs.find_document(out, id)))
    except (KeyError, FileNotFoundError) as error:
        fail(error.args[0])
