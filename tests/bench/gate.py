"""The quality gate: ``make gate`` measures every corpus that is there and fails where a figure has fallen below its floor.

Floors stand in ``floors.json`` with the digest of the corpus they were measured on. ``make gate ARGS=--pin`` sets them anew, to
the figures measured less :data:`SLACK`; a floor that would fall by that is refused until ``--lower "why"`` says why, and the
reason stays in the file. Exit codes: 0 every floor holds, 1 one does not, 2 the corpus is another one or has no floors.
The noise of a figure is what another choice of documents would make of it; on the same documents there is none.
"""
from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cleaner
from tests.bench.figures import Figure
from tests.bench.sets import CORPORA, Corpus

FLOORS = Path(__file__).with_name("floors.json")
PIN = "make gate ARGS=--pin"
LOWER = """make gate ARGS='--pin --lower "why"'"""
#: What a figure may fall short of the pinned one: rounding, and a release of trafilatura or lxml that moves a word.
SLACK = 0.0005


def measured(names: list[str]) -> Iterator[tuple[str, Corpus, dict[str, Figure]]]:
    """The corpora of these names that are there, with their figures; the others are named."""
    for name in names:
        corpus = CORPORA[name]
        if corpus.is_there():
            yield name, corpus, corpus.measure()
        else:
            print(f"{name}: not on this machine")


def check(name: str, corpus: Corpus, figures: dict[str, Figure], floors: dict[str, Any]) -> int:
    """Print a corpus beside its floors; the exit code that it asks for."""
    pinned = floors["corpora"].get(name)
    code = 0
    if not pinned or pinned["digest"] != corpus.digest():
        why = "its files are not those that the floors were pinned on" if pinned else "it has no floors"
        print(f"{name}: {why}; look, then run: {PIN}")
        pinned, code = {"figures": {}}, 2
    for figure, (value, noise) in figures.items():
        floor = pinned["figures"].get(figure, {}).get("floor")
        falls = floor is not None and value < floor
        code = 1 if falls else code or 2 * (floor is None)
        shown = "none" if floor is None else f"{floor:.4f}"
        print(f"{name:16} {figure:25} {value:.4f}   floor {shown}   noise {noise:.4f}{'   BELOW THE FLOOR' if falls else ''}")
    for figure in pinned["figures"].keys() - figures.keys():
        print(f"{name:16} {figure:25} pinned, but no longer measured")
        code = 1
    return code


def pin(name: str, corpus: Corpus, figures: dict[str, Figure], floors: dict[str, Any], reason: str) -> list[str]:
    """Set the floors of a corpus to what was measured. The floors that would fall without a reason, which changes nothing."""
    before = floors["corpora"].get(name, {"figures": {}})["figures"]
    new = {f: {"floor": round(v - SLACK, 4), "measured": round(v, 4), "noise": round(n, 4)} for f, (v, n) in figures.items()}
    gone = {"floor": None}
    pairs = {f: (old["floor"], new.get(f, gone)["floor"]) for f, old in before.items()}
    fallen = {f: (old, now) for f, (old, now) in pairs.items() if now is None or now < old}
    if fallen and not reason:
        return [f"{name}, {f}: {old} -> {now}" for f, (old, now) in fallen.items()]
    today = datetime.date.today().isoformat()
    told = {"date": today, "corpus": name, "why": reason}
    floors["lowered"] += [{**told, "figure": f, "from": old, "to": now} for f, (old, now) in fallen.items()]
    floors["corpora"][name] = {"digest": corpus.digest(), "pinned": today, "version": cleaner.__version__, "figures": new}
    return []


def main(arguments: list[str] | None = None) -> int:
    """The command line of the gate; its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(CORPORA), default=list(CORPORA), metavar="CORPUS", help=", ".join(CORPORA))
    parser.add_argument("--pin", action="store_true", help="set the floors to what is measured now")
    parser.add_argument("--lower", default="", metavar="WHY", help="with --pin: let floors fall, for this reason")
    parser.add_argument("--floors", type=Path, default=FLOORS, help="the file of floors")
    asked = parser.parse_args(arguments)
    floors = json.loads(asked.floors.read_text("utf-8")) if asked.floors.exists() else {"corpora": {}, "lowered": []}
    code, refused = 0, []
    for name, corpus, figures in measured(asked.only):
        if asked.pin:
            refused += pin(name, corpus, figures, floors, asked.lower)
        code = max(code, check(name, corpus, figures, floors))
    if refused:
        print("\nThese floors would fall; nothing was written. If that is meant, say why:", *refused, LOWER, sep="\n  ")
        return 1
    if asked.pin:
        asked.floors.write_text(json.dumps(floors, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
