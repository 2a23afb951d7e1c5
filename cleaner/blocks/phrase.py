"""What the phrase book tells the block model of a block. A light room: nothing here needs numpy."""
from __future__ import annotations

from typing import NamedTuple

#: Where a wording of the phrase book has to stand, by growing weight.
WEAK, EDGE, BLOCK, HEADER, TAIL = 1, 2, 3, 4, 5


class Phrase(NamedTuple):
    """A wording that a block is, or begins or ends with. place: WEAK to TAIL. row: the row's id."""

    place: int
    row: str
