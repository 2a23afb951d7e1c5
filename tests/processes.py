"""Runs in processes of their own: how to start, watch and kill them."""
from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pyarrow.parquet as pq

FOLDERS = ("articles", "marks", "rejected")
WORDS = "boats windows timetables gardens pictures contracts lanterns pianos ovens maps rails tickets trees benches books harbours".split()


def corpus(folder: Path, documents: int) -> Path:
    """Short stories in one file of JSON lines, each with words of its own and a prompt to comment."""
    folder.mkdir(exist_ok=True)
    with open(folder / "a.jsonl", "w") as file:
        for n in range(documents):
            words = " ".join(random.Random(n).choices(WORDS, k=12))
            text = f"The council of Velmond-{n} met on Monday.\n\nIt spoke of {words}.\n\nLeave A Reply\n\nIt meets again in May, the mayor said."
            file.write(json.dumps({"id": f"d{n}", "url": f"https://news{n % 7}.example.org/{n}", "text": text}) + "\n")
    return folder


def rows(out: Path, folder: str) -> list[dict]:
    """The rows of a folder in an order of their own."""
    return sorted(pq.read_table(out / folder).to_pylist(), key=lambda r: (r["id"], r.get("block", 0), r.get("start", 0)))


def same(one: Path, other: Path) -> None:
    """Two runs have the same rows, and the same bytes in each part."""
    for name in FOLDERS:
        assert rows(one, name) == rows(other, name)
        assert [p.name for p in sorted((one / name).iterdir())] == [p.name for p in sorted((other / name).iterdir())]
        for part in (other / name).glob("*.parquet"):
            assert (one / name / part.name).read_bytes() == part.read_bytes()
    assert not list(one.glob(".*")) and not list(one.rglob("*.tmp")) and not (one / "first").exists()


def started(*command: object, **options: object) -> subprocess.Popen:
    """A Python command in a session of its own, which hears Ctrl-C also where the tests run in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return subprocess.Popen([sys.executable, *map(str, command)], start_new_session=True, text=True, **options)
    finally:
        signal.signal(signal.SIGINT, before)


def workers_of(parent: psutil.Process) -> list[psutil.Process]:
    """The processes of the pool: children of the fork server, which is the parent's child and lives as long as it."""
    servers = [c for c in parent.children() if "forkserver" in " ".join(c.cmdline())]
    return [w for s in servers for w in s.children() if w.status() != psutil.STATUS_ZOMBIE]


def processes_of(session: int) -> list[psutil.Process]:
    """The living processes of a session."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


def wait_for_the_end_of(session: int, seconds: float = 5.0) -> None:
    """Nothing of a run may live on for so many seconds of a machine that has a core for each process; on a busy one they are longer."""
    end = time.monotonic() + seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    while alive := processes_of(session):
        assert time.monotonic() < end, f"still there: {alive}"
        time.sleep(0.1)
