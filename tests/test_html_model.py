"""The block model for HTML: columns of any page, overruling and falling back, one dial, and what documents and tables hold."""
from __future__ import annotations

import importlib.resources

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from test_extract import BODY, HOSTILE, PAGE

import cleaner
from cleaner import config, extract, restore
from cleaner.cli import main
from cleaner.document import render
from cleaner.html.columns import Page, measure
from cleaner.html.model import DOUBT, FALLBACK, FILES, LIMITS, decided, judge, settled, shipped
from cleaner.html.page import main_blocks, parse, take_out
from cleaner.html.visible import read_blocks
from cleaner.io import outputs

FAVORS = ("precision", "balanced", "recall")
MORE = [
    "Divers had looked at the piles in January and found that two of every three could stay where they are for another decade.",
    "The ferry company wants to sail twice a day from May on, and three times on Saturdays as long as the market lasts.",
    "Until then the mail goes by road over the northern bridge, which takes the driver about an hour and a half each way.",
    "The council is to meet again on the second Monday of March, when the engineers will show the plans to the public.",
]


def page(*parts: str) -> str:
    menu = "".join(f'<li><a href="/{n}">{n}</a></li>' for n in ("Home", "Politics", "Sport", "Weather", "Jobs", "Letters"))
    foot = "".join(f'<a href="/{n}">{n}</a> ' for n in ("Imprint", "Privacy", "Contact", "Terms of use"))
    return f"""<!DOCTYPE html><html><head><title>Council votes to rebuild the pier | Bay Courier</title></head><body>
<nav class="main-nav"><ul>{menu}</ul></nav><main><article class="story"><h1>Council votes to rebuild the pier</h1>
<div class="story-body">{"".join(parts)}</div></article></main><footer class="site-footer">{foot}</footer></body></html>"""


def paragraphs(lines: list[str]) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


LINKS = ["Snow closes the schools", "Minister resigns over the bridge", "Ten soups for the winter", "What the harbour costs the town", "A night with the lifeboat crew"]


def test_the_models_are_small_and_know_their_columns():
    assert sum(importlib.resources.files("cleaner").joinpath("data", name).stat().st_size for name in FILES) <= 300_000
    blocks, places = read_blocks(parse(PAGE))
    for model in shipped():
        assert set(model.names) <= set(measure(Page(blocks, places, [False] * len(blocks))).columns)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kept", [True, False])
def test_columns_of_any_page_are_numbers(name, kept):
    tree = parse(HOSTILE[name])
    blocks, places = read_blocks(tree) if tree is not None else ([], [])
    judged = judge(Page(blocks, places, [kept] * len(blocks)))
    assert len(judged.keep) == len(judged.probability) == len(blocks) and np.isfinite(judged.probability).all()
    if blocks:
        names = [name for model in shipped() for name in model.names]
        table = measure(Page(blocks, places, [kept] * len(blocks), "Title", "")).table(names)
        assert table.shape == (len(blocks), len(names)) and np.isfinite(table).all()
        assert np.isfinite(settled(Page(blocks, places, ()), lambda fast, chances: None)[1].probability).all()
        assert judged.reason(0)


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 100), st.booleans()), max_size=30))
@settings(deadline=None)
def test_recall_keeps_what_balanced_keeps_and_that_what_precision_keeps(rows):
    p, words, kept = (np.array([r[i] for r in rows]) for i in range(3))
    precision, balanced, recall = (decided(p, words, kept.astype(bool), favor)[0] for favor in FAVORS)
    assert not (precision & ~balanced).any() and not (balanced & ~recall).any()


def test_a_verdict_that_the_model_would_throw_away_stands():
    words, kept = np.full(10, 20.0), np.arange(10) < 8
    p = np.where(np.arange(10) == 9, 0.9, 0.05)
    keep, stands = decided(p, words, kept)
    assert stands and (keep == kept).all()
    keep, stands = decided(np.where(np.arange(10) < 1 + 8 * FALLBACK, 0.9, 0.05), words, kept)
    assert not stands and keep.sum() == np.ceil(1 + 8 * FALLBACK)


def test_where_nothing_was_found_a_few_words_make_no_article():
    none = np.zeros(3, bool)
    assert not decided(np.array([0.9, 0.1, 0.1]), np.full(3, 20.0), none)[0].any()
    assert decided(np.full(3, 0.9), np.full(3, 40.0), none)[0].all()


@pytest.fixture
def never_sure(monkeypatch):
    """Trafilatura is asked about every page."""
    monkeypatch.setattr("cleaner.html.model.UNSURE", -1.0)


def test_the_model_overrules_and_says_so(never_sure):
    """The headline above the body, which stands in the title already, and links between the paragraphs, which trafilatura keeps."""
    links = "".join(f'<p class="inline-recommendation"><a href="/{n}">{line}</a></p>' for n, line in enumerate(LINKS))
    html = page(paragraphs(BODY), links, paragraphs(MORE))
    before, doc = extract(html, model=False), extract(html, favor="precision")
    assert sum(line in before.text for line in LINKS) >= 3 and doc.meta.title in before.text
    assert not any(line in doc.text for line in [*LINKS, doc.meta.title]) and all(line in doc.text for line in BODY + MORE)
    cut = [m for m in doc.marks if m.rule == "extract.model_cut"]
    assert len(cut) >= 4 and all(m.score < LIMITS["precision"] and m.detail for m in cut)
    assert restore(doc) == restore(before)


def test_trafilatura_is_asked_where_the_first_model_is_in_doubt_and_its_full_mode_where_the_second_is(monkeypatch):
    blocks, places = read_blocks(parse(page(paragraphs(BODY + MORE))))
    clear = Page(blocks, places, ())
    kept, nothing = [b.text in BODY + MORE for b in blocks], [False] * len(blocks)
    asked = []

    def says(fast, full):
        asked.clear()
        return lambda mode, chances: asked.append(mode) or (fast if mode else full)

    verdict, judged = settled(clear, says(kept, kept))
    assert verdict is None and not asked and (judged.keep == kept).all()
    monkeypatch.setattr("cleaner.html.model.UNSURE", -1.0)
    verdict, judged = settled(clear, says(kept, nothing))
    assert asked == [True] and judged.doubt <= DOUBT and verdict == kept
    verdict, judged = settled(clear, says(nothing, kept))
    assert asked == [True, False] and verdict == kept and (judged.probability == judge(clear._replace(kept=kept)).probability).all()
    assert settled(clear, says(nothing, None))[0] == nothing and asked == [True, False]
    assert settled(clear, says(None, kept))[0] == kept and asked == [True, False]
    assert settled(clear, says(None, None))[0] is None and asked == [True, False]
    monkeypatch.setattr("cleaner.html.model.DOUBT", -1.0)
    assert settled(clear, says(kept, nothing))[0] == nothing and asked == [True, False]


def test_trafilatura_is_not_shown_what_is_hopeless(monkeypatch, never_sure):
    seen = []

    def shown(tree, fast):
        seen.append(" ".join(tree.text_content().split()))
        return main_blocks(tree, fast)

    monkeypatch.setattr("cleaner.html.page.main_blocks", shown)
    links = "".join(f'<li><a href="/{n}">{line}</a></li>' for n, line in enumerate(LINKS))
    html = page(paragraphs(BODY + MORE)).replace("</article>", f'</article><div class="menu"><ul>{links}</ul></div>')
    extract(html, model=False)
    assert extract(html).text == "\n\n".join(BODY + MORE)
    assert all(line in seen[0] for line in LINKS + BODY + MORE)
    assert all(line in seen[1] for line in BODY + MORE) and not any(line in seen[1] for line in LINKS)


def test_what_stands_behind_an_element_that_is_taken_out_stays():
    def left(html: str, *gone: str) -> str:
        tree = parse(html)
        blocks, places = read_blocks(tree)
        take_out(places, [b.text in gone for b in blocks])
        return " ".join(tree.text_content().split())

    html = "<body><div>a<ul><li>b</li><li>c</li></ul>d</div><p>e<br>f</p><section><h2>g</h2><p>h</p></section>i</body>"
    assert [b.text for b in read_blocks(parse(html))[0]] == list("abcdefghi")
    assert left(html) == "abcdefghi" == left(html, *"abcdefghi"), "an empty page tells nothing"
    assert left(html, "b") == "acdefghi" and left(html, "b", "c") == "adefghi" and left(html, "a", "d") == "abcdefghi"
    assert left(html, "e") == "abcdefghi" and left(html, "e", "f") == "abcdghi" and left(html, "g", "h") == "abcdefi"
    assert left(html, *"abcdefg") == "hi" and left(html, *"abcdefgh") == "i"


def test_where_the_model_is_sure_its_decision_stands_for_the_verdict(monkeypatch):
    asked = []
    monkeypatch.setattr("cleaner.html.page.main_blocks", lambda tree, fast: asked.append(fast))
    doc = extract(page(paragraphs(BODY + MORE)))
    assert not asked and [b.text for b in doc.blocks if b.hints.kept] == BODY + MORE
    assert {m.rule for m in doc.marks} == {"extract.not_main"} and not doc.flags


def test_what_the_extractor_lost_comes_back(never_sure):
    """Half of the body stands in a container whose name trafilatura discards."""
    html = page(paragraphs(BODY), f'<div class="story-sidebar-embed">{paragraphs(MORE)}</div>')
    before, doc = extract(html, model=False), extract(html)
    assert not any(line in before.text for line in MORE)
    assert all(line in doc.text for line in BODY + MORE)
    flags = {doc.blocks[m.block].text: m for m in doc.marks if m.rule == "extract.model_kept"}
    assert set(flags) >= set(MORE) and all(m.action == "flag" and m.score >= LIMITS["balanced"] for m in flags.values())


def test_one_dial_from_end_to_end():
    html = page(paragraphs(BODY), "".join(f'<p><a href="/{n}">{line}</a></p>' for n, line in enumerate(LINKS)), paragraphs(MORE))
    kept = [{i for i, _ in extract(html, favor=favor).live()} for favor in FAVORS]
    assert kept[0] <= kept[1] <= kept[2]
    with pytest.raises(ValueError, match="precision, balanced, recall"):
        extract(PAGE, favor="all")
    with pytest.raises(ValueError, match="full, near"):
        extract(PAGE, marks="some")


def test_near_leaves_out_what_surely_is_no_article_and_changes_no_text():
    full, near = extract(PAGE), extract(PAGE, marks="near")
    assert near.text == full.text and len(near.blocks) < len(full.blocks)
    left = iter(b.text for b in full.blocks)
    assert all(b.text in left for b in near.blocks)
    assert {m.block for m in near.marks} <= set(range(len(near.blocks))) and near.blocks[0].before == ""
    sure = {m.score for m in full.marks} - {m.score for m in near.marks}
    assert sure and max(sure) < 0.1 and render(near) == near.text


def test_a_pipeline_hands_its_dial_to_every_stage_that_has_one():
    dialled = cleaner.Pipeline().favoring("recall")
    assert dialled.pages == {"favor": "recall"} and len(dialled.stages) == len(cleaner.DEFAULT)
    for one in dialled.stages:
        assert one.settings.get("favor") == ("recall" if "favor" in one.options() else None)
    assert all(half.pages == dialled.pages for half in dialled.split())
    made = config.pipeline({"favor": "precision", "extract": {"marks": "full"}})
    assert config.resolved_pages(made) == {"favor": "precision", "marks": "full", "model": True}
    hashes = {config.config_hash(config.resolved_pages(config.pipeline(s))) for s in ({}, {"favor": "recall"}, {"extract": {"marks": "full"}})}
    assert len(hashes) == 3
    with pytest.raises(config.ConfigError, match="precision, balanced, recall"):
        config.pipeline({"favor": "most"})
    with pytest.raises(config.ConfigError, match="did you mean 'marks'"):
        config.pipeline({"extract": {"mark": "full"}})


def test_a_run_holds_the_menu_only_when_asked(tmp_path):
    (tmp_path / "pier.html").write_text(PAGE)
    for name, options in (("near", ()), ("full", ("--marks", "full", "--favor", "recall"))):
        result = CliRunner().invoke(main, ["run", str(tmp_path / "pier.html"), "-o", str(tmp_path / name), "--workers", "1", "--no-corpus", *options])
        assert result.exit_code == 0, result.output
    near, full = (outputs.restored(*outputs.find_document(tmp_path / name, "pier.html")) for name in ("near", "full"))
    assert "Advertise with us" in full and "Advertise with us" not in near and BODY[0] in near
    assert full == "\n\n".join(b.text for b in extract(PAGE).blocks)
    shown = CliRunner().invoke(main, ["explain", str(tmp_path / "pier.html")]).output
    assert "Advertise with us" in shown and "extract.not_main" in shown
