"""The facts of a corpus as sorted columns: a sixth of the memory of objects, for tables that grow with the corpus and that every worker holds."""
from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.corpus.templates import Line, Site

T = TypeVar("T")

#: The numbers of a column in Python's own arrays, which give them out as they are asked for.
CODES = {pa.uint64(): "Q", pa.int64(): "q", pa.float64(): "d"}


class Strings(Sequence[str]):
    """Texts in Arrow's memory."""

    def __init__(self, texts: pa.Array):
        self.texts = texts

    def __getitem__(self, place: int) -> str:
        return self.texts[place].as_py()

    def __len__(self) -> int:
        return len(self.texts)


class Keys(Set[int]):
    """The 64-bit keys between two places of a column, in ascending order, as a set."""

    _from_iterable = frozenset

    def __init__(self, keys: array, first: int, last: int):
        self.keys, self.first, self.last = keys, first, last

    def place(self, key: object) -> int:
        """The place of a key in the column, -1 where it is not among these."""
        at = bisect_left(self.keys, key, self.first, self.last)
        return at if at < self.last and self.keys[at] == key else -1

    def __contains__(self, key: object) -> bool:
        return self.place(key) >= 0

    def __iter__(self) -> Iterator[int]:
        return iter(self.keys[self.first : self.last])

    def __len__(self) -> int:
        return self.last - self.first


class Rows(Mapping[int, T]):
    """What is known of each key, in ascending order. row: makes it from its values in the columns."""

    def __init__(self, row: Callable[..., T], columns: Sequence[Sequence], keys: Keys):
        self.row, self.columns, self.among = row, columns, keys

    def __getitem__(self, key: int) -> T:
        if (at := self.among.place(key)) < 0:
            raise KeyError(key)
        return self.row(*(column[at] for column in self.columns))

    def __contains__(self, key: object) -> bool:
        return key in self.among

    def __iter__(self) -> Iterator[int]:
        return iter(self.among)

    def __len__(self) -> int:
        return len(self.among)


class Sites(Mapping[str, Site]):
    """Hosts in order of their names, with their lines and titles. hosts, lines, titles: tables with the columns of the statistics."""

    def __init__(self, hosts: pa.Table, lines: pa.Table, titles: pa.Table):
        hosts = ordered(hosts, "host")
        self.names, self.stories = columns(hosts, "host", "count")
        lines, self.lines = self.placed(lines)
        titles, self.titles = self.placed(titles)
        self.line_keys, *self.line_columns = columns(lines, "key", "count", "share", "hosts")
        (self.title_keys,) = columns(titles, "key")

    def placed(self, rows: pa.Table) -> tuple[pa.Table, array]:
        """Rows by host and key, and where those of each host begin."""
        rows = ordered(rows, "host", "key")
        host = pc.index_in(rows["host"], value_set=self.names.texts)
        return rows.filter(host.is_valid()), array("q", np.searchsorted(host.drop_null().to_numpy(), np.arange(len(self.names) + 1)).tobytes())

    def __getitem__(self, host: str) -> Site:
        at = bisect_left(self.names, host)
        if at == len(self.names) or self.names[at] != host:
            raise KeyError(host)
        lines = Rows(Line, self.line_columns, Keys(self.line_keys, *self.lines[at : at + 2]))
        return Site(self.stories[at], lines, Keys(self.title_keys, *self.titles[at : at + 2]))

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def keyed(rows: pa.Table, row: Callable[..., T], *names: str) -> Rows[T]:
    """What a table says of each key. names: the columns that ``row`` takes."""
    keys, *values = columns(ordered(rows, "key"), "key", *names)
    return Rows(row, values, Keys(keys, 0, len(keys)))


def ordered(rows: pa.Table, *by: str) -> pa.Table:
    """Rows in the order of some columns; of several that are the same in these, the last."""
    rows = rows.sort_by([(name, "ascending") for name in by])
    if len(rows) < 2:
        return rows
    changes = [pc.not_equal(rows[name].slice(1), rows[name].slice(0, len(rows) - 1)).to_numpy() for name in by]
    return rows.filter(np.append(np.logical_or.reduce(changes), True))


def columns(rows: pa.Table, *names: str) -> list[Sequence]:
    """Some columns of a table by place."""
    found = (rows[name].combine_chunks() for name in names)
    return [array(CODES[c.type], c.to_numpy().tobytes()) if c.type in CODES else Strings(c) for c in found]
