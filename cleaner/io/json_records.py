"""The records of JSON files: one a line, a list of them, or one alone; of a large file only a piece is in memory."""
from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

#: Characters that are read at a time.
PIECE = 1 << 20

BETWEEN = re.compile(r"[\s,]*")


class Broken(NamedTuple):
    """What stands in place of a value that cannot be read, and why; "" where it was only too large."""

    why: str


def as_text(data: bytes) -> str:
    """UTF-8 with stray bytes as surrogate escapes, which ``repair`` decodes."""
    return data.decode("utf-8-sig", "surrogateescape")


def bounded_lines(file: BinaryIO, limit: int) -> Iterator[bytes | None]:
    """The lines of a binary file; None for one of more than ``limit`` bytes, which is never held in memory whole."""
    while line := file.readline(limit + 1):
        if len(line) <= limit or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(limit)
        yield None


def line_values(file: BinaryIO, limit: int) -> Iterator[tuple[int, Any]]:
    """The number of each line that is not empty, from 0, and its value."""
    for number, line in enumerate(bounded_lines(file, limit)):
        if line is None:
            yield number, Broken("")
        elif line.strip():
            try:
                yield number, json.loads(as_text(line.strip()))
            except (ValueError, RecursionError) as error:
                yield number, Broken(f"not JSON ({error}); mend the line, each holds one object")


def listed_values(file: BinaryIO, limit: int) -> Iterator[Any]:
    """The values in a list, or that stand one behind the other. A broken one ends the reading: nobody knows where it ends.

    limit: characters of the longest value.
    """
    text, decode = io.TextIOWrapper(file, "utf-8-sig", "surrogateescape"), json.JSONDecoder().raw_decode
    held, ended = text.read(PIECE).lstrip(), False
    inside = held.startswith("[")
    place = int(inside)
    while True:
        place = BETWEEN.match(held, place).end()
        if inside and held.startswith("]", place):
            return
        if place == len(held) and ended:
            if inside:
                yield Broken("the list is not closed; the file breaks off")
            return
        try:
            value, place = decode(held, place)
            yield value
        except (ValueError, RecursionError) as error:
            if ended or len(held) - place > limit:
                yield Broken(f"not JSON ({error}), and what stands behind it is not read; mend the file, or write a record a line")
                return
            more = text.read(max(PIECE, len(held) - place))
            held, place, ended = held[place:] + more, 0, not more
