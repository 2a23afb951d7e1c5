"""What a run on Spark costs by size: CPU and shuffled bytes a document, the share of the longest task, memory.

``python -m tests.bench.spark OUT --documents 2000 10000 50000`` starts a master and two workers on 127.0.0.1 and writes a line of
JSON for each size; with ``--keep`` also to ``spark.json``, from which `make bench` takes them over. ``--skew`` gives one host 60 %
of the pages; ``--stages`` names the stages, all without it; ``--fit`` measures the first pass and the corpus pass alone, where
everything that is shuffled is.
"""
from __future__ import annotations

import argparse
import datetime
import json
import sys
import tempfile
import time
from collections import Counter
from math import log
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
from newsroom import Press
from processes import processes_of
from spark_cluster import SETTINGS as QUICK
from spark_cluster import Standalone, standalone, tasks

#: What was measured last, for BENCHMARKS.md.
KEPT = Path(__file__).with_name("spark.json")
#: As the tests have it, with a log of all tasks. Without joins by broadcast, which Spark takes for tables of up to 10 MB and does not
#: count as shuffled: what grows beyond that is counted at every size.
SETTINGS = {**QUICK, "spark.sql.shuffle.partitions": "8", "spark.sql.autoBroadcastJoinThreshold": "-1", "spark.eventLog.enabled": "true", "spark.eventLog.rolling.enabled": "false", "spark.eventLog.compress": "false"}


def corpus(path: Path, documents: int, skew: bool = False) -> Path:
    """Short pages of the invented press, 0.9 kB, 40 a host. skew: 60 % of them are one host's."""
    press = Press(1, 20_000, 5, 1)
    with open(path, "w") as file:
        for n in range(documents):
            page = press.page(n)
            if skew and n % 5 < 3:
                page["url"] = f"https://giant.example/{n}.html"
            file.write(json.dumps(page) + "\n")
    return path


def measured(cluster: Standalone, source: Path, out: Path, *more: object, command: str = "run") -> dict[str, float]:
    """A run: CPU seconds of driver, executors and the processes in them, peak memory of an executor with all that it started, tasks."""
    log = out.with_suffix(".events")
    log.mkdir()
    begin = time.monotonic()
    options = cluster.options(**{"spark.eventLog.dir": log.as_uri()})
    driver = cluster.run("-m", "cleaner.cli", command, source, "-o", out, "--quiet", *more, *options)
    cpu: dict[tuple, float] = {}
    peak = java = 0
    while driver.poll() is None:
        for session in (driver.pid, *(worker.pid for worker in cluster.workers)):
            private = heap = 0
            for process in processes_of(session):
                try:
                    key = process.pid, process.create_time()
                    cpu[key] = sum(process.cpu_times()[:2])
                    inside = session != driver.pid and "deploy.worker.Worker" not in " ".join(process.cmdline())
                    here = process.memory_full_info().pss if inside else 0
                    private, heap = private + here, heap + here * (process.name() == "java")
                except (psutil.Error, OSError):
                    continue
            peak, java = max((peak, java), (private, heap))
        time.sleep(1)
    assert driver.returncode in (0, 1), driver.communicate()
    found = [t for t in tasks(log) if not t["failed"]]
    by_stage = Counter()
    for task in found:
        by_stage[task["stage"]] += task["seconds"]
    stage = by_stage.most_common(1)[0][0]
    with open(source) as file:
        documents = sum(1 for _ in file)
    stages = 0.0 if command == "fit" else sum(json.loads((out / "run.json").read_text())["counts"]["cpu"].values())
    stats = out if command == "fit" else out / "stats.parquet"
    return {
        "documents": documents, "bytes": source.stat().st_size, "cpu": round(sum(cpu.values()), 1), "stages_cpu": round(stages, 1),
        "seconds": round(time.monotonic() - begin, 1), "shuffled": sum(t["shuffled"] for t in found), "executor_peak_mib": peak >> 20, "of_it_java_mib": java >> 20,
        "tasks": len(found), "longest_task_share": round(max(t["seconds"] for t in found if t["stage"] == stage) / by_stage[stage], 3),
        "longest_sql_task": max((t["seconds"] for t in found if t["shuffled"]), default=0.0), "stats_bytes": stats.stat().st_size,
    }  # fmt: skip


def exponent(few: dict[str, float], many: dict[str, float], what: str) -> float:
    """The power of the number of documents with which something grows."""
    return log(many[what] / few[what]) / log(many["documents"] / few["documents"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--documents", type=int, nargs="+", default=[2_000, 10_000])
    parser.add_argument("--stages", default="")
    parser.add_argument("--skew", action="store_true")
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, standalone(Path(folder)) as cluster:
        cluster.settings = SETTINGS
        more: list[object] = []
        if given.stages:
            config = given.out / "cleaner.toml"
            config.write_text(f"stages = {json.dumps(given.stages.split(','))}\n")
            more = ["--config", config]
        sizes = []
        for documents in given.documents:
            source = corpus(given.out / f"{documents}.jsonl", documents, given.skew)
            sizes.append(measured(cluster, source, given.out / f"run{documents}", *more, command="fit" if given.fit else "run"))
            print(json.dumps(sizes[-1]), flush=True)
    if given.keep:
        KEPT.write_text(json.dumps({"date": datetime.date.today().isoformat(), "sizes": sizes}, indent=1) + "\n")


if __name__ == "__main__":
    main()
