"""What each rule finds and costs: ``python -m cleaner.rules.cost SCRAPES… [--write]``.

SCRAPES is JSON lines, also ``.gz``. A row is a scrape with ``id`` (of its page), ``paragraphs``, ``labels`` and perhaps the
page's ``gold`` text, or a gold text alone in ``text``. A rule **finds** the words that it cuts from paragraphs labelled
``boilerplate`` or ``duplicate``, and **loses** those that it cuts from ``content`` and from gold (``mixed`` and ``title`` say
nothing). What stands in several scrapes of a page counts once, by its first label. Rows with the same wording in several
languages all get what the wording found: which of them is asked first is chance.

Prints the sums by language and category and the dearest rules. ``--write`` writes ``found`` and ``lost`` beside each row that
cut anything, the data's digest and the day into each file's first line, and ``default = false`` beside those that lose more
than they find and have no ``why``. It begins with every row on and measures again without the dear ones until there are no
more, as what one row no longer finds falls to another.
"""
from __future__ import annotations

import argparse
import datetime
import gzip
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from cleaner.rules import Matcher, Rule, count, files, parse, ranked, rules
from cleaner.rules.match import WHOLE
from cleaner.stages.boilerplate import phrases

RESIDUE = ("boilerplate", "duplicate")
#: The scrapes of one page: paragraphs and their labels.
Page = list[tuple[list[str], list[str]]]
#: Words found and words lost, by row id.
Costs = dict[str, tuple[int, int]]

#: What the command writes into a row.
WRITTEN = ("found", "lost", "default")
HEAD = "# found, lost: words, "
ROW = re.compile(r'    (?:"(?:[^"\\]|\\.)*"|\{ .* \}),')


def pages(paths: Iterable[str]) -> Iterator[Page]:
    """The pages of the files; scrapes of a page stand together."""
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else Path(path).open(encoding="utf-8") as lines:
            numbered = ((row.get("id", n), row) for n, row in enumerate(map(json.loads, lines)))
            for _, group in groupby(numbered, key=lambda pair: pair[0]):
                scrapes = [row for _, row in group]
                labelled = [(row["paragraphs"], row["labels"]) for row in scrapes if "labels" in row]
                gold = next((text for row in scrapes if (text := row.get("gold") or row.get("text"))), "")
                body = [text for line in gold.split("\n") if (text := line.strip())]
                yield [*labelled, (body, ["content"] * len(body))]


def cuts(texts: list[str], book: Matcher) -> Iterator[tuple[int, str, Rule]]:
    """What the rules alone cut: the paragraph's number, the words, the rule."""
    whole = phrases(texts, [book.block(t) for t in texts])
    for n, text in enumerate(texts):
        for match in [whole[n]] if n in whole else book.parts(text):
            yield n, text[match.start : match.end], match.rule


def wording(rule: Rule) -> tuple[str, ...]:
    """What rows share that find the same."""
    return rule.front, rule.words, rule.behind, "whole" if rule.where in WHOLE else "end" if rule.where == "end" else "opening"


def measured(book: Iterable[Page], chosen: Iterable[Rule]) -> dict[tuple[str, ...], Counter]:
    """For each wording of the chosen rules that cut anything: words ``found`` and ``lost``."""
    matcher, table = Matcher(ranked(chosen)), defaultdict(Counter)
    for page in book:
        seen = set()
        for texts, labels in page:
            for n, text, rule in cuts(texts, matcher):
                key = wording(rule)
                if labels[n] in ("content", *RESIDUE) and (key, text) not in seen:
                    seen.add((key, text))
                    table[key]["found" if labels[n] in RESIDUE else "lost"] += count(text)
    return table


def settled(book: list[Page], every: list[Rule]) -> tuple[Costs, set[str]]:
    """The costs of all rows, and those that are to be off. A row's figures are of the last round in which it was on."""
    costs: Costs = {}
    off: set[str] = set()
    while True:
        on = [r for r in every if r.id not in off]
        table = measured(book, on)
        costs |= {r.id: (t["found"], t["lost"]) for r in on if (t := table.get(wording(r)))}
        dear = {r.id for r in on if "why" not in r.row and r.id in costs and costs[r.id][1] > costs[r.id][0]}
        if not dear:
            return costs, off
        off |= dear


def rewritten(text: str, chosen: Iterable[Rule], costs: Costs, off: Container[str], head: str) -> str:
    """A file of the phrase book with its rows' figures, nothing else changed. Raises ValueError for a row not on its own line."""
    lines, rows = text.split("\n"), iter(chosen)
    for n, line in enumerate(lines):
        if line.startswith("    "):
            if not ROW.fullmatch(line):
                raise ValueError(f"one row a line, please: {line!r}")
            rule = next(rows)
            row: dict[str, object] = {k: v for k, v in rule.row.items() if k not in WRITTEN}
            if rule.id in costs:
                row["found"], row["lost"] = costs[rule.id]
            lines[n] = f"    {as_toml(row | ({'default': False} if rule.id in off else {}))},"
    return "\n".join([head, *lines[lines[0].startswith(HEAD) :]])


def as_toml(row: Mapping[str, object]) -> str:
    """A row as its file has it: the wording alone, or a table on one line."""
    shown = {k: json.dumps(v, ensure_ascii=False) for k, v in row.items()}
    return shown["pattern"] if len(shown) == 1 else "{ " + ", ".join(f"{k} = {v}" for k, v in shown.items()) + " }"


def table(chosen: Iterable[Rule] | None = None, *, by: Callable[[Rule], str]) -> list[str]:
    """A Markdown table of the figures of these rows, or of all that are installed; a wording of several languages counts for the first that is asked."""
    sums, told = defaultdict(Counter), set()
    for rule in ranked(rules() if chosen is None else chosen):
        row = sums[by(rule)]
        row.update(rows=1, off=not rule.default)
        if rule.found is not None and rule.default and wording(rule) not in told:
            told.add(wording(rule))
            row.update(seen=1, found=rule.found, lost=rule.lost)
    sums["all"] = sum(sums.values(), Counter())
    ordered = sorted(sums.items(), key=lambda s: (s[0] == "all", s[0]))
    lines = (f"| {k} | {r['rows']:,} | {r['off']} | {r['seen']:,} | {r['found']:,} | {r['lost']:,} |" for k, r in ordered)
    return [f"| {by.__name__} | rows | off | seen | words found | words lost |", "|---|---:|---:|---:|---:|---:|", *lines]


def language(rule: Rule) -> str:
    """The column of a table by languages."""
    return rule.language


def category(rule: Rule) -> str:
    """The column of a table by categories."""
    return rule.category


def dearest(chosen: Iterable[Rule] | None = None, *, worst: int) -> list[str]:
    """The rules that lose most, as a Markdown table."""
    lossy = sorted((r for r in (rules() if chosen is None else chosen) if r.lost), key=lambda r: (-r.lost, r.found, r.id))[:worst]
    lines = (f"| `{r.id}` | {'yes' if r.default else 'no'} | {r.found} | {r.lost} |" for r in lossy)
    return ["| row | on | found | lost |", "|---|---|---:|---:|", *lines]


def applied(costs: Costs, off: Container[str], head: str) -> Iterator[tuple[str, str, list[Rule]]]:
    """Each file of the phrase book with new figures: its name, its text, its rows."""
    for file in files():
        name, text = file.name.removesuffix(".toml"), file.read_text("utf-8")
        text = rewritten(text, parse(name, text), costs, off, head)
        yield file.name, text, list(parse(name, text))


def main(argv: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="SCRAPES")
    parser.add_argument("--write", action="store_true", help="write the figures beside the rows")
    parser.add_argument("--worst", type=int, default=40, help="how many rows to print (40)")
    args = parser.parse_args(argv)
    book = list(pages(args.files))
    costs, off = settled(book, rules())
    digests = ", ".join(hashlib.sha256(Path(f).read_bytes()).hexdigest()[:12] for f in args.files)
    head = f"{HEAD}on {len(book)} labelled pages (sha256 {digests}), {datetime.date.today()}, by `make rule-costs`"
    every = []
    for name, text, rows in applied(costs, off, head):
        every += rows
        if args.write:
            Path(__file__).with_name(name).write_text(text, "utf-8")
    for lines in (table(every, by=language), table(every, by=category), dearest(every, worst=args.worst)):
        print("\n".join(lines), end="\n\n")


if __name__ == "__main__":
    main()
