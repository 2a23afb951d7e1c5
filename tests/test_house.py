"""The house itself: imports point down, ``import cleaner`` is light, everything public is described."""
from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import cleaner

PACKAGE = Path(cleaner.__file__).parent

#: The floors from the ground up; a module imports only from floors below, or from its own where the order below says so.
FLOORS = [
    ["document", "edits", "compression", "limits"],
    ["stages.segment"],
    ["doors", "stage"],
    ["rules", "stages"],
    ["schema", "pipeline"],
    ["read", "records", "write", "outputs", "config", "corpus"],
    ["engines"],
    ["explain", "cli"],
]


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "cleaner":
            base = node.module.removeprefix("cleaner").lstrip(".")
            found |= {f"{base}.{a.name}" if base else a.name for a in node.names} | ({base} if base else set())
    return found


def test_import_cleaner_is_light():
    code = "import sys, cleaner; print([m for m in ('pandas', 'pyarrow', 'trafilatura', 'ftfy', 'lxml', 'numpy') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize("name", cleaner.__all__)
def test_everything_public_is_described(name):
    thing = getattr(cleaner, name)
    if callable(thing):
        assert len(inspect.getdoc(thing) or "") > 20, name
