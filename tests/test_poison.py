"""A batch with the worst documents there are: they are rejected by name, the others are cleaned, no process stays behind."""
from __future__ import annotations

import gzip
import json
import os
import random
from pathlib import Path

import pytest
from processes import rows, started, wait_for_the_end_of

import cleaner
from cleaner.io.records import Reading

KINDS = {
    "RAISE": "error.ValueError", "EXIT": "error.SystemExit", "LOOP": "error.timeout", "REGEX": "error.timeout", "STUCK": "error.timeout",
    "MEMORY": "error.memory", "SIGSEGV": "error.crash", "SIGKILL": "error.crash",
}  # fmt: skip
SCRIPT = """
import sys, cleaner
from cleaner.engines import pool
from cleaner.io.records import Reading
from poison import poisoned
if __name__ == "__main__":
    pool.Job.grace = 4.0
    chosen = cleaner.Pipeline([poisoned, cleaner.boilerplate, *([cleaner.repeats] if sys.argv[3] == "two" else [])])
    cleaner.run(sys.argv[1], sys.argv[2], workers=2, timeout=5.0, max_memory=700_000_000, pipeline=chosen, reading=Reading(batch_rows=64))
"""


def corpus(folder: Path, documents: int, poison: dict[int, str]) -> Path:
    folder.mkdir(exist_ok=True)
    with open(folder / "a.jsonl", "w") as file:
        for n in range(documents):
            text = f"{poison[n]} poison" if n in poison else f"The council of Velmond-{n} met on Monday.\n\nLeave A Reply\n\nIt meets again in May, the mayor said."
            file.write(json.dumps({"id": f"d{n}", "text": text}) + "\n")
    return folder


@pytest.mark.parametrize("passes", ["one", pytest.param("two", marks=pytest.mark.slow)])
def test_poison_costs_itself_only(tmp_path, passes):
    """492 good documents among ten bad ones: raise, exit, loop, regex, a page that lies too deep for lxml, a call that no signal reaches, bombs, crashes."""
    poison = {17: "RAISE", 18: "EXIT", 60: "LOOP", 61: "REGEX", 130: "MEMORY", 200: "SIGSEGV", 255: "SIGKILL", 256: "STUCK"}
    folder = corpus(tmp_path / "in", 500, poison)
    (folder / "bomb.txt.gz").write_bytes(gzip.compress(bytes(200_000_000)))
    (folder / "deep.html").write_text("<html><body>" + "<div>" * 20_000 + "<p>The council of Velmond met on Monday.</p>")
    (tmp_path / "script.py").write_text(SCRIPT)
    process = started(tmp_path / "script.py", folder, tmp_path / "out", passes, env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)})
    assert process.wait() == 0
    wait_for_the_end_of(process.pid)
    rejected = {r["id"]: r["status"] for r in rows(tmp_path / "out", "rejected")}
    assert rejected == {**{f"d{n}": KINDS[kind] for n, kind in poison.items()}, "bomb.txt.gz": "too_large", "deep.html": "error.TooDeep"}
    assert all(r["error"].startswith(r["source"]) for r in rows(tmp_path / "out", "rejected"))
    articles = rows(tmp_path / "out", "articles")
    assert len(articles) == 492 and not any("Leave A Reply" in r["text"] for r in articles)


def test_rows_do_not_depend_on_workers_shards_or_order(tmp_path):
    folder = corpus(tmp_path / "in", 200, {})
    lines = (folder / "a.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "shuffled").mkdir()
    (tmp_path / "shuffled" / "a.jsonl").write_text("".join(random.Random(1).sample(lines, len(lines))))
    seen = []
    for source, count, size in (("in", 1, 1000), ("in", 2, 10), ("in", 4, 1000), ("shuffled", 2, 70)):
        out = tmp_path / f"{source}-{count}-{size}"
        cleaner.run(tmp_path / source, out, workers=count, reading=Reading(batch_rows=size))
        seen.append([[{k: v for k, v in r.items() if k != "row"} for r in rows(out, name)] for name in ("articles", "marks", "rejected")])
    assert all(s == seen[0] for s in seen)
