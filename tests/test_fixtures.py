"""The fixture corpus against its truth: what must go, what must stay word for word, what must be repaired and what flagged.

``fixtures/README.md`` says how to add a case; nothing here needs to be touched for one.
"""
from __future__ import annotations

import csv
import gzip
import importlib.util
import json
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import cleaner

FIXTURES = Path(__file__).parents[1] / "fixtures"

#: From this length on (code points) a residue must not stand inside a line either, not only make up a line.
INSIDE = 12

#: Share of the kept lines that may be flagged without cause: a flag cuts nothing, and the method is good for 0.6 % of paragraphs.
FALSE_FLAGS = 0.01

CHECKS = ("cut", "keep", "edit", "flag", "fact", "restore")


def jsonl(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]


TRUTH = {case["id"]: case for case in jsonl(FIXTURES / "truth.jsonl")}
KNOWN = jsonl(FIXTURES / "known_failures.jsonl")


@cache
def rows(file: str) -> dict[str, dict]:
    """The records of a file with many, by their ids; read without the project's own readers."""
    path = FIXTURES / file
    if file.endswith(".csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            found = list(csv.DictReader(lines))
    elif file.endswith(".parquet"):
        found = pq.read_table(path).to_pylist()
    else:
        data = path.read_bytes()
        found = [json.loads(line) for line in (gzip.decompress(data) if file.endswith(".gz") else data).splitlines()]
    return {str(row.get("id") or row["link"]): row for row in found}


def source(case_id: str) -> str:
    """The text of a case as it came; of an HTML page, its markup."""
    file, _, row = case_id.partition("#")
    if row:
        record = rows(file)[row]
        return next(record[name] for name in ("text", "body", "content") if name in record)
    return (FIXTURES / file).read_bytes().decode(TRUTH[case_id].get("encoding", "utf-8"))


@cache
def cleaned(case_id: str) -> cleaner.Document:
    file, _, row = case_id.partition("#")
    if TRUTH[case_id].get("corpus"):
        record = rows(file)[row]
        facts = {name: record[name] for name in ("id", "url", "title", "date")}
        return cleaner.clean(record["text"], html=False, stats=statistics(file), **facts)
    if row:
        record = rows(file)[row]
        return cleaner.clean(source(case_id), html=False, title=record.get("title") or record["headline"])
    return cleaner.clean((FIXTURES / file).read_bytes(), html=file.endswith(".html"))


@cache
def statistics(file: str) -> cleaner.Stats:
    """What repeats across the records of a file."""
    return cleaner.fit(pd.DataFrame(rows(file).values()))


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def missed_cuts(case: dict, doc: cleaner.Document) -> list[str]:
    """Residue that is still there: as a line more often than the truth keeps that line, or inside one."""
    out, keep = lines(doc.text), case["keep"]

    def stays(text: str) -> bool:
        inside = len(text) >= INSIDE and any(text in line for line in out) and not any(text in line for line in keep)
        return inside or out.count(text) > keep.count(text)

    return [cut["text"] for cut in case["cut"] if stays(cut["text"])]


def missed_keeps(case: dict, doc: cleaner.Document) -> list[str]:
    """Lines of the article that are not in the clean text word for word and in order; of a clean article also what was touched."""
    out = lines(doc.text)
    lost = [line for line in case["keep"] if line not in out]
    order = [out.index(line) for line in case["keep"] if line in out]
    if order != sorted(order):
        lost.append("order")
    changes = [m for m in doc.marks if m.action in ("cut", "edit") and m.stage != "segment"]  # joining wrapped lines is no repair
    touched = [doc.blocks[m.block].text for m in changes] if case["clean"] else []
    return lost + [text for text in touched if text not in lost]


def missed_edits(case: dict, doc: cleaner.Document) -> list[str]:
    edited = {doc.blocks[m.block].text for m in doc.marks if m.action == "edit"}
    return [edit["after"] for edit in case["edit"] if not any(edit["after"] in text for text in edited)]


def raised(doc: cleaner.Document) -> list[tuple[str, str, str]]:
    """Every flag of a block: rule, flagged span, text of the whole block."""
    flags = [m for m in doc.marks if m.action == "flag" and m.block >= 0]
    return [(m.rule, doc.blocks[m.block].text[m.start : m.end], doc.blocks[m.block].text) for m in flags]


def missed_flags(case: dict, doc: cleaner.Document) -> list[str]:
    """Flags that are expected and not there, and stages that failed."""
    errors = [m.detail for m in doc.marks if m.rule.startswith("error.")]

    def seen(flag: dict) -> bool:
        return any(rule.startswith(flag["rule"]) and flag["text"] in span for rule, span, _ in raised(doc))

    copies = [m.detail for m in doc.marks if m.rule == "duplicate.document"]
    return [flag["text"] for flag in case["flag"] if not seen(flag)] + errors + [case[k] for k in ("duplicate_of",) if k in case and copies != [case[k]]]


def false_flags(case: dict, doc: cleaner.Document) -> list[str]:
    """Kept lines that are flagged although nobody expects it."""
    expected = [flag["text"] for flag in case["flag"]]
    return [text for _, _, text in raised(doc) if text in case["keep"] and not any(flag in text for flag in expected)]


def missed_facts(case: dict, doc: cleaner.Document) -> list[str]:
    found = {name: getattr(doc.meta, name) for name in case["meta"]} | {"lang": doc.meta.lang}
    if "date" in case["meta"]:
        found["date"] = (found["date"] or "")[:10]
    return [name for name, value in found.items() if value != case["meta"].get(name, case["lang"])]


def missed_restore(case: dict, doc: cleaner.Document) -> list[str]:
    whole = source(case["id"])
    before = cleaner.restore(cleaner.extract(whole)) if case["id"].endswith(".html") else whole
    return [] if cleaner.restore(doc) == before else ["restore"]


MISSED = dict(zip(CHECKS, (missed_cuts, missed_keeps, missed_edits, missed_flags, missed_facts, missed_restore), strict=True))


def missed(case_id: str, check: str) -> list[str]:
    return MISSED[check](TRUTH[case_id], cleaned(case_id))


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("case_id", TRUTH)
def test_truth(case_id: str, check: str):
    known = {row["text"] for row in KNOWN if (row["id"], row["check"]) == (case_id, check)}
    assert [text for text in missed(case_id, check) if text not in known] == []


def test_few_false_flags():
    wrong = [(case_id, text) for case_id in TRUTH for text in false_flags(TRUTH[case_id], cleaned(case_id))]
    assert len(wrong) <= FALSE_FLAGS * sum(len(case["keep"]) for case in TRUTH.values()), wrong


def expected_to_fail(row: dict):
    xfail = pytest.mark.xfail(reason=row["reason"], strict=True)
    return pytest.param(row, id=f"{row['id']}-{row['check']}-{row['text'][:40]}", marks=xfail)


@pytest.mark.parametrize("row", [expected_to_fail(row) for row in KNOWN])
def test_known_failure(row: dict):
    assert row["text"] not in missed(row["id"], row["check"])


def paragraphs(case_id: str) -> list[str]:
    """The paragraphs of a plain text: its lines, or where it is hard-wrapped the lines between blank ones, joined."""
    if TRUTH[case_id].get("wrapped"):
        return [" ".join(lines(part)) for part in source(case_id).split("\n\n")]
    return lines(source(case_id))


@pytest.mark.parametrize("case_id", [case_id for case_id in TRUTH if not case_id.endswith(".html")])
def test_truth_speaks_of_every_paragraph(case_id: str):
    case = TRUTH[case_id]
    told = {cut.get("raw", cut["text"]) for cut in case["cut"]} | {edit["before"] for edit in case["edit"]} | set(case["keep"])
    assert [line for line in paragraphs(case_id) if line not in told] == []
    if case["clean"]:
        assert not case["cut"] and not case["edit"] and case["keep"] == paragraphs(case_id)


def test_truth_speaks_of_every_document():
    files = [path.relative_to(FIXTURES).as_posix() for path in sorted((FIXTURES / "corpus").rglob("*")) if path.is_file()]
    many = [file for file in files if not file.endswith((".txt", ".html"))]
    ids = [file for file in files if file not in many] + [f"{file}#{row}" for file in many for row in rows(file)]
    assert sorted(ids) == sorted(TRUTH)


def test_corpus_is_as_wide_as_promised():
    languages = {case["lang"] for case in TRUTH.values()}
    assert len(TRUTH) >= 48 and len(languages) >= 12 and sum(case["clean"] for case in TRUTH.values()) >= 12
    assert {"ru", "el", "ar", "he", "hi", "ja", "zh", "ko", "th"} <= languages
    assert sum(case_id.endswith(".html") for case_id in TRUTH) >= 10


GOLDEN = sorted((FIXTURES / "golden").glob("*.txt"))


def golden(path: Path) -> tuple[str, str]:
    """Input and expected text of a golden file; without a line ``# output`` the input must not change."""
    text, _, expected = path.read_text("utf-8").partition("\n# output\n")
    return text.strip("\n"), (expected or text).strip("\n")


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden(path: Path):
    text, expected = golden(path)
    assert cleaner.clean(text).text == expected
    assert cleaner.clean(expected).text == expected, "the second run changed something"


def test_enough_golden_files():
    assert len(GOLDEN) >= 12


def test_binary_fixtures_match_their_readable_forms(tmp_path):
    spec = importlib.util.spec_from_file_location("make_binary", FIXTURES / "make_binary.py")
    make_binary = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_binary)
    make_binary.main(tmp_path)
    for path in make_binary.ENCODED:
        assert (tmp_path / "corpus" / path).read_bytes() == (FIXTURES / "corpus" / path).read_bytes()
    assert gzip.decompress((FIXTURES / "corpus/archive.jsonl.gz").read_bytes()) == (FIXTURES / "plain" / "archive.jsonl").read_bytes()
    assert pq.read_table(FIXTURES / "corpus/bulletin.parquet").equals(make_binary.table("bulletin.jsonl"))
    assert (FIXTURES / "bad/picture.txt").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(EOFError):
        gzip.decompress((FIXTURES / "bad/truncated.jsonl.gz").read_bytes())


@pytest.mark.parametrize("name", ["empty.txt", "consent_only.txt", "no_article.html"])
def test_nothing_is_left_where_there_is_no_article(name: str):
    assert cleaner.clean((FIXTURES / "bad" / name).read_bytes()).text == ""


def test_a_picture_is_no_text():
    with pytest.raises(ValueError, match="(?i)text|binary|png"):
        cleaner.clean((FIXTURES / "bad/picture.txt").read_bytes())
