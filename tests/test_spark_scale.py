"""The batch on Spark beyond some hundred documents: the rows of one machine, a giant host, memory, growth. Minutes; ``make test-spark``."""
from __future__ import annotations

import json
import time

import pytest
from bench.spark import SETTINGS, corpus, exponent, measured
from spark_cluster import end_session, needs_spark, standalone
from test_spark import ROOT, ended, same

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    needs_spark()
    with standalone(tmp_path_factory.mktemp("cluster")) as running:
        running.settings = SETTINGS
        yield running


@pytest.mark.parametrize("kill", [False, True])
def test_five_thousand_documents_of_many_hosts_have_the_rows_of_one_machine(cluster, tmp_path, kill):
    """With all that the corpus pass finds, and the fixtures beside; a worker of two is killed in its tables."""
    corpus(tmp_path / "press.jsonl", 5_000)
    command = ["-m", "cleaner.cli", "run", tmp_path / "press.jsonl", ROOT / "fixtures/corpus", "--rows-per-file", 200, "--quiet"]
    (tmp_path / "events").mkdir()
    there = cluster.run(*command, "-o", tmp_path / "there", *cluster.options(**{"spark.eventLog.dir": (tmp_path / "events").as_uri()}))
    if kill:
        while not list((tmp_path / "there" / ".spark").glob("*-prose")):
            assert there.poll() is None, there.communicate()
            time.sleep(0.2)
        end_session(victim := cluster.workers.pop())
        cluster.processes.remove(victim)
    said = ended(there, 3600)
    assert there.returncode <= 1, said
    if kill:
        cluster.start_worker()
    assert ended(cluster.run(*command, "-o", tmp_path / "here", "--workers", 2), 3600) == ""
    same(tmp_path / "here", tmp_path / "there")
    found = json.loads((tmp_path / "there" / "run.json").read_text())["counts"]["corpus"]
    assert found["hosts_with_repeats"] > 100 and found["duplicates"] > 400 and found["wire_paragraphs"] >= 3


def test_a_host_with_most_of_the_pages_is_no_task_of_its_own_and_memory_is_bounded(cluster, tmp_path):
    found = measured(cluster, corpus(tmp_path / "a.jsonl", 4_000, skew=True), tmp_path / "out", "--rows-per-file", 200)
    print(found)
    assert found["longest_task_share"] <= 0.3 and found["executor_peak_mib"] <= 1024


def test_cost_grows_with_the_documents_and_not_faster(cluster, tmp_path):
    (tmp_path / "cleaner.toml").write_text('stages = ["repeats"]\n')
    few, many = (measured(cluster, corpus(tmp_path / f"{n}.jsonl", n), tmp_path / f"out{n}", "--config", tmp_path / "cleaner.toml") for n in (2_000, 10_000))
    grown = {what: round(exponent(few, many, what), 3) for what in ("cpu", "shuffled")}
    print(few, many, grown)
    assert max(grown.values()) <= 1.05
