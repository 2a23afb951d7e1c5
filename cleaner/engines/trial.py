"""Trying settings on a sample before the run: the same counts, no output folder."""
from __future__ import annotations

import hashlib
import heapq
import os
import time
from collections.abc import Iterable
from itertools import islice
from math import ceil
from pathlib import Path
from typing import Any

import pyarrow as pa

from cleaner import schema
from cleaner.engines.local import NothingToDo, Summary
from cleaner.io.inputs import Inputs, Source
from cleaner.io.read import rows
from cleaner.io.records import Reading, record
from cleaner.io.write import count
from cleaner.pipeline import Pipeline

#: A file's share of the sample is drawn from so many times as many of its first records: crawls come sorted by host, and
#: reading a file to its end would take as long as the run.
WINDOW = 20

#: The output folder of a run that has none.
NOWHERE = Path()


def trial(
    inputs: str | os.PathLike | Iterable[str | os.PathLike],
    number: int = 200,
    *,
    pipeline: Pipeline | None = None,
    reading: Reading = Reading(),
    timeout: float = 60.0,
) -> Summary:
    """Clean a sample of the input in this process and count what happens; nothing is written.

    number: documents, at most. They come from as many files as possible, the same ones each time: files and records by the
    hash of their names, records among the first of a file. timeout: seconds of wall time for one document.

    Raises NothingToDo and FileNotFoundError.
    """
    begin, files = time.monotonic(), Inputs(inputs)
    records = sample(files, number, reading)
    if not records:
        raise NothingToDo("no record in the input that a reader knows")
    summary = Summary(NOWHERE, unknown_files=list(files.unknown))
    for first in range(0, len(records), reading.batch_rows):
        batch = pa.RecordBatch.from_pylist(records[first : first + reading.batch_rows], schema.RECORD)
        summary.add(count((pipeline or Pipeline()).batch(batch, timeout=timeout)))
    summary.seconds = time.monotonic() - begin
    return summary


def sample(files: Inputs, number: int, reading: Reading) -> list[dict[str, Any]]:
    """So many records of the input, from as many files as possible."""
    chosen = heapq.nsmallest(number, files, key=lambda source: lot(source.name))
    quota, found, before = ceil(number / max(1, len(chosen))), [], -1
    while before < len(found) < number:
        before = len(found)
        found = [pair for source in chosen for pair in enumerate(drawn(source, quota, reading))]
        quota *= 2
    return [one for _, one in sorted(found, key=lambda pair: pair[0])[:number]]


def drawn(source: Source, most: int, reading: Reading) -> list[dict[str, Any]]:
    """So many of a file's first records, chosen by lot."""
    own = pa.schema([])
    records = (record(source, row, reading, own) for row in islice(rows(source, reading.max_bytes), most * WINDOW))
    return heapq.nsmallest(most, records, key=lambda r: lot(f"{r['source']}\0{r['row']}\0{r['id']}"))


def lot(name: str) -> bytes:
    """A number that says nothing about what it was made from and is the same each time."""
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
