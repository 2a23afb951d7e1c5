"""What other tools write is read as it is: news-please, fundus, Hugging Face Parquet, Common Crawl WET, remote folders."""
from __future__ import annotations

import json
from pathlib import Path

import duckdb
import fsspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_archives import SENTENCE, warc
from test_read import read

import cleaner
from cleaner.io import inputs, records, write
from cleaner.io.records import Reading

STORY = "The council of Velmond met on Monday, the mayor said.\n\nIt meets again in May."


def test_news_please_json(tmp_path):
    one = {
        "authors": ["Irma Lund", "B. Roe"], "date_download": "2024-05-02 08:00:00", "date_modify": "None", "date_publish": "2024-05-01 09:30:00",
        "description": "The teaser.", "filename": "x.html", "image_url": None, "language": "en", "localpath": None, "maintext": STORY,
        "source_domain": "news.example.org", "text": None, "title": "Council meets", "title_page": None, "title_rss": None, "url": "https://news.example.org/1",
    }  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(one))
    (tmp_path / "b.json").write_text(json.dumps(one | {"date_publish": "None", "text": "The page's own text.", "maintext": ""}))
    first, second = read(tmp_path)
    assert first["text"] == STORY and (first["title"], first["author"], first["lang"]) == ("Council meets", "Irma Lund; B. Roe", "en")
    assert (first["url"], first["date"], first["source_domain"]) == ("https://news.example.org/1", "2024-05-01 09:30:00", "news.example.org")
    assert second["text"] == "The page's own text." and second["date"] is None


def test_fundus_json(tmp_path):
    body = {"summary": ["The council met."], "sections": [{"headline": [], "paragraphs": ["It was Monday.", "It rained."]}, {"headline": ["In May"], "paragraphs": ["It meets again."]}]}
    about = {"title": "Council", "authors": ["Irma Lund"], "publishing_date": "2024-05-01 09:30:00+00:00", "topics": ["Velmond"], "free_access": True}
    (tmp_path / "a.json").write_text(json.dumps([about | {"plaintext": STORY}, about | {"body": body, "plaintext": None}]))
    first, second = read(tmp_path)
    assert first["text"] == STORY and first["title"] == "Council" and first["date"].startswith("2024-05-01") and first["free_access"] is True
    assert second["text"] == "The council met.\n\nIt was Monday.\n\nIt rained.\n\nIn May\n\nIt meets again."


def test_hugging_face_parquet(tmp_path):
    huggingface = {"info": {"features": {"text": {"dtype": "string", "_type": "Value"}, "label": {"names": ["a", "b"], "_type": "ClassLabel"}}}}
    table = pa.table({"text": pa.array([STORY, STORY], pa.large_string()), "label": pa.array([0, 1]), "meta": pa.array([{"warc": "x"}] * 2)})
    pq.write_table(table.replace_schema_metadata({"huggingface": json.dumps(huggingface)}), tmp_path / "train-00000-of-00001.parquet")
    cleaner.run(tmp_path, tmp_path / "out", workers=1, pipeline=cleaner.Pipeline([cleaner.repair]))
    found = pq.read_table(tmp_path / "out" / "articles").to_pylist()
    assert [(r["label"], r["meta"], r["text"]) for r in found] == [(n, {"warc": "x"}, STORY) for n in (0, 1)]


def test_common_crawl_wet(tmp_path):
    info = ("warcinfo", None, b"Software-Info: ia-web-commons\r\n")
    (tmp_path / "a.warc.wet.gz").write_bytes(warc([info, ("conversion", None, SENTENCE.encode()), ("conversion", None, STORY.encode())]))
    first, second = read(tmp_path)
    assert first["text"] == SENTENCE and second["text"] == STORY and second["url"] == "https://news.example.org/2" and second["date"]


@pytest.mark.parametrize("format", ["jsonl", "csv", "parquet", "warc"])
def test_one_large_file_is_split_among_workers(tmp_path, format):
    texts = [f"{n} {STORY}" for n in range(240)]
    frame = pd.DataFrame({"text": texts})
    path = tmp_path / f"a.{format}"
    match format:
        case "jsonl":
            frame.to_json(path, orient="records", lines=True)
        case "csv":
            frame.to_csv(path, index=False)
        case "parquet":
            frame.to_parquet(path)
        case "warc":
            path.write_bytes(warc([("conversion", None, text.encode()) for text in texts], False))
    shards = [len(s) for s in split(path, batch_rows=30)]
    assert shards == [30] * 8
    assert all(size <= 12 for size in map(len, split(path, batch_bytes=1000))) and sum(map(len, split(path, batch_bytes=1000))) == 240


def split(path: Path, batch_rows: int = 512, batch_bytes: int = 16_000_000) -> list[pa.RecordBatch]:
    before, records.BATCH_BYTES = records.BATCH_BYTES, batch_bytes
    try:
        return [b.to_pylist() for b in records.batches(inputs.Inputs(path), Reading(batch_rows=batch_rows), pa.schema([]))]
    finally:
        records.BATCH_BYTES = before


def test_small_files_share_a_shard(tmp_path):
    for n in range(100):
        (tmp_path / f"{n:03d}.txt").write_text(STORY)
    assert [len(b) for b in split(tmp_path, batch_rows=40)] == [40, 40, 20]


def test_names_of_a_large_folder_are_in_order_without_a_list(tmp_path, monkeypatch):
    names = [f"{(n * 37) % 101:03d}.txt" for n in range(101)] + ["new\nline.txt", "sub/b.txt", "sub/a.txt", "tab\t.txt"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text")
    whole = [s.name for s in inputs.Inputs(tmp_path)]
    monkeypatch.setattr(inputs, "SORTED", 7)
    assert [s.name for s in inputs.Inputs(tmp_path)] == whole == sorted(names)


def test_folders_behind_file_urls_are_read(tmp_path):
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "sub" / "a.txt").write_text(STORY)
    (tmp_path / "in" / "b.jsonl").write_text(json.dumps({"text": STORY}))
    assert fsspec.filesystem("file").exists(tmp_path)
    summary = cleaner.run(f"file://{tmp_path}/in", tmp_path / "out", workers=1, pipeline=cleaner.Pipeline([cleaner.repair]))
    assert summary.articles == 2


@pytest.mark.parametrize("host", ["../../etc", "a/b", "x" * 300 + ".org", "münchen.example", "a=b&c", "..", "%2F", "con\n"])
def test_hostile_hosts_stay_inside_the_output(tmp_path, host):
    table = pa.table({"id": ["1", "2"], "host": [host, None], "date": ["2024-05-01/../../x", None]})
    (folder, part), *rest = write.partitions(table, "host")
    assert "/" not in folder and len(folder.encode()) <= 255 and folder.startswith("host=") and sum(p.num_rows for _, p in [(folder, part), *rest]) == 2
    for name, piece in write.partitions(table, "host"):
        (tmp_path / "articles" / name).mkdir(parents=True)
        pq.write_table(piece, tmp_path / "articles" / name / "a.parquet")
    assert {p.parent.parent for p in tmp_path.rglob("*.parquet")} == {tmp_path / "articles"}
    back = pd.read_parquet(tmp_path / "articles").set_index("id")["host"].astype(object)
    assert back["2"] == "none" and back["1"] == (host if len(host) < 250 else "none")
    assert duckdb.sql(f"SELECT host FROM read_parquet('{tmp_path}/articles/*/*.parquet', hive_partitioning = true) WHERE id = '1'").fetchall() == [(back["1"],)]
    assert [name for name, _ in write.partitions(table, "date")] == ["day=2024-05-01", f"day={write.NO_VALUE}"]


def test_parts_have_statistics_and_the_same_bytes_each_time(tmp_path):
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"id": f"n{n}", "text": f"{STORY} {n}"}) + "\n" for n in range(300)))
    for out in ("one", "two"):
        cleaner.run(tmp_path / "a.jsonl", tmp_path / out, workers=1, pipeline=cleaner.Pipeline([cleaner.repair]), reading=Reading(batch_rows=200))
    for part in (tmp_path / "one" / "articles").iterdir():
        assert part.read_bytes() == (tmp_path / "two" / "articles" / part.name).read_bytes()
        meta = pq.read_metadata(part)
        id = meta.row_group(0).column(0)
        assert meta.num_row_groups == 1 and id.statistics.has_min_max and id.compression == "ZSTD"
