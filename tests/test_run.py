"""The batch: files in, Parquet out, read back by pandas and DuckDB; resumable, complete, honest about what failed."""
from __future__ import annotations

import gzip
import json
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import cleaner
from cleaner import schema
from cleaner.engines import local, pool
from cleaner.io import outputs, write
from cleaner.io.records import Reading

TEXT = """Velmond approves new ferry line

The harbour council of Velmond approved the new ferry line on Tuesday, after a debate that lasted four hours.

Read Also: The trial of the harbour master is delayed again

“We have waited ten years for this,” said the mayor, Irma Castellan, in front of the town hall. “

The first boat leaves in May, and the cafÃ© on the pier reopens a week before that.

Leave A Reply

Please enter your comment!
"""


@pytest.fixture
def corpus(tmp_path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for n in range(7):
        (folder / f"{n}.txt").write_text(TEXT.replace("Velmond", f"Velmond-{n}"), "utf-8")
    (folder / "more.jsonl").write_text("".join(json.dumps({"id": f"m{n}", "text": TEXT, "views": n, "url": "https://news.example.org/x"}) + "\n" for n in range(5)))
    return folder


def table(out: Path, folder: str) -> list[dict]:
    return sorted(pq.read_table(out / folder).to_pylist(), key=lambda r: (r["id"], r.get("block", 0), r.get("start", 0), r.get("rule", "")))


def one_worker(corpus, out, **options) -> local.Summary:
    return cleaner.run(corpus, out, workers=1, **options)


def test_output_is_read_back_by_pandas_and_duckdb(corpus, tmp_path):
    summary = one_worker(corpus, tmp_path / "out", reading=Reading(batch_rows=5))
    assert (summary.documents, summary.articles, summary.rejected, summary.exit_code) == (12, 12, 0, 0)
    frame = pd.read_parquet(tmp_path / "out" / "articles")
    assert len(frame) == 12 and list(frame.columns) == [*schema.ARTICLE.names, "views"]
    assert set(frame["lang"]) == {"en"} and set(frame["status"]) == {"ok"} and frame["title"].str.startswith("Velmond").all()
    assert not frame["text"].str.contains("Read Also|Leave A Reply|Please enter|Ã").any() and frame["text"].str.contains("café on the pier").all()
    assert sorted(frame["views"].dropna()) == [0, 1, 2, 3, 4] and set(frame["host"].dropna()) == {"news.example.org"}
    glob = tmp_path / "out"
    counted = dict(duckdb.sql(f"SELECT rule, count(*) FROM '{glob}/marks/*.parquet' WHERE action = 'cut' GROUP BY rule").fetchall())
    assert counted["boilerplate.read_also"] == 12
    joined = duckdb.sql(f"SELECT count(*) FROM '{glob}/articles/*.parquet' a JOIN '{glob}/marks/*.parquet' m USING (id) WHERE m.text LIKE 'Leave A Reply%'").fetchall()
    assert joined == [(12,)] and duckdb.sql(f"SELECT count(*) FROM '{glob}/rejected/*.parquet'").fetchall() == [(0,)]


def test_every_part_has_the_same_schema(corpus, tmp_path):
    one_worker(corpus, tmp_path / "out", reading=Reading(batch_rows=3))
    for folder in ("articles", "marks", "rejected"):
        schemas = [pq.read_schema(p).remove_metadata() for p in sorted((tmp_path / "out" / folder).glob("*.parquet"))]
        assert len(schemas) == 4 and all(s == schemas[0] for s in schemas)
    assert schemas[0].names == [*schema.ARTICLE.names, "views"]


def test_run_json_tells_what_happened(corpus, tmp_path):
    one_worker(corpus, tmp_path / "out")
    note = json.loads((tmp_path / "out" / "run.json").read_text())
    assert note["state"] == "finished" and note["cleaner_version"] == cleaner.__version__ and note["counts"]["status"] == {"ok": 12}
    assert note["inputs"]["files"] == 8 and note["counts"]["rules"]["cut boilerplate.read_also"] == 12
    assert [s["stage"].rpartition(":")[2] for s in note["settings"]["stages"]] == ["repair", "boilerplate", "repeats", "duplicates", "language", "topic"]
    assert set(note["counts"]["cpu"]) >= {"read", "repair", "boilerplate", "duplicates", "language", "topic"}
    assert note["config_hash"] == pq.read_table(tmp_path / "out" / "articles")["config_hash"][0].as_py()


def test_two_processes_give_the_rows_of_one(corpus, tmp_path):
    one_worker(corpus, tmp_path / "one", reading=Reading(batch_rows=5))
    cleaner.run(corpus, tmp_path / "two", workers=2, reading=Reading(batch_rows=5))
    one_worker(corpus, tmp_path / "small", reading=Reading(batch_rows=2))
    for folder in ("articles", "marks", "rejected"):
        rows = [[{k: v for k, v in r.items() if k != "config_hash"} for r in table(tmp_path / out, folder)] for out in ("one", "two", "small")]
        assert rows[0] == rows[1] == rows[2]


def test_restore_gives_each_block_back_from_the_output(corpus, tmp_path):
    one_worker(corpus, tmp_path / "out")
    for id in ("3.txt", "m2"):
        blocks = cleaner.document.restored_blocks(cleaner.segment(TEXT.replace("Velmond", "Velmond-3") if id == "3.txt" else TEXT))
        assert outputs.restored(*outputs.find_document(tmp_path / "out", id)) == "\n\n".join(blocks)
    with pytest.raises(KeyError, match="no document 'nobody'"):
        outputs.find_document(tmp_path / "out", "nobody")


def test_a_second_run_does_nothing_and_a_cut_off_one_goes_on(corpus, tmp_path, monkeypatch):
    out, reading = tmp_path / "out", Reading(batch_rows=3)
    one_worker(corpus, out, reading=reading)
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*.parquet")}
    lost = out / "marks" / "part-00001.parquet"
    rows = pq.read_table(lost).to_pylist()
    lost.unlink()
    done = []
    monkeypatch.setattr(pool, "clean_data", lambda *given, inner=pool.clean_data: done.append(given[1].num_rows) or inner(*given))
    summary = one_worker(corpus, out, reading=reading)
    assert done == [3] and summary.documents == 12 and pq.read_table(lost).to_pylist() == rows
    kept = {p for p in before if "part-00001" not in p.name}
    assert all(p.stat().st_mtime_ns == before[p] for p in kept)


def test_a_folder_of_another_run_is_refused(corpus, tmp_path):
    out = tmp_path / "out"
    one_worker(corpus, out)
    with pytest.raises(local.OtherRun, match="another configuration.*--overwrite"):
        one_worker(corpus, out, pipeline=cleaner.Pipeline([cleaner.repair]))
    (corpus / "new.txt").write_text(TEXT)
    with pytest.raises(local.OtherRun, match="other inputs"):
        one_worker(corpus, out)
    assert one_worker(corpus, out, overwrite=True, reading=Reading(batch_rows=4)).documents == 13
    assert one_worker(corpus, out, overwrite=True).documents == 13 == len(table(out, "articles"))
    (tmp_path / "strange" / "articles").mkdir(parents=True)
    with pytest.raises(local.OtherRun, match="something else"):
        one_worker(corpus, tmp_path / "strange")
    with pytest.raises(local.NothingToDo):
        one_worker(tmp_path / "strange", tmp_path / "new")


def test_articles_and_rejected_are_all_inputs(corpus, tmp_path):
    (corpus / "empty.txt").write_text("")
    (corpus / "prompt.txt").write_text("Leave A Reply\n\nPlease enter your comment!\n")
    (corpus / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    (corpus / "columns.csv").write_text("a,b\n1,2\n")
    (corpus / "broken.jsonl").write_text('{"text": "The council met on Monday in Velmond."}\n{broken\n')
    summary = one_worker(corpus, tmp_path / "out")
    rejected = {r["source"]: (r["status"], r["error"]) for r in table(tmp_path / "out", "rejected")}
    assert (summary.documents, summary.articles, summary.rejected, summary.exit_code) == (18, 13, 5, 1)
    assert {k: v[0] for k, v in rejected.items()} == {
        "empty.txt": "empty", "prompt.txt": "empty", "picture.txt": "error.NotText", "columns.csv": "error.no_text_column", "broken.jsonl": "error.invalid_json",
    }  # fmt: skip
    assert all(source in error for source, (_, error) in rejected.items())
    assert [m["text"] for m in table(tmp_path / "out", "marks") if m["id"] == "prompt.txt" and m["action"] == "cut"] == ["Leave A Reply", "Please enter your comment!"]


def test_unwanted_languages_are_rejected_with_the_reason(corpus, tmp_path):
    (corpus / "de.txt").write_text("Die Stadt Lindenau will bis zum Herbst drei Brücken sanieren, wie der Baudirektor am Freitag mitteilte.\n\nDie Arbeiten beginnen im Mai.")
    chosen = cleaner.Pipeline([cleaner.repair, cleaner.language.with_(keep_languages=("en",))])
    one_worker(corpus, tmp_path / "out", pipeline=chosen)
    (row,) = table(tmp_path / "out", "rejected")
    assert row["status"] == "unwanted_language" and row["lang"] == "de" and "de.txt" in row["error"]


def test_a_part_is_there_whole_or_not_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr(write.os, "replace", lambda *a: (_ for _ in ()).throw(OSError("no space left")))
    with pytest.raises(OSError, match="no space"):
        write.write_parquet(pa.table({"a": [1]}), tmp_path / "articles" / "part-00000.parquet")
    assert not list(tmp_path.rglob("part-*.parquet"))


def test_articles_can_be_partitioned_and_written_as_json_lines(corpus, tmp_path):
    (corpus / "de.jsonl").write_text(json.dumps({"text": "Die Stadt Lindenau will bis zum Herbst drei Brücken sanieren, wie der Baudirektor am Freitag mitteilte.", "date": "2024-05-01T10:00"}))
    one_worker(corpus, tmp_path / "lang", writing=write.Writing(partition_by="lang", jsonl=True))
    assert sorted(p.name for p in (tmp_path / "lang" / "articles").iterdir()) == ["lang=de", "lang=en"]
    frame = pd.read_parquet(tmp_path / "lang" / "articles")
    assert frame["lang"].astype(str).value_counts().to_dict() == {"en": 12, "de": 1}
    (path,) = (tmp_path / "lang" / "jsonl").iterdir()
    assert len([json.loads(line) for line in gzip.open(path, "rt")]) == 13
    assert outputs.find_document(tmp_path / "lang", "de.jsonl:0")[0]["lang"] == "de"
    one_worker(corpus, tmp_path / "day", writing=write.Writing(partition_by="date"))
    assert sorted(p.name for p in (tmp_path / "day" / "articles").iterdir()) == ["day=2024-05-01", f"day={write.NO_VALUE}"]
    assert duckdb.sql(f"SELECT count(*) FROM read_parquet('{tmp_path}/day/articles/*/*.parquet', hive_partitioning = true)").fetchall() == [(13,)]
    with pytest.raises(ValueError, match="lang, host, date"):
        write.Writing(partition_by="topic")
