"""A corpus whose every field wants to run in its reader's browser or terminal."""
from __future__ import annotations

import json
from pathlib import Path

import cleaner

SCRIPT = "<script>window.pwned=1</script>"
ATTACKS = [
    SCRIPT,
    "</script><script>window.pwned=2</script><!--",
    "</style></title></textarea><img src=x onerror=window.pwned=3>",
    "\"><svg onload=window.pwned=4><a href='javascript:window.pwned=5'>x</a>",
    "' onmouseover='window.pwned=6' autofocus onfocus='window.pwned=7",
    "{{ 7*7 }}{% include '/etc/passwd' %}${window.pwned=8}",
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x9b31m\x1b]8;;http://evil.example\x07link",
    "\u202egnp.exe\u2066 \u200f hidden \ufeff\U000e0041",
    "[red]markup[/red] [link=javascript:window.pwned=9]x[/link]",
    "<![CDATA[<script>window.pwned=10</script>]]>\x00\x08\x7f",
]
PROSE = "The harbour council of Velmond approved the new ferry line on Tuesday, after a debate that lasted for four hours. "
#: What a terminal may be sent beside plain text: colours.
COLOURS = r"\x1b\[[0-9;]*m"


def evil(doc: cleaner.Document) -> cleaner.Document:
    """A stage whose rule names, details and replacements are attacks."""
    blocks = [i for i, _ in doc.live()][:3]
    marks = [cleaner.Mark(i, 0, 5, "evil" + a, f"evil.{a}", "flag", None, 1.5, a) for i in blocks for a in ATTACKS[:8]]
    return doc.add(marks + [cleaner.Mark(0, 0, 3, "evil", "evil.cut" + SCRIPT, "cut", "", 0.5, SCRIPT)])


def write(folder: Path) -> Path:
    """The corpus as JSON lines: attacks in ids, titles, hosts, urls, languages, authors and texts, and a title of a megabyte."""
    rows = []
    for n, attack in enumerate(ATTACKS):
        text = "\n\n".join([f"{attack} {PROSE}", PROSE + attack, "Leave A Reply", f"Read Also: {attack}", PROSE * 3 + f"({attack})"])
        url = ["javascript:window.pwned=11", f"http://{attack}/", f"https://evil.example/{attack}", f"//x{attack}"][n % 4]
        rows.append({"id": f"{n}{attack}", "title": attack, "url": url, "lang": attack, "author": attack, "date": attack, "text": text})
    rows.append({"id": "long" + "x" * 100_000, "title": ("T" * 999_990) + SCRIPT, "text": PROSE * 5000 + "\n\nLeave A Reply\n\n" + PROSE})
    rows.append({"id": "empty" + SCRIPT, "title": SCRIPT, "text": ""})
    path = folder / f"hostile-{len(rows)}.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return path


def run(folder: Path) -> Path:
    """The corpus cleaned, with the evil stage at the end."""
    out = folder / "hostile <script>window.pwned=12</script>"
    cleaner.run(write(folder), out, pipeline=cleaner.Pipeline([*cleaner.DEFAULT, evil]), workers=1)
    return out
