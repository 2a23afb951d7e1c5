"""CPU seconds by name, of stages and of documents."""
from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

#: CPU seconds by name.
Clock = dict[str, float]

#: Documents of a batch, and of a run, whose CPU seconds are told.
SLOWEST = 20


@contextmanager
def timed(clock: Clock, name: str) -> Iterator[None]:
    """Add the CPU seconds of what is done inside to an entry of the clock."""
    start = time.process_time()
    try:
        yield
    finally:
        clock[name] = clock.get(name, 0.0) + time.process_time() - start


def slowest(spent: Mapping[str, float]) -> Clock:
    """The :data:`SLOWEST` entries with most CPU seconds, those first."""
    return {name: round(seconds, 4) for name, seconds in sorted(spent.items(), key=lambda item: (-item[1], item[0]))[:SLOWEST]}
