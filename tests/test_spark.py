"""The batch on a real Spark cluster: the same rows as on one machine, also when documents end processes and workers die."""
from __future__ import annotations

import json
import pickle
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from newsroom import Press
from processes import processes_of
from spark_cluster import end_session, needs_spark, standalone

import cleaner
from cleaner.cli import main
from cleaner.corpus.stats import Stats
from cleaner.io.inputs import Source
from cleaner.io.records import Reading

ROOT = Path(__file__).parents[1]
POISON = {3: "SIGSEGV", 40: "LOOP", 41: "EXIT", 77: "SIGKILL"}
KINDS = {"SIGSEGV": "error.crash", "LOOP": "error.timeout", "EXIT": "error.SystemExit", "SIGKILL": "error.crash"}
STAGES = ["poison:poisoned", "repair", "boilerplate", "repeats", "duplicates", "language", "topic"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    needs_spark()
    with standalone(tmp_path_factory.mktemp("cluster")) as running:
        yield running


def rows(out: Path) -> dict[str, list[str]]:
    """The rows of a run by folder, in an order of their own."""
    return {f: sorted(json.dumps(r, default=str, sort_keys=True) for r in pq.read_table(out / f).to_pylist()) for f in ("articles", "marks", "rejected")}


def same(one: Path, other: Path) -> None:
    """Two runs have the same rows, statistics, settings and counts, and left nothing else behind."""
    for (name, a), b in zip(rows(one).items(), rows(other).values()):
        assert a == b, f"{name} differ: {next(((x, y) for x, y in zip(a, b) if x != y), (len(a), len(b)))}"
        assert pq.read_table(one / name).schema == pq.read_table(other / name).schema
    notes = [json.loads((out / "run.json").read_text()) for out in (one, other)]
    for key in ("config_hash", "inputs", "settings", "repeated_ids", "state"):
        assert notes[0][key] == notes[1][key], key
    for count in notes[0]["counts"].keys() - {"cpu", "slowest", "errors"}:  # of errors the first are shown, and order differs
        assert notes[0]["counts"][count] == notes[1]["counts"][count], count
    assert sorted(p.name for p in one.iterdir()) == sorted(p.name for p in other.iterdir())


def press(path: Path, pages: int, hosts: int, poison: dict[int, str] = {}) -> None:
    """An invented press as JSON lines, some of whose pages are poison."""
    made = Press(1, 3000)
    with open(path, "w") as file:
        for n in range(pages):
            page = made.page(n, hosts)
            file.write(json.dumps({**page, "text": f"{poison[n]} poison", "section": n} if n in poison else {**page, "section": n}) + "\n")


def ended(process, seconds: float = 900) -> str:
    """What a driver said, once it has ended and left no process behind."""
    said = "".join(process.communicate(timeout=seconds))
    for _ in range(100):
        if not (left := processes_of(process.pid)):
            break
        time.sleep(0.1)
    assert not left, left
    return said


def test_a_run_has_the_rows_of_one_machine_whatever_its_documents_do(cluster, tmp_path):
    """All formats of the fixtures, broken files, templates, copies and agency paragraphs, and documents that end or hang their process."""
    press(tmp_path / "press.jsonl", 120, 20, POISON)
    (tmp_path / "cleaner.toml").write_text(f"stages = {json.dumps(STAGES)}\n")
    command = ["-m", "cleaner.cli", "run", tmp_path / "press.jsonl", ROOT / "fixtures/corpus", ROOT / "fixtures/bad", "--config", tmp_path / "cleaner.toml", "--timeout", 12, "--quiet"]
    here = cluster.run(*command, "-o", tmp_path / "here", "--workers", 1 + 1)
    there = cluster.run(*command, "-o", (out := tmp_path / "out [on] {a} cluster"), *cluster.options())
    assert "Traceback" not in ended(here) and here.returncode == 1
    said = ended(there)
    assert there.returncode == 1, said
    rejected = {json.loads(r)["id"]: json.loads(r)["status"] for r in rows(out)["rejected"]}
    for n, word in POISON.items():
        assert rejected[next(k for k in rejected if k.endswith(f"example/{n}"))] == KINDS[word]
    same(tmp_path / "here", out)
    stats = Stats.load(out / "stats.parquet")
    assert stats.sites and stats.copies and stats.wire


FRAME = """
import sys
from pyspark.sql import SparkSession
from cleaner.engines import spark
_, session = spark.session(sys.argv[1], dict(pair.split("=", 1) for pair in sys.argv[4:]))
df = session.read.json(sys.argv[2])
import cleaner, poison
cleaned = spark.clean(df, text="body", url="link", pipeline=cleaner.Pipeline([poison.poisoned, cleaner.boilerplate]), timeout=10)
print(cleaned.schema.simpleString())
cleaned.repartition(1).write.parquet(sys.argv[3])
try:
    spark.clean(df, text="nothing")
except KeyError as error:
    print(error)
session.stop()
"""


def test_a_dataframe_is_cleaned_in_a_job_of_ones_own(cluster, tmp_path):
    texts = [f"The council of Velmond-{n} met on Monday.\n\nLeave A Reply\n\nIt meets again in May, the mayor said." for n in range(40)]
    texts[5], texts[20], texts[30] = None, "SIGSEGV poison", "RAISE poison"
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"key": n, "body": t, "link": f"https://a.example/{n}", "tags": ["x"]}) + "\n" for n, t in enumerate(texts)))
    (tmp_path / "script.py").write_text(FRAME)
    driver = cluster.run(tmp_path / "script.py", cluster.master, tmp_path / "in.jsonl", tmp_path / "out", *(f"{k}={v}" for k, v in cluster.settings.items()))
    said = ended(driver)
    assert driver.returncode == 0, said
    assert "no column 'nothing' for 'text'" in said and "key:bigint,link:string,tags:array<string>,lang:string" in said
    found = {r["key"]: r for r in pq.read_table(tmp_path / "out").to_pylist()}
    assert len(found) == 40 and found[5]["body"] is None and found[5]["status"] is None
    assert found[20]["status"] == "error.crash" and found[30]["status"] == "error.ValueError" and found[30]["tags"] == ["x"]
    rest = [r for n, r in found.items() if n not in (5, 20, 30)]
    assert all(r["status"] == "ok" and "Leave A Reply" not in r["body"] and r["marks"][0]["rule"] == "boilerplate.comments" for r in rest)


def test_a_worker_killed_in_a_job_costs_time_and_no_row(cluster, tmp_path):
    press(tmp_path / "press.jsonl", 240, 20)
    (tmp_path / "cleaner.toml").write_text('stages = ["slow:slow", "boilerplate"]\n')
    command = ["-m", "cleaner.cli", "run", tmp_path / "press.jsonl", "--config", tmp_path / "cleaner.toml", "--rows-per-file", 10, "--quiet"]
    driver = cluster.run(*command, "-o", tmp_path / "there", *cluster.options())
    done = tmp_path / "there" / "marks"
    while len(list(done.glob("part-*"))) < 4:
        assert driver.poll() is None, driver.communicate()
        time.sleep(0.05)
    end_session(victim := cluster.workers.pop())
    cluster.processes.remove(victim)
    left = len(list(done.glob("part-*")))
    said = ended(driver)
    cluster.start_worker()
    assert driver.returncode == 0 and left < 24, (said, left)
    here = cluster.run(*command, "-o", tmp_path / "here", "--workers", 2)
    assert ended(here) == ""
    same(tmp_path / "here", tmp_path / "there")
    print(f"a worker of two was killed when {left} of 24 shards were done")


def test_what_a_cluster_cannot_do_is_said(tmp_path, monkeypatch):
    """Without a cluster: what its machines would say."""
    pytest.importorskip("pyspark")
    from cleaner.engines import cluster, spark

    press(tmp_path / "press.jsonl", 5, 5)
    refused = CliRunner().invoke(main, ["run", str(tmp_path / "press.jsonl"), "-o", str(tmp_path / "out"), "--engine", "spark://127.0.0.1:1", "--spark", "memory"])
    assert refused.exit_code == 2 and "--spark takes key=value" in refused.output
    row = pa.RecordBatch.from_pydict({"number": [0], "sources": [pickle.dumps([Source(str(tmp_path / "gone.txt"), "gone.txt", "text")])]})
    with pytest.raises(FileNotFoundError, match="file system that all machines share"):
        list(cluster.told(Reading(), [row]))
    with pytest.raises(FileNotFoundError, match="file system that all machines share"):
        cluster.check(tmp_path / "out", cleaner.__version__)
    with pytest.raises(RuntimeError, match="ship one environment to all"):
        spark.check_version("0.0")
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(ImportError, match=r"pip install 'cleaner\[spark\]'"):
        spark.session("spark://127.0.0.1:1")
