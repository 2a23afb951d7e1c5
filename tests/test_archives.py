"""WARC, WET, zip, tar and URLs."""
from __future__ import annotations

import gzip
import io
import json
import tarfile
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import fsspec
import pyarrow.parquet as pq
import pytest
from test_read import read
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

import cleaner

PAGE = "<html><head><title>Ферри</title></head><body><article><h1>Новая линия</h1><p>{}</p></article></body></html>"
SENTENCE = "Городской совет Верхнеречья утвердил в понедельник бюджет на следующий год, сообщил его председатель. "


def warc(records: list[tuple[str, str | None, bytes]], gzipped: bool = True) -> bytes:
    """A WARC of (type, content type of the HTTP response or None, payload)."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=gzipped)
    for n, (kind, content_type, payload) in enumerate(records):
        headers = StatusAndHeaders("200 OK", [("Content-Type", content_type)], protocol="HTTP/1.1") if content_type else None
        record = writer.create_warc_record(f"https://news.example.org/{n}", kind, io.BytesIO(payload), http_headers=headers, warc_content_type="text/plain" if kind == "conversion" else "")
        writer.write_record(record)
    return out.getvalue()


def test_pages_in_a_warc_are_decoded_by_their_http_header(tmp_path):
    page = PAGE.format(SENTENCE * 4).encode("cp1251")
    records = [("response", "text/html; charset=windows-1251", page), ("response", "image/png", b"\x89PNG"), ("conversion", None, SENTENCE.encode()), ("request", "text/html", b"")]
    (tmp_path / "a.warc.gz").write_bytes(warc(records))
    cleaner.run(tmp_path / "a.warc.gz", tmp_path / "out", workers=1)
    first, second = sorted(pq.read_table(tmp_path / "out" / "articles").to_pylist(), key=lambda r: r["row"])
    assert SENTENCE.strip() in first["text"] and first["url"] == "https://news.example.org/0" and first["host"] == "news.example.org" and first["lang"] == "ru"
    assert second["text"] == SENTENCE.strip() and second["url"] == "https://news.example.org/2"


@pytest.mark.parametrize("gzipped", [True, False])
def test_a_warc_that_breaks_off_anywhere_gives_what_it_holds(tmp_path, gzipped):
    whole = [warc([("response", "text/html", PAGE.format(f"{n} {SENTENCE * 200}").encode())], gzipped) for n in range(6)]
    ends = [sum(map(len, whole[: n + 1])) for n in range(6)]
    data = b"".join(whole)
    for cut in range(7, len(data), len(data) // 60):
        (tmp_path / "a.warc").write_bytes(data[:cut])
        rows = read(tmp_path)
        good, bad = [r for r in rows if not r["_error"]], [r["_error"] for r in rows if r["_error"]]
        complete = sum(end <= cut for end in ends)
        assert complete - 1 <= len(good) <= complete + 1 and (bad and "a.warc" in bad[-1] or cut in ends), cut


def test_damaged_warc_records_are_named_and_the_rest_is_read(tmp_path):
    good = warc([("response", "text/html", PAGE.format(SENTENCE).encode())], False)
    length = good.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]
    damaged = {
        "the response has no HTTP header": good.replace(b"HTTP/1.1 200 OK", b"nothing 200 OK!"),
        "its Content-Length is wrong": good.replace(length, b"%d" % (int(length) + 200), 1),
        "Content-Length is wrong": good.replace(length, b"%d" % (int(length) - 20), 1),
        "its Content-Length is missing": good.replace(b"Content-Length", b"Content-Weight", 1),
        "no WARC record begins here": b"<html>something else</html>\r\n\r\n",
    }
    for problem, record in damaged.items():
        (tmp_path / "a.warc").write_bytes(good + record + good + good)
        rows = read(tmp_path)
        assert sum(not r["_error"] for r in rows) == 3, (problem, rows)
        (error, *_) = [r["_error"] for r in rows if r["_error"]]
        assert error.startswith("error.invalid_warc\ta.warc, record 2") and problem in error


def test_chunked_and_compressed_http_bodies_are_unpacked(tmp_path):
    body = gzip.compress(PAGE.format(SENTENCE).encode())
    payload = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    out = io.BytesIO()
    headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")], protocol="HTTP/1.1")
    writer = WARCWriter(out, gzip=False)
    writer.write_record(writer.create_warc_record("https://news.example.org/", "response", io.BytesIO(payload), http_headers=headers))
    (tmp_path / "a.warc").write_bytes(out.getvalue())
    assert read(tmp_path)[0]["text"] == PAGE.format(SENTENCE)


def test_zip_and_tar_hold_any_format(tmp_path):
    members = {"pages/a.html": PAGE.format(SENTENCE).encode(), "b.txt": SENTENCE.encode(), "c.jsonl": json.dumps({"text": "one", "n": 1}).encode() + b"\n{broken\n", "d.png": b"\x89PNG", ".e.txt": b"hidden"}
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with tarfile.open(tmp_path / "y.tar.gz", "w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    rows = read(tmp_path)
    for archive in ("x.zip", "y.tar.gz"):
        of_archive = [r for r in rows if r["source"] == archive]
        assert [r["id"] for r in of_archive] == [f"{archive}/{n}" for n in ("pages/a.html", "b.txt", "c.jsonl:0", "c.jsonl:1")]
        assert of_archive[2]["n"] == 1 and f"{archive}/c.jsonl, line 2" in of_archive[3]["_error"]


def test_a_broken_archive_is_named(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 no zip at all")
    (tmp_path / "y.tar").write_bytes(b"no tar at all" * 100)
    assert [(r["source"], r["_error"].split("\t")[0]) for r in read(tmp_path)] == [("x.zip", "error.unreadable"), ("y.tar", "error.unreadable")]


def test_urls_are_read_through_fsspec(tmp_path):
    memory = fsspec.filesystem("memory")
    memory.pipe("/corpus/sub/a.txt", SENTENCE.encode())
    memory.pipe("/corpus/b.jsonl.gz", gzip.compress(b'{"text": "one"}\n'))
    summary = cleaner.run("memory://corpus", tmp_path / "out", workers=1)
    assert summary.articles == 2
    with pytest.raises(FileNotFoundError, match="memory://nowhere"):
        cleaner.run("memory://nowhere", tmp_path / "none", workers=1)


def test_a_file_behind_http_on_this_machine(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "The council of Velmond met on Monday."}\n')
    handler = partial(SimpleHTTPRequestHandler, directory=tmp_path)
    handler.log_message = lambda *a: None
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        pytest.importorskip("aiohttp", reason="fsspec reads http:// with aiohttp, which is not installed")
        summary = cleaner.run(f"http://127.0.0.1:{server.server_port}/a.jsonl", tmp_path / "out", workers=1)
        assert summary.articles == 1
    finally:
        server.shutdown()
