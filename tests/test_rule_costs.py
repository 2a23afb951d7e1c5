"""The command that measures the phrase book and writes what each row finds and loses beside it."""
from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections import Counter

import pytest

from cleaner.rules import cost, files, parse, rules

HEAD = 'source = "own"\nheadline = "Ferry sails"\nname = "Ann Lee"\ndate = "3 May 2024"\nprose = "He painted “{}” on the wall."\n'
TWO = HEAD + '\n[read_also]\n# the oldest wording\nsentence = [\n    "Read also:",\n    { pattern = "More:", source = "a \\"list\\"" },\n]\n'
PAGE = {
    "id": "1",
    "paragraphs": ["Read also: Ferry sails", "More: Eels", "It was a long book. More: the book that changed my life", "Read also: Eels"],
    "labels": ["boilerplate", "duplicate", "content", "mixed"],
    "gold": "It was a long book. More: the book that changed my life",
}
PAGES = [PAGE, {**PAGE, "paragraphs": ["Read also: Ferry sails"], "labels": ["content"]}, {**PAGE, "id": "2", "paragraphs": [], "labels": []}]


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "scrapes.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(p) + "\n" for p in PAGES)
    return list(cost.pages([str(path)]))


def test_words_found_and_lost(book):
    """A line of several scrapes of a page counts once, by its first label; gold is content; mixed says nothing."""
    costs, off = cost.settled(book, list(parse("en", TWO)))
    assert costs == {"en.read_also.sentence.read-also:": (4, 0), "en.read_also.sentence.more:": (2, 14)}
    assert off == {"en.read_also.sentence.more:"}


def test_a_why_keeps_a_row_on(book):
    rows = list(parse("en", TWO.replace('source = "a', 'why = "it is a list", source = "a')))
    assert cost.settled(book, rows)[1] == set()


def test_what_a_dear_row_no_longer_finds_falls_to_another_which_is_measured_too(book):
    rows = list(parse("en", TWO.replace('"Read also:"', '"More the {line}", "More"').replace("    { pattern", "    { pattern")))
    costs, off = cost.settled(book, rows)
    assert {"en.read_also.sentence.more:", "en.read_also.sentence.more"} <= off and costs["en.read_also.sentence.more"][1] > 0


def test_twins_of_other_languages_share_the_figures(book):
    rows = [*parse("en", TWO), *parse("af", TWO)]
    costs, off = cost.settled(book, rows)
    assert costs["af.read_also.sentence.more:"] == costs["en.read_also.sentence.more:"]
    assert off == {"en.read_also.sentence.more:", "af.read_also.sentence.more:"}


def test_figures_are_written_beside_the_row_and_nothing_else_changes(book):
    costs, off = cost.settled(book, list(parse("en", TWO)))
    once = cost.rewritten(TWO, parse("en", TWO), costs, off, cost.HEAD + "today")
    assert once == cost.HEAD + "today\n" + TWO.replace('"Read also:"', '{ pattern = "Read also:", found = 4, lost = 0 }').replace(
        '"a \\"list\\"" }', '"a \\"list\\"", found = 2, lost = 14, default = false }'
    )
    assert cost.rewritten(once, parse("en", once), costs, off, cost.HEAD + "today") == once
    assert cost.rewritten(once, parse("en", once), {}, set(), cost.HEAD + "today").removeprefix(cost.HEAD + "today\n") == TWO
    with pytest.raises(ValueError, match="one row a line"):
        cost.rewritten(TWO.replace('    "Read also:",\n', '    "Read also:", "Next:",\n'), parse("en", TWO), {}, set(), "")


def test_every_file_can_be_written_and_says_on_what_it_was_measured():
    heads = set()
    for file in files():
        text, name = file.read_text("utf-8"), file.name.removesuffix(".toml")
        rows = list(parse(name, text))
        head = text.partition("\n")[0]
        costs = {r.id: (r.found, r.lost) for r in rows if r.found is not None}
        assert cost.rewritten(text, rows, costs, {r.id for r in rows if not r.default}, head) == text
        heads.add(head)
    assert len(heads) == 1 and heads.pop().startswith(cost.HEAD)


def test_no_row_that_loses_more_than_it_finds_is_on_without_a_reason():
    dear = [r for r in rules() if r.lost and r.lost > r.found]
    assert dear and all(not r.default or len(r.row.get("why", "")) > 20 for r in dear)
    assert not [r.id for r in rules() if not r.default and not r.lost], "off without a loss"
    assert not [r.id for r in rules() if "why" in r.row and not (r.lost and r.lost > r.found)], "a reason that nothing asks for"


def test_tables_count_shared_wordings_once():
    def sums(by):
        return [int(c.replace(",", "")) for c in cost.table(by=by)[-1].split("|")[2:-1]]

    assert sums(cost.language) == sums(cost.category)
    rows, off, seen, found, lost = sums(cost.language)
    assert rows == len(rules()) and off == Counter(r.default for r in rules())[False]
    assert seen > 2000 and found > 20 * lost
    assert found < sum(r.found for r in rules() if r.found and r.default)


def test_the_book_is_ready_soon():
    """It stands at the beginning of every command; 0.4 s of CPU time on the machine where the figures were measured."""
    code = "import time; t = time.process_time(); from cleaner.rules import matcher; matcher(()); print(time.process_time() - t)"
    assert min(float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) for _ in range(2)) < 2


def test_the_command_prints_and_writes_only_when_asked(tmp_path, capsys):
    (tmp_path / "gold.jsonl").write_text(json.dumps({"text": "Read also: the book that changed my life\nIt was a long book."}) + "\n", "utf-8")
    before = [f.read_text("utf-8") for f in files()]
    cost.main([str(tmp_path / "gold.jsonl")])
    assert "| `en.read_also.sentence.read-also:` | no | 0 | 8 |" in capsys.readouterr().out
    assert [f.read_text("utf-8") for f in files()] == before
