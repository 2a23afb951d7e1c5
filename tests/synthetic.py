"""A run of any size, written straight as Parquet: `python tests/synthetic.py 100000 OUT`. Made up from a seed, no text of anyone."""
from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaner import schema

WORDS = "council harbour ferry line vote budget mayor storm bridge school winter region union strike court river museum market train".split()
CUTS = [
    ("boilerplate", f"boilerplate.{c}") for c in "read_also related most_read comments share follow newsletter paywall cookie ad photo_credit byline legal tags navigation context section".split()
] + [("duplicates", "duplicate.exact"), ("duplicates", "duplicate.near"), ("extract", "extract.not_main")]  # fmt: skip
FLAGS = [("topic", "topic.off_topic"), ("topic", "topic.promo"), ("language", "language.foreign")]
LANGUAGES = ["en"] * 5 + ["de", "fr", "ar", "ru", "hi", "zh"]


def sentence(rng: random.Random, words: int) -> str:
    """So many words that end like a sentence."""
    return (" ".join(rng.choices(WORDS, k=words)) + ".").capitalize()


def document(rng: random.Random, number: int, hosts: int) -> tuple[dict, list[dict]]:
    """One article of some 2,500 characters and its marks: five cuts, an edit now and then, a flag now and then."""
    host = f"site-{min(int(rng.paretovariate(0.6)), hosts)}.example.org"
    id, blocks, marks, kept = f"https://{host}/{number}", rng.randint(12, 30), [], []
    for n in range(blocks):
        text = sentence(rng, rng.randint(4, 40))
        about = {"id": id, "block": n, "start": 0, "end": len(text), "score": None, "text": text, "replacement": None, "detail": ""}
        if n and rng.random() < 0.25:
            stage, rule = rng.choice(CUTS)
            marks.append(about | {"action": "cut", "stage": stage, "rule": rule})
            continue
        if rng.random() < 0.03:
            stage, rule = rng.choice(FLAGS)
            marks.append(about | {"action": "flag", "stage": stage, "rule": rule, "score": rng.random() * 5, "detail": "2 of its 3 distinctive words occur nowhere else"})
        if rng.random() < 0.05:
            marks.append(about | {"end": 3, "action": "edit", "stage": "repair", "rule": "repair.quotes", "text": "â€œ", "replacement": text[:3]})
        kept.append(text if n % 9 or rng.random() > 0.2 else f"The {host} desk letter")
    body = "\n\n".join(kept)
    row = {"id": id, "text": body, "title": sentence(rng, 8), "url": id, "host": host, "lang": rng.choice(LANGUAGES), "lang_score": 1.0, "status": "ok"}
    sizes = {"paragraphs_in": blocks, "paragraphs_out": len(kept), "chars_out": len(body), "chars_in": sum(map(len, kept)) + sum(len(m["text"]) for m in marks if m["action"] == "cut")}
    if rng.random() < 0.01:
        row |= {"status": "error.timeout", "error": f"crawl.warc, record {number}: it took more than 60 seconds; --timeout raises the limit"}
    return row | sizes | ({"duplicate_of": f"https://{host}/{number - 1}"} if rng.random() < 0.02 else {}), marks


def write(out: Path, documents: int, seed: int = 0, each: int = 500, hosts: int = 2_000, different: int = 5_000) -> Path:
    """Write a run of so many documents in parts; after so many ``different`` ones their texts come again under other ids."""
    rng = random.Random(seed)
    for folder in ("articles", "rejected", "marks"):
        (out / folder).mkdir(parents=True)
    tables = []
    for first in range(0, min(documents, different), each):
        made = [document(rng, n, hosts) for n in range(first, min(first + each, documents))]
        rows = {"articles": [r for r, _ in made if r["status"] == "ok"], "rejected": [r for r, _ in made if r["status"] != "ok"], "marks": [m for _, ms in made for m in ms]}
        tables.append({name: pa.Table.from_pylist(chosen, schema.MARK if name == "marks" else schema.ARTICLE) for name, chosen in rows.items()})
    for part in range(-(-documents // each)):
        for name, table in tables[part % len(tables)].items():
            ids = pc.binary_join_element_wise(table["id"], f"{part // len(tables)}", "?copy=")
            pq.write_table(table.set_column(0, table.schema.field(0), ids.cast(pa.string())), out / name / f"part-{part:05d}.parquet", compression="zstd")
    note = {
        "cleaner_version": "0", "config_hash": "0" * 16, "state": "finished", "started": "2026-01-01T00:00:00+00:00", "seconds": 1.0, "unknown_files": [],
        "inputs": {"files": 1, "bytes": 1}, "settings": {"stages": []}, "counts": {"cpu": {"boilerplate": 1.0}},
    }  # fmt: skip
    (out / "run.json").write_text(json.dumps(note))
    return out


if __name__ == "__main__":
    write(Path(sys.argv[2]), int(sys.argv[1]))
