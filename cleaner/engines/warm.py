"""Imported by the process that workers are forked from: rules, profiles and models are loaded once there, and shared.

So is whatever else a worker loads for its first shard; pyarrow alone loads all of pandas when it makes a column.
"""
from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from cleaner import schema
from cleaner.engines.pool import Job, clean_data
from cleaner.pipeline import Pipeline

PARAGRAPH = "The council of the town met on Monday to speak about the new ferry line. The mayor said that the café on the pier reopens in May."
TEXT = "\n\n".join(f"{PARAGRAPH} {PARAGRAPH} It was item {n} of the agenda." for n in range(8))

job = Job(Pipeline(), Path(), {}, timeout=0)
records = pa.RecordBatch.from_pylist([{"id": "", "_form": "text", "_content": TEXT.encode()}], schema.RECORD)
clean_data(job, records)
clean_data(replace(job, first=True), records)
gc.collect()
gc.set_threshold(2_000, 10, 50)  # a page makes thousands of objects and hardly a circle of them: .965 of a run's CPU time, the same memory
gc.freeze()  # a collection in a worker would write to what is shared, and so copy it
