"""The fuzz targets themselves, without a fuzzer: their seeds, every input that once broke a promise, and random damage to both."""
from __future__ import annotations

import base64
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS, Broken, run

ROOT = Path(__file__).parents[1]
CASES = [json.loads(line) for line in (ROOT / "tests/cases/hostile.jsonl").read_text("utf-8").split("\n") if line]
#: Inputs of random damage for a target; a fuzzer tries a million.
DAMAGED = 15


def data_of(case: dict) -> bytes:
    return base64.b64decode(case["base64"]) if "base64" in case else case["text"].encode()


@pytest.mark.parametrize("case", CASES, ids=[f"{c['target']}: {c['why']}" for c in CASES])
def test_what_once_broke_a_promise(case):
    run(case["target"], data_of(case))


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_and_damage_to_them(name):
    rng = random.Random(name)
    found = seeds(name)
    assert len(found) >= 2
    for data in found:
        TARGETS[name].run(data)  # the first loads rules and models, which is no hang
    for _ in range(DAMAGED):
        data = bytearray(rng.choice(found))
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(data) + 1)
            data[at : at + rng.randint(0, 3)] = rng.choice([b"", b"\xff", b"\0\0", b'"', b"<", b"\n", bytes([rng.randrange(256)])])
        run(name, bytes(data))


def test_a_target_that_breaks_is_noticed(monkeypatch):
    monkeypatch.setattr("cleaner.restore", lambda doc: "something else")
    with pytest.raises(Broken, match="does not give the text back"):
        run("segment", b"one\n\ntwo")


def test_without_atheris_fuzzing_says_what_to_install(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['atheris'] = None\nimport importlib.util as u; f = u.find_spec\nu.find_spec = lambda n, *a: None if n == 'atheris' else f(n, *a)")
    done = subprocess.run([sys.executable, "-m", "tests.fuzz", "names"], cwd=ROOT, env={"PYTHONPATH": str(tmp_path), "PATH": ""}, capture_output=True, text=True)
    assert done.returncode == 2 and ".[fuzz]" in done.stdout
