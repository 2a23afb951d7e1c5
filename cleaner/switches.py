"""How to switch a rule off: from the name in a mark to the option, and from ``--disable`` and ``--only`` to settings."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import cleaner
from cleaner.rules import EXTRA, rules

#: Rules that an option of their stage turns off.
OPTIONS = {
    "duplicate.near": ("duplicates", "near", False),
    "duplicate.dropped": ("repeats", "drop_duplicates", False),
    "topic.fragment": ("topic", "fragments", False),
    "repair.quote_space": ("repair", "typography", False),
    "extract.model_cut": ("extract", "model", False),
    "extract.model_kept": ("extract", "model", False),
}
#: Rules that are decided before the first stage of the list, and those that only :func:`overrule` takes back at its end.
EARLY = ("extract.not_main", "extract.doubtful", "decode.contradicts_declaration", "decode.lost")
LATE = (
    "boilerplate.template_line", "boilerplate.template_masked", "boilerplate.template_lead_in", "boilerplate.template_name",
    "boilerplate.template_title", "boilerplate.template_edge", "duplicate.exact", "duplicate.document", "duplicate.contained", "duplicate.wire",
    "language.foreign", "language.unwanted", "repair.lost", "topic.headline", "topic.legal", "topic.mixed", "topic.off_topic", "topic.promo",
)  # fmt: skip
#: Steps before the list of stages; nothing takes them out.
BEFORE = ("decode", "extract", "segment")
OVERRULE = "cleaner.stages.overrule:overrule"


def switch(rule: str) -> str:
    """What to add to ``cleaner run`` so that a rule no longer acts; "" where nothing does, or it belongs to no stage of ours.

    >>> switch("boilerplate.read_also")
    '--disable read_also'
    """
    stage, _, reason = rule.partition(".")
    if stage == "boilerplate" and reason in categories():
        return f"--disable {reason}"
    if rule in OPTIONS:
        name, option, value = OPTIONS[rule]
        return f"--set {name}.{option}={str(value).lower()}"
    if rule in EARLY or rule in LATE:
        return f"--disable {rule}"
    return f"--disable {stage}" if stage in cleaner.STAGES and stage not in BEFORE else ""


def names() -> list[str]:
    """The stages of the default list."""
    from cleaner.pipeline import DEFAULT, stage_name  # loads every stage; a name in a mark needs none

    return [stage_name(s) for s in DEFAULT]


def categories() -> set[str]:
    """What ``boilerplate.disable`` takes beside single rows."""
    return {r.category for r in rules()} | EXTRA


def chosen(settings: Mapping[str, Any], disable: Iterable[str] = (), only: Iterable[str] = ()) -> dict[str, Any]:
    """Settings without some rules or stages, or with some stages only.

    disable: rules as marks name them, categories and rows of the phrase book, or stages. only: stages, kept in their usual
    order. Raises ConfigError for a name that is none.
    """
    from cleaner.config import ConfigError, unknown

    out = {k: dict(v) if isinstance(v, Mapping) else v for k, v in settings.items()}
    if only := tuple(only):
        present = out.get("stages", names())
        if missing := [n for n in only if n not in present]:
            raise ConfigError(unknown("stage", missing[0], present))
        out["stages"] = [n for n in present if n in only]
    back: list[str] = []
    for name in disable:
        one(out, name, back)
    if back:
        stages = list(out.get("stages", names()))
        if "extract.not_main" in back:
            out["extract"] = {"marks": "full"} | out.get("extract", {})
        early, late = any(n in EARLY for n in back), any(n not in EARLY for n in back)
        out["stages"] = [OVERRULE] * early + stages + [OVERRULE] * late
        out[OVERRULE] = {"rules": back}
    left = out.get("stages", names())
    return {k: v for k, v in out.items() if k not in names() or k in left}


def one(settings: dict[str, Any], name: str, back: list[str]) -> None:
    """Settings with one name switched off; what must be taken back afterwards is added to ``back``."""
    from cleaner.config import ConfigError, unknown

    bare = name.removeprefix("boilerplate.")
    stages = settings.get("stages", names())
    if name in stages or name in names():
        settings["stages"] = [s for s in stages if s != name]
    elif bare in categories() or bare in {r.id for r in rules()}:
        table = settings.setdefault("boilerplate", {})
        given = table.get("disable", ())
        table["disable"] = [*([given] if isinstance(given, str) else given), bare]
    elif name in OPTIONS:
        stage, option, value = OPTIONS[name]
        settings.setdefault(stage, {})[option] = value
    elif name in EARLY or name in LATE:
        back.append(name)
    else:
        raise ConfigError(unknown("rule or stage", name, [*names(), *OPTIONS, *EARLY, *LATE, *sorted(categories())]))
