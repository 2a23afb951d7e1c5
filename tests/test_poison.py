"""A batch with the worst documents there are: they are rejected by name, the others are cleaned, no process stays behind."""
from __future__ import annotations

import gzip
import json
import random
import time
from pathlib import Path

import psutil
from poison import poisoned
from processes import rows, workers_of

import cleaner
from cleaner.engines import pool
from cleaner.io.records import Reading

KINDS = {"RAISE": "error.ValueError", "EXIT": "error.SystemExit", "LOOP": "error.timeout", "REGEX": "error.timeout", "MEMORY": "error.memory", "SIGSEGV": "error.crash", "SIGKILL": "error.crash", "STUCK": "error.timeout"}


def corpus(folder: Path, documents: int, poison: dict[int, str]) -> Path:
    folder.mkdir(exist_ok=True)
    with open(folder / "a.jsonl", "w") as file:
        for n in range(documents):
            text = f"{poison[n]} poison" if n in poison else f"The council of Velmond-{n} met on Monday.\n\nLeave A Reply\n\nIt meets again in May, the mayor said."
            file.write(json.dumps({"id": f"d{n}", "text": text}) + "\n")
    return folder


def test_poison_costs_itself_only(tmp_path, monkeypatch):
    monkeypatch.setattr(pool.Job, "grace", 4.0, raising=False)
    poison = {17: "RAISE", 18: "EXIT", 60: "LOOP", 61: "REGEX", 130: "MEMORY", 200: "SIGSEGV", 255: "SIGKILL", 256: "STUCK"}
    folder = corpus(tmp_path / "in", 500, poison)
    (folder / "bomb.txt.gz").write_bytes(gzip.compress(b"x" * 60_000_000))
    chosen = cleaner.Pipeline([poisoned, cleaner.boilerplate])
    run = dict(workers=2, timeout=4.0, max_memory=700_000_000, pipeline=chosen, reading=Reading(batch_rows=64))
    summary = cleaner.run(folder, tmp_path / "out", **run)
    rejected = {r["id"]: r["status"] for r in rows(tmp_path / "out", "rejected")}
    assert rejected == {**{f"d{n}": KINDS[kind] for n, kind in poison.items()}, "bomb.txt.gz": "too_large"}
    assert summary.articles == 492 and not any("Leave A Reply" in r["text"] for r in rows(tmp_path / "out", "articles"))
    time.sleep(1)
    assert not workers_of(psutil.Process())


def test_rows_do_not_depend_on_workers_shards_or_order(tmp_path):
    folder = corpus(tmp_path / "in", 200, {})
    lines = (folder / "a.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "shuffled").mkdir()
    (tmp_path / "shuffled" / "a.jsonl").write_text("".join(random.Random(1).sample(lines, len(lines))))
    seen = []
    for source, count, size in (("in", 1, 1000), ("in", 2, 10), ("in", 4, 1000), ("shuffled", 2, 70)):
        out = tmp_path / f"{source}-{count}-{size}"
        cleaner.run(tmp_path / source, out, workers=count, reading=Reading(batch_rows=size))
        seen.append([[{k: v for k, v in r.items() if k not in ("config_hash", "row")} for r in rows(out, name)] for name in ("articles", "marks", "rejected")])
    assert all(s == seen[0] for s in seen)
