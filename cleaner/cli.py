"""The command line. A command's room is imported when the command runs: all of them together take a second."""
from __future__ import annotations

import os
from importlib import import_module

import click

import cleaner

#: A process a core is enough: numpy's threads beside it spin and took 40 % of the topic stage's time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

#: Where each command is, in the order of ``cleaner --help``.
COMMANDS = {
    "run": "batch", "fit": "batch", "stage": "single", "explain": "look", "report": "look", "diff": "look", "restore": "look", "export": "export",
    "stages": "lists", "rules": "lists",
}  # fmt: skip


class Commands(click.Group):
    """The commands of :mod:`cleaner.commands`; only the one that is asked for is loaded."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """A command, None for a name that is none."""
        return getattr(import_module(f"cleaner.commands.{COMMANDS[name]}"), name) if name in COMMANDS else None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(cleaner.__version__, prog_name="cleaner")
def main() -> None:
    """Clean scraped news text: boilerplate, damaged encodings, duplicate paragraphs and off-topic fragments.

    Exit codes: 0 all documents done, 1 finished but some rejected, 2 usage or configuration, 3 nothing to do or nothing
    written, 130 interrupted.
    """


if __name__ == "__main__":
    main()
