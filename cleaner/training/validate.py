"""What the cutting stages do on pages of hosts that the block model has not seen; the figures of ``cleaner/data/MODEL.md``.

    python -m cleaner.training.text --articles ARTICLES --news NEWS --folds DIR
    python -m cleaner.training.validate DIR --articles ARTICLES --news NEWS

Every page goes through repair, boilerplate and duplicates with the model in DIR that its host was left out of. DIR receives
for each set one JSON line a scrape (id, scrape and the paragraphs kept) and the documents that came out worst.
"""
from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from cleaner.blocks.look import Reader
from cleaner.blocks.model import Model, judge
from cleaner.document import Block, Document, Meta
from cleaner.stage import Favor
from cleaner.stages.boilerplate import decide, is_prose
from cleaner.stages.duplicates import duplicates
from cleaner.stages.repair import repair
from cleaner.training.card import Tally, kept_texts, report, words, worst
from cleaner.training.copies import FOLDS, short

CARD = Path(__file__).parents[1] / "data" / "MODEL.md"
PLACE = re.compile(r"(<!-- measured -->\n).*?(<!-- end -->)", re.DOTALL)
#: Lines of residue that a tiny document gets, at most, beside three blocks of the article.
LINES = 3
#: One page in so many is cleaned in every way.
SAMPLED = 3
#: Rows of one task.
CHUNK = 40


def cleaned(texts: Iterable[str], title: str | None, model: Model, favor: Favor = "balanced") -> Document:
    """A document after the stages that cut."""
    doc = repair.run(Document("", tuple(Block(t) for t in texts), meta=Meta(title=title)))
    return duplicates.run(decide(doc, (), partial(judge, favor=favor, model=model, reader=Reader())))


def compared(row: dict) -> bool:
    """Whether a scrape is cleaned once more in other ways: twice, without its title, with every ``favor``."""
    return zlib.crc32(row["id"].encode()) % SAMPLED == 0


def cases(row: dict, gold: bool) -> Iterator[tuple[str, list[str], list[str], str | None, str | None]]:
    """What a scrape is tested as: kind, paragraphs, labels, title, gold text."""
    texts, labels = row["paragraphs"], row["labels"]
    yield row["scrape"], texts, labels, row["title"], row["gold"]
    if compared(row):
        yield "untitled", texts, labels, None, row["gold"]
    if gold:
        paragraphs = [t for line in row["gold"].split("\n") if (t := line.strip())]
        yield "gold", paragraphs, ["content"] * len(paragraphs), None, None
    if row["scrape"] == "visible":
        residue = [t for t, label in zip(texts, labels) if label == "boilerplate"]
        if len(residue) > LINES:
            yield "residue only", residue, ["boilerplate"] * len(residue), None, None
        for kind, paragraphs in (("tiny", True), ("tiny, any blocks", False)):
            if tiny := three_of(row, paragraphs):
                yield kind, *tiny, None, None
        if brief := short_article(row):
            yield "short", *brief, None, None


def three_of(row: dict, paragraphs: bool) -> tuple[list[str], list[str]] | None:
    """Three of the article's paragraphs, or of its blocks of any kind, in a row, and up to :data:`LINES` lines of the page's residue around them."""
    rng = random.Random(zlib.crc32(row["id"].encode()))
    body = [i for i, label in enumerate(row["labels"]) if label == "content" and (not paragraphs or is_prose(row["paragraphs"][i]))]
    lines = [i for i, label in enumerate(row["labels"]) if label == "boilerplate" and len(words(row["paragraphs"][i])) < 20]
    if len(body) < 3 or not lines:
        return None
    start = rng.randrange(len(body) - 2)
    chosen = sorted([*body[start : start + 3], *rng.sample(lines, min(len(lines), rng.randint(0, LINES)))])
    return [row["paragraphs"][i] for i in chosen], [row["labels"][i] for i in chosen]


def short_article(row: dict) -> tuple[list[str], list[str]] | None:
    """Up to six blocks of the article in a row between the page's own residue."""
    rng = random.Random(zlib.crc32(row["id"].encode()))
    body, residue = ([i for i, label in enumerate(row["labels"]) if label == name] for name in ("content", "boilerplate"))
    if len(body) < 2 or len(residue) < 12:
        return None
    chosen = short(body, residue, rng)
    return [row["paragraphs"][i] for i in chosen], [row["labels"][i] for i in chosen]


def tested(task: tuple[str, Path, list[tuple[dict, bool]]]) -> tuple[dict[tuple, Tally], list[tuple[str, dict]]]:
    """Some rows of a set through one model: sums by set, kind and what is compared, and what was kept of each scrape."""
    name, path, rows = task
    with np.load(path, allow_pickle=False) as stored:
        model = Model.of(dict(stored))
    tallies: dict[tuple, Tally] = defaultdict(Tally)
    predictions = []
    for row, fresh in rows:
        for kind, texts, labels, title, gold in cases(row, fresh):
            doc = cleaned(texts, title, model)
            rest = kept_texts(doc)
            scraped, lang = kind == row["scrape"], row["lang"] or "und"
            groups = [(name, "all", "balanced"), (name, "scrapes", lang)] if scraped else [(name, kind, lang)]
            for key in ((name, kind, "balanced"), *groups):
                tallies[key].add(f"{row['id']} {row['scrape']}", texts, labels, doc, gold)
            if scraped:
                predictions.append((name, {"id": row["id"], "scrape": kind, "keep": [i for i, t in enumerate(rest) if t]}))
            if not compared(row) or kind != "gold" and not scraped:
                continue
            same = all(kept_texts(cleaned([t for t in rest if t], title, model)))
            tallies[name, "twice", "balanced"].sums.update(documents=1, changed=int(not same))
            group = "gold, sampled" if kind == "gold" else "sampled"
            tallies[name, group, "balanced"].add(row["id"], texts, labels, doc, gold)
            for favor in ("precision", "recall"):
                tallies[name, group, favor].add(row["id"], texts, labels, cleaned(texts, title, model, favor), gold)
    return tallies, predictions


def validate(paths: Mapping[str, str], folder: Path, most: int | None = None) -> None:
    """Run every case through the model that has not seen its host, write what was kept, and put the figures into the model's card.

    most: so many pages of a set at most, drawn by their ids.
    """
    tasks, lines = [], []
    for name, path in paths.items():
        seen: set[str] = set()
        folds: list[list] = [[] for _ in range(FOLDS)]
        pages = sorted({row["id"] for row in read(path)}, key=lambda i: zlib.crc32(i.encode()))
        drawn = set(pages[:most])
        lines.append(f"{len(drawn)} of the {len(pages)} pages of {name}")
        for row in read(path):
            if row["id"] not in drawn:
                continue
            folds[zlib.crc32(row["host"].encode()) % FOLDS].append((row, row["id"] not in seen))
            seen.add(row["id"])
        tasks += [(name, folder / f"fold-{k}.npz", rows[i : i + CHUNK]) for k, rows in enumerate(folds) for i in range(0, len(rows), CHUNK)]
    tallies: dict[tuple, Tally] = defaultdict(Tally)
    predictions = defaultdict(list)
    with ProcessPoolExecutor() as pool:
        for sums, kept_rows in pool.map(tested, tasks):
            for key, tally in sums.items():
                tallies[key].merge(tally)
            for name, row in kept_rows:
                predictions[name].append(row)
    for name, kept_rows in predictions.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(p) + "\n" for p in kept_rows), "utf-8")
    (folder / "worst.txt").write_text("\n".join(worst(tallies)), "utf-8")
    table = "\n".join([f"On {' and '.join(lines)}.\n", *report(tallies, list(paths))])
    CARD.write_text(PLACE.sub(lambda m: m[1] + table + "\n" + m[2], CARD.read_text("utf-8")), "utf-8")
    print(table)


def read(path: str) -> Iterator[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the models of the folds are")
    parser.add_argument("--articles", required=True, metavar="SCRAPES.jsonl.gz")
    parser.add_argument("--news", required=True, metavar="SCRAPES.jsonl.gz")
    parser.add_argument("--most", type=int, metavar="PAGES", help="so many pages of a set at most, where time is short")
    a = parser.parse_args()
    validate({"articles": a.articles, "news": a.news}, a.folder, a.most)


if __name__ == "__main__":
    main()
