"""The corpora on which quality is measured: the fixtures, and the evaluation sets and benchmarks where they lie beside the project."""
from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cleaner
from cleaner.document import Block, Document, Meta, kept
from tests import test_fixtures as truth
from tests.bench.figures import Figure, jsonl, ratio, write
from tests.bench.made import MADE

ROOT = Path(__file__).parents[2]
EVAL, BENCH = (ROOT.parent / "shared" / name for name in ("eval", "bench"))

#: A stage that only flags changes no text; leaving them out saves half the time.
CUTTING = cleaner.Pipeline([cleaner.repair, cleaner.boilerplate, cleaner.duplicates])


class Corpus(NamedTuple):
    """sources: folders and files that decide what it is. measure: its figures by name."""

    sources: tuple[Path, ...]
    measure: Callable[[], dict[str, Figure]]

    def is_there(self) -> bool:
        """Whether this machine has it."""
        return all(source.exists() for source in self.sources)

    def digest(self) -> str:
        """16 hex digits that change with any file of the corpus."""
        digest = hashlib.blake2b(digest_size=8)
        for source in self.sources:
            for path in sorted(p for p in (source, *source.rglob("*")) if p.is_file() and "__pycache__" not in p.parts):
                digest.update(path.relative_to(source).as_posix().encode() + b"\0" + hashlib.blake2b(path.read_bytes()).digest())
        return digest.hexdigest()


# --- the fixtures --------------------------------------------------------------------------------------------------------


def fixtures(folder: Path) -> dict[str, Figure]:
    """Shares of what ``truth.jsonl`` asks for that the default stages do, by kind of demand."""
    cases = list(truth.TRUTH.values())
    sizes = {"cut": "cut", "keep": "keep", "edit": "edit", "flag": "flag"}
    figures = {name: ratio((len(c[key]) - len(truth.missed(c["id"], name)), len(c[key])) for c in cases) for name, key in sizes.items()}
    figures["fact"] = ratio((len(c["meta"]) + 1 - len(truth.missed(c["id"], "fact")), len(c["meta"]) + 1) for c in cases)
    unflagged = ((len(c["keep"]) - len(truth.false_flags(c, truth.cleaned(c["id"]))), len(c["keep"])) for c in cases)
    return {**figures, "not flagged": ratio(unflagged)}


# --- the evaluation sets -------------------------------------------------------------------------------------------------


def clean_page(page: tuple[Path, dict]) -> dict:
    """The prediction for one page of a set."""
    folder, gold = page
    html = gzip.decompress((folder / "pages" / f"{gold['id']}.html.gz").read_bytes()).decode("utf-8", "replace")
    return {"id": gold["id"], "text": CUTTING(html, html=True, url=gold["url"]).text}


def clean_scrape(row: dict) -> dict:
    """The prediction for one plain-text scrape: the numbers of the paragraphs that stay."""
    doc = CUTTING.run(Document(row["id"], tuple(map(Block, row["paragraphs"])), meta=Meta(title=row["title"])))
    return {"id": row["id"], "scrape": row["scrape"], "keep": [i for i, pieces in enumerate(kept(doc)) if any(pieces)]}


def pages(folder: Path) -> dict[str, Figure]:
    """Word F1 and recall of the set's pages."""
    with ProcessPoolExecutor() as pool:
        found = list(pool.map(clean_page, [(folder, g) for g in jsonl(folder / "gold.jsonl")], chunksize=16))
    return page_figures(folder, found)


def page_figures(folder: Path, predictions: Iterable[dict]) -> dict[str, Figure]:
    """The same for the predictions of any tool, one ``{id, text}`` a page."""
    rows = scored("score_html.py", folder / "gold.jsonl", predictions, "--per-page")
    return {name: ratio((r["word"][place], 1) for r in rows) for place, name in ((2, "word F1"), (1, "word recall"))}


def scrapes(folder: Path) -> dict[str, Figure]:
    """Residue found and text kept over all kinds of scrapes, and final word F1 of each kind."""
    with ProcessPoolExecutor() as pool:
        found = list(pool.map(clean_scrape, jsonl(folder / "scrapes.jsonl.gz"), chunksize=32))
    rows = scored("score_text.py", folder / "scrapes.jsonl.gz", found, "--per-doc")
    counts = [r["n"] for r in rows]
    figures = {
        "residue F1": ratio((2 * n.get("tp", 0), 2 * n.get("tp", 0) + n.get("fp", 0) + n.get("fn", 0)) for n in counts),
        "text kept": ratio((n.get("content_w", 0) - n.get("lost_w", 0), n.get("content_w", 0)) for n in counts),
    }
    kinds = dict.fromkeys(r["scrape"] for r in sorted(rows, key=lambda r: r["scrape"]))
    return figures | {f"word F1, {kind}": ratio((r["f1"], 1) for r in rows if r["scrape"] == kind) for kind in kinds}


def scored(scorer: str, gold: Path, predictions: Iterable[dict], per_document: str) -> list[dict]:
    """What a scorer of the sets says of each document."""
    with tempfile.TemporaryDirectory() as folder:
        given, found = write(predictions, Path(folder, "predictions.jsonl")), Path(folder, "scores.jsonl")
        subprocess.run([sys.executable, EVAL / scorer, gold, given, per_document, found], check=True, capture_output=True)
        return list(jsonl(found))


def lying(folder: Path, measure: Callable[[Path], dict[str, Figure]], *sources: Path) -> Corpus:
    """A corpus in a folder."""
    return Corpus((folder, *sources), partial(measure, folder))


GOLD = tuple(EVAL / name / "html/gold.jsonl" for name in ("articles", "news"))

#: By name. The fixtures are always there; the others are named and left out where they are not.
CORPORA = {
    "fixtures": lying(ROOT / "fixtures", fixtures),
    **{f"{name} pages": lying(EVAL / name / "html", pages) for name in ("news", "articles")},
    **{f"{name} scrapes": lying(EVAL / name / "text", scrapes) for name in ("news", "articles")},
    **{name: lying(BENCH, partial(made.measure, gold=GOLD), *GOLD) for name, made in MADE.items()},
}
