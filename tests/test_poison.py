"""A batch with the worst documents there are: they are rejected by name, the others are cleaned, no process stays behind."""
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
import pytest
from poison import poisoned

import cleaner
from cleaner.engines import pool, workers
from cleaner.io.records import Reading

KINDS = {"RAISE": "error.ValueError", "EXIT": "error.SystemExit", "LOOP": "error.timeout", "REGEX": "error.timeout", "MEMORY": "error.memory", "SIGSEGV": "error.crash", "SIGKILL": "error.crash", "STUCK": "error.timeout"}


def corpus(folder: Path, documents: int, poison: dict[int, str]) -> Path:
    folder.mkdir(exist_ok=True)
    with open(folder / "a.jsonl", "w") as file:
        for n in range(documents):
            text = f"{poison[n]} poison" if n in poison else f"The council of Velmond-{n} met on Monday.\n\nLeave A Reply\n\nIt meets again in May, the mayor said."
            file.write(json.dumps({"id": f"d{n}", "text": text}) + "\n")
    return folder


def rows(out: Path, folder: str) -> list[dict]:
    return sorted(pq.read_table(out / folder).to_pylist(), key=lambda r: (r["id"], r.get("block", 0), r.get("start", 0)))


def test_poison_costs_itself_only(tmp_path, monkeypatch):
    monkeypatch.setattr(pool.Job, "grace", 4.0, raising=False)
    poison = {17: "RAISE", 18: "EXIT", 60: "LOOP", 61: "REGEX", 130: "MEMORY", 200: "SIGSEGV", 255: "SIGKILL", 256: "STUCK"}
    folder = corpus(tmp_path / "in", 500, poison)
    (folder / "bomb.txt.gz").write_bytes(__import__("gzip").compress(b"x" * 60_000_000))
    chosen = cleaner.Pipeline([poisoned, cleaner.boilerplate])
    run = dict(workers=2, timeout=4.0, max_memory=700_000_000, pipeline=chosen, reading=Reading(batch_rows=64))
    summary = cleaner.run(folder, tmp_path / "out", **run)
    rejected = {r["id"]: r["status"] for r in rows(tmp_path / "out", "rejected")}
    assert rejected == {**{f"d{n}": KINDS[kind] for n, kind in poison.items()}, "bomb.txt.gz": "too_large"}
    assert summary.articles == 492 and not any("Leave A Reply" in r["text"] for r in rows(tmp_path / "out", "articles"))
    time.sleep(2 * workers.WATCH)
    assert not workers_of(psutil.Process())


SCRIPT = """
import sys, cleaner
from cleaner.io.records import Reading
if __name__ == "__main__":
    cleaner.run(sys.argv[1], sys.argv[2], workers=2, pipeline=cleaner.Pipeline([cleaner.repair, cleaner.boilerplate]), reading=Reading(batch_rows=50))
"""


@pytest.mark.parametrize("victim", ["parent", "worker", "group"])
def test_a_killed_run_goes_on_and_ends_with_the_same_rows(tmp_path, victim):
    rng = random.Random(victim)
    folder = corpus(tmp_path / "in", 3000, {})
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, tmp_path / "script.py", folder]
    subprocess.run([*command, tmp_path / "calm"], check=True)
    for _ in range(3):
        process = subprocess.Popen([*command, tmp_path / "out"], start_new_session=True, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.5, 3.0))
        kill(process, victim)
        process.wait(timeout=120)
        wait_for_the_end_of(process.pid)
        assert all(pq.read_metadata(p).num_rows >= 0 for p in (tmp_path / "out").rglob("part-*.parquet"))
    subprocess.run([*command, tmp_path / "out"], check=True)
    for name in ("articles", "marks", "rejected"):
        assert rows(tmp_path / "out", name) == rows(tmp_path / "calm", name)
        for part in (tmp_path / "calm" / name).glob("*.parquet"):
            assert (tmp_path / "out" / name / part.name).read_bytes() == part.read_bytes()
    assert not list((tmp_path / "out").rglob("*.tmp"))


def workers_of(parent: psutil.Process) -> list[psutil.Process]:
    """The processes of the pool: children of the fork server, which is the parent's child and lives as long as it."""
    servers = [c for c in parent.children() if "forkserver" in " ".join(c.cmdline())]
    return [w for s in servers for w in s.children() if w.status() != psutil.STATUS_ZOMBIE]


def kill(process: subprocess.Popen, victim: str) -> None:
    try:
        if victim == "group":
            os.killpg(process.pid, signal.SIGKILL)
        elif victim == "parent":
            process.kill()
        else:
            for worker in workers_of(psutil.Process(process.pid))[-1:]:
                worker.kill()
    except (ProcessLookupError, psutil.NoSuchProcess):
        pass


def wait_for_the_end_of(group: int) -> None:
    """Nothing of the run may live on: workers leave with their parent."""
    end = time.monotonic() + 8
    while time.monotonic() < end:
        alive = [p for p in psutil.process_iter() if session(p) == group and p.status() != psutil.STATUS_ZOMBIE]
        if not alive:
            return
        time.sleep(0.2)
    raise AssertionError(f"still there: {alive}")


def session(process: psutil.Process) -> int:
    try:
        return os.getsid(process.pid)
    except ProcessLookupError:
        return -1


def test_rows_do_not_depend_on_workers_shards_or_order(tmp_path):
    folder = corpus(tmp_path / "in", 200, {})
    lines = (folder / "a.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "shuffled").mkdir()
    (tmp_path / "shuffled" / "a.jsonl").write_text("".join(random.Random(1).sample(lines, len(lines))))
    seen = []
    for source, workers, size in (("in", 1, 1000), ("in", 2, 10), ("in", 4, 1000), ("shuffled", 2, 70)):
        out = tmp_path / f"{source}-{workers}-{size}"
        cleaner.run(tmp_path / source, out, workers=workers, reading=Reading(batch_rows=size))
        seen.append([[{k: v for k, v in r.items() if k not in ("config_hash", "row")} for r in rows(out, name)] for name in ("articles", "marks", "rejected")])
    assert all(s == seen[0] for s in seen)
