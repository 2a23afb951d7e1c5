"""What fuzzing begins with: small inputs of our own for each target, so that mutation starts inside the formats."""
from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

STORY = "The harbour council of Velmond approved the new ferry line on Tuesday, after a debate that lasted four hours."
TEXTS = [
    f"Ferry line approved\n\n{STORY}\n\nRead Also:  The trial of the harbour master\n\nLeave A Reply\n\nPlease enter your comment!",
    "“We have waited ten years,” said the mayor. “\n\nThe cafÃ© reopens &amp; the owner doesnâ€™t expect losses.\r\nPhoto: Marta Lund",
    "Городской совет утвердил бюджет.\n\nЧитайте также: Новый мост\n\n市議会は月曜日、来年度の予算案を可決した。\n\n12 Comments",
    "أقر مجلس المدينة الميزانية.\u200f\n\nनगर परिषद ने बजट पारित किया।\n\nMarta Lund says:\n\n3 May 2024 at 10:15\n\nReply",
    f"{STORY} (Read also: Bridge closed) Follow us on Telegram.\n\n• one\n• two\n\n| a | b |\n\nSource: Agency",
    "Der Rat hat am Dienstag be-\nschlossen, das Bad wieder zu öffnen, wie\nder Bürgermeister am Freitag mitteilte.\n\nTeilen | Drucken",
    "\ufeff\u202e\ud800\udfff\x00\x1b[31m&#x26;#60;b&gt;\xa0\u3000\u2028\x85\t ?\ufffd???",
]
PAGE = (
    "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Ferry | Courier</title><meta property='og:title' content='Ferry'>"
    f"<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"datePublished\":\"2024-05-03\"}}</script></head><body><nav><a href='/'>Home</a></nav>"
    f"<article><h1>Ferry line approved</h1><p>{STORY}</p><ul><li>one</li><li>two</li></ul><table><tr><td>1<td>2</table>"
    f"<figure><img src='a.jpg'><figcaption>The quay</figcaption></figure><p>{STORY}</p></article><aside>Read also</aside></body></html>"
)
TOML = [
    'stages = ["repair", "boilerplate"]\nfavor = "precision"\n[boilerplate]\ndisable = ["photo_credit"]\ncontext = false\n',
    "[duplicates]\nthreshold = 0.5\nnear = true\n[language]\nlanguages = ['de']\n[extract]\nmarks = \"full\"\nmodel = false\n",
    "boilerplate.context=false", "topic.limit=3", "repair = 1", "stages = 5", "stages = [1, [2]]", "[repair]\ntypography = 'no'",
]  # fmt: skip
NAMES = [
    "https://www.news.example.org/2024/a?b=c#d", "user:secret@host:80", "[::1]", "xn--mnchen-3ya.de", "аррӏе.com", "..", "CON", "a\x00b", "\u202egnp.exe",
    "boilerplate.read_also", "duplicate.near", "topic.limit", "input_text", "//x", "javascript:1",
]  # fmt: skip
RECORDS = [{"id": "1", "title": "Ferry", "url": "https://news.example.org/1", "date": "2024-05-03", "text": STORY, "views": 3}, {"id": 2, "body": [STORY, None], "tags": ["a"]}]


def parquet() -> Iterator[bytes]:
    """Small Parquet files of several types."""
    stamps = pa.array([0, 10**12], pa.timestamp("us", "Europe/Paris"))
    tables = [{"text": [STORY, None]}, {"body": ["a", "b"], "date": stamps}, {"text": ["a"] * 40, "n": list(range(40)), "l": [[1]] * 40}]
    for columns in tables:
        out = io.BytesIO()
        pq.write_table(pa.table(columns), out, compression="none")
        yield out.getvalue()


def warc() -> Iterator[bytes]:
    """A WARC of a page and a text, as it is and packed."""
    out = io.BytesIO()
    for zipped in (False, True):
        writer = WARCWriter(out, gzip=zipped)
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Transfer-Encoding", "chunked")], protocol="HTTP/1.1")
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(PAGE[:300]), PAGE[:300].encode())
        writer.write_record(writer.create_warc_record("https://news.example.org/1", "response", io.BytesIO(body), http_headers=headers))
        writer.write_record(writer.create_warc_record("https://news.example.org/2", "conversion", io.BytesIO(STORY.encode()), warc_content_type="text/plain"))
        yield out.getvalue()
        out.seek(0)
        out.truncate()


def archives(form: str) -> Iterator[bytes]:
    """A zip or tar of a text, JSON lines and a name that leads elsewhere."""
    members = {"a/b.txt": STORY, "c.jsonl": json.dumps(RECORDS[0]), "../../d.html": PAGE[:200], "e.csv": "id,text\n1,one\n"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") if form == "zip" else tarfile.open(fileobj=out, mode="w") as archive:
        for name, text in members.items():
            if form == "zip":
                archive.writestr(name, text)
            else:
                info = tarfile.TarInfo(name)
                info.size = len(text)
                archive.addfile(info, io.BytesIO(text.encode()))
    yield out.getvalue()
    if form == "tar":
        yield from (pack(out.getvalue()) for pack in (gzip.compress, bz2.compress, lzma.compress))
    else:
        yield out.getvalue()[:-30]


def seeds(target: str) -> list[bytes]:
    """The inputs with which a target begins."""
    texts = [t.encode("utf-8", "surrogatepass") for t in TEXTS]
    lines = [json.dumps(r).encode() for r in RECORDS]
    csv = [b'id,text,url\n1,"The ""harbour"" council,\nin two lines",https://a.example/\n2,plain,\n', b"text;n\n\xe9t\xe9;1\n", b'a\tb\n"open\tc\nd\te\n']
    kinds = {
        "decode": [*texts, *(t.encode("utf-16") for t in TEXTS[:2]), TEXTS[2].encode("cp1251", "replace"), TEXTS[2].encode("iso2022_jp", "replace"), b"\x89PNG\r\n\x1a\n", PAGE.encode()],
        "extract": [PAGE.encode(), b"<p>a<p>b<br>c", b"<!DOCTYPE a [<!ENTITY b 'c'>]><p>&b;</p>"],
        "csv": [*csv, gzip.compress(csv[0])],
        "jsonl": [b"\n".join(lines), b"{broken\n" + lines[0], b"[1]\nnull\n", gzip.compress(lines[0])],
        "json": [b"[" + b",\n".join(lines) + b"]", lines[0], b"\n".join(lines), b'[{"text": "a"}'],
        "warc": list(warc()), "parquet": list(parquet()), "zip": list(archives("zip")), "tar": list(archives("tar")),
        "config": [t.encode() for t in TOML], "names": [n.encode() for n in NAMES],
        "restore": [bytes(range(1, 25)) + t for t in texts], "notebook": [bytes(range(2, 26)) + b"<script>alert(1)</script> & \x1b[2J\n\n" + t for t in texts],
    }  # fmt: skip
    return kinds.get(target, texts)
