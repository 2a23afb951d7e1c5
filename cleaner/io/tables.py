"""CSV records, found again behind one whose quotes are broken.

A reader that trusts every quote takes an open one for the beginning of a field that ends pages later, or never, and with it
goes what lies between. Here a record that cannot be right costs itself.
"""
from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import NamedTuple, TextIO

BROKEN = "its quotes are broken ({why}); a quote inside a field is written twice. Read on at line {next}"
TOO_LARGE = "more than {limit:,} bytes; --max-bytes raises the limit"

csv.field_size_limit(2**31 - 1)  # a field that is too large is rejected with its record, not by the parser


class Record(NamedTuple):
    """One record: its fields, the line of the file where it begins, from 1, or the status it gets and what is wrong with it."""

    values: list[str]
    line: int = 1
    failure: tuple[str, str] | None = None


class TooLarge(Exception):
    """A record goes on beyond the limit."""


class Lines:
    """The lines of a file, of which those of the present record can be read again."""

    def __init__(self, file: TextIO, limit: int):
        self.file, self.limit = file, limit
        self.ahead: list[str] = []
        self.taken: list[str] = []
        self.number, self.size = 1, 0

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        """The next line for the parser. Raises TooLarge; of a line beyond the limit the rest is passed over."""
        line = self.ahead.pop() if self.ahead else self.file.readline(self.limit + 1)
        if not line:
            raise StopIteration
        if len(line) > self.limit and not line.endswith(("\n", "\r")):
            while (rest := self.file.readline(self.limit)) and not rest.endswith(("\n", "\r")):
                pass
            line += "\n"
        self.taken.append(line)
        self.size += len(line)
        if self.size > self.limit + 1:
            raise TooLarge
        return line

    def keep(self, count: int) -> None:
        """Be done with so many lines of the record; the others are read again."""
        self.ahead.extend(reversed(self.taken[count:]))
        self.number += min(count, len(self.taken))
        self.taken, self.size = [], 0


def csv_records(file: TextIO, delimiter: str, limit: int) -> Iterator[Record]:
    """The records of a CSV file, the header first; empty lines are left out.

    limit: characters of the longest record. A record is broken when its quotes contradict the format, or stand open at the
    end of the file or beyond the limit. The lines behind its first one belong to it, up to the next that begins a whole
    record with as many fields as the header has.
    """
    lines, width = Lines(file, limit), 0
    while True:
        number, why = lines.number, ""
        try:
            values = next(csv.reader(lines, delimiter=delimiter, strict=True), None)
        except csv.Error as error:
            values, why = loose(lines.taken[0], delimiter, width), str(error)
        except TooLarge:
            values, why = [], "" if len(lines.taken) == 1 else f"one stands open for {limit:,} characters"
            if not why:
                yield Record([], number, ("too_large", TOO_LARGE.format(limit=limit)))
        if values is None and not why:
            return
        lines.keep(1 if why else len(lines.taken))
        if why and not values:
            find_record(lines, delimiter, width)
            yield Record([], number, ("error.invalid_csv", BROKEN.format(why=why, next=lines.number)))
        elif values:
            width = width or len(values)
            yield Record(values, number)


def loose(line: str, delimiter: str, width: int) -> list[str]:
    """The fields of a line whose quotes contradict the format, where read generously it is a whole record; else none."""
    alone = iter([line, None])
    values = next(csv.reader(iter(alone.__next__, None), delimiter=delimiter))
    whole = next(alone, "read") is None  # the parser asked for no further line
    return values if whole and len(values) == width else []


def find_record(lines: Lines, delimiter: str, width: int) -> None:
    """Pass over lines up to one that begins a whole record. A line out of a broken one may have the right number of commas."""
    while True:
        try:
            values = next(csv.reader(lines, delimiter=delimiter, strict=True), None)
        except (csv.Error, TooLarge):
            values = []
        if values is None or len(values) == width and well_quoted(lines.taken, values):
            lines.keep(0)
            return
        lines.keep(1)


def well_quoted(lines: list[str], values: list[str]) -> bool:
    """Whether the quotes in the fields were written as they must be: each twice, and the field in two."""
    return sum(line.count('"') for line in lines) >= sum(2 + 2 * value.count('"') for value in values if '"' in value)
