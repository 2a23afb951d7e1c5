"""The command line as a user types it."""
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cleaner.cli import main
from cleaner.view import visible

TEXT = "Velmond approves ferry\n\nThe harbour council of Velmond approved the new ferry line on Tuesday.\n\nRead Also: The trial of the harbour master\n\nLeave A Reply\n"


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text(TEXT)
    return path


def call(*args: object, code: int = 0, input: str | bytes | None = None) -> str:
    result = CliRunner().invoke(main, [str(a) for a in args], input=input)
    assert result.exit_code == code, result.output
    return result.output


def test_run_prints_what_happened_and_where_it_is(file, tmp_path):
    shown = call("run", file, "-o", tmp_path / "out", "--workers", 1)
    assert "1 documents" in shown and "boilerplate.read_also" in shown and f"{tmp_path}/out/articles/*.parquet" in shown
    assert call("restore", tmp_path / "out", "a.txt").strip() == TEXT.strip()
    assert "no document 'b'" in call("restore", tmp_path / "out", "b", code=2)


def test_exit_codes(file, tmp_path):
    (tmp_path / "empty.txt").write_text("")
    shown = call("run", file, tmp_path / "empty.txt", "-o", tmp_path / "one", "--workers", 1, code=1)
    assert "1 empty" in shown and "empty.txt, record 1: there is no text in it" in shown
    call("run", tmp_path / "empty.txt", "-o", tmp_path / "three", "--workers", 1, code=3)
    (tmp_path / "folder").mkdir()
    assert "no text, HTML" in call("run", tmp_path / "folder", "-o", tmp_path / "none", code=3)
    assert "no such file or folder" in call("run", tmp_path / "nowhere", "-o", tmp_path / "x", code=2)
    assert "other inputs" in call("run", file, "-o", tmp_path / "one", code=2)


def test_settings_from_file_and_command_line(file, tmp_path):
    config = tmp_path / "cleaner.toml"
    config.write_text('stages = ["repair", "boilerplate"]\n[boilerplate]\ndisable = ["read_also"]\n')
    call("run", file, "-o", tmp_path / "a", "-c", config, "--workers", 1)
    assert "Read Also" in (restored := call("explain", file, "-c", config)) and "cut boilerplate.read_also" not in restored
    note = json.loads((tmp_path / "a" / "run.json").read_text())
    assert [s["stage"].rpartition(":")[2] for s in note["settings"]["stages"]] == ["repair", "boilerplate"]
    call("run", file, "-o", tmp_path / "b", "--set", "boilerplate.context=false", "--workers", 1)
    assert json.loads((tmp_path / "b" / "run.json").read_text())["settings"]["stages"][1]["options"]["context"] is False


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("boilerplat.context=false", "did you mean 'boilerplate'?"),
        ("boilerplate.contxt=false", "did you mean 'context'?"),
        ("boilerplate.context=7", "takes a bool"),
        ("boilerplate", "stage.option=value"),
        ("boilerplate.disable=nonsense", "no category or rule 'nonsense'"),
        ("language.keep_languages=xx-nonsense", "xx-nonsense"),
    ],
)
def test_wrong_settings_are_answered_with_the_good_ones(file, tmp_path, pair, message):
    assert message in call("run", file, "-o", tmp_path / "x", "--set", pair, code=2)


def test_one_stage_alone_reads_standard_input():
    assert call("stage", "boilerplate", input=TEXT).split("\n")[2] == "The harbour council of Velmond approved the new ferry line on Tuesday."
    assert "--no-context" in call("stage", "boilerplate", "--help") and "--disable" in call("stage", "boilerplate", "--help")
    assert "Read Also" in call("stage", "boilerplate", "--disable", "read_also", "--no-context", input=TEXT)


def test_the_first_stages_alone():
    assert "Городской" in call("stage", "decode", input="Городской совет утвердил бюджет на следующий год.".encode("cp1251"))
    assert "PNG" in call("stage", "decode", input=b"\x89PNG\r\n\x1a\n" + bytes(100), code=2)
    page = "<html><body><nav>Home</nav><article><p>The council of Velmond met on Monday to speak about the ferry.</p></article></body></html>"
    assert call("stage", "extract", input=page).strip() == "The council of Velmond met on Monday to speak about the ferry."
    assert "paragraph\tThe harbour council of Velmond approved" in call("stage", "segment", input=TEXT)


def test_explain_shows_every_decision_and_runs_no_escape(tmp_path):
    (tmp_path / "a.txt").write_text("The council\x1b[2J of Velmond met\u202e on Monday and went home at nine.\n\nLeave A Reply\n")
    shown = call("explain", tmp_path / "a.txt")
    assert "cut boilerplate.comments" in shown and "\x1b[2J" not in shown and "\u202e" not in shown
    assert visible("a\x1b[2Jb\u202ec\ud800") == "a\\u001b[2Jb\\u202ec\\ud800"


def test_rules_and_stages_list_what_exists():
    assert len(call("rules").splitlines()) > 500 and "\tde\t" not in call("rules", "--language", "en")
    shown = call("stages")
    for name in ("repair", "boilerplate", "duplicates", "language", "topic", "context: bool = True"):
        assert name in shown


def test_the_console_script_is_installed():
    out = subprocess.run([Path(sys.executable).with_name("cleaner"), "--version"], capture_output=True, text=True, check=True)
    assert "cleaner" in out.stdout


def test_what_articles_can_be_spread_by_is_checked_before_anything_begins(file, tmp_path):
    from cleaner.commands.batch import PARTITIONED
    from cleaner.io.write import PARTITIONS

    assert PARTITIONED == tuple(PARTITIONS)
    refused = call("run", file, "--out", tmp_path / "out", "--partition-by", "topic", code=2)
    assert all(name in refused for name in PARTITIONED) and not (tmp_path / "out").exists()
