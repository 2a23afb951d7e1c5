"""The house itself: imports point down, ``import cleaner`` is light, everything public is described, rooms stay small."""
from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import cleaner

PACKAGE = Path(cleaner.__file__).parent

#: The floors from the ground up. A room imports from floors below and from its own.
FLOORS = [
    ["document", "edits", "limits", "clock", "text", "view"],
    ["stages.segment"],
    ["doors", "stage"],
    ["html", "blocks", "topics", "rules", "corpus"],
    ["stages", "rules.cost"],
    ["schema", "intake", "halves"],
    ["pipeline"],
    ["io", "config", "switches"],
    ["engines"],
    ["explain", "changes", "report", "commands", "cli", "docs", "site"],
]
ROOMS = sorted(p for p in PACKAGE.rglob("*.py") if p.name != "__init__.py" and "training" not in p.parts)


def floor(room: str) -> int:
    """The floor of a room, by the longest name that fits."""
    fitting = [(len(name), number) for number, names in enumerate(FLOORS) for name in names if room == name or room.startswith(name + ".")]
    return max(fitting)[1]


def imported(path: Path) -> set[str]:
    """The rooms that a room imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "cleaner":
            base = node.module.removeprefix("cleaner").lstrip(".")
            for name in (a.name for a in node.names):
                whole = f"{base}.{name}" if base else name
                found.add(whole if (PACKAGE / (whole.replace(".", "/") + ".py")).exists() else base or name)
    return found


@pytest.mark.parametrize("path", ROOMS, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_point_down(path):
    room = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    for other in imported(path):
        assert floor(other) <= floor(room), f"{room} imports {other}, which stands above it"


@pytest.mark.parametrize("path", ROOMS, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_room_says_what_it_is_and_stays_small(path):
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)) and text.count("\n") <= 400


#: Rooms of others that take a tenth of a second and more, and what needs none of them.
HEAVY = ("numpy", "pandas", "pyarrow", "duckdb", "trafilatura", "lxml", "ftfy", "wordfreq", "langdetect", "pebble", "rich.console")
LIGHT = [
    "import cleaner",
    "from cleaner.stage import stage",
    "import cleaner; cleaner.restore(cleaner.segment('One line.'))",
    "import cleaner; cleaner.repair('A caf\u00e9 &amp; more')",
    "from click.testing import CliRunner as R; from cleaner.cli import main; assert R().invoke(main, ['stage', 'repair'], '&amp;').stdout == '&\\n'",
]


@pytest.mark.parametrize("code", LIGHT)
def test_light_things_load_no_heavy_room(code):
    """Loaded modules are counted, not seconds: those hang on the machine."""
    ask = f"{code}\nimport sys; print([m for m in {HEAVY} if m in sys.modules], len(sys.modules))"
    out = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout.split("] ")
    assert out[0] == "[" and int(out[1]) < 400, out


@pytest.mark.parametrize("name", cleaner.__all__)
def test_everything_public_is_described(name):
    thing = getattr(cleaner, name)
    if callable(thing):
        assert len(inspect.getdoc(thing) or "") > 20, name
