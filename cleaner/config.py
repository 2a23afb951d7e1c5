"""Settings to a pipeline: a TOML file, ``stage.option=value`` pairs, and the resolved configuration that a run records."""
from __future__ import annotations

import difflib
import hashlib
import importlib
import inspect
import json
import tomllib
import typing
from collections.abc import Callable, Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import cleaner
from cleaner.corpus.stats import Stats
from cleaner.corpus.stats import facts as stats_facts
from cleaner.document import Block, Document
from cleaner.pipeline import DEFAULT, TABLES, Pipeline
from cleaner.stage import Stage, stage_name
from cleaner.stages.extract import extract

#: A stage that cannot make sense of a value says so on any document; better once than on each.
PROBE = Document("", (Block("The council of the town met on Monday to speak about the new ferry line, the mayor said."),))


class ConfigError(ValueError):
    """A setting that does not exist or has a wrong value; the message names the good ones."""


def load(path: str | Path) -> dict[str, Any]:
    """The settings in a TOML file: ``stages = [names]`` and a table of options a stage. Raises ConfigError."""
    try:
        return parse(Path(path).read_text("utf-8"), path)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error


def parse(text: str, path: str | Path) -> dict[str, Any]:
    """The settings in the text of a TOML file. Raises ConfigError, which names the file."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: {error}") from error


def assignment(pair: str) -> tuple[str, str, Any]:
    """``stage.option=value`` as its three parts; the value is TOML (``true``, ``0.5``, ``["a"]``) or else a plain string."""
    target, equals, value = pair.partition("=")
    name, dot, option = target.strip().partition(".")
    if not (equals and dot and option):
        raise ConfigError(f"--set takes stage.option=value, for example boilerplate.context=false; not {pair!r}")
    try:
        return name, option, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name, option, value.strip()


def pipeline(settings: Mapping[str, Any]) -> Pipeline:
    """The pipeline that some settings describe. Raises ConfigError for an unknown stage or option or a value of a wrong type."""
    names = settings.get("stages", [stage_name(s) for s in DEFAULT])
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise ConfigError(f"stages takes a list of names, for example [\"repair\", \"boilerplate\"]; not {names!r}")
    stages = {name: find_stage(name) for name in names}
    pages: dict[str, Any] = {}
    if (favor := settings.get("favor")) is not None:
        pages["favor"] = as_type("favor", favor, page_options()["favor"])
        for name, stage in stages.items():
            if isinstance(stage, Stage) and "favor" in stage.options():
                stages[name] = stage.with_(favor=favor)
    for name, options in settings.items():
        if name in ("stages", "favor"):
            continue
        if name == "extract" and isinstance(options, Mapping):
            pages |= checked_options(name, page_options(), options)
            continue
        if name not in stages:
            raise ConfigError(unknown("stage", name, stages))
        if not isinstance(options, Mapping):
            raise ConfigError(f"{name} is a stage; give its options in a table: [{name}]")
        stages[name] = with_options(name, stages[name], options)
    return Pipeline((stages[name] for name in names), pages=pages)


def page_options() -> dict[str, inspect.Parameter]:
    """The options of ``extract`` that are no facts about one page."""
    parameters = inspect.signature(extract, eval_str=True).parameters.values()
    return {p.name: p for p in parameters if p.kind is p.KEYWORD_ONLY and p.name not in ("url", "id", "http")}


def find_stage(name: str) -> Callable[[Document], Document]:
    """A stage by name: one of ours, or ``module:function`` for a user's own."""
    ours = {stage_name(s): s for s in DEFAULT}
    if name in ours:
        return ours[name]
    module, colon, function = name.partition(":")
    if not colon:
        raise ConfigError(unknown("stage", name, ours) + "; a stage of your own is named module:function")
    try:
        return getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"stage {name!r}: {error}") from error


def with_options(name: str, stage: Callable, options: Mapping[str, Any]) -> Stage:
    """A stage with options whose names and types were checked against its signature."""
    if not isinstance(stage, Stage):
        raise ConfigError(f"{name} is a plain function and has no options; decorate it with cleaner.stage to give it some")
    chosen = stage.with_(**checked_options(name, stage.options(), options))
    for m in chosen.run(PROBE).marks:
        if m.rule.startswith("error."):
            raise ConfigError(m.detail)
    return chosen


def checked_options(name: str, known: Mapping[str, inspect.Parameter], options: Mapping[str, Any]) -> dict[str, Any]:
    """Options whose names and types are those of a signature. Raises ConfigError."""
    for option in options:
        if option not in known:
            raise ConfigError(unknown(f"option of {name}", option, known))
    return {option: as_type(f"{name}.{option}", value, known[option]) for option, value in options.items()}


def as_type(name: str, value: Any, parameter: inspect.Parameter) -> Any:
    """A value as the type of an option; lists become tuples, integers floats. Raises ConfigError."""
    kind = parameter.annotation
    choices = typing.get_args(kind) if typing.get_origin(kind) is typing.Literal else ()
    if choices:
        if value in choices:
            return value
        raise ConfigError(f"{name} takes one of {', '.join(map(str, choices))}; not {value!r}")
    base = typing.get_origin(kind) or kind
    if base is tuple and isinstance(value, (list, tuple, str)):
        return (value,) if isinstance(value, str) else tuple(value)
    if base is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if base in (bool, int, float, str) and type(value) is not base:
        raise ConfigError(f"{name} takes a {base.__name__}, not {value!r}; default {parameter.default!r}")
    return value


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """The message for a name that does not exist, with the nearest one that does."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f"no {what} {name!r}; " + (f"did you mean {near[0]!r}?" if near else f"there is: {', '.join(known)}")


def resolved(chosen: Pipeline) -> list[dict[str, Any]]:
    """Every stage of a pipeline with all its options, defaults included, fit for JSON."""
    return [{"stage": f"{s.__module__}:{stage_name(s)}", "options": options_of(s)} for s in chosen.stages]


def resolved_pages(chosen: Pipeline) -> dict[str, Any]:
    """All options with which a pipeline reads HTML pages into tables, defaults included."""
    return {n: p.default for n, p in page_options().items()} | TABLES | chosen.pages


def options_of(stage: Callable) -> dict[str, Any]:
    """The options of a stage with their present values."""
    if not isinstance(stage, Stage):
        return {}
    return {n: told(n, stage.settings.get(n, p.default)) for n, p in stage.options().items()}


def told(name: str, value: Any) -> Any:
    """An option's value, fit for JSON: statistics are told by their digest, wherever their file lies."""
    if name != "stats" or not value:
        return value
    return value.digest if isinstance(value, Stats) else stats_facts(value)["cleaner.digest"]


def config_hash(settings: Any) -> str:
    """16 hex digits that change with the settings, the version of cleaner, its rules and its models."""
    digest = hashlib.blake2b(json.dumps([cleaner.__version__, settings], sort_keys=True, default=str).encode(), digest_size=8)
    for folder in ("rules", "data"):
        for file in sorted((f for f in resources.files(cleaner).joinpath(folder).iterdir() if f.is_file()), key=lambda f: f.name):
            digest.update(file.read_bytes())
    return digest.hexdigest()
