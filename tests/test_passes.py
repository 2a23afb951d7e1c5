"""The two passes of the batch: the same rows whatever the order, the shards, the workers and the moment at which a run was killed."""
from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from newsroom import Press

import cleaner
from cleaner.cli import main
from cleaner.corpus.stats import Stats
from cleaner.engines import local
from cleaner.io.records import Reading

PRESS, PAGES, HOST = Press(1, 3000), 96, 12


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> list[Path]:
    """The press in twelve files, pages of a host in several, one that is not JSON and one with the ids of another."""
    folder = tmp_path_factory.mktemp("press")
    pages = [json.dumps(PRESS.page(n, HOST)) + "\n" for n in range(PAGES)]
    for n in range(12):
        (folder / f"{n}.jsonl").write_text("".join(pages[n::12]))
    (folder / "torn.jsonl").write_text('{"id": "torn", "text": "A line that\n')
    return sorted(folder.iterdir())


def rows(out: Path) -> dict[str, list[dict]]:
    """The rows of a run by folder, in an order of their own."""
    return {f: sorted(pq.read_table(out / f).to_pylist(), key=lambda r: json.dumps(r, default=str)) for f in ("articles", "marks", "rejected")}


@pytest.fixture(scope="module")
def expected(files, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("expected")
    cleaner.run(files, out, workers=1)
    return out


def test_templates_copies_and_agency_paragraphs_are_found(expected):
    found = rows(expected)
    note = json.loads((expected / "run.json").read_text())
    copies = {r["id"]: r["duplicate_of"] for r in found["articles"] if r["duplicate_of"]}
    numbers = {int(k.rpartition("/")[2]): int(v.rpartition("/")[2]) for k, v in copies.items()}
    planted = {n for n in range(HOST, PAGES) if n % 20 in (3, 7)}
    assert set(numbers) | set(numbers.values()) == planted | {n - HOST - 1 for n in planted}
    assert all(abs(a - b) == HOST + 1 for a, b in numbers.items())
    rules = note["counts"]["rules"]
    assert rules["cut boilerplate.template_line"] >= 2 * PAGES and rules["flag duplicate.wire"] == 4
    kept = [r["text"] for r in found["articles"]]
    stories = [line for n in range(PAGES) if n % 20 not in (3, 7, 11) for line in PRESS.story(n)[1:]]
    text = "\n".join(kept)
    assert sum(line in text for line in stories) == len(stories), "no line of a story of its own is cut"
    corpus = note["counts"]["corpus"]
    assert (corpus["hosts"], corpus["hosts_with_repeats"], corpus["duplicates"]) == (8, 8, len(copies)) and note["repeated_ids"] == 0
    assert not (expected / "first").exists() and Stats.load(expected / "stats.parquet").digest in json.dumps(note["settings"])


@pytest.mark.parametrize("seed, shard, workers", [(1, 10, 1), (2, 1000, 2), (3, 10, 4)])
def test_order_shards_and_workers_do_not_matter(files, expected, tmp_path, seed, shard, workers):
    shuffled = random.Random(seed).sample(files, len(files))
    cleaner.run(shuffled, tmp_path / "out", workers=workers, reading=Reading(batch_rows=shard))
    assert rows(tmp_path / "out") == rows(expected)


def test_saved_statistics_give_the_rows_of_two_passes(files, expected, tmp_path):
    given = list(map(str, files))
    done = CliRunner().invoke(main, ["fit", *given, "-o", str(tmp_path / "stats.parquet"), "--workers", "2", "--rows-per-file", "20"])
    assert done.exit_code == 0 and f"{PAGES + 1} records" in done.output and "8 of 8 hosts" in done.output
    assert os.listdir(tmp_path) == ["stats.parquet"] and Stats.load(tmp_path / "stats.parquet") == Stats.load(expected / "stats.parquet")
    assert CliRunner().invoke(main, ["run", *given, "-o", str(tmp_path / "out"), "--workers", "1", "--stats", str(tmp_path / "stats.parquet")]).exit_code == 1
    assert rows(tmp_path / "out") == rows(expected)
    cleaner.run(files, tmp_path / "object", workers=2, stats=Stats.load(expected / "stats.parquet"))
    assert rows(tmp_path / "object") == rows(expected)


def test_duplicates_can_be_dropped_and_the_first_pass_left_out(files, expected, tmp_path):
    before = rows(expected)
    given = list(map(str, files))
    assert CliRunner().invoke(main, ["run", *given, "-o", str(tmp_path / "drop"), "--workers", "1", "--drop-duplicates"]).exit_code == 1
    found = rows(tmp_path / "drop")
    assert {r["id"] for r in found["rejected"] if r["status"] == "duplicate"} == {r["id"] for r in before["articles"] if r["duplicate_of"]}
    assert all(r["duplicate_of"] and r["text"] for r in found["rejected"] if r["status"] == "duplicate")
    assert len(found["articles"]) + len(found["rejected"]) == PAGES + 1
    assert CliRunner().invoke(main, ["run", *given, "-o", str(tmp_path / "one"), "--workers", "1", "--no-corpus"]).exit_code == 1
    assert not any("template" in m["rule"] for m in rows(tmp_path / "one")["marks"]) and not (tmp_path / "one" / "stats.parquet").exists()
    both = CliRunner().invoke(main, ["run", *given, "-o", str(tmp_path / "x"), "--no-corpus", "--drop-duplicates"])
    assert both.exit_code == 2 and "choose one" in both.output


RUN = """
import sys, cleaner
from cleaner.io.records import Reading
cleaner.run(sys.argv[2:], sys.argv[1], workers=2, reading=Reading(batch_rows=8))
"""


@pytest.mark.parametrize("folder", ["first", "marks"])
def test_a_run_killed_in_either_pass_goes_on_to_the_same_rows(files, expected, tmp_path, folder):
    out = tmp_path / "out"
    process = subprocess.Popen([sys.executable, "-c", RUN, out, *files], start_new_session=True)
    begin = time.monotonic()
    while not list((out / folder).glob("part-*.parquet")) and time.monotonic() - begin < 120:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert json.loads((out / "run.json").read_text())["state"] == "running" and (out / "stats.parquet").exists() == (folder == "marks")
    subprocess.run([sys.executable, "-c", RUN, out, *files], check=True)
    assert rows(out) == rows(expected) and not (out / "first").exists()


def test_what_the_first_pass_left_is_taken_up_and_not_made_again(files, expected, tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr(cleaner.pipeline, "read_document", lambda record, *rest, inner=cleaner.pipeline.read_document: read.append(record["id"]) or inner(record, *rest))
    cleaner.run(files, tmp_path / "out", workers=1)
    assert len(read) == len(set(read)) == PAGES and rows(tmp_path / "out") == rows(expected)


def test_ids_that_come_again_are_named_and_nothing_is_lost(files, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.txt").write_text(PRESS.page(len(name), HOST)["text"])
    summary = cleaner.run([tmp_path / "a", tmp_path / "b"], tmp_path / "named", workers=1)
    assert [r["id"] for r in rows(tmp_path / "named")["articles"]] == ["a/page.txt", "b/page.txt"] and summary.repeated_ids == (0, [])
    pages = [PRESS.page(n, HOST) | {"id": "same"} for n in (1, 2)] + [PRESS.page(2, HOST) | {"id": "copy"}]
    (tmp_path / "same.jsonl").write_text("".join(json.dumps(p) + "\n" for p in pages))
    done = CliRunner().invoke(main, ["run", str(tmp_path / "same.jsonl"), "-o", str(tmp_path / "out"), "--workers", "1"])
    assert done.exit_code == 0 and "1 ids stand for several records" in done.output and "same (2 records, same.jsonl)" in done.output
    found = rows(tmp_path / "out")["articles"]
    assert sorted((r["id"], r["title"] == PRESS.page(1, HOST)["title"], r["duplicate_of"]) for r in found) == [
        ("copy", False, None), ("same", False, "copy"), ("same", True, None),
    ]  # fmt: skip
    assert json.loads((tmp_path / "out" / "run.json").read_text())["repeated_ids"] == 1


def test_statistics_of_another_version_are_refused(files, expected, tmp_path):
    table = pq.read_table(expected / "stats.parquet")
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, b"cleaner.stats": b"stats-0"}), tmp_path / "old.parquet")
    refused = CliRunner().invoke(main, ["run", str(files[0]), "-o", str(tmp_path / "out"), "--stats", str(tmp_path / "old.parquet")])
    assert refused.exit_code == 2 and "in another format (stats-0)" in refused.output and not (tmp_path / "out").exists()
    with pytest.raises(ValueError, match="no statistics file"):
        cleaner.run(files[0], tmp_path / "out", stats=files[0])


def test_another_configuration_makes_other_statistics(files, tmp_path):
    cleaner.run(files, tmp_path / "out", workers=1)
    with pytest.raises(local.OtherRun, match="another configuration"):
        cleaner.run(files, tmp_path / "out", workers=1, pipeline=cleaner.Pipeline([cleaner.repeats, cleaner.duplicates]))
