"""Damaged and unusual input through the whole batch: each fault is named with file, record, reason and remedy, and nothing else is lost."""
from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_archives import PAGE, SENTENCE, warc
from test_read import read

import cleaner
from cleaner.io.inputs import Inputs
from cleaner.io.read import rows as read_rows
from cleaner.io.records import Reading

STORY = "The council of Velmond met on Monday, the mayor said, and it meets again in May."


def run(folder: Path, out: Path, **options) -> tuple[list[dict], list[dict]]:
    """Articles and rejected documents of a run without stages."""
    cleaner.run(folder, out, pipeline=cleaner.Pipeline([cleaner.repair]), workers=1, **options)
    return [sorted(pq.read_table(out / name).to_pylist(), key=lambda r: (r["source"], r["row"] or 0)) for name in ("articles", "rejected")]


def pages(count: int) -> list[bytes]:
    return [warc([("response", "text/html", PAGE.format(f"Number {n}. {SENTENCE * 40}").encode())]) for n in range(count)]


@pytest.mark.parametrize("damage", ["cut", "zeros", "flipped"])
def test_a_damaged_record_in_the_middle_of_a_gzipped_warc_costs_itself(tmp_path, damage):
    members = pages(7)
    third = members[3]
    members[3] = {"cut": third[: len(third) // 2], "zeros": third[:80] + bytes(len(third) - 80), "flipped": third[:200] + bytes([third[200] ^ 255]) + third[201:]}[damage]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(members))
    good, bad = ([r for r in read(tmp_path) if bool(r["_error"]) == wrong] for wrong in (False, True))
    assert [n for r in good for n in range(7) if f"Number {n}." in r["text"]] == [0, 1, 2, 4, 5, 6] and len(good) == 6
    (row,) = bad
    status, reason = row["_error"].split("\t")
    assert status == "error.invalid_warc" and reason.startswith("a.warc.gz, record 4") and row["row"] == 3
    assert "the compressed data is damaged at byte" in reason


def test_a_gzipped_warc_of_one_member_is_read_up_to_the_damage(tmp_path):
    whole = gzip.compress(b"".join(map(gzip.decompress, pages(400))), mtime=0)
    (tmp_path / "a.warc.gz").write_bytes(whole[: len(whole) // 2])
    good = [r for r in read(tmp_path) if not r["_error"]]
    (bad,) = [r["_error"] for r in read(tmp_path) if r["_error"]]
    assert "a.warc.gz: the compressed data breaks off" in bad and all("Number" in r["text"] for r in good)


def test_csv_with_a_quote_that_stays_open_at_row_70_000(tmp_path):
    (tmp_path / "in").mkdir()
    with open(tmp_path / "in" / "a.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "views"])
        for n in range(75_000):
            if n == 69_999:
                file.write('n69999,"The quote of this one never ends, it seems,7\r\n')
            else:
                writer.writerow([f"n{n}", f'Row {n}, "quoted",\nin two lines.' if n % 2 else f"Row {n}", n])
    (source,) = Inputs(tmp_path / "in")
    found = list(read_rows(source, 10_000_000))
    assert [r.number for r in found] == list(range(75_000))
    (bad,) = [r for r in found if r.failure]
    assert bad.number == 69_999 and bad.failure[0] == "error.invalid_csv"
    assert "a.csv, record 70000, line 105000: its quotes are broken" in bad.failure[1] and "written twice" in bad.failure[1]
    assert all(r.values["id"] == f"n{n}" and r.values["views"] == str(n) for n, r in enumerate(found) if r is not bad)


@pytest.mark.parametrize(
    ("lines", "good", "bad"),
    [
        ('"open,3\n4,5\n6,7\n', ["4", "6"], "line 2: its quotes are broken (unexpected end of data)"),
        ('1,2\n"First.\nHe said "no", and left.\nLast.",5\n"6",7\n', ["1", "6"], "line 3: its quotes are broken"),
        ('"abc" def,2\n6,7\n', ["abc def", "6"], None),
        ('1,2\n"open at the end', ["1"], "line 3: its quotes are broken"),
        ("x" * 2000 + ",1\n6,7\n", ["6"], "line 2: more than 1,000 bytes; --max-bytes raises the limit"),
        ('"y\n' + "zzzz,1,1\n" * 300 + "6,7\n", ["6"], "line 2: its quotes are broken (one stands open for 1,000 characters)"),
    ],
)  # fmt: skip
def test_a_csv_record_with_broken_quotes_costs_itself(tmp_path, lines, good, bad):
    (tmp_path / "a.csv").write_text("text,n\n" + lines, newline="")
    found = read(tmp_path, max_bytes=1000)
    assert [r["text"] for r in found if not r["_error"]] == good
    errors = [r["_error"] for r in found if r["_error"]]
    assert len(errors) == (bad is not None) and all("a.csv, record" in e and bad in e for e in errors)


def test_json_lines_with_one_bad_line(tmp_path):
    (tmp_path / "in").mkdir()
    lines = [json.dumps({"id": f"n{n}", "text": f"{STORY} {n}"}) for n in range(200)]
    lines[120] = lines[120][:40]
    (tmp_path / "in" / "a.jsonl").write_text("\n".join(lines))
    good, bad = run(tmp_path / "in", tmp_path / "out")
    assert [r["id"] for r in good] == [f"n{n}" for n in range(200) if n != 120]
    assert [(r["status"], r["row"]) for r in bad] == [("error.invalid_json", 120)] and "a.jsonl, line 121: not JSON (Unterminated string" in bad[0]["error"]


def test_parquet_files_of_which_one_has_no_text_column(tmp_path):
    (tmp_path / "in").mkdir()
    pq.write_table(pa.table({"text": [STORY] * 3, "views": [1, 2, 3]}), tmp_path / "in" / "a.parquet")
    pq.write_table(pa.table({"body_of_it": [STORY] * 2, "views": [4, 5]}), tmp_path / "in" / "b.parquet")
    pq.write_table(pa.table({"text": [STORY] * 2}), tmp_path / "in" / "c.parquet")
    good, bad = run(tmp_path / "in", tmp_path / "out")
    assert [(r["source"], r["views"]) for r in good] == [("a.parquet", 1), ("a.parquet", 2), ("a.parquet", 3), ("c.parquet", None), ("c.parquet", None)]
    assert [(r["source"], r["row"], r["status"]) for r in bad] == [("b.parquet", 0, "error.no_text_column"), ("b.parquet", 1, "error.no_text_column")]
    assert all("columns: body_of_it, views" in r["error"] and "--text-column" in r["error"] for r in bad)


def test_a_damaged_row_group_of_a_parquet_file_costs_its_rows(tmp_path):
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "a.parquet"
    pq.write_table(pa.table({"id": [f"n{n}" for n in range(900)], "text": [f"{STORY} {n}" for n in range(900)]}), path, row_group_size=300, compression="zstd")
    column = pq.read_metadata(path).row_group(1).column(1)
    data = bytearray(path.read_bytes())
    begin = column.data_page_offset
    data[begin + 40 : begin + column.total_compressed_size // 2] = bytes(column.total_compressed_size // 2 - 40)
    path.write_bytes(data)
    good, bad = run(tmp_path / "in", tmp_path / "out")
    assert [r["id"] for r in good] == [f"n{n}" for n in range(900) if not 300 <= n < 600]
    assert [r["row"] for r in bad] == list(range(300, 600)) and {r["status"] for r in bad} == {"error.corrupt"}
    assert "a.parquet, record 301: row group 2 of 3 is damaged" in bad[0]["error"]


def test_records_above_max_bytes_are_told_in_every_format(tmp_path):
    (tmp_path / "in").mkdir()
    large, small = "x" * 3000, STORY
    (tmp_path / "in" / "a.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in (large, small)))
    (tmp_path / "in" / "b.csv").write_text(f'text\n"{large}"\n"{small}"\n')
    pq.write_table(pa.table({"text": [large, small]}), tmp_path / "in" / "c.parquet")
    (tmp_path / "in" / "d.warc.gz").write_bytes(warc([("conversion", None, large.encode()), ("conversion", None, small.encode())]))
    (tmp_path / "in" / "e.txt").write_text(large)
    good, bad = run(tmp_path / "in", tmp_path / "out", reading=Reading(max_bytes=1000))
    assert [r["source"] for r in good] == ["a.jsonl", "b.csv", "c.parquet", "d.warc.gz"]
    assert [r["source"] for r in bad] == ["a.jsonl", "b.csv", "c.parquet", "d.warc.gz", "e.txt"]
    assert all(r["status"] == "too_large" and r["source"] in r["error"] and "--max-bytes" in r["error"] for r in bad)


def test_two_files_with_the_same_ids_lose_nothing(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        (tmp_path / "in" / f"{name}.jsonl").write_text("".join(json.dumps({"id": f"n{n}", "text": f"{STORY} {n} of {name}"}) + "\n" for n in range(5)))
    good, bad = run(tmp_path / "in", tmp_path / "out")
    assert len(good) == 10 and not bad and len({r["text"] for r in good}) == 10
    assert json.loads((tmp_path / "out" / "run.json").read_text())["repeated_ids"] == 5
