"""``cleaner export``: what other tools make of a run's output."""
from __future__ import annotations

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import CORPUS
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import texts

import cleaner
from cleaner import schema
from cleaner.cli import main
from cleaner.io.export import CUT, pair


def call(*args: object, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["export", *map(str, args)])
    assert result.exit_code == code, result.output
    return result.output


def lines(folder: Path) -> list[dict]:
    """The rows of a folder of JSON lines."""
    return [json.loads(line) for path in sorted(folder.glob("part-*.jsonl.gz")) for line in gzip.open(path)]


def mixed(text: str, spans: list) -> str:
    """What Dolma's mixer makes of a text when it replaces spans by nothing: they stand in order and do not overlap."""
    out, position = "", 0
    for start, end, score in spans:
        assert position <= start < end <= len(text) and score == 1
        out, position = out + text[position:start], end
    return out + text[position:]


@pytest.fixture(scope="module")
def dolma(fixture_run, tmp_path_factory) -> Path:
    to = tmp_path_factory.mktemp("dolma")
    assert str(to / "documents") in call(fixture_run, "--dolma", "-o", to, "--source", "velmond")
    return to


def test_documents_and_attributes_stand_line_by_line(dolma, fixture_run):
    articles = pd.read_parquet(fixture_run / "articles")
    documents, attributes = lines(dolma / "documents"), lines(dolma / "attributes" / "cleaner")
    assert [d["id"] for d in documents] == [a["id"] for a in attributes] == list(articles["id"])
    assert {d["source"] for d in documents} == {a["source"] for a in attributes} == {"velmond"}
    by_id = articles.set_index("id")
    for d in documents:
        assert d.get("created") == by_id.loc[d["id"], "date"] or pd.isna(by_id.loc[d["id"], "date"])
        assert d["metadata"]["status"] == "ok"


def test_mixing_gives_the_clean_text(dolma, fixture_run):
    clean = pd.read_parquet(fixture_run / "articles").set_index("id")["text"]
    cut = 0
    for d, a in zip(lines(dolma / "documents"), lines(dolma / "attributes" / "cleaner"), strict=True):
        assert mixed(d["text"], a["attributes"][CUT]) == clean[d["id"]]
        cut += d["text"] != clean[d["id"]]
    assert cut > 20


def test_every_cut_and_flag_has_its_span(dolma, fixture_run):
    marks = pd.read_parquet(fixture_run / "marks")
    for d, a in zip(lines(dolma / "documents"), lines(dolma / "attributes" / "cleaner"), strict=True):
        mine = marks[(marks["id"] == d["id"]) & (marks["action"] != "edit")]
        found = {k: v for k, v in a["attributes"].items() if k != CUT}
        assert {k: len(v) for k, v in found.items()} == {f"cleaner__{r.replace('.', '__')}": n for r, n in mine["rule"].value_counts().items()}
        for m in mine[mine["block"] >= 0].itertuples():
            assert any(m.text in d["text"][start:end] for start, end, _ in found[f"cleaner__{m.rule.replace('.', '__')}"])


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["Velmond approves the ferry line.\n", "\x1b\n\n", "Leave A Reply\n\n\x1b\n\n", ""]), texts,
    st.sampled_from(["", "\n\nLeave A Reply", "\n\nRead Also: The trial of the harbour master", "\n\n\x1b\n\nLeave A Reply"]),
)
@example("Velmond approves the ferry line.\n", "\x1b\n\nThe harbour council of Velmond approved the new ferry line on Tuesday.\n\n", "")
def test_mixing_gives_the_clean_text_of_any_text(begin, text, end):
    doc = cleaner.clean(begin + text + end, html=False)
    if doc.text:
        row = {"id": "", "text": schema.storable(doc.text), "paragraphs_in": len(doc.blocks)}
        document, attributes = pair(row, [{"id": ""} | m for m in schema.mark_rows(doc)], "s")
        assert mixed(document["text"], attributes["attributes"][CUT]) == row["text"]


def test_partitioned_articles_are_exported_whole(tmp_path):
    cleaner.run(CORPUS / "stringers.csv", tmp_path / "out", workers=1, writing=cleaner.Writing(partition_by="lang"))
    articles = pd.read_parquet(tmp_path / "out/articles")
    call(tmp_path / "out", "--dolma")
    documents = lines(tmp_path / "out/dolma/documents")
    assert {d["id"]: d["metadata"]["lang"] for d in documents} == dict(zip(articles["id"], articles["lang"].astype(str)))


def test_json_lines_are_the_rows(fixture_run, tmp_path):
    call(fixture_run, "--jsonl", "-o", tmp_path)
    assert [r["text"] for r in lines(tmp_path / "jsonl")] == list(pd.read_parquet(fixture_run / "articles")["text"])


def test_what_cannot_be_exported_is_said(fixture_run, tmp_path):
    assert "--dolma or --jsonl" in call(fixture_run, code=2)
    assert "--source goes with --dolma" in call(fixture_run, "--jsonl", "--source", "x", code=2)
    assert "cleaner run" in call(tmp_path, "--jsonl", code=2)
    twice = tmp_path / "twice.jsonl"
    twice.write_text('{"id": "a", "text": "The council met on Monday."}\n{"id": "a", "text": "The council met on Tuesday."}\n')
    cleaner.run(twice, tmp_path / "out", workers=1)
    assert "--id-column" in call(tmp_path / "out", "--dolma", code=2)
