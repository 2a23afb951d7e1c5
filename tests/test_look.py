"""Looking before trusting: explain, compare, diff, dry runs and switches."""
from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import hostile
import pytest
from click.testing import CliRunner
from hypothesis import given
from strategies import texts

import cleaner
from cleaner.cli import main
from cleaner.document import Block, Document, Mark, restored_blocks
from cleaner.io import outputs
from cleaner.switches import EARLY, LATE, OPTIONS, categories, switch
from cleaner.view import pieces, visible, words_diff

FIXTURES = Path(__file__).parents[1] / "fixtures"
LINES = [
    "Velmond approves ferry",
    "The harbour council of Velmond approved the new ferry line on Tuesday, after a long debate.",
    "Read Also: The trial of the harbour master",
    "The mayor said that the cafÃ© at the pier would stay open for the whole winter.",
    "Leave A Reply",
]


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "in" / "a.txt"
    path.parent.mkdir()
    path.write_text("\n\n".join(LINES))
    return path


@pytest.fixture
def out(file, tmp_path) -> Path:
    call("run", file, "-o", tmp_path / "out", "--workers", 1, "--quiet")
    return tmp_path / "out"


def call(*args: object, code: int = 0, colour: bool = False) -> str:
    result = CliRunner().invoke(main, [str(a) for a in args], env={"FORCE_COLOR": "1"} if colour else {"COLUMNS": "200"}, color=colour)
    assert result.exit_code == code, result.output
    return result.output


# --- explain -------------------------------------------------------------------------------------------------------------


def test_explain_says_rule_wording_score_switch_and_edit(file):
    shown = call("explain", file)
    assert re.search(r"cut boilerplate.read_also [\d.]* +wording 'Read also:' \(en, sentence\)  off: --disable read_also", shown)
    assert "'Ã©' → 'é'" in shown and "caf[-Ã©-]{+é+} at the pier" in shown  # the old wording stands before the new
    assert re.search(r"\[-Read Also: [^\n]*-\]", shown)
    coloured = call("explain", file, colour=True)
    assert re.search(r"\x1b\[(9;31|31;9)mRead Also", coloured)  # struck through, in the stage's colour


def test_explain_of_a_run_is_explain_of_the_file(file, out):
    of_file, of_run = call("explain", file), call("explain", out, "a.txt")
    assert [line for line in of_file.splitlines() if "└" in line] == [line for line in of_run.splitlines() if "└" in line]
    assert "no document 'b'" in call("explain", out, "b", code=2)
    assert "give its ID" in call("explain", out, code=2) and "go with a FILE" in call("explain", out, "a.txt", "--disable", "share", code=2)


def test_explain_for_machines(file, out):
    data = json.loads(call("explain", out, "a.txt", "--json"))
    assert [b["text"] for b in data["blocks"]][2] == LINES[2] and data["blocks"][3]["was"] == LINES[3]
    cut = data["blocks"][2]["marks"][0]
    assert (cut["rule"], cut["wording"], cut["off"]) == ("boilerplate.read_also", "Read also:", "--disable read_also")
    assert json.loads(call("explain", file, "--json"))["text"] == data["text"]


@pytest.mark.parametrize("sentence", ["The trial of the  harbour master", "read also: the trial"])
def test_which_rule_cut_this_sentence(file, out, sentence):
    for target in (file, out):
        shown = call("explain", target, "--find", sentence)
        assert "block 2: cut" in shown and "off: --disable read_also" in shown
    assert json.loads(call("explain", out, "--find", sentence, "--json"))[0]["marks"][0]["rule"] == "boilerplate.read_also"


def test_a_sentence_that_stays_and_one_that_never_was(file, out):
    assert "block 1: touched by no rule" in call("explain", out, "--find", "approved the new ferry line")
    assert "block 3: repaired" in call("explain", out, "--find", "would stay open") or "touched by no rule" in call("explain", out, "--find", "would stay open")
    assert "has 'nobody wrote this'" in call("explain", out, "--find", "nobody wrote this", code=3)


def test_a_run_gives_its_documents_back(tmp_path):
    """Blocks and decisions of a document from its rows are those of the document itself."""
    call("run", FIXTURES / "corpus" / "text", "-o", tmp_path / "out", "--workers", 1, "--quiet")
    for path in sorted((FIXTURES / "corpus" / "text").glob("*.txt")):
        doc, again = cleaner.clean(path.read_bytes()), outputs.document(*outputs.find_document(tmp_path / "out", path.name))
        assert [b.text for b in again.blocks] == [b.text for b in doc.blocks] and again.text.split() == doc.text.split()
        assert restored_blocks(again) == restored_blocks(doc)
        assert [(m.block, m.start, m.end, m.rule, m.action) for m in again.marks] == [(m.block, m.start, m.end, m.rule, m.action) for m in doc.marks]


# --- pieces --------------------------------------------------------------------------------------------------------------


@given(texts)
def test_pieces_hold_the_whole_text(text):
    doc = cleaner.repair(cleaner.boilerplate(cleaner.segment(text)))
    for n, block in enumerate(doc.blocks):
        found = pieces(block.text, [m for m in doc.marks if m.block == n])
        assert "".join(p.text for p in found if p.kind != "was") == block.text
        assert "".join(p.text for p in found if p.kind not in ("was", "cut")) == "".join(cleaner.document.kept(doc)[n])


def test_a_cut_covers_a_flag_and_deletions_are_shown():
    marks = [Mark(0, 0, 9, "t", "t.f", "flag"), Mark(0, 4, 9, "t", "t.c", "cut", ""), Mark(0, 2, 2, "r", "r.e", "edit", "", None, "", "\u200b")]
    assert [(p.text, p.kind) for p in pieces("One two. ", marks)] == [("On", "flag"), ("\u200b", "was"), ("e ", "flag"), ("two. ", "cut")]


@pytest.mark.parametrize("attack", hostile.ATTACKS)
def test_visible_leaves_nothing_to_obey(attack):
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") for c in visible(attack))


def test_visible_keeps_what_scripts_need():
    text = "می‌خواهم क्‍ष \u06dd١ naïve"
    assert visible(text) == text


# --- compare -------------------------------------------------------------------------------------------------------------


def test_compare_shows_what_changed():
    doc = cleaner.clean("\n\n".join(LINES))
    found = cleaner.compare("\n\n".join(LINES), doc)
    assert "[-Read Also: The trial of the harbour master-]" in str(found) and "[-cafÃ-][-©-]" not in str(found) and "{+café+}" in str(found)
    assert "<del" in found._repr_html_() and found and not cleaner.compare(doc, doc.text)
    assert "paragraphs that stay" in str(cleaner.compare("\n".join("abcdef"), "\n".join("abcdeX")))
    with pytest.raises(TypeError, match="expected str or Document"):
        cleaner.compare("a", 3)


@given(texts, texts)
def test_a_comparison_holds_both_texts(a, b):
    for before, after in ((a, b), (a, a + "\n\nmore"), (a, "")):
        parts = [p for line in cleaner.compare(before, after).lines for p in line]
        for text, other in ((before, "new"), (after, "was")):
            assert "".join("".join(p.text for p in parts if p.kind != other).split()) == "".join(text.split())


def test_words_diff_of_large_texts_is_quick():
    found = words_diff("a b " * 50_000, "c d " * 50_000)
    assert [p.kind for p in found if p.text.strip()] == ["was", "new"]


# --- diff ----------------------------------------------------------------------------------------------------------------


def test_diff_names_settings_documents_and_rules(file, out, tmp_path):
    call("run", file.parent, "-o", tmp_path / "b", "--workers", 1, "--quiet", "--disable", "read_also")
    shown = call("diff", out, tmp_path / "b")
    assert "boilerplate.disable: [] → ['read_also']" in shown and "1 documents differ" in shown
    assert re.search(r"cut boilerplate.read_also +1 +0 +1 +0", shown) and "{+Read Also: The trial of the harbour master+}" in shown
    data = json.loads(call("diff", out, tmp_path / "b", "--json"))
    assert data["changed"] == 1 and data["rules"][0]["gone_example"] == LINES[2] and data["samples"][0]["id"] == "a.txt"
    same = json.loads(call("diff", out, out, "--json"))
    assert (same["changed"], same["rules"], same["samples"], same["settings"]) == (0, [], [], [])


def test_diff_of_other_inputs_says_so(file, out, tmp_path):
    (file.parent / "b.txt").write_text("\n\n".join(LINES[:2]))
    call("run", file.parent, "-o", tmp_path / "b", "--workers", 1, "--quiet")
    shown = call("diff", out, tmp_path / "b")
    assert "different inputs" in shown and "only after: 1" in shown
    assert "run.json is missing" in call("diff", out, file.parent, code=2)


# --- trying --------------------------------------------------------------------------------------------------------------


def test_a_dry_run_counts_and_writes_nothing(file, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    shown = call("run", file.parent, "--dry-run", "--sample", 5)
    assert "1 documents" in shown and "boilerplate.read_also" in shown and "nothing was written" in shown
    assert sorted(tmp_path.rglob("*")) == before
    assert "goes with --dry-run" in call("run", file, "--sample", 5, code=2) and "--out" in call("run", file, code=2)


def test_a_dry_run_counts_what_the_run_counts(tmp_path):
    call("run", FIXTURES / "corpus" / "text", "-o", tmp_path / "out", "--workers", 1, "--quiet")
    counts = json.loads((tmp_path / "out" / "run.json").read_text())["counts"]["rules"]
    shown = call("run", FIXTURES / "corpus" / "text", "--dry-run", "--sample", 10_000)
    for rule, n in counts.items():
        assert re.search(rf"{re.escape(rule.partition(' ')[2])} +{n:,}\n?", shown), rule


def test_the_sample_is_spread_and_always_the_same(tmp_path):
    from cleaner.engines.trial import sample
    from cleaner.io.inputs import Inputs
    from cleaner.io.records import Reading

    for name in "abc":
        (tmp_path / f"{name}.jsonl").write_text("\n".join(json.dumps({"id": f"{name}{n}", "text": LINES[1]}) for n in range(500)))
    (tmp_path / "d.txt").write_text(LINES[1])
    one, two = (sample(Inputs(tmp_path), 31, Reading()) for _ in range(2))
    assert one == two and len(one) == 31
    by_file = [sum(r["source"] == f"{name}.jsonl" for r in one) for name in "abc"]
    assert all(n == 10 for n in by_file) and sum(r["source"] == "d.txt" for r in one) == 1
    assert max(r["row"] for r in one if r["source"] == "a.jsonl") > 20  # not only its beginning


def test_only_and_disable(file):
    shown = call("run", file, "--dry-run", "--only", "repair")
    assert "repair.mojibake" in shown and "boilerplate" not in shown
    shown = call("run", file, "--dry-run", "--disable", "read_also", "--disable", "repair", "--disable", "en.comments.tail.leave-a-reply")
    assert "read_also" not in shown and "repair." not in shown
    assert "did you mean 'read_also'?" in call("run", file, "--dry-run", "--disable", "read_alos", code=2)
    assert "did you mean 'repair'?" in call("run", file, "--dry-run", "--only", "repare", code=2)


def test_every_cut_and_flag_has_a_switch_that_works(tmp_path):
    """Each rule that acts on the fixtures is gone when `run` is given what `explain` prints beside it."""
    corpus = FIXTURES / "corpus"
    call("run", corpus, "-o", tmp_path / "a", "--quiet")
    rules = json.loads((tmp_path / "a" / "run.json").read_text())["counts"]["rules"]
    acting = sorted({r.partition(" ")[2] for r in rules if not r.startswith("edit segment")})
    flags = [part for rule in acting for part in switch(rule).split(" ", 1)]
    assert all(map(switch, acting)) and flags
    call("run", corpus, "-o", tmp_path / "b", "--quiet", *flags)
    left = json.loads((tmp_path / "b" / "run.json").read_text())["counts"]["rules"]
    assert [r for r in left if r.partition(" ")[2] in acting] == []


def test_the_list_of_switches_is_complete():
    """Every rule name in the source has a switch of its own or belongs to a stage that can be left out."""
    source = "\n".join(p.read_text("utf-8") for folder in ("stages", "corpus", "topics") for p in (FIXTURES.parent / "cleaner" / folder).rglob("*.py"))
    named = set(re.findall(r'"((?:boilerplate|duplicate|extract|decode|language|topic|repair)\.[a-z_]+)"', source))
    assert {"topic.off_topic", "duplicate.wire", "decode.lost"} <= named
    for rule in named:
        assert switch(rule), rule
    flags = {r for r in named if r.startswith(("topic", "duplicate", "language", "decode"))}
    assert flags <= {*OPTIONS, *EARLY, *LATE} and "read_also" in categories()


def test_overrule_takes_back_cuts_and_flags_but_no_edit():
    from cleaner.stages.overrule import overrule

    doc = Document("", (Block("One two."),), (Mark(0, 0, 3, "a", "a.b", "cut", ""), Mark(0, 4, 7, "a", "a.b", "edit", "two", None, "", "tow")))
    assert [m.action for m in overrule(doc, rules=("a.b",)).marks] == ["edit"]


# --- hostile -------------------------------------------------------------------------------------------------------------


def assert_plain(shown: str) -> None:
    rest = re.sub(hostile.COLOURS, "", shown)
    assert not [c for c in rest if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")]


def test_no_command_sends_the_terminal_anything_but_text_and_colours(tmp_path):
    out = hostile.run(tmp_path)
    id = f"6{hostile.ATTACKS[6]}"
    source = tmp_path / "a\x1b[2J.txt"
    source.write_text("\n\n".join([*[hostile.PROSE + a for a in hostile.ATTACKS], "Leave A Reply"]), "utf-8")
    for args in (
        ["explain", source], ["explain", source, "--json"], ["explain", source, "--html"], ["explain", out, id], ["explain", out, id, "--json"],
        ["explain", out, "--find", "Leave A Reply"], ["run", source, "--dry-run"], ["diff", out, out],
    ):  # fmt: skip
        assert_plain(call(*args, colour=True))
    call("run", source, "-o", tmp_path / "b", "--workers", 1, "--quiet")
    assert_plain(call("diff", out, tmp_path / "b", colour=True))
    assert_plain(call("explain", out, "\x1b[2J", colour=True, code=2))
    doc = hostile.evil(cleaner.clean("\n\n".join(hostile.ATTACKS), html=False))
    assert_plain(str(cleaner.compare("\n\n".join(hostile.ATTACKS), doc)))
