"""What each rule costs and finds: ``python -m cleaner.rules.cost FILE… [--worst N]``.

FILE is JSON lines, also ``.gz``. A row with ``text`` is a gold text, of which every cut word is a cost; a row with
``paragraphs`` and ``labels`` is a labelled scrape, of which cut ``content`` is a cost and other cut paragraphs are finds
(``mixed`` and ``title`` say nothing). Prints one line a rule, dearest first, and the totals a category.
"""
from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from cleaner.document import Block, Document
from cleaner.rules import count
from cleaner.stages.boilerplate import boilerplate

FOUND = ("boilerplate", "duplicate")


def labelled(paths: Iterable[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Paragraphs and labels of each row of the files; a gold text is all content."""
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else Path(path).open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                paragraphs = row.get("paragraphs") or [t for p in row["text"].split("\n") if (t := p.strip())]
                yield paragraphs, row.get("labels") or ["content"] * len(paragraphs)


def measure(paths: Iterable[str], **options: object) -> dict[str, Counter]:
    """For each rule id (or rule name where no row decided) the words and blocks it cost and found; total under ``""``."""
    table: dict[str, Counter] = {"": Counter()}
    for paragraphs, labels in labelled(paths):
        doc = boilerplate(Document("", tuple(Block(p) for p in paragraphs)), **options)
        table[""].update(words=sum(count(p) for p, label in zip(paragraphs, labels) if label == "content"))
        for mark in doc.marks:
            if labels[mark.block] in ("content", *FOUND):
                side = "cost" if labels[mark.block] == "content" else "found"
                text = paragraphs[mark.block][mark.start : mark.end]
                for name in (mark.detail if mark.rule not in DECISIONS else mark.rule, ""):
                    row = table.setdefault(name, Counter())
                    row[f"{side}_words"] += count(text)
                    row[f"{side}_blocks"] += 1
    return table


DECISIONS = tuple(f"boilerplate.{name}" for name in ("comment", "section", "tail", "context", "empty_section"))


def main(argv: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--worst", type=int, default=40, help="how many rules to print (40)")
    parser.add_argument("--no-context", action="store_true", help="rules alone")
    args = parser.parse_args(argv)
    table = measure(args.files, context=not args.no_context)
    total = table.pop("")
    print(f"{total['words']} words of content, {total['cost_words']} cut ({total['cost_words'] / max(1, total['words']):.3%});"
          f" {total['found_blocks']} blocks of residue found, {total['found_words']} words")
    print(f"{'rule':60} cost words  blocks  found words  blocks")
    ranked = sorted(table.items(), key=lambda r: (-r[1]["cost_words"], -r[1]["found_words"], r[0]))
    for name, row in ranked[: args.worst]:
        print(f"{name:60} {row['cost_words']:10} {row['cost_blocks']:7} {row['found_words']:12} {row['found_blocks']:7}")


if __name__ == "__main__":
    main()
