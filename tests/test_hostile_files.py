"""Files that strangers made to harm: bombs, names that lead elsewhere, links, values that nothing can hold. Each costs itself only."""
from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import struct
import tarfile
import time
import zipfile
import zlib
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from test_archives import warc
from test_read import read

import cleaner
from cleaner.cli import main
from cleaner.io import compression
from cleaner.io.compression import RATIO
from cleaner.text.addresses import host_of, without_secrets

STORY = "The council of Velmond met on Monday, the mayor said, and it meets again in May."
LINE = json.dumps({"text": STORY}).encode() + b"\n"


def failures(rows: list[dict]) -> list[list[str]]:
    """Status and reason of the rows that could not be read."""
    return [r["_error"].split("\t") for r in rows if r["_error"]]


# --- what unpacks to too much -----------------------------------------------------------------------------------------------


PACKERS = {"bz2": bz2.compress, "xz": lzma.compress, "zst": lambda data: pa.compress(data, "zstd", asbytes=True)}


@pytest.mark.parametrize("form, pack", [("jsonl", "xz"), ("csv", "bz2"), ("warc", "zst"), ("tar", "bz2"), ("json", "zst")])
def test_a_decompression_bomb_is_told_before_it_fills_anything(tmp_path, pack, form, monkeypatch):
    monkeypatch.setattr(compression, "SMALL", 5_000_000)
    (tmp_path / f"a.{form}.{pack}").write_bytes(PACKERS[pack](bytes(40_000_000)))
    (tmp_path / "b.jsonl").write_bytes(LINE)
    before = psutil.Process().memory_info().rss
    rows = read(tmp_path)
    assert psutil.Process().memory_info().rss - before < 150e6
    assert [r["text"] for r in rows if not r["_error"]] == [STORY]
    assert any(status == "too_large" and f"a.{form}.{pack}" in reason for status, reason in failures(rows)) or form == "tar", failures(rows)


def test_an_ordinary_file_may_be_packed_as_tight_as_it_gets(tmp_path, monkeypatch):
    monkeypatch.setattr(compression, "SMALL", 100_000)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(LINE * 10_000))
    assert len(read(tmp_path)) == 10_000


def bomb_in_a_zip(out: io.BytesIO, megabytes: int) -> None:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.txt", STORY)
        with archive.open("b.jsonl", "w", force_zip64=True) as member:
            for _ in range(megabytes):
                member.write(bytes(1_000_000))
        archive.writestr("c.txt", STORY)


def test_a_bomb_in_a_zip_costs_itself_and_no_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(compression, "SMALL", 5_000_000)
    out = io.BytesIO()
    bomb_in_a_zip(out, 30)
    (tmp_path / "x.zip").write_bytes(out.getvalue())
    rows = read(tmp_path)
    assert [r["id"] for r in rows if not r["_error"]] == ["x.zip/a.txt", "x.zip/c.txt"]
    ((status, reason),) = failures(rows)
    assert status == "too_large" and reason.startswith("x.zip/b.jsonl") and str(RATIO) in reason


def test_files_that_lie_one_over_the_other_are_refused(tmp_path):
    """Fifield 2019, "A better zip bomb": many entries of the directory share one kernel of packed bytes."""
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = kernel.compress(b"x" * 1_000_000) + kernel.flush()
    crc, local, entries = zlib.crc32(b"x" * 1_000_000), b"", b""
    fields = struct.pack("<HHHHHIII", 20, 0, 8, 0, 33, crc, len(packed), 1_000_000)
    for n in range(50):
        name = b"%04d.txt" % n
        entries += b"PK\x01\x02\x14\x00" + fields + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
    local = b"PK\x03\x04" + fields + struct.pack("<HH", 8, 0) + b"0000.txt" + packed
    (tmp_path / "x.zip").write_bytes(local + entries + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 50, 50, len(entries), len(local), 0))
    assert [(s, "one over the other" in reason) for s, reason in failures(read(tmp_path))] == [("error.unreadable", True)]


def test_a_page_in_a_warc_that_unpacks_to_too_much_is_too_large(tmp_path):
    body = gzip.compress(bytes(80_000_000))
    data = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n" + body
    record = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/\r\nContent-Type: application/http\r\nContent-Length: %d\r\n\r\n%b\r\n\r\n" % (len(data), data)
    (tmp_path / "a.warc").write_bytes(record + warc([("conversion", None, STORY.encode())], False))
    before = psutil.Process().memory_info().rss
    rows = read(tmp_path)
    assert [s for s, _ in failures(rows)] == ["too_large"] and [r["text"] for r in rows if not r["_error"]] == [STORY]
    assert psutil.Process().memory_info().rss - before < 70e6


def test_a_tar_header_that_never_ends_and_a_file_of_holes(tmp_path):
    long = tarfile.TarInfo("././@LongLink")
    long.type, long.size = tarfile.GNUTYPE_LONGNAME, 40_000_000
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(long.tobuf(tarfile.GNU_FORMAT) + b"n" * 40_000_000))
    holes = tarfile.TarInfo("b.jsonl")
    holes.size = 1 << 50
    with tarfile.open(tmp_path / "b.tar", "w", format=tarfile.PAX_FORMAT) as archive:
        holes.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.size": str(1 << 50), "GNU.sparse.map": f"{1 << 50},0", "GNU.sparse.numblocks": "1"}
        holes.size = 0
        archive.addfile(holes)
    begin, rows = time.process_time(), read(tmp_path)
    assert {s for s, _ in failures(rows)} <= {"error.unreadable", "too_large", "empty"} and len(failures(rows)) == 2 and time.process_time() - begin < 10


# --- names ----------------------------------------------------------------------------------------------------------------


EVIL_NAMES = ["../../up.txt", "/abs.txt", "a/../../b.txt", "C:\\x.txt", "con.txt", "nul\0.txt", "new\nline.txt", "\x1b[2Jclear.txt", "\u202egpj.txt", "x" * 300 + ".txt", "bytes\udcff.txt", "é" * 99 + ".txt", "-rf.txt"]


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_nothing_is_written_under_the_name_of_a_member(tmp_path, form):
    (tmp_path / "in").mkdir()
    names = [n for n in EVIL_NAMES if "\0" not in n and (form == "tar" or n.isprintable() or n.isascii())]  # zipfile ends a name at NUL
    with zipfile.ZipFile(tmp_path / "in/x.zip", "w") if form == "zip" else tarfile.open(tmp_path / "in/x.tar", "w") as archive:
        for name in names:
            if form == "zip":
                archive.writestr(zipfile.ZipInfo(name), STORY)
            else:
                info = tarfile.TarInfo(name)
                info.size = len(STORY)
                archive.addfile(info, io.BytesIO(STORY.encode()))
        if form == "tar":
            for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
                info = tarfile.TarInfo("link.txt")
                info.type, info.linkname = kind, "/etc/passwd"
                archive.addfile(info)
    before = set(tmp_path.rglob("*"))
    summary = cleaner.run(tmp_path / "in", tmp_path / "out", pipeline=cleaner.Pipeline([cleaner.repair]), workers=1)
    assert summary.documents == summary.articles == len(names)
    assert {p for p in set(tmp_path.rglob("*")) - before if "out" not in p.parts} == set()


def test_hosts_become_folders_that_stay_below_the_output(tmp_path):
    hosts = ["..", ".", "a/../../b", "CON", "x" * 400, "аррӏе.com", "\u202eelpmaxe", "a\\b", "%2e%2e%2f", "host=x", "a b", "~root"]
    rows = [{"id": f"{n}/../{h}", "url": f"https://{h}/page", "text": f"{n} {STORY}"} for n, h in enumerate(hosts)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    writing = cleaner.io.write.Writing(partition_by="host")
    summary = cleaner.run(tmp_path / "a.jsonl", tmp_path / "out", writing=writing, workers=1)
    assert summary.articles == len(hosts)
    folders = [p.name for p in (tmp_path / "out/articles").iterdir()]
    assert all(f.startswith("host=") and f.isascii() and "/" not in f and len(f) <= 255 for f in folders)
    assert {p.parent.parent for p in tmp_path.rglob("part-*.parquet") if "articles" in p.parts} == {tmp_path / "out/articles"}
    article = pq.read_table(tmp_path / "out/articles", partitioning=None).to_pylist()[0]
    assert CliRunner().invoke(main, ["restore", str(tmp_path / "out"), article["id"]]).output.strip() == article["text"]


def test_a_link_out_of_the_folder_is_left_out_and_named(tmp_path):
    (tmp_path / "secret.txt").write_text("a key")
    (tmp_path / "in/sub").mkdir(parents=True)
    (tmp_path / "in/a.txt").write_text(STORY)
    (tmp_path / "in/b.txt").symlink_to("a.txt")
    (tmp_path / "in/sub/c.txt").symlink_to("../../secret.txt")
    (tmp_path / "in/sub/round").symlink_to("../..")
    os.mkfifo(tmp_path / "in/pipe.txt")
    summary = cleaner.run(tmp_path / "in", tmp_path / "out", pipeline=cleaner.Pipeline([cleaner.repair]), workers=1)
    assert sorted(r["id"] for r in pq.read_table(tmp_path / "out/articles").to_pylist()) == ["a.txt", "b.txt"]
    assert summary.unknown_files == ["sub/c.txt"]
    assert cleaner.run(tmp_path / "in/sub/c.txt", tmp_path / "named", workers=1).articles == 1


def test_file_names_with_markup_and_escapes_reach_no_terminal(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("[bold]a[red].txt", "\x1b]0;owned\x07\x1b[2J.txt", "new\nline.txt"):
        (tmp_path / "in" / name).write_text(STORY)
    (tmp_path / "in" / "\x1b[31mbad\udcff.jsonl").write_text("{broken\n")
    done = CliRunner().invoke(main, ["run", str(tmp_path / "in"), "-o", str(tmp_path / "out")])
    assert done.exit_code == 1 and "\x1b" not in done.output and "not JSON" in done.output
    done = CliRunner().invoke(main, ["run", str(tmp_path / "no\x1b[2J"), "-o", str(tmp_path / "out2")])
    assert done.exit_code == 2 and "\x1b" not in done.output


# --- values ---------------------------------------------------------------------------------------------------------------


def test_values_that_nothing_can_hold_cost_their_record(tmp_path):
    deep = "[" * 700 + '"x"' + "]" * 700
    lines = [LINE, b'{"text": "a", "id": ' + deep.encode() + b"}\n", b"[" * 100_000 + b"\n", b'{"text": "b", "\\ud800": 1, "\\u0000": 2, "": 3}\n', LINE]
    lines += [b'{"text": "c", "v": 1.5}\n', b'{"text": "d", "v": 1152921504606846977, "w": NaN}\n', b'{"text": ' + b"9" * 5000 + b"}\n"]
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines))
    rows = read(tmp_path)
    assert [s for s, _ in failures(rows)] == ["error.nested", "error.invalid_json", "error.invalid_json"] and len(rows) == len(lines)
    assert rows[3]["\ufffd"] == 1 and rows[3]["\0"] == 2 and rows[3][""] == 3


def test_records_keyed_by_addresses_make_no_table_of_a_million_columns(tmp_path):
    rows = [{"text": STORY, f"https://a.example/{n}": n} for n in range(1_100)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = read(tmp_path)
    assert found[7]["https://a.example/7"] == 7 and found[7]["input_others"] is None
    assert json.loads(found[1_050]["input_others"]) == {"https://a.example/1050": 1_050} and len(found[0]) < 1_050


@pytest.mark.parametrize("kind", [pa.date32(), pa.timestamp("us", "Nowhere/Land"), pa.timestamp("us", "Europe/Paris"), pa.duration("s")], ids=str)
def test_parquet_values_that_python_cannot_hold_cost_their_record(tmp_path, kind):
    values = pa.array([2**31 - 1 if kind == pa.date32() else 2**60, 0, None], pa.int32() if kind == pa.date32() else pa.int64()).cast(kind)
    pq.write_table(pa.table({"text": [STORY] * 3, "when": values}), tmp_path / "a.parquet")
    rows = read(tmp_path)
    assert len(rows) == 3 and not rows[2]["_error"]
    assert all(s == "error.unreadable" and reason.startswith("a.parquet, record ") and "cast the column" in reason for s, reason in failures(rows)) and failures(rows)


def test_metadata_of_a_foreign_parquet_file_is_not_trusted(tmp_path):
    """Neither the pandas index that it names, nor an Arrow schema or extension type that it claims."""
    evil = {b"pandas": b'{"index_columns": ["nowhere"], "columns": [{"name": 5}]}', b"cleaner.shard": b"{}"}
    table = pa.table({"text": pa.array([STORY]), "n": pa.array([1])})
    field = pa.field("n", pa.int64(), metadata={"ARROW:extension:name": "arrow.py_extension_type", "ARROW:extension:metadata": "cos\nsystem\n(S'touch owned'\ntR."})
    pq.write_table(table.cast(pa.schema([table.schema.field("text"), field], metadata=evil)), tmp_path / "a.parquet")
    pq.write_table(table.replace_schema_metadata({"ARROW:schema": "/////w=="}), tmp_path / "b.parquet")
    row, broken = read(tmp_path)
    assert row["text"] == STORY and row["n"] == 1 and not Path("owned").exists()
    assert broken["_error"].startswith("error.unreadable\tb.parquet: ")


# --- what nobody else should see ----------------------------------------------------------------------------------------------


def test_credentials_in_addresses_reach_no_message():
    said = "no such file: https://user:pa%20ss@data.example.org/a.jsonl?X-Amz-Signature=abc&b=c (also S3://key:secret@bucket/x)"
    assert without_secrets(said) == "no such file: https://…@data.example.org/a.jsonl?… (also S3://…@bucket/x)"
    plain = "a.jsonl, record 3: see https://docs.example.org/page#part, is it 5 ? yes@no"
    assert without_secrets(plain) == plain


def test_a_signed_address_is_in_no_output_of_a_run(tmp_path):
    pytest.importorskip("aiohttp", reason="fsspec reads http:// with aiohttp, which is not installed")

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self):  # noqa: N802
            body = LINE if "a.jsonl" in self.path else b""
            self.send_response(200 if body else 403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_HEAD = do_GET
        log_message = lambda *a: None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        base = f"http://127.0.0.1:{server.server_port}"
        done = CliRunner().invoke(main, ["run", f"{base}/a.jsonl?token=SECRET", "-o", str(tmp_path / "out")])
        assert done.exit_code == 0, done.output
        assert pq.read_table(tmp_path / "out/articles")["source"].to_pylist() == ["a.jsonl"]
        lost = CliRunner().invoke(main, ["run", f"{base}/none.jsonl?token=SECRET", "-o", str(tmp_path / "none")])
        assert lost.exit_code == 2
        said = done.output + lost.output + (tmp_path / "out/run.json").read_text()
        assert "SECRET" not in said and not any(b"SECRET" in p.read_bytes() for p in tmp_path.rglob("*.parquet"))
    finally:
        server.shutdown()


@pytest.mark.parametrize("url, host", [
    ("https://аррӏе.com/x", "xn--80ak6aa92e.com"), ("https://www.MÜNCHEN.de", "xn--mnchen-3ya.de"), ("https://www.xn--mnchen-3ya.de/a", "xn--mnchen-3ya.de"),
    ("https://user:key@news.example.org:8080/", "news.example.org"), ("http://\u202egro.elpmaxe/", "%E2%80%AEgro.elpmaxe"), ("http://]/", None), ("no address", None),
])  # fmt: skip
def test_a_host_is_written_so_that_it_can_pass_for_no_other(url, host):
    assert host_of(url) == host
