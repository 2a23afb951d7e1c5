"""A finished run for other tools: JSON lines, or documents and attributes as the Dolma toolkit has them.

Dolma keeps a document's text apart from what was found about it: ``documents/*.jsonl.gz`` and, line by line,
``attributes/NAME/*.jsonl.gz`` with spans ``[start, end, score]`` in code points
(https://github.com/allenai/dolma/blob/main/docs/data-format.md). Its text is here the repaired text with nothing cut, so that
replacing the spans ``cleaner__cleaner__cut`` by nothing (``dolma mix``) gives the clean text, character for character.
"""
from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from cleaner.document import DOCUMENT, Document, kept
from cleaner.io import outputs
from cleaner.io.write import part, remove_parts, write_json_lines, write_whole

#: The folder of the attributes, and the first part of their names.
NAME = "cleaner"
#: All that is cut, under one name: spans in order that do not overlap.
CUT = f"{NAME}__{NAME}__cut"
#: Columns of an article that Dolma has a place for; all others go into its ``metadata``.
PLACED = ("id", "text")

Row = dict[str, Any]
Span = tuple[int, int, float]


def dolma(out: Path, to: Path, source: str = "") -> int:
    """Write the articles of the run in ``out`` as Dolma's documents and attributes below ``to``; the number of documents.

    source: what Dolma's ``source`` is to say, within which ids are unique; the name of ``out`` when empty. Raises
    FileNotFoundError where ``out`` holds no run, ValueError where several records of it share an id.
    """
    total, shown = outputs.repeated_ids(out)
    if total:
        raise ValueError(f"{total:,} ids stand for several records ({', '.join(shown)}), Dolma asks for unique ones; name the column that has them with --id-column")
    source, number, documents = source or out.resolve().name, -1, 0
    for number, articles in enumerate(shards(out)):
        marks = by_id(out / "marks" / part(number))
        pairs = [pair(row, marks.get(row["id"], []), source) for row in articles.to_pylist()]
        documents += len(pairs)
        for place, folder in enumerate(("documents", f"attributes/{NAME}")):
            write_whole(to / folder / part(number, ".jsonl.gz"), partial(write_json_lines, [p[place] for p in pairs]))
    remove_parts(to, number + 1, ("documents", "attributes"))
    return documents


def jsonl(out: Path, to: Path) -> int:
    """Write the articles of the run in ``out`` as gzipped JSON lines to ``to/jsonl``; their number. Raises FileNotFoundError where there is no run."""
    number, documents = -1, 0
    for number, articles in enumerate(shards(out)):
        documents += articles.num_rows
        write_whole(to / "jsonl" / part(number, ".jsonl.gz"), partial(write_json_lines, articles.to_pylist()))
    remove_parts(to, number + 1, ("jsonl",))
    return documents


def shards(out: Path) -> Iterator[pa.Table]:
    """The articles of each shard of a run, whatever folders they are spread over."""
    import pyarrow.dataset as ds  # here, not above: it loads pandas, .5 s that other commands need not wait

    if not (out / "run.json").is_file():
        raise FileNotFoundError(f"{out / 'run.json'} is missing; `cleaner run INPUT -o {out}` makes it")
    base = out / "articles"
    files = defaultdict(list)
    for path in sorted(base.rglob("part-*.parquet")):
        files[path.name].append(str(path))
    whole = ds.dataset([f for found in files.values() for f in found], partitioning="hive", partition_base_dir=str(base)).schema if files else pa.schema([])
    for number in range(len(list((out / "marks").glob("part-*.parquet")))):
        found = files[part(number)]
        yield ds.dataset(found, whole, partitioning="hive", partition_base_dir=str(base)).to_table() if found else whole.empty_table()


def by_id(path: Path) -> dict[str, list[Row]]:
    """The rows of a part of ``marks/`` by document, in their order."""
    import pyarrow.parquet as pq

    rows: dict[str, list[Row]] = defaultdict(list)
    for row in pq.read_table(path).to_pylist():
        rows[row["id"]].append(row)
    return rows


def pair(article: Row, marks: list[Row], source: str) -> tuple[Row, Row]:
    """A document as Dolma has it, and its attributes."""
    doc = outputs.document(article, marks)
    text, found = spans(doc, article["text"])
    metadata = {k: v for k, v in article.items() if k not in PLACED and v not in (None, [])}
    body = {"id": doc.id, "text": text, "source": source, "metadata": metadata}
    if article.get("date"):
        body["created"] = article["date"]
    return body, {"id": doc.id, "source": source, "attributes": found}


def spans(doc: Document, clean: str) -> tuple[str, dict[str, list[Span]]]:
    """The repaired text with nothing cut, and where in it each rule cut or flagged something.

    The span of a block that went whole holds the break that goes with it; the score is the mark's own, 1 where it has none.
    """
    gaps, stays = iter(re.findall("\n+", clean)), [any(pieces) for pieces in kept(doc)]
    text, places = "", []
    for n, block in enumerate(doc.blocks):
        gap = "" if not text or not block.text else next(gaps) if stays[n] and any(stays[:n]) else "\n\n"
        places.append((len(text), len(text) + len(gap), len(text) + len(gap) + len(block.text)))
        text += gap + block.text
    first = next((n for n, stay in enumerate(stays) if stay), len(stays))
    found: dict[str, list[Span]] = defaultdict(list)
    cuts = []
    for m in doc.marks:
        if m.action == "edit":
            continue
        if m.block == DOCUMENT:
            start, end = 0, len(text)
        elif m.action == "cut" and not stays[m.block]:
            behind = next((start for _, start, end in places[m.block + 1 :] if end > start), len(text))  # a block that repairs emptied has no break
            start, end = (places[m.block][1], behind) if m.block < first else (places[m.block][0], places[m.block][2])
        else:
            start, end = (places[m.block][1] + offset for offset in (m.start, m.end))
        found["__".join((NAME, *m.rule.split(".")))].append((start, end, 1.0 if m.score is None else m.score))
        if m.action == "cut":
            cuts.append((start, end))
    return text, {CUT: merged(cuts)} | {name: sorted(found[name]) for name in sorted(found)}


def merged(cuts: Iterable[tuple[int, int]]) -> list[Span]:
    """Spans in order with those that overlap or touch made one; Dolma's mixer asks for it."""
    out: list[Span] = []
    for start, end in sorted(cuts):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]), 1.0)
        elif end > start:
            out.append((start, end, 1.0))
    return out

