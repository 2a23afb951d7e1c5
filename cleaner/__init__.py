"""Clean scraped news text: boilerplate, damaged encodings, duplicates and off-topic fragments, with a mark for every decision.

``import cleaner`` is light: a name is loaded with its room when it is first used.
"""
from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_ROOMS = {
    "cleaner.document": ("Block", "Document", "Hints", "Mark", "Meta", "render", "restore"),
    "cleaner.pipeline": ("DEFAULT", "Pipeline", "clean", "fit"),
    "cleaner.changes": ("Comparison", "compare"),
    "cleaner.io.records": ("Reading",),
    "cleaner.corpus.stats": ("Stats",),
    "cleaner.io.write": ("Writing",),
    "cleaner.engines.local": ("Summary", "run"),
    "cleaner.stages.decode": ("decode",),
    "cleaner.stages.extract": ("extract",),
    "cleaner.stages.segment": ("segment",),
    "cleaner.stages.repair": ("repair",),
    "cleaner.stages.boilerplate": ("boilerplate",),
    "cleaner.stages.repeats": ("repeats",),
    "cleaner.stages.duplicates": ("duplicates",),
    "cleaner.stages.language": ("Language", "language"),
    "cleaner.stages.topic": ("topic",),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = sorted(_HOME)

#: The stages by name, in the order of the flow.
STAGES = tuple(name for room, names in _ROOMS.items() if room.startswith("cleaner.stages.") for name in names if name.islower())


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'cleaner' has no attribute {name!r}; it has: {', '.join(__all__)}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
