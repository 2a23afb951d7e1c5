"""What commands have in common: exit codes, the way to fail, and settings from a file and options."""
from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

from cleaner.text.addresses import without_secrets
from cleaner.view import visible

USAGE, NOTHING, INTERRUPTED = 2, 3, 130
#: What the commands say to a script.
EXIT_CODES = {
    0: "all documents done",
    1: "finished, some documents rejected",
    USAGE: "usage or configuration",
    NOTHING: "nothing to do or nothing written",
    INTERRUPTED: "interrupted; the same command goes on",
}


def fail(reason: object, code: int = USAGE) -> NoReturn:
    """Say what is wrong on standard error and end."""
    click.echo(f"cleaner: {visible(without_secrets(str(reason)))}", err=True)
    sys.exit(code)


def say(text: str) -> None:
    """Print a text: as it is into a file or a pipe, and so that it cannot command it on a terminal."""
    click.echo("\n".join(map(visible, text.split("\n"))) if sys.stdout.isatty() else text.encode("utf-8", "replace"))


def settings_options(command: Callable) -> Callable:
    """The options from which :func:`chosen_settings` makes settings."""
    for option in (
        click.option("--favor", type=click.Choice(["precision", "balanced", "recall"]), help="One dial for every stage that has it: where unsure, cut more or keep more.  [default: balanced]"),
        click.option("--only", multiple=True, metavar="STAGE", help="Run only this stage. Repeatable."),
        click.option("--disable", multiple=True, metavar="RULE", help="Switch off a rule, a category or a stage, as `explain` and `report` name them. Repeatable."),
        click.option("--set", "pairs", multiple=True, metavar="STAGE.OPTION=VALUE", help="One option of a stage; `cleaner stages` lists them. Repeatable."),
        click.option("-c", "--config", "config_file", type=click.Path(exists=True, dir_okay=False), help="TOML file: stages = [...] and a table of options a stage."),
    ):
        command = option(command)
    return command


def chosen_settings(
    config_file: str | None, pairs: tuple[str, ...], disable: tuple[str, ...] = (), only: tuple[str, ...] = (), favor: str | None = None
) -> dict[str, Any]:
    """The settings of a config file with ``--set``, ``--favor``, ``--disable`` and ``--only`` on top. Raises ConfigError."""
    from cleaner import config, switches

    settings = config.load(config_file) if config_file else {}
    for pair in pairs:
        name, option, value = config.assignment(pair)
        settings.setdefault(name, {})[option] = value
    if favor:
        settings["favor"] = favor
    return switches.chosen(settings, disable, only) if disable or only else settings
