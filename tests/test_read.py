"""Readers: every format and compression to the same records, unknown columns along, nothing dropped."""
from __future__ import annotations

import bz2
import gzip
import json
import lzma
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cleaner.io.inputs import Inputs
from cleaner.io.read import rows
from cleaner.io.records import Reading, batches, own_schema

TEXT = "The council of Velmond met on Monday.\n\nIt meets again in May."


def read(path: Path, **reading) -> list[dict]:
    sources, chosen = Inputs(path), Reading(**reading)
    out = [row for batch in batches(sources, chosen, own_schema(sources, chosen)) for row in batch.to_pylist()]
    for row in out:
        row["text"] = (row.pop("_content") or b"").decode("utf-8", "surrogatepass")
    return out


def zstd(data: bytes) -> bytes:
    return pa.compress(data, codec="zstd", asbytes=True)


@pytest.mark.parametrize(("suffix", "pack"), [("", bytes), (".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), (".zst", zstd)])
def test_every_compression(tmp_path, suffix, pack):
    line = json.dumps({"text": TEXT}).encode() + b"\n"
    (tmp_path / f"a.jsonl{suffix}").write_bytes(pack(line * 3))
    (tmp_path / f"b.txt{suffix}").write_bytes(pack(TEXT.encode()))
    (tmp_path / f"c.csv{suffix}").write_bytes(pack(b'content\n"' + TEXT.encode() + b'"\n'))
    assert [(r["id"], r["text"]) for r in read(tmp_path)] == [
        *((f"a.jsonl{suffix}:{n}", TEXT) for n in range(3)), (f"b.txt{suffix}", TEXT), (f"c.csv{suffix}:0", TEXT),
    ]  # fmt: skip


def test_known_fields_are_found_and_unknown_columns_travel(tmp_path):
    dump = [
        {"maintext": TEXT, "headline": "Council", "link": "https://a.example.org/1", "authors": ["A. Lund", "B. Roe"], "date_publish": "2024-05-01", "views": 3, "status": "new"},
        {"maintext": TEXT, "headline": None, "views": 2.5, "tags": ["x", "y"], "status": None},
    ]  # fmt: skip
    (tmp_path / "dump.jsonl").write_text("\n".join(map(json.dumps, dump)))
    first, second = read(tmp_path)
    assert (first["title"], first["url"], first["author"], first["date"]) == ("Council", "https://a.example.org/1", "A. Lund; B. Roe", "2024-05-01")
    assert (first["views"], first["input_status"], first["tags"]) == (3.0, "new", None)
    assert (second["title"], second["views"], second["tags"]) == (None, 2.5, '["x", "y"]')


def test_parquet_columns_keep_their_types(tmp_path):
    frame = pd.DataFrame({"article": [TEXT, None], "seen": pd.to_datetime(["2024-01-02", None]), "n": [1, 2], "tags": [["a"], []]})
    frame.to_parquet(tmp_path / "p.parquet")
    own = own_schema(Inputs(tmp_path), Reading())
    assert own.names == ["seen", "n", "tags"] and pa.types.is_timestamp(own.field("seen").type) and own.field("n").type == pa.int64()
    first, second = read(tmp_path)
    assert first["tags"] == ["a"] and first["n"] == 1 and first["seen"] == frame["seen"][0] and second["text"] == ""


def test_files_that_disagree_on_a_column_share_a_type(tmp_path):
    (tmp_path / "a.csv").write_text("text,n\nhello,5\n")
    (tmp_path / "b.jsonl").write_text('{"text": "hello", "n": 5, "big": 18446744073709551616}\n')
    assert [r["n"] for r in read(tmp_path)] == ["5", "5"]
    assert read(tmp_path)[1]["big"] == "18446744073709551616"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_with_any_delimiter_quotes_and_line_breaks(tmp_path, delimiter):
    frame = pd.DataFrame({"body": [TEXT, 'He said "no", twice; really\tso|there.'], "headline": ["A", "B"]})
    frame.to_csv(tmp_path / "a.csv", sep=delimiter, index=False)
    assert [r["text"] for r in read(tmp_path)] == list(frame["body"]) and read(tmp_path)[1]["title"] == "B"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1251"])
def test_csv_in_another_encoding(tmp_path, encoding):
    text = "Городской совет Верхнеречья утвердил в понедельник бюджет на следующий год, сообщил его председатель. " * 5
    (tmp_path / "a.csv").write_bytes(f'text,n\n"{text}",1\n'.encode(encoding))
    assert read(tmp_path)[0]["text"] == text


def test_stray_bytes_and_lone_surrogates_survive_reading(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "caf\xe9 \\ud83d"}\n')
    assert read(tmp_path)[0]["text"] == "caf\udce9 \ud83d"


def test_a_named_column_wins(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "teaser", "story": TEXT, "uid": 7}))
    (row,) = read(tmp_path, columns={"text": "story"})
    assert row["text"] == TEXT and row["id"] == "7" and row["input_text"] == "teaser"


def test_json_files_hold_an_object_a_list_or_lines(tmp_path):
    for n, content in enumerate(['{"text": "a"}', '[{"text": "a"}, {"text": "b"}]', '{"text": "a"}\n{"text": "b"}\n']):
        (tmp_path / f"{n}.json").write_text(content)
    assert [r["text"] for r in read(tmp_path)] == ["a", "a", "b", "a", "b"]


def test_a_large_json_list_is_read_in_pieces(tmp_path, monkeypatch):
    from cleaner.io import json_records

    monkeypatch.setattr(json_records, "PIECE", 16)
    values = [{"text": f'{n} [{{ " ]}} Ÿ'} for n in range(50)]
    (tmp_path / "a.json").write_text(json.dumps(values, indent=2, ensure_ascii=False), "utf-8")
    (tmp_path / "b.json").write_text(json.dumps(values[0], indent=2))
    (tmp_path / "c.json").write_text("\n\n".join(json.dumps(v, indent=1) for v in values[:3]))
    (tmp_path / "d.json").write_text(json.dumps(values[:3])[:-1])
    (tmp_path / "e.json").write_text(json.dumps(values[:3])[:-20] + "]")
    (tmp_path / "f.json").write_text('{broken\n{"text": "b"}\n')
    found = [(r["source"], r["text"], r["_error"]) for r in read(tmp_path)]
    texts = {name: [t for s, t, e in found if s == f"{name}.json" and not e] for name in "abcdef"}
    assert texts == {"a": [v["text"] for v in values], "b": [values[0]["text"]], "c": [v["text"] for v in values[:3]], "d": [v["text"] for v in values[:3]], "e": [v["text"] for v in values[:2]], "f": ["b"]}
    errors = {s: e for s, _, e in found if e}
    assert set(errors) == {"d.json", "e.json", "f.json"} and "record 4: the list is not closed" in errors["d.json"]
    assert "record 3: not JSON" in errors["e.json"] and "write a record a line" in errors["e.json"] and "line 1: not JSON" in errors["f.json"]


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "one"}\n{broken\n[1]\n\n{"text": "two"}\n{"other": 1}\n')
    errors = {r["row"]: r["_error"] for r in read(tmp_path) if r["_error"]}
    assert set(errors) == {1, 2, 5} and "a.jsonl, line 2" in errors[1] and "line 3: a list" in errors[2] and "--text-column" in errors[5]
    assert [r["text"] for r in read(tmp_path) if not r["_error"]] == ["one", "two"]


def test_a_truncated_file_gives_what_it_holds(tmp_path):
    data = gzip.compress("\n".join(json.dumps({"text": f"{n} {TEXT}"}) for n in range(3000)).encode())
    (tmp_path / "a.jsonl.gz").write_bytes(data[: len(data) // 2])
    *good, last = read(tmp_path)
    assert len(good) > 500 and not any(r["_error"] for r in good) and last["_error"].startswith("error.corrupt\ta.jsonl.gz: the compressed data breaks off")


def test_a_large_record_is_rejected_without_being_held(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "x" * 5000}) + "\n" + json.dumps({"text": "small"}) + "\n")
    (tmp_path / "b.txt").write_text("y" * 5000)
    (tmp_path / "c.csv").write_text("text\n" + "z" * 5000 + "\n")
    rows = read(tmp_path, max_bytes=1000)
    assert [(r["source"], (r["_error"] or "ok").split("\t")[0]) for r in rows] == [("a.jsonl", "too_large"), ("a.jsonl", "ok"), ("b.txt", "too_large"), ("c.csv", "too_large")]


def test_a_csv_with_a_broken_row_names_it(tmp_path):
    (tmp_path / "a.csv").write_text("text,n\nfine,1\nbroken,2,3,4\nfine too,4\n")
    good = [r["text"] for r in read(tmp_path) if not r["_error"]]
    (bad,) = [r["_error"] for r in read(tmp_path) if r["_error"]]
    assert good == ["fine", "fine too"] and "a.csv, record 2, line 3: 4 fields under 2 column names" in bad


def test_folders_are_read_in_order_and_unknown_files_are_told(tmp_path):
    for name in ("b/2.txt", "a.txt", "b/1.html", "notes.docx", ".hidden.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text")
    inputs = Inputs(tmp_path)
    assert [s.name for s in inputs] == ["a.txt", "b/1.html", "b/2.txt"] and inputs.unknown == ["notes.docx"]
    assert [s.format for s in Inputs(tmp_path / "notes.docx")] == ["text"]
    with pytest.raises(FileNotFoundError, match="nowhere"):
        Inputs(tmp_path / "nowhere")


def test_an_empty_file_is_told(tmp_path):
    (tmp_path / "a.jsonl").write_text("\n")
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "b.parquet")
    (tmp_path / "c.csv").write_text("text,n\n")
    assert [r["_error"] for r in read(tmp_path)] == [f"empty\t{n}: there is no record in it" for n in ("a.jsonl", "b.parquet", "c.csv")]


def test_lines_end_at_line_feeds_only(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "one\u2028two\u0085three"}, ensure_ascii=False) + "\n")
    (source,) = Inputs(tmp_path)
    assert [r.values["text"] for r in rows(source, 1000)] == ["one\u2028two\u0085three"]
