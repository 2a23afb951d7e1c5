"""The benchmarks that are made from gold articles where ``../shared/bench`` lies beside the project: damaged characters, languages,
intruders, copies, templates of sites. Each asks one stage alone; its generator and its scorer are the suite's own.

Higher is better in every figure, as in all of :mod:`tests.bench.sets`: of a loss it is the share that was not lost.
"""
from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import cleaner
from cleaner.document import Block, Document, Meta
from cleaner.stages.topic import scores
from cleaner.text.keys import hash64, normal
from tests.bench.figures import Figure, jsonl, ratio, write

#: What decides everything that a generator makes.
SEED = "1"


def document(row: dict, **about: Any) -> Document:
    """An item of a benchmark as its stage gets it: a block for each non-empty line, since answers count these."""
    lines = [line.strip() for line in row["text"].split("\n") if line.strip()]
    known = {name: row.get(name) for name in ("title", "host", "url", "date")}
    return Document(row["id"], tuple(map(Block, lines)), meta=Meta(**known | about))


def gone(doc: Document) -> list[int]:
    """The blocks that a stage cut whole."""
    return sorted({m.block for m in doc.marks if m.action == "cut" and m.end - m.start == len(doc.blocks[m.block].text)})


# --- one document at a time ----------------------------------------------------------------------------------------------


def restored(row: dict) -> dict:
    """encoding: bytes are decoded, and what is no page is repaired."""
    text = row["bad"] if row["kind"] == "text" else cleaner.decode(base64.b64decode(row["bad_b64"]), http=row["http"])
    return {"text": text if row["kind"] == "html" else cleaner.repair(text)}


def identified(row: dict) -> dict:
    """language: of the document, or of the paragraph that is asked about where that is flagged."""
    doc = cleaner.language(document(row))
    lang, score = doc.meta.lang, doc.meta.lang_score
    for m in doc.marks:
        if m.rule == "language.foreign" and m.block == row.get("paragraph"):
            lang, score = code_of(m.detail), m.score
    return {"lang": lang, "score": score}


@cache
def codes() -> dict[str, str]:
    """Codes by the names of languages that marks speak of."""
    from cleaner.text.languages import knowledge

    return {name: code for code, name in knowledge().names.items()}


def code_of(detail: str) -> str:
    """The language of "This paragraph is in French, the document in German."."""
    return codes()[detail.partition(" is in ")[2].partition(", the document")[0]]


def flagged(row: dict) -> dict:
    """topic: flags and scores."""
    doc = document(row, lang=row["lang"])
    return {"flags": sorted({m.block for m in cleaner.topic(doc).marks if m.block >= 0}), "scores": scores(doc)}


def removed(row: dict) -> dict:
    """duplicates/in_document: what the stage cuts."""
    return {"removed": gone(cleaner.duplicates(document(row)))}


def one_by_one(answer: Callable[[dict], dict], rows: list[dict]) -> Iterator[dict]:
    """The answers of a stage that needs a document alone, from every core."""
    with ProcessPoolExecutor() as pool:
        yield from pool.map(answer, rows, chunksize=32)


# --- all documents together ----------------------------------------------------------------------------------------------


def clustered(rows: list[dict]) -> Iterator[dict]:
    """duplicates/documents: a document's cluster is its original's."""
    stats = cleaner.fit(map(document, rows), stages=())
    for row in rows:
        yield {"cluster": stats.duplicate_of(row["id"]) or row["id"]}


def carried(rows: list[dict]) -> Iterator[dict]:
    """duplicates/wire: the clusters of paragraphs that several hosts carry."""
    docs = [document(row) for row in rows]
    stats = cleaner.fit(docs, stages=())
    for doc in docs:
        known = (stats.wire.get(hash64("k " + normal(block.text))) for block in doc.blocks)
        yield {"clusters": [wire and str(wire.cluster) for wire in known]}


def bared(rows: list[dict]) -> Iterator[dict]:
    """site: what the corpus's statistics cut."""
    docs = [document(row) for row in rows]
    stats = cleaner.fit(docs, stages=())
    for doc in docs:
        yield {"removed": gone(cleaner.repeats(doc, stats=stats))}


# --- figures -------------------------------------------------------------------------------------------------------------


class Made(NamedTuple):
    """maker: the generator. part: which of its folders. answers: of all its items. figures: of the scorer's JSON by name."""

    maker: str
    part: str
    answers: Callable[[list[dict]], Iterable[dict]]
    figures: Callable[[dict], dict[str, Figure]]

    def measure(self, folder: Path, gold: Iterable[Path]) -> dict[str, Figure]:
        """Make the benchmark, answer it, score the answers."""
        with tempfile.TemporaryDirectory() as room:
            run(folder / f"make_{self.maker}.py", *gold, "--out", room, "--seed", SEED)
            bench = Path(room, self.part)
            rows = list(jsonl(bench / "inputs.jsonl"))
            answers = [{"id": row["id"], **answer} for row, answer in zip(rows, self.answers(rows), strict=True)]
            given, found = write(answers, Path(room, "answers.jsonl")), Path(room, "figures.json")
            run(folder / f"score_{self.maker}.py", bench, given, "--json", found)
            return self.figures(json.loads(found.read_text("utf-8")))


def run(*command: Path | str) -> None:
    """A program of the suite, which is left as it lies."""
    subprocess.run([sys.executable, "-B", *map(str, command)], check=True, capture_output=True)


def share(rate: dict) -> Figure:
    """A rate of a scorer."""
    return ratio([(1, 1)] * rate["hits"] + [(0, 1)] * (rate["total"] - rate["hits"]))


def spared(rate: dict) -> Figure:
    """The share that a loss left alone."""
    return share({"hits": rate["total"] - rate["hits"], "total": rate["total"]})


def mean(rates: Iterable[dict]) -> Figure:
    """The mean over kinds, each of the same weight."""
    found = [share(rate) for rate in rates]
    return Figure(sum(f.value for f in found) / len(found), sum(f.noise**2 for f in found) ** 0.5 / len(found))


def count(wrong: int) -> Figure:
    """A number that should be nought, as a figure of which 1 is perfect: one over one more."""
    return Figure(1 / (1 + wrong), 0.0)


def encoding(found: dict) -> dict[str, Figure]:
    """Restored character for character by family of damage, and clean texts left alone."""
    return {name: share(family["exact"]) for name, family in sorted(found["families"].items())}


def language(found: dict) -> dict[str, Figure]:
    """Right languages by class."""
    return {name: share(rate) for name, rate in sorted(found["accuracy"].items())}


def topic(found: dict) -> dict[str, Figure]:
    """Intruders found by kind, and what is genuine left alone."""
    kinds = {f"found, {kind}": share(rate) for kind, rate in sorted(found["recall"].items())}
    return {"genuine paragraphs left": spared(found["false_flags"]), "articles left": spared(found["articles"]), **kinds}


def in_document(found: dict) -> dict[str, Figure]:
    """Copies found by kind, and what is none left alone."""
    kinds = {f"found, {kind}": share(rate) for kind, rate in sorted(found["recall"].items())}
    facts = {f"left, {kind}": spared(rate) for kind, rate in found["facts_lost"].items()}
    return {"mean of kinds": mean(found["recall"].values()), "genuine paragraphs left": spared(found["false_removals"]), **facts, **kinds}


def documents(found: dict) -> dict[str, Figure]:
    """Versions found by kind, and stories that are none kept apart."""
    kinds = {f"found, {kind}": share(rate) for kind, rate in sorted(found["recall"].items())}
    return {"stories apart": count(found["false_pairs"]), "background apart": count(found["background_pairs"]), **kinds}


def wire(found: dict) -> dict[str, Figure]:
    """Copies found by kind, and what tells other facts or another story kept apart."""
    kinds = {f"found, {kind}": share(rate) for kind, rate in sorted(found["recall"].items())}
    apart = {"other facts apart": spared(found["facts_joined"]), "other paragraphs apart": count(found["false_pairs"])}
    return {"mean of kinds": mean(found["recall"].values()), **apart, **kinds}


def site(found: dict) -> dict[str, Figure]:
    """Template lines found by pages of a host, and the share of all lines of articles left."""
    by_size = sorted(found["by_size"].items(), key=lambda item: int(item[0]))
    total = {name: {n: sum(rates[name][n] for _, rates in by_size) for n in ("hits", "total")} for name in ("recall", "content_lost")}
    sizes = {f"found, {size} pages": share(rates["recall"]) for size, rates in by_size}
    return {"found": share(total["recall"]), "articles' lines left": spared(total["content_lost"]), **sizes}


MADE = {
    "damage": Made("encoding", "", partial(one_by_one, restored), encoding),
    "languages": Made("language", "", partial(one_by_one, identified), language),
    "intruders": Made("topic", "", partial(one_by_one, flagged), topic),
    "copies in a text": Made("duplicates", "in_document", partial(one_by_one, removed), in_document),
    "copies of a text": Made("duplicates", "documents", clustered, documents),
    "wire copy": Made("duplicates", "wire", carried, wire),
    "templates": Made("site", "", bared, site),
}
