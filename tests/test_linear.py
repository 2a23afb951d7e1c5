"""Time grows with the input and not faster, whatever the input: every regular expression of the package, every stage, every reader.

Measured is CPU time while the input doubles, garbage collection off, the least of several turns. What grows faster than n^1.2
over all doublings is measured again, twice, before it counts: a busy machine slows single turns, never all of them.
"""
from __future__ import annotations

import ast
import gc
import json
import math
import re
import re._parser as sre_parse
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest

import cleaner
from cleaner.corpus.fit import row as corpus_row
from cleaner.io.inputs import Source
from cleaner.io.read import rows
from cleaner.pipeline import row_of
from cleaner.stages.boilerplate import decide
from cleaner.stages.decode import NotText, decode_bytes
from cleaner.view import html_document
from tests.fuzz.targets import Held

PACKAGE = Path(cleaner.__file__).parent
#: The greatest power of the length with which time may grow.
POWER = 1.2
#: Seconds below which a time is the clock's noise.
LEAST = 0.004


def seconds(work: Callable[[], object], turns: int) -> float:
    """The least CPU time of several turns."""
    best = math.inf
    for _ in range(turns):
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
    return best


def power(work: Callable[[int], Callable[[], object]], sizes: Sequence[int], turns: int = 2) -> float:
    """With which power of the length time grows: the slope between the shortest and the longest input that takes long enough to be measured."""
    gc.collect()
    gc.disable()
    try:
        times = [(n, max(seconds(work(n), turns), LEAST)) for n in sizes]
    finally:
        gc.enable()
    (least, short), (most, long) = times[0], times[-1]
    return math.log(long / short) / math.log(most / least)


def grows(work: Callable[[int], Callable[[], object]], sizes: Sequence[int]) -> float:
    """The power with which time grows; one above the limit is measured twice more, at last on the upper half of the sizes.

    A step, such as the stage's second to fourth look at texts from some length on, is not growth: it is not seen on both halves.
    """
    found = power(work, sizes)
    for turns, first in ((4, 0), (8, len(sizes) // 2)):
        if found > POWER:
            found = min(found, power(work, sizes[first:], turns))
    return found


# --- regular expressions -------------------------------------------------------------------------------------------------

#: Reports every pattern that code of the package compiles while its rooms are imported and a text, a page and a table are cleaned.
COLLECT = r"""
import importlib, json, pkgutil, re, sys
seen, compiled = {}, re._compile

def compile_and_tell(pattern, flags):
    out = compiled(pattern, flags)
    frame = sys._getframe(1)
    while frame and frame.f_globals.get("__name__") == "re":
        frame = frame.f_back
    room = frame.f_globals.get("__name__", "") if frame else ""
    if room.startswith("cleaner"):
        key = (out.pattern if isinstance(out.pattern, str) else out.pattern.decode("latin-1"), out.flags, isinstance(out.pattern, bytes))
        seen.setdefault(key, room)
    return out

re._compile = compile_and_tell
import cleaner
for room in pkgutil.walk_packages(cleaner.__path__, "cleaner."):
    if not room.name.startswith("cleaner.training") and "engines.warm" not in room.name:
        try:
            importlib.import_module(room.name)
        except ImportError as error:  # a room that needs an extra
            print(error, file=sys.stderr)
from tests.fuzz.seeds import PAGE, TEXTS
for text in TEXTS:
    cleaner.clean(text, html=False)
cleaner.clean(PAGE)
json.dump([(*key, room) for key, room in seen.items()], sys.stdout)
"""
#: What runs of are hard for one pattern or another.
ATOMS = [
    *"aA1é市 \t\n.,-'’“”\"»()[]<&@:|?_/…\u0301\u200b\ufffd\r", "a ", "A ", "a.", "A b ", "1 ", "0 ", ". ", "<a", "<!--", "a:", " |", "&amp;", "&amp", "1,", "12/", "Ann Lee ", "“ ", "a’", "â€", "Ã©", "\n\n", " \n", "\r\n",
]  # fmt: skip
#: What stands before and behind a run.
AROUND = ["", "!", "\0"]
#: Characters of a run, and seconds from which a pattern is suspected: a quadratic one takes tens of them.
SCREEN, SUSPECT = 8_192, 0.006


@cache
def patterns() -> list[tuple[str, int, bool, str]]:
    """Every pattern of the package: its text, flags, whether it is of bytes, and a room that compiles it."""
    done = subprocess.run([sys.executable, "-c", COLLECT], cwd=PACKAGE.parent, capture_output=True, text=True, check=True)
    return [tuple(found) for found in json.loads(done.stdout)]


@cache
def uses() -> dict[str, set[str]]:
    """For each pattern by its text how the package asks with it: the methods that are called on its name, in all rooms."""
    names: dict[str, set[str]] = defaultdict(set)
    asked: dict[str, set[str]] = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "re.compile" and isinstance(node.targets[0], ast.Name):
                arguments = node.value.args[0]
                if isinstance(arguments, ast.Constant):
                    text = arguments.value if isinstance(arguments.value, str) else arguments.value.decode("latin-1")
                    names[text].add(node.targets[0].id)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                asked[node.value.id].add(node.attr)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                asked[node.id].add("")  # the name as such, which may be handed on
    return {text: set().union(*(asked[n] - {""} if asked[n] != {""} else {""} for n in known)) for text, known in names.items()}


def asks(pattern: re.Pattern, methods: set[str]) -> Callable[[str | bytes], object]:
    """How a pattern is put to a text: at its beginning where the package does nothing else with it, everywhere otherwise."""
    if methods and methods <= {"match", "fullmatch"}:
        return pattern.match
    return lambda text: sum(1 for _ in pattern.finditer(text))


def literals(pattern: str, flags: int) -> set[str]:
    """The characters that a pattern names, to begin a text with."""
    found: set[str] = set()

    def look(part: object) -> None:
        if isinstance(part, tuple) and len(part) == 2 and part[0] is sre_parse.LITERAL:
            found.add(chr(part[1]))
        elif isinstance(part, (tuple, list, sre_parse.SubPattern)):
            for one in part:
                look(one)

    look(sre_parse.parse(pattern, flags & ~re.TEMPLATE if hasattr(re, "TEMPLATE") else flags))
    return found


def suspects(pattern: re.Pattern, ask: Callable, texts: Callable[[str, str, str, int], str | bytes], begins: list[str]) -> list[tuple[str, str, str]]:
    """The runs that a pattern takes long for."""
    found = []
    for run in ATOMS:
        for begin, end in [*(("", end) for end in AROUND), *((begin, "!") for begin in begins)]:
            for size in (SCREEN // 32, SCREEN):  # one that is worse than quadratic shows itself in the first
                begun = time.process_time()
                ask(texts(begin, run, end, size))
                if time.process_time() - begun > SUSPECT:
                    found.append((begin, run, end))
                    break
    return found


def test_every_pattern_takes_linear_time():
    assert len(patterns()) > 100
    slow = []
    for source, flags, of_bytes, room in patterns():
        pattern = re.compile(source.encode("latin-1") if of_bytes else source, flags)
        ask = asks(pattern, uses().get(source, set()))

        def texts(begin: str, run: str, end: str, size: int) -> str | bytes:
            text = begin + run * (size // len(run)) + end
            return text.encode("utf-8", "surrogatepass") if of_bytes else text  # noqa: B023

        begins = sorted(literals(source, flags))[:3] if not of_bytes else []
        for begin, run, end in suspects(pattern, ask, texts, begins):
            found = grows(lambda n: lambda t=texts(begin, run, end, n): ask(t), [SCREEN // 8, SCREEN // 4, SCREEN // 2, SCREEN])  # noqa: B023
            if found > POWER:
                slow.append(f"{room}: {source!r} takes n^{found:.1f} for {begin!r} + {run!r} * n + {end!r}")
                break
    assert not slow, "\n".join(slow)


def test_patterns_that_are_written_are_patterns_that_were_measured():
    """Every ``re.compile`` of a constant in the package is among the collected ones."""
    known = {source for source, *_ in patterns()}
    assert not [text for text in uses() if text not in known and not any(text in p.read_text("utf-8") for p in (PACKAGE / "training").glob("*.py"))]


def test_a_quadratic_pattern_is_found():
    pattern = re.compile(r"\s+x")
    assert suspects(pattern, lambda t: sum(1 for _ in pattern.finditer(t)), lambda begin, run, end, n: begin + run * (n // len(run)) + end, [])
    assert grows(lambda n: lambda t=" " * n: pattern.search(t), [4_000, 8_000, 16_000]) > POWER


# --- stages --------------------------------------------------------------------------------------------------------------

PROSE = "The harbour council of Velmond approved the new ferry line on Tuesday, after a debate that lasted four hours. "
SHAPES: dict[str, Callable[[int], str]] = {
    "spaces": lambda n: "a" + " " * n + "b", "no-break spaces": lambda n: "a" + "\xa0" * n + "b", "opening quotes": lambda n: "“" * n, "straight quotes": lambda n: '"' * n,
    "quotes and spaces": lambda n: "a “ " * (n // 4), "apostrophes": lambda n: "’" * n, "read also, one line": lambda n: "Read also " * (n // 10),
    "read also, lines": lambda n: "Read also: x\n\n" * (n // 14), "read also, in paragraphs": lambda n: (PROSE + "Read also: x.\n\n") * (n // 125),
    "prose without a newline": lambda n: PROSE * (n // len(PROSE)), "one word": lambda n: "a" * n, "one-letter paragraphs": lambda n: "a\n\n" * (n // 3),
    "different letters": lambda n: "".join(chr(97 + i % 26) + "\n\n" for i in range(n // 3)), "dots": lambda n: "." * n, "brackets": lambda n: "(" * n, "question marks": lambda n: "?" * n,
    "nested entities": lambda n: "&" + "amp;" * (n // 4), "mojibake": lambda n: "Ã©" * (n // 2), "twice mojibake": lambda n: "ÃƒÂ©" * (n // 4), "stray bytes": lambda n: "\udc80" * n,
    "accents on one letter": lambda n: "a" + "\u0301" * n, "invisible": lambda n: "\u200b" * n, "carriage returns": lambda n: "a\r" * (n // 2), "wrapped": lambda n: (PROSE[:52] + "\n" + PROSE[52:105] + "\n") * (n // 107),
    "dates": lambda n: "12/12/2024 " * (n // 11), "capitals": lambda n: "Aa" * (n // 2), "han": lambda n: "市" * n, "thai": lambda n: "ก" * n, "arabic": lambda n: "اخبار عاجلة " * (n // 12),
    "comments": lambda n: PROSE + "\n\nLeave a Reply\n\n" + "Ann says:\n\nhello there\n\nReply\n\n" * (n // 35), "bullets": lambda n: "- a\n" * (n // 4), "table rows": lambda n: "| a | b |\n" * (n // 10),
    "headings": lambda n: "# a\n\n" * (n // 5), "one paragraph again": lambda n: (PROSE + "\n\n") * (n // len(PROSE)), "nearly one paragraph": lambda n: "".join(f"{PROSE}{i} more\n\n" for i in range(n // 120)),
    "different words": lambda n: "".join(f"w{i} " for i in range(n // 7)), "addresses": lambda n: "http://a.b/c " * (n // 13), "labels": lambda n: "a: " * (n // 3), "bars": lambda n: "a | " * (n // 4),
    "newlines": lambda n: "\n" * n, "names": lambda n: "Ann Lee, " * (n // 9), "emoji": lambda n: "😀" * n, "short sentences": lambda n: "He. " * (n // 4), "short lines": lambda n: "".join(f"line {i % 97} x\n\n" for i in range(n // 12)),
    "two languages": lambda n: "Der Rat hat am Dienstag. The council met. " * (n // 42),
}  # fmt: skip
#: Those that the whole test suite tries; the others take minutes.
FIRST = ("spaces", "straight quotes", "read also, lines", "prose without a newline", "different letters", "carriage returns", "nearly one paragraph")
STAGES: dict[str, Callable] = {
    "repair": cleaner.repair.run, "phrases": decide, "boilerplate": cleaner.boilerplate.run, "duplicates": cleaner.duplicates.run, "language": cleaner.language.run,
    "topic": cleaner.topic.run, "corpus": corpus_row, "row": row_of, "notebook": html_document,
}  # fmt: skip


def slow_stages(shape: str, sizes: Sequence[int]) -> list[str]:
    """The stages that take more than linear time for a shape of text."""
    make = cache(lambda n: cleaner.segment(SHAPES[shape](n)))
    repaired = cache(lambda n: cleaner.repair.run(make(n)))
    work = {"segment": lambda n: lambda t=SHAPES[shape](n): cleaner.segment(t)}
    work |= {name: lambda n, run=run, doc=make if name == "repair" else repaired: lambda d=doc(n): run(d) for name, run in STAGES.items()}
    found = {name: grows(one, sizes) for name, one in work.items()}
    return [f"{name} takes n^{value:.2f} for {shape}" for name, value in found.items() if value > POWER]


@pytest.mark.parametrize("shape", FIRST)
def test_stages_take_linear_time(shape):
    assert not slow_stages(shape, [2_000, 4_000, 8_000])


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_stages_take_linear_time_for_long_texts(shape):
    assert not slow_stages(shape, [25_000, 50_000, 100_000, 200_000])


@pytest.mark.slow
@pytest.mark.parametrize("text", ["Read also: x\n\n" * 100_000, PROSE * 9_000, "a\n\n" * 100_000, "“" * 1_000_000, " a" * 500_000], ids=["read also", "a megabyte without newline", "one-letter paragraphs", "quotes", "letters"])
def test_the_longest_texts_are_cleaned(text):
    """A second for 100 kB in CPU time, at the most."""
    begin = time.process_time()
    doc = cleaner.clean(text, html=False)
    assert cleaner.restore(doc) == text and not [m for m in doc.marks if m.rule.startswith("error.")]
    assert time.process_time() - begin < len(text.encode()) / 100_000


# --- pages, bytes and files ------------------------------------------------------------------------------------------------

PAGES: dict[str, Callable[[int], str]] = {
    "nested": lambda n: "<div>" * (n // 5) + "a", "paragraphs": lambda n: "<p>a" * (n // 4), "links": lambda n: "<a href='/'>a</a> " * (n // 19), "lists": lambda n: "<ul><li>a" * (n // 9) + "</ul>",
    "tables": lambda n: "<table><tr><td>a" * (n // 16), "open tags": lambda n: "<p " * (n // 3), "comments": lambda n: "<p>a<!--" * (n // 8), "entities": lambda n: "<p>" + "&amp;" * (n // 5),
    "attributes": lambda n: "<p " + "a='b' " * (n // 6) + ">a", "one text": lambda n: "<p>" + PROSE * (n // len(PROSE)), "scripts": lambda n: "<script>a</script>" * (n // 18),
}  # fmt: skip


@pytest.mark.parametrize("shape", ["nested", "paragraphs", "links"])
def test_pages_take_linear_time(shape):
    assert grows(lambda n: lambda t=f"<html><body>{PAGES[shape](n)}": cleaner.extract(t), [2_000, 4_000, 8_000]) <= POWER


@pytest.mark.slow
@pytest.mark.parametrize("shape", PAGES)
def test_pages_take_linear_time_when_they_are_long(shape):
    assert grows(lambda n: lambda t=f"<html><body>{PAGES[shape](n)}": cleaner.extract(t), [12_500, 25_000, 50_000, 100_000]) <= POWER


BYTES: dict[str, Callable[[int], bytes]] = {
    "high": lambda n: b"\xe9" * n, "mixed rows": lambda n: ("é\n".encode() + b"\xe9\n") * (n // 5), "escapes": lambda n: b"\x1b$B!!\x1b(B" * (n // 8), "tags": lambda n: b"<" * n, "meta": lambda n: b"<meta charset=" * (n // 14),
    "stray": lambda n: "été ".encode() * (n // 6) + b"\xe9", "zeros": lambda n: b"a\0" * (n // 2), "quotes": lambda n: b"a\x93" * (n // 2),
}  # fmt: skip


@pytest.mark.parametrize("shape", BYTES)
def test_decoding_takes_linear_time(shape):
    def decode(data: bytes) -> None:
        try:
            decode_bytes(data)
        except NotText:
            pass

    assert grows(lambda n: lambda d=BYTES[shape](n): decode(d), [25_000, 50_000, 100_000, 200_000]) <= POWER


RECORD = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: %d\r\n\r\nabcdefgh\r\n\r\n"
FILES: dict[tuple[str, str], Callable[[int], bytes]] = {
    ("csv", "open quotes"): lambda n: b"a,b\n" + b'x,"y\n' * (n // 5), ("csv", "triple quotes"): lambda n: b"a,b\n" + b'x,"""\n' * (n // 6), ("csv", "odd and even"): lambda n: b"a,b\n" + b'x"",""y\nx,"\n' * (n // 11),
    ("csv", "one open quote"): lambda n: b'a,b\n"' + b"x,y\n" * (n // 4), ("csv", "delimiters"): lambda n: b"a,b\n" + b"," * n, ("jsonl", "broken lines"): lambda n: b"{\n" * (n // 2), ("jsonl", "brackets"): lambda n: b"[" * n,
    ("json", "open list"): lambda n: b"[" + b"{}," * (n // 3), ("json", "an open string"): lambda n: b'["' + b"a" * n, ("json", "brackets"): lambda n: b"[" * n, ("json", "backslashes"): lambda n: b'["' + b"\\" * n,
    ("warc", "lengths too large"): lambda n: RECORD % 9_999_999 * (n // 66), ("warc", "lengths beyond the limit"): lambda n: RECORD % 99_999_999 * (n // 67), ("warc", "lengths too small"): lambda n: RECORD % 5 * (n // 60),
    ("warc", "a header without end"): lambda n: b"WARC/1.0\r\n" + b"a: b\r\n" * (n // 6), ("warc", "no records"): lambda n: b"WARC/1.0\nx\n" * (n // 11), ("warc", "damaged members"): lambda n: b"\x1f\x8b\x08" * (n // 3),
    ("zip", "signatures"): lambda n: b"PK\x05\x06" * (n // 4), ("tar", "zeros"): lambda n: bytes(n),
}  # fmt: skip


@pytest.mark.parametrize(("form", "what"), FILES, ids=lambda x: x)
def test_readers_take_linear_time(form, what):
    def read(data: bytes) -> None:
        for _ in rows(Source("a", "a", form, Held(data)), 10_000_000):
            pass

    assert grows(lambda n: lambda d=FILES[form, what](n): read(d), [15_000, 30_000, 60_000]) <= POWER
