"""What grows with the corpus and what must not: memory, the engine's own time, the start. Minutes; run with ``make test ARGS="-m slow"``."""
from __future__ import annotations

import json
import random
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from processes import started

pytestmark = pytest.mark.slow

#: Stages that take a known time, so that what is left is the engine's. A sleeping one needs no core of a busy machine.
STAGES = """
import time
def idle(doc):
    return doc
def sleep(doc):
    time.sleep(0.005)
    return doc
"""
SCRIPT = """
import json, sys, time
import cleaner, stages
if __name__ == "__main__":
    source, out, workers, names = sys.argv[1:]
    chosen = cleaner.Pipeline([getattr(stages, n, None) or getattr(cleaner, n) for n in names.split(",")])
    times = []
    cleaner.run(source, out, workers=int(workers), pipeline=chosen, progress=lambda summary: times.append((time.monotonic(), summary.documents)))
    print(json.dumps(times))
"""


def corpus(path: Path, documents: int) -> Path:
    """Stories of some 2 kB: six paragraphs of seeded words, from 500 hosts; every tenth with residue."""
    rng = random.Random(7)
    words = ["".join(rng.choices("bcdfghklmnprstvaeiou", k=rng.randint(2, 9))) for _ in range(6000)]
    with open(path, "w") as file:
        for n in range(documents):
            text = "\n\n".join(" ".join(rng.choices(words, k=rng.randint(40, 70))).capitalize() + "." for _ in range(6)) + "\n\nLeave A Reply" * (n % 10 == 0)
            file.write(json.dumps({"id": f"d{n}", "url": f"https://news{n % 500}.example.org/{n}", "text": text}) + "\n")
    return path


def measured(tmp_path: Path, source: Path, stages: str, workers: int) -> tuple[int, int, float, list]:
    """A run in processes: peak of the memory (RSS) of all of them and of one worker, CPU seconds of all, documents over time."""
    (tmp_path / "stages.py").write_text(STAGES)
    (tmp_path / "script.py").write_text(SCRIPT)
    process = started(tmp_path / "script.py", source, tmp_path / f"out{time.monotonic_ns()}", workers, stages, stdout=subprocess.PIPE)
    top, peak, one, cpu = psutil.Process(process.pid), 0, 0, {}
    while process.poll() is None:
        sizes = {}
        for child in [top, *top.children(recursive=True)]:
            try:
                sizes[child.pid] = child.memory_info().rss
                cpu[child.pid] = sum(child.cpu_times()[:2])
            except psutil.Error:
                continue
        peak, one = max(peak, sum(sizes.values())), max([one, *(size for pid, size in sizes.items() if pid != process.pid)])
        time.sleep(0.1)
    assert process.returncode == 0
    return peak, one, sum(cpu.values()), json.loads(process.stdout.read())


def test_memory_does_not_grow_with_the_corpus(tmp_path):
    few, many = corpus(tmp_path / "few.jsonl", 5000), corpus(tmp_path / "many.jsonl", 50_000)
    small, *_ = measured(tmp_path, few, "repair,boilerplate,duplicates", 2)
    large, worker, *_ = measured(tmp_path, many, "repair,boilerplate,duplicates", 2)
    print(f"peak of all processes {small / 1e6:.0f} MB at 5,000 documents, {large / 1e6:.0f} MB at 50,000; one worker {worker / 1e6:.0f} MB")
    assert large <= 1.15 * small and worker <= 400e6


def test_the_engine_takes_a_twentieth_of_five_milliseconds_a_document(tmp_path):
    """CPU seconds of all processes between 2,000 and 12,000 documents, so that the start does not count."""
    few, many = corpus(tmp_path / "few.jsonl", 2000), corpus(tmp_path / "many.jsonl", 12_000)
    for workers in (1, 2):
        short, long = (measured(tmp_path, source, "idle", workers)[2] for source in (few, many))
        each = (long - short) / 10_000
        print(f"{workers} workers: {1000 * each:.3f} ms of CPU a document outside the stages, segmentation included")
        assert each <= 0.05 * 0.005


def test_two_workers_do_nearly_twice_the_documents_of_one(tmp_path):
    source, speed = corpus(tmp_path / "a.jsonl", 6 * 512), {}
    for workers in (1, 2, 1, 2):
        (begin, before), *_, (end, after) = measured(tmp_path, source, "sleep", workers)[3]
        speed[workers] = max(speed.get(workers, 0), (after - before) / (end - begin))
    print(f"{speed[1]:.0f} documents/s with one worker, {speed[2]:.0f} with two")
    assert speed[2] >= 1.8 * speed[1]


def test_a_folder_of_200_000_files_starts_in_seconds(tmp_path):
    for n in range(200_000):
        (tmp_path / f"{n * 7919 % 200_000:06d}.txt").write_text(f"Story {n}. The council of Velmond met on Monday.")
    code = """
import sys, time, psutil
from cleaner.engines import local
from cleaner.io.inputs import Inputs, Meter
from cleaner.io.records import Reading, batches, own_schema
before, begin = psutil.Process().memory_info().rss, time.process_time()
files = Inputs(sys.argv[1])
described = files.describe()
next(batches(files, Reading(), own_schema(files, Reading())))
print(described["files"], time.process_time() - begin, (psutil.Process().memory_info().rss - before) / 1e6)
"""
    files, seconds, grown = map(float, started("-c", code, tmp_path, stdout=subprocess.PIPE).communicate()[0].split())
    print(f"first shard of {files:.0f} files after {seconds:.1f} s of CPU, {grown:.0f} MB more")
    assert files == 200_000 and seconds < 10 and grown < 60
