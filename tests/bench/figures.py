"""A figure of quality with its noise, and the files of JSON lines that it comes from.

A figure is a ratio of sums over documents, so that its noise can be told: the standard error that the choice of documents makes.
"""
from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple


class Figure(NamedTuple):
    """value: higher is better, 1 is perfect. noise: its standard error over the documents of the corpus."""

    value: float
    noise: float


def ratio(pairs: Iterable[tuple[float, float]]) -> Figure:
    """The sum of the first numbers over that of the second; its standard error is that of a ratio estimator (linearised)."""
    pairs = list(pairs)
    whole = sum(b for _, b in pairs)
    if not whole:
        return Figure(1.0, 0.0)
    value = sum(a for a, _ in pairs) / whole
    return Figure(value, sum((a - value * b) ** 2 for a, b in pairs) ** 0.5 / whole)


def jsonl(path: Path) -> Iterator[dict]:
    """The rows of a file of JSON lines, gzipped or not."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def write(rows: Iterable[dict], path: Path) -> Path:
    """Rows as JSON lines."""
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(r) + "\n" for r in rows)
    return path
