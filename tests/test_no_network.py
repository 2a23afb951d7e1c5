"""Nothing reaches for the network: with sockets blocked the pipeline's tests pass, and a run in processes and every command do their work."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: Read by every Python process on its way up, workers too: no socket but those between processes of this machine.
BLOCK = """
import socket, sys

class Blocked(OSError):
    pass

def refuse(*arguments, **named):
    raise Blocked(f"the network is blocked: {arguments}")

class Local(socket.socket):
    def connect(self, address):
        return super().connect(address) if self.family == socket.AF_UNIX else refuse(address)

    def connect_ex(self, address):
        return super().connect_ex(address) if self.family == socket.AF_UNIX else refuse(address)

    def sendto(self, *arguments):
        return super().sendto(*arguments) if self.family == socket.AF_UNIX else refuse(*arguments)

socket.socket = Local
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = socket.gethostbyaddr = refuse
"""
#: Tests that need a server or a browser on this machine.
SERVED = "not http and not signed and not browser"
#: The pipeline from bytes to Parquet and back.
TESTS = ["test_invariants.py", "test_run.py", "test_cli.py", "test_extract.py", "test_segment.py", "test_repair.py", "test_corpus.py", "test_read.py", "test_doors.py"]
#: Everything that could reach out: language profiles, word lists, models, the statistics of a corpus, processes, report.
EVERYTHING = """
import json, socket, sys, tempfile
from pathlib import Path
import cleaner
from click.testing import CliRunner
from cleaner.cli import main

if __name__ == "__main__":
    try:
        socket.create_connection(("192.0.2.1", 80))
    except OSError as error:
        assert "blocked" in str(error)
    else:
        raise SystemExit("the network is not blocked")
    source, out = sys.argv[1:]
    do = lambda *arguments: CliRunner().invoke(main, list(map(str, arguments)), catch_exceptions=False)
    done = do("run", source, "-o", out, "--workers", 2)
    assert done.exit_code in (0, 1), done.output
    assert do("report", out).exit_code == do("export", out, "--jsonl").exit_code == 0
    assert do("fit", source, "-o", out + ".stats").exit_code == 0
"""


def blocked(folder: Path) -> dict[str, str]:
    """The environment of a process that has no network."""
    (folder / "sitecustomize.py").write_text(BLOCK)
    return {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}


def test_a_run_in_processes_and_what_comes_after_it(tmp_path):
    (tmp_path / "everything.py").write_text(EVERYTHING)
    command = [sys.executable, str(tmp_path / "everything.py"), str(ROOT / "fixtures/corpus"), str(tmp_path / "out")]
    done = subprocess.run(command, env=blocked(tmp_path), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "blocked" not in done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", TESTS)
def test_the_tests_of_the_pipeline_pass_without_a_network(tmp_path, name):
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", SERVED, str(ROOT / "tests" / name)]
    done = subprocess.run(command, env=blocked(tmp_path), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
