"""Imported by the process that workers are forked from: rules, profiles and models are loaded once there, and shared."""
from __future__ import annotations

import gc

from cleaner.pipeline import Pipeline
from cleaner.stages.segment import segment

PARAGRAPH = "The council of the town met on Monday to speak about the new ferry line. The mayor said that the café on the pier reopens in May."

Pipeline().run(segment("\n\n".join(f"{PARAGRAPH} {PARAGRAPH} It was item {n} of the agenda." for n in range(8))))
gc.collect()
gc.freeze()  # a collection in a worker would write to what is shared, and so copy it
