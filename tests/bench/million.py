"""A corpus with poison in it through ``cleaner run``: `python -m tests.bench.million 1000000 --out FOLDER`.

One document in a thousand does what the worst pages do: it raises, exits, hangs, eats memory or kills its process, or its
record cannot be read. Asserted are that articles and rejected are every input record, that each bad one and no other is
rejected by name with the reason for its kind, and that the memory of all processes does not grow. Documents are made up
from a seed; the corpus and the run stay in the folder, so that what was cut off goes on.
"""
from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pyarrow.parquet as pq

ROOT = Path(__file__).parents[2]
SHARE = 0.001
#: Kinds of poison: how often of a hundred, and what becomes of it. Those that end a process cost the time limit and a new process.
RAISED = {
    "RAISE": (30, "error.ValueError"), "EXIT": (12, "error.SystemExit"), "LOOP": (4, "error.timeout"), "REGEX": (2, "error.timeout"),
    "MEMORY": (1, "error.memory"), "SIGSEGV": (2, "error.crash"), "SIGKILL": (2, "error.crash"), "STUCK": (1, "error.timeout"),
}  # fmt: skip
UNREADABLE = {"broken": (16, "error.invalid_json"), "list": (8, "error.invalid_json"), "deep": (8, "error.nested"), "no_text": (8, "error.no_text_column"), "empty": (6, "empty")}
KINDS = RAISED | UNREADABLE
WORDS = "council harbour ferry line vote budget mayor storm bridge school winter region union strike court river museum market train quay".split()
#: Memory that the second half of the run may take above the first, as a share: the allocator's noise. A short run is all start.
GROWTH, LEAST = 0.10, 50_000
PER_FILE = 100_000


def record(rng: random.Random, number: int, share: float) -> tuple[str, str]:
    """A line of JSON and the kind of poison in it, "" for none."""
    kind = rng.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0] if rng.random() < share else ""
    story = f"The {rng.choice(WORDS)} of Velmond {number} met on Monday. {' '.join(rng.choices(WORDS, k=8)).capitalize()}."
    about = {"id": f"d{number}", "url": f"https://news{number % 997}.example.org/{number}", "text": f"{story}\n\nLeave A Reply" if number % 10 == 0 else story}
    if kind in RAISED:
        about["text"] = f"{kind} {story}"
    elif kind == "no_text":
        about["lead"] = about.pop("text")
    elif kind == "empty":
        about["text"] = ""
    line = json.dumps(about)
    if kind == "deep":
        line = f'{{"id": {"[" * 600}"d{number}"{"]" * 600}, "text": "{WORDS[0]}"}}'
    return {"broken": line[:-5], "list": f"[{line}]"}.get(kind, line), kind


def write(folder: Path, documents: int, share: float) -> dict[str, str]:
    """The corpus, and what shall become of its bad records, by file and record number."""
    rng, expected = random.Random(documents), {}
    folder.mkdir(parents=True, exist_ok=True)
    for first in range(0, documents, PER_FILE):
        path = folder / f"{first // PER_FILE:04d}.jsonl"
        with open(path.with_suffix(".tmp"), "w") as file:
            for number in range(first, min(first + PER_FILE, documents)):
                line, kind = record(rng, number, share)
                file.write(line + "\n")
                if kind:
                    expected[f"{path.name} {number - first}"] = KINDS[kind][1]
        if not path.exists() or path.stat().st_size != path.with_suffix(".tmp").stat().st_size:
            path.with_suffix(".tmp").replace(path)
        path.with_suffix(".tmp").unlink(missing_ok=True)
    return expected


def watched(command: list[str], env: dict[str, str]) -> tuple[int, list[int], float]:
    """Run a command: its exit code, the memory of all its processes (bytes, every half second, shared pages counted once), seconds."""
    begin, sizes = time.monotonic(), []
    process = subprocess.Popen(command, env=env, cwd=ROOT)
    while process.poll() is None:
        here = 0
        for one in [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]:
            try:
                here += one.memory_full_info().pss
            except psutil.Error:
                continue
        sizes.append(here)
        time.sleep(0.5)
    return process.returncode, sizes, time.monotonic() - begin


def rejected(out: Path) -> Iterator[tuple[str, str, str]]:
    """File and record number, status and reason of each rejected document."""
    for path in sorted((out / "rejected").glob("*.parquet")):
        for row in pq.read_table(path, columns=["source", "row", "status", "error"]).to_pylist():
            yield f"{row['source']} {row['row']}", row["status"], row["error"] or ""


def check(out: Path, documents: int, expected: dict[str, str]) -> list[str]:
    """What is wrong with the result."""
    articles = sum(pq.read_metadata(p).num_rows for p in (out / "articles").rglob("*.parquet"))
    found = list(rejected(out))
    wrong = [f"{articles:,} articles and {len(found):,} rejected of {documents:,} records"] if articles + len(found) != documents else []
    statuses = {where: status for where, status, _ in found}
    wrong += [f"{where}: {statuses.get(where)}, not {status}" for where, status in expected.items() if statuses.get(where) != status]
    wrong += [f"{where}: {status}, though nothing is wrong with it" for where, status in statuses.items() if where not in expected]
    wrong += [f"{where}: {status} without file and reason" for where, status, reason in found if not reason.startswith(where.split()[0])]
    return wrong


def grown(sizes: list[int]) -> float:
    """How much more the processes took in the second half of a run than in the first, by the highest of each; the start apart."""
    steady = sizes[len(sizes) // 10 :]
    half = len(steady) // 2
    return max(steady[half:]) / max(steady[:half]) - 1


def main() -> int:
    """Exit code 0 where everything holds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("documents", type=int)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--share", type=float, default=SHARE, help="of the documents that are bad; a small corpus needs more to have each kind")
    parser.add_argument("--timeout", type=float, default=5.0, help="seconds for a document; on a busy machine good ones need more than one")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    expected = write(asked.out / "in", asked.documents, asked.share)
    (asked.out / "cleaner.toml").write_text('stages = ["poison:poisoned", "repair", "boilerplate", "duplicates", "language", "topic"]\n')
    env = {**os.environ, "PYTHONPATH": str(ROOT / "tests"), "OPENBLAS_NUM_THREADS": "1"}
    limits = ["--timeout", str(asked.timeout), "--max-memory", "700000000", "--workers", str(asked.workers), "--config", str(asked.out / "cleaner.toml")]
    code, sizes, seconds = watched([sys.executable, "-m", "cleaner.cli", "run", str(asked.out / "in"), "--out", str(asked.out / "out"), *limits], env)
    wrong = check(asked.out / "out", asked.documents, expected)
    if code != 1:
        wrong.append(f"exit code {code}, not 1")
    if asked.documents >= LEAST and grown(sizes) > GROWTH:
        wrong.append(f"memory grew by {grown(sizes):.0%}")
    print(f"{asked.documents:,} records, {len(expected):,} of them bad, {seconds:,.0f} s; {dict(Counter(expected.values()).most_common())}")
    print(f"memory of all processes: highest {max(sizes) / 1e6:.0f} MB; second half against the first {grown(sizes):+.1%}")
    print("\n".join(wrong[:20]) or "every record is accounted for, every bad one by its reason")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
