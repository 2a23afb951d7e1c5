"""A stage that takes its time, so that there is some to do something to a run in."""
from __future__ import annotations

import time

import cleaner


def slow(doc: cleaner.Document) -> cleaner.Document:
    time.sleep(0.1)
    return doc
