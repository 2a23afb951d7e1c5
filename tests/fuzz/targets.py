"""What is fuzzed: one function a trust border, ``bytes -> None``, that raises where a promise is broken.

Nothing here needs a fuzzer: ``make fuzz`` feeds the functions from coverage-guided mutation, a test from the seeds and from
``tests/cases/hostile.jsonl``, where every input that once broke a promise stands.
"""
from __future__ import annotations

import io
import time
import unicodedata
from collections.abc import Callable
from typing import NamedTuple


import cleaner
from cleaner import config, schema
from cleaner.document import Block, Document, Mark, restored_blocks
from cleaner.edits import Rewrite
from cleaner.halves import packed, unpacked
from cleaner.io import outputs, write
from cleaner.io.inputs import Source
from cleaner.io.read import rows
from cleaner.io.records import Reading, batches, own_schema
from cleaner.pipeline import row_of
from cleaner.rules import matcher
from cleaner.stages.boilerplate import decide
from cleaner.stages.decode import NotText, decode_bytes
from cleaner.text.addresses import host_of
from cleaner.view import HIDDEN, NEEDED, html_document, visible

#: Seconds of CPU that 100,000 bytes may take, and any input.
SECONDS = 1.0
#: Readers get a limit that a small input can break.
READING = Reading(max_bytes=2_000, batch_rows=16)


class Broken(AssertionError):
    """A promise that an input breaks."""


def promised(true: object, what: str) -> None:
    """Raise Broken unless something holds; not ``assert``, which python -O leaves out."""
    if not true:
        raise Broken(what)


def text_of(data: bytes) -> str:
    """Any bytes as a text as readers make it: stray ones become lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def sound(doc: Document, text: str | None = None) -> None:
    """The invariants of a document that came of a text."""
    for m in doc.marks:
        promised(-1 <= m.block < len(doc.blocks), "a mark points to a block that is not there")
        size = len(doc.blocks[m.block].text) if m.block >= 0 else 0
        promised(0 <= m.start <= m.end and (m.end <= size or m.action == "edit"), "a mark points outside its block")  # an edit: of its time
        promised((m.replacement is None) == (m.action == "flag"), "only a flag has no replacement")
        promised(text is None or not m.rule.startswith("error."), f"a stage failed: {m.detail}")
    if text is not None:
        promised(cleaner.restore(doc) == text, "restore does not give the text back")
        known = set(text) | {c for m in doc.marks for c in m.replacement or ""} | {"\n"}
        promised(set(doc.text) <= known, "a character was invented")
    row_of(doc)


# --- text ----------------------------------------------------------------------------------------------------------------


def decode(data: bytes) -> None:
    """Bytes in whatever encoding: a text, or NotText."""
    try:
        found = decode_bytes(data)
    except NotText:
        return
    promised(isinstance(found.text, str) and found.encoding, "decode names no encoding")
    promised(len(found.text) <= len(data) + 1, "decode gives more characters than there are bytes")


def extract(data: bytes) -> None:
    """A page; what a library fails on is a mark, a text without tags a ValueError."""
    try:
        doc = cleaner.extract(text_of(data))
    except ValueError as error:
        promised("no tag" in str(error), f"extract raised {error}")
        return
    sound(doc)


def segment(data: bytes) -> None:
    """A plain text."""
    text = text_of(data)
    sound(cleaner.segment(text), text)


def repair(data: bytes) -> None:
    """Damaged characters; twice equals once."""
    text = text_of(data)
    once = cleaner.repair(cleaner.segment(text))
    sound(once, text)
    promised(cleaner.repair(once) == once, "repair changes its own result")


def rules(data: bytes) -> None:
    """The phrase book: whole blocks, and what it finds inside one."""
    text, book = text_of(data), matcher()
    for found in (book.block(text), *book.parts(text)):
        promised(found is None or 0 <= found.start < found.end <= len(text) or not text, "a match outside its block")


def boilerplate(data: bytes) -> None:
    """The decisions from phrases and from what follows them, without the block model."""
    text = text_of(data)
    sound(decide(cleaner.segment(text)), text)


def clean(data: bytes) -> None:
    """All stages on a text."""
    text = text_of(data)
    sound(cleaner.clean(text, html=False), text)


# --- files ---------------------------------------------------------------------------------------------------------------


class Held:
    """A file system that holds one file in memory."""

    def __init__(self, data: bytes):
        self.data = data

    def open(self, path: str, mode: str) -> io.BytesIO:
        """The file."""
        return io.BytesIO(self.data)


def read_file(form: str) -> Callable[[bytes], None]:
    """The reader of a format: rows, their own columns, and batches of records, with every failure named."""

    def target(data: bytes) -> None:
        source = Source(f"in.{form}", f"in.{form}", form, Held(data))
        for row in rows(source, READING.max_bytes):
            if row.failure:
                status, reason = row.failure
                promised(status and "\t" not in status and reason.startswith(source.name), f"a failure without status or file: {row.failure}")
        own = own_schema([source], READING)
        total = sum(batch.num_rows for batch in batches([source], READING, own))
        promised(total, "a file without a record is not told")

    target.__doc__ = f"A {form} file."
    return target


# --- decisions and names -------------------------------------------------------------------------------------------------


def decisions(data: bytes) -> Document:
    """A document with cuts, edits and flags where the bytes say: the first 24 are the marks, the rest is the text."""
    plan, text = data[:24], text_of(data[24:])
    doc = cleaner.segment(text)
    if not doc.blocks:
        return doc
    blocks, marks = list(doc.blocks), list(doc.marks)
    for kind, number, start, length in zip(*[iter(plan)] * 4):
        n = number % len(blocks)
        size = len(blocks[n].text)
        begin = start % (size + 1)
        end = min(size, begin + length)
        if kind % 3 == 2 and not any(m.block == n for m in marks):
            rewrite = Rewrite(blocks[n].text)
            rewrite.replace(begin, end, chr(97 + kind % 26) * (length % 5), "repair.fuzz")
            if rewrite.text.strip() == rewrite.text and rewrite.text:
                blocks[n] = Block(rewrite.text, blocks[n].kind, blocks[n].hints, blocks[n].before)
                marks += rewrite.marks(n, "repair")
        elif kind % 3 == 1:
            marks.append(Mark(n, begin, end, "fuzz", "fuzz.cut", "cut", ""))
        elif begin < end:
            marks.append(Mark(n, begin, end, "fuzz", "fuzz.flag", "flag", None, 0.5, text[:9]))
    return Document(doc.id, tuple(blocks), tuple(marks), doc.meta, doc.tail)


def restore(data: bytes) -> None:
    """Decisions taken back: in memory, from the rows of a run, and from what lies between two passes."""
    doc = decisions(data)
    promised(cleaner.restore(doc) == text_of(data[24:]), "restore does not give the text back")
    kept = packed(doc)
    promised(kept is not None and unpacked(kept, {}) == doc, "a document is not what was packed")
    row = row_of(doc)
    marks = schema.mark_rows(doc)
    again = "\n\n".join(map(str, map(schema.storable, restored_blocks(doc)))) if doc.blocks else ""
    stored = {k: row[k] for k in row if k != "_marks"}
    promised(outputs.restored(stored | {"id": ""}, marks) == again, "the rows of a run do not give the text back")


def settings(data: bytes) -> None:
    """A configuration file and an option of the command line; only ConfigError may come of it."""
    text = text_of(data)
    try:
        found = config.parse(text, "cleaner.toml")
        names = found.get("stages", ())
        if not (isinstance(names, (list, tuple, str)) and any(":" in str(n) for n in names)):  # a stage of the user's own is code
            config.pipeline(found)
    except config.ConfigError as error:
        promised(str(error), "an error without a word")
    try:
        config.assignment(text)
    except config.ConfigError:
        pass


def names(data: bytes) -> None:
    """Hosts and folders out of a stranger's mouth, and what a screen shows of them."""
    text = text_of(data)
    for host in (host_of(text), host_of(f"https://{text}/")):
        promised(host is None or host.isascii(), "a host that may look like another one")
    stored = schema.storable(text) or ""
    folder = write.folder_value(stored, 5)
    promised(0 < len(folder) <= write.LONGEST_NAME and not set(folder) & set("/\\\0 "), "no name for a folder")
    promised("host=" + folder not in (".", ".."), "a folder that leads elsewhere")
    shown = visible(text)
    promised(not any(unsafe(c) for c in shown), "a screen would obey it")


def unsafe(c: str) -> bool:
    """Whether a screen may obey a character."""
    return c != "\t" and c not in NEEDED and unicodedata.category(c) in HIDDEN


def notebook(data: bytes) -> None:
    """A document as a notebook shows it: no tag of its own gets through."""
    shown = html_document(decisions(data))
    ours = ("div", "p", "small", "del", "ins", "mark", "em")
    promised(all(tag.lstrip("/").startswith(ours) for tag in shown.split("<")[1:]), "a tag of the document's")


class Target(NamedTuple):
    """A function to be fuzzed. longest: bytes of an input, at the most."""

    run: Callable[[bytes], None]
    longest: int = 1_000


TARGETS: dict[str, Target] = {
    "decode": Target(decode), "extract": Target(extract, 4_000), "segment": Target(segment), "repair": Target(repair, 400),
    "rules": Target(rules, 500), "boilerplate": Target(boilerplate, 2_000), "clean": Target(clean, 3_000), "restore": Target(restore, 300),
    "config": Target(settings, 200), "names": Target(names, 80), "notebook": Target(notebook, 400),
    **{form: Target(read_file(form), 4_000) for form in ("csv", "jsonl", "json", "warc", "parquet", "zip", "tar")},
}  # fmt: skip


def run(name: str, data: bytes) -> None:
    """One input through a target. Raises whatever the target does, and Broken where it takes too long."""
    begin = time.process_time()
    TARGETS[name].run(data)
    used, may = time.process_time() - begin, SECONDS * max(1.0, len(data) / 100_000)
    promised(used <= may, f"{len(data)} bytes took {used:.2f} s, more than {may:.2f}")
