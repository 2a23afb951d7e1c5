"""Runs that are killed, interrupted or out of room: what is finished stays, and the same command ends with the same rows."""
from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import subprocess
import threading
import time
from functools import partial
from pathlib import Path

import duckdb
import psutil
import pyarrow.parquet as pq
import pytest
from processes import corpus, same, started, wait_for_the_end_of, workers_of

from cleaner.limits import interruptible

SCRIPT = """
import sys, cleaner
from cleaner.io.records import Reading
if __name__ == "__main__":
    chosen = cleaner.Pipeline([cleaner.repair, cleaner.repeats])
    cleaner.run(sys.argv[1], sys.argv[2], workers=2, pipeline=chosen, reading=Reading(batch_rows=50))
"""


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.slow)])
@pytest.mark.parametrize("victim", ["parent", "worker", "group"])
def test_a_killed_run_goes_on_and_ends_with_the_same_rows(tmp_path, victim, kills):
    rng = random.Random(victim)
    folder, script = corpus(tmp_path / "in", 1500), tmp_path / "script.py"
    script.write_text(SCRIPT)
    assert started(script, folder, tmp_path / "calm").wait() == 0
    number = killed = 0
    while killed < kills:
        out = tmp_path / f"out{number}"
        process = started(script, folder, out, stderr=subprocess.DEVNULL)
        until(process, out, rng.randint(len(parts(out, "first")) + len(parts(out)), 60))
        time.sleep(rng.uniform(0.0, 0.05))
        done, first = parts(out), parts(out, "first")  # a worker may die between the end of a shard and its report: that one is repeated
        killed += kill(process, victim)
        print(f"{victim} killed {killed} times, the last at {len(first)} + {len(done)} of 2 x 30 shards")
        process.wait(timeout=600)
        wait_for_the_end_of(process.pid)
        assert all(pq.read_metadata(path).num_rows >= 0 for path in parts(out))
        assert sum(path.stat().st_mtime_ns != time for path, time in done.items()) <= (victim == "worker"), "a finished shard was repeated"
        if process.returncode and killed < kills and len(parts(out, "first")) + len(parts(out)) < 60:
            continue
        done = parts(out)
        assert process.returncode == 0 or started(script, folder, out).wait() == 0
        assert all(path.stat().st_mtime_ns == time for path, time in done.items())
        same(out, tmp_path / "calm")
        number += 1


def parts(out: Path, folder: str = "marks") -> dict[Path, int]:
    """The finished shards with the time at which they were written."""
    return {path: path.stat().st_mtime_ns for path in (out / folder).glob("part-*.parquet")}


def until(process: subprocess.Popen, out: Path, count: int) -> None:
    """Wait until the two passes of a run have finished so many shards, or it has ended."""
    while process.poll() is None and len(parts(out, "first")) + len(parts(out)) < count:
        time.sleep(0.01)


def kill(process: subprocess.Popen, victim: str) -> bool:
    """Kill a run or one of its processes; False where there was nothing left to kill."""
    if process.poll() is not None:
        return False
    if victim == "group":
        os.killpg(process.pid, signal.SIGKILL)
    elif victim == "parent":
        process.kill()
    else:
        while process.poll() is None:  # none is there while the run starts, and between its passes
            with contextlib.suppress(psutil.NoSuchProcess):
                for worker in workers_of(psutil.Process(process.pid))[-1:]:
                    worker.kill()
                    return True
            time.sleep(0.01)
        return False
    return True


def command(folder: Path, out: Path, *more: object, stage: str = "repair") -> list[object]:
    """The real command line, a quick stage, small shards."""
    return ["-m", "cleaner.cli", "run", folder, "--out", out, "--only", stage, "--rows-per-file", 50, "--workers", 2, *more]


def until_parts(process: subprocess.Popen, out: Path, count: int) -> None:
    """Wait until a run has finished some shards."""
    while len(parts(out)) < count:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


@pytest.mark.parametrize("whom", ["group", "parent"])
def test_ctrl_c_ends_a_run_that_the_same_command_takes_up_again(tmp_path, whom):
    folder, out = corpus(tmp_path / "in", 6000), tmp_path / "out"
    process = started(*command(folder, out), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until_parts(process, out, 3)
    (os.killpg if whom == "group" else os.kill)(process.pid, signal.SIGINT)  # a terminal sends it to the whole group
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and "interrupted; what is finished stays" in said and "Traceback" not in said
    wait_for_the_end_of(process.pid)
    done = parts(out)
    assert 3 <= len(done) < 120 and '"state": "interrupted"' in (out / "run.json").read_text()
    assert started(*command(folder, out, "--quiet")).wait() == 0
    assert all(path.stat().st_mtime_ns == time for path, time in done.items())
    assert started(*command(folder, tmp_path / "calm", "--quiet")).wait() == 0
    same(out, tmp_path / "calm")


@pytest.fixture
def heard():
    """SIGINT as a terminal's programs have it; a shell's background jobs inherit that it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_in_a_query_is_no_error_of_the_query(heard):
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt), interruptible(), duckdb.connect(config={"threads": 1}) as db:  # with more, the main thread may wait for them and hear nothing before the end
        db.execute("SELECT sum(a.range * b.range % 7) FROM range(1_000_000) a, range(100_000) b").fetchall()


def test_ctrl_c_while_the_statistics_are_made_is_told_as_any_other(tmp_path):
    folder, out = corpus(tmp_path / "in", 6000), tmp_path / "out"
    process = started(*command(folder, out, "--rows-per-file", 2000, stage="repeats"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not list(out.glob(".cleaner-*")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and "interrupted; what is finished stays" in said and "Traceback" not in said
    assert not list(out.glob(".cleaner-*")) and '"state": "interrupted"' in (out / "run.json").read_text()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 400 kB, which 3,000 short stories do not fit."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("only root can mount a small file system")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("stage", ["repair", pytest.param("repeats", marks=pytest.mark.slow)])
def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(tmp_path, small_disk, stage):
    folder, out = corpus(tmp_path / "in", 3000), small_disk / "out"
    run = partial(command, folder, stage=stage)
    process = started(*run(out), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 2 and "No space left on device; make room" in said and "give the same command again" in said and "Traceback" not in said
    wait_for_the_end_of(process.pid)
    done = parts(out, "marks" if stage == "repair" else "first")
    assert done and not list(out.rglob("*.tmp")) and not list(out.glob(".cleaner-*"))
    subprocess.run(["mount", "-o", "remount,size=50m", small_disk], check=True)
    assert started(*run(out, "--quiet")).wait() == 0
    assert stage == "repeats" or all(path.stat().st_mtime_ns == time for path, time in done.items())
    assert started(*run(tmp_path / "calm", "--quiet")).wait() == 0
    same(out, tmp_path / "calm")


def test_a_limit_on_the_size_of_files_is_told(tmp_path):
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    folder, out = corpus(tmp_path / "in", 1000), tmp_path / "out"
    process = started(*command(folder, out, "--rows-per-file", 1000), stderr=subprocess.PIPE, preexec_fn=limit)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2 and "File too large; make room" in said and not list(out.rglob("*.tmp"))
