"""What a run says while it runs: a bar on a terminal, lines elsewhere, and ``run.json`` for whoever watches."""
from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys

import pytest

import cleaner
from cleaner.io.records import Reading

CODE = "import cleaner.commands.progress as p; p.LOG_EVERY = 0; from cleaner.cli import main; main()"


@pytest.fixture
def command(tmp_path) -> list[object]:
    """A run over 40 records in four shards, to which an output folder is to be added."""
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": f"The council of Velmond met on Monday. It meets again in May, number {n}."}) + "\n" for n in range(40)))
    return [sys.executable, "-c", CODE, "run", tmp_path / "a.jsonl", "--only", "repair", "--rows-per-file", "10", "--workers", "1"]


def test_progress_as_json_lines_and_quiet(command, tmp_path):
    said = subprocess.run([*command, "--out", tmp_path / "one", "--log-format", "json"], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in said.stderr.splitlines()]
    assert [line["documents"] for line in lines] == [10, 20, 30, 40] and all(line["file"] == "a.jsonl" and 0 < line["share"] <= 1 for line in lines)
    assert json.loads(said.stdout)["articles"] == 40
    quiet = subprocess.run([*command, "--out", tmp_path / "two", "--quiet"], capture_output=True, text=True, check=True)
    assert quiet.stdout == quiet.stderr == ""


def test_progress_as_lines_names_the_pass(command, tmp_path):
    said = subprocess.run([*command, "--only", "repeats", "--out", tmp_path / "out"], capture_output=True, text=True, check=True).stderr.splitlines()
    assert len(said) == 8 and all(re.fullmatch(r" *\d+%  first pass, [1-4]0 records read, [\d,]+/s, a.jsonl", line) for line in said[:4])
    assert all(re.fullmatch(r" *\d+%  [1-4]0 documents, [\d,]+/s, 0 rejected, a.jsonl", line) for line in said[4:])


def test_a_terminal_sees_a_bar_with_speed_rejected_rest_and_file(command, tmp_path):
    ours, theirs = pty.openpty()
    process = subprocess.Popen([*command, "--out", tmp_path / "out"], stdout=subprocess.DEVNULL, stderr=theirs, env=os.environ | {"TERM": "xterm", "COLUMNS": "120"})
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # how Linux says that the other end was closed
        pass
    os.close(ours)
    assert process.wait() == 0
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    assert "━" in text and re.search(r"\d+ % \S+ \d0 documents, [\d,]+/s, 0 rejected, a\.jsonl", text), text


def test_run_json_is_up_to_date_after_each_shard(command, tmp_path):
    seen = []
    look = lambda summary: seen.append(json.loads((tmp_path / "out" / "run.json").read_text()))
    cleaner.run(tmp_path / "a.jsonl", tmp_path / "out", workers=1, pipeline=cleaner.Pipeline([cleaner.repair, cleaner.repeats]), reading=Reading(batch_rows=10), progress=look)
    told = [(note["state"], note["first_pass"], note["counts"].get("status", {}).get("ok")) for note in seen]
    assert told == [("running", n, None) for n in (10, 20, 30, 40)] + [("running", 40, n) for n in (10, 20, 30, 40)]
