"""The quality gate: the fixtures hold their floors, a fall is refused, and a floor never falls in silence."""
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cleaner import Block, Document, Mark

ROOT = Path(__file__).parents[1]
FLOORS = json.loads((ROOT / "tests/bench/floors.json").read_text("utf-8"))


@pytest.fixture
def gate(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from tests.bench import gate

    return gate


@pytest.fixture
def floors(tmp_path):
    """A file of floors, one of them above what is possible."""
    changed = json.loads(json.dumps(FLOORS))
    changed["corpora"]["fixtures"]["figures"]["cut"]["floor"] = 1.1
    path = tmp_path / "floors.json"
    path.write_text(json.dumps(changed))
    return path


def test_the_fixtures_hold_their_floors():
    done = subprocess.run([sys.executable, "-m", "tests.bench.gate", "--only", "fixtures"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_fall_fails_and_is_named(gate, floors, capsys):
    assert gate.main(["--only", "fixtures", "--floors", str(floors)]) == 1
    assert [line for line in capsys.readouterr().out.split("\n") if "BELOW" in line and " cut " in line]


def test_a_floor_falls_only_for_a_reason(gate, floors, capsys):
    before = floors.read_text()
    assert gate.main(["--only", "fixtures", "--floors", str(floors), "--pin"]) == 1
    assert floors.read_text() == before and "cut: 1.1 -> " in capsys.readouterr().out
    assert gate.main(["--only", "fixtures", "--floors", str(floors), "--pin", "--lower", "it was above what is possible"]) == 0
    (fall,) = json.loads(floors.read_text())["lowered"][len(FLOORS["lowered"]) :]
    assert (fall["figure"], fall["from"], fall["why"]) == ("cut", 1.1, "it was above what is possible")


def test_another_corpus_asks_for_a_new_pin(gate, floors, capsys):
    floors.write_text(floors.read_text().replace(FLOORS["corpora"]["fixtures"]["digest"], "0" * 16))
    assert gate.main(["--only", "fixtures", "--floors", str(floors)]) == 2
    assert gate.PIN in capsys.readouterr().out


def test_noise_is_the_standard_error_of_a_share():
    sys.path.insert(0, str(ROOT))
    try:
        from tests.bench.figures import ratio
    finally:
        sys.path.remove(str(ROOT))
    value, noise = ratio([(1, 1)] * 80 + [(0, 1)] * 20)
    assert value == 0.8 and noise == pytest.approx((0.8 * 0.2 / 100) ** 0.5)


@pytest.fixture
def made(gate):
    from tests.bench import made

    return made


def test_a_block_that_is_cut_in_part_is_not_gone(made):
    doc = Document("", (Block("All of it."), Block("A part of it.")))
    doc = doc.add([Mark(0, 0, 10, "mine", "mine.all", "cut"), Mark(1, 0, 6, "mine", "mine.part", "cut")])
    assert made.gone(doc) == [0]


def test_the_language_of_a_paragraph_is_read_from_its_mark(made):
    german = "Der Stadtrat hat am Montag über die neue Fähre gesprochen, die ab Mai wieder fahren soll."
    english = "The council of the town met on Monday to speak about the new ferry, which is to run again from May."
    row = {"id": "a", "text": "\n".join([german, english, german]), "paragraph": 1}
    assert made.identified(row)["lang"] == "en" and made.identified(row | {"paragraph": 0})["lang"] == "de"


def test_figures_of_losses_are_best_at_one(made):
    assert made.spared({"hits": 1, "total": 4}).value == 0.75 and made.count(0).value == 1.0 > made.count(1).value


def test_made_benchmarks_are_measured_where_the_suite_lies(gate):
    corpus = gate.CORPORA["copies in a text"]
    if not corpus.is_there():
        pytest.skip("the benchmarks (../shared/bench) are not on this machine")
    figures = corpus.measure()
    assert figures["mean of kinds"].value > 0.9 and figures["genuine paragraphs left"].value > 0.999
