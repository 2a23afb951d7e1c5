"""The report's page in a real Chromium: quiet, alone, searchable, reachable by keyboard, readable, and deaf to what documents say."""
from __future__ import annotations

import json
import re
from pathlib import Path

import hostile
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import synthetic
from browser import Tab, chromium
from click.testing import CliRunner

import cleaner
from cleaner import schema
from cleaner.cli import main
from cleaner.report.collect import collect
from cleaner.report.page import document_page

SHOWN = "() => [...document.querySelectorAll('.sample')].filter(s => !s.hidden)"


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


def report(out: Path, page: Path, *options: str) -> Path:
    result = CliRunner().invoke(main, ["report", str(out), "-o", str(page), *options])
    assert result.exit_code == 0, result.output
    return page


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    """Pages of a made-up run, of a hostile corpus, and of one hostile document."""
    folder = tmp_path_factory.mktemp("pages")
    evil = hostile.run(folder)
    document = folder / "document.html"
    text = "\n\n".join([*[hostile.PROSE + a for a in hostile.ATTACKS], "أقر مجلس المدينة يوم الاثنين ميزانية العام المقبل.", "Leave A Reply"])
    document.write_text(document_page(hostile.evil(cleaner.clean(text, html=False, title=hostile.SCRIPT))), "utf-8")
    return {
        "plain": report(synthetic.write(folder / "run", 3_000), folder / "plain.html"),
        "hostile": report(evil, folder / "hostile.html"),
        "document": document,
    }


# --- what it says --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    """A small run in which every number is known."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "in").mkdir()
    rows = []
    for n in range(6):
        text = "\n\n".join([f"The harbour council of Velmond approved ferry line {n} on Tuesday, it said.", "The desk letter of the Courier", "Leave A Reply"])
        rows.append(json.dumps({"id": str(n), "url": f"https://courier.example/{n}", "text": text}))
    (folder / "in" / "pages.jsonl").write_text("\n".join(rows))
    (folder / "in" / "empty.txt").write_text("")
    stages = [stage for stage in cleaner.DEFAULT if stage is not cleaner.repeats]  # which would cut what six pages share
    cleaner.run(folder / "in", folder / "out", pipeline=cleaner.Pipeline(stages), workers=1)
    return folder / "out"


def test_numbers_are_those_of_the_run(corpus):
    data = collect(corpus)
    assert data["totals"]["documents"] == 7 and data["totals"]["articles"] == 6
    comments = next(r for r in data["rules"] if r["rule"] == "boilerplate.comments")
    assert (comments["marks"], comments["documents"], comments["chars"], comments["off"]) == (6, 6, 6 * len("Leave A Reply"), "--disable comments")
    assert data["hosts"]["residue"][0]["host"] == "courier.example" and data["hosts"]["residue"][0]["example"] == "The desk letter of the Courier"
    assert data["hosts"]["residue"][0]["residue"] == 6 * len("The desk letter of the Courier")
    assert data["errors"][0]["status"] == "empty" and "cleaner explain" in data["errors"][0]["remedy"]
    slow = data["slowest"]
    assert {d["id"] for d in slow} == {"empty.txt", *map(str, range(6))} and slow == sorted(slow, key=lambda d: -d["seconds"])
    assert next(d for d in slow if d["id"] == "3")["status"] == "ok" and sum(d["seconds"] for d in slow) > 0
    assert sum(n for _, n in data["distributions"]["cut"]) == 6 and sum(n for _, n in data["distributions"]["languages"]) == 7


def test_samples_stand_in_their_place_and_depend_on_the_seed_alone(tmp_path):
    out = synthetic.write(tmp_path / "a", 1_000)
    first, again, other = (collect(out, seed=s)["samples"] for s in (1, 1, 2))
    assert first == again and first != other
    counts = {r: sum(s["rule"] == r for s in first) for r in {s["rule"] for s in first}}
    assert set(counts.values()) == {10}
    for s in first:
        drawn = "".join(p.text for p in s["pieces"] if p.kind != "was")
        assert any(p.mark and p.mark.rule == s["rule"] for p in s["pieces"]) and drawn
    assert collect(out, samples=2)["samples"] != [] and collect(out, samples=0)["samples"] == []


def test_suspicious_hosts(tmp_path):
    (tmp_path / "in.jsonl").write_text("")
    data = collect(synthetic.write(tmp_path / "out", 500))
    for h in data["hosts"]["much"]:
        assert h["chars_out"] < 0.6 * h["chars_in"]
    assert all(h["with_cuts"] == 0 and h["documents"] >= 5 for h in data["hosts"]["nothing"])


def test_clusters_count_the_original_and_its_host(tmp_path):
    out = synthetic.write(tmp_path / "out", 10)
    about = {"text": "One.", "status": "ok", "chars_in": 4, "chars_out": 4}
    rows = [("a", "x.example", None), ("b", "y.example", "a"), ("c", "x.example", "a"), ("d", "z.example", "lost")]
    table = pa.Table.from_pylist([about | {"id": i, "title": f"Title {i}", "host": h, "duplicate_of": o} for i, h, o in rows], schema.ARTICLE)
    pq.write_table(table, out / "articles" / "part-00001.parquet")
    first, second = (c for c in collect(out)["clusters"] if c["original"] in ("a", "lost"))
    assert first == {"original": "a", "title": "Title a", "documents": 3, "hosts": 2}
    assert second == {"original": "lost", "title": None, "documents": 2, "hosts": 1}


def test_partitioned_runs_and_odd_folder_names(tmp_path):
    out = tmp_path / "it's [1] *run*"
    source = tmp_path / "a.jsonl"
    source.write_text('{"text": "The council of Velmond approved the budget on Tuesday, the mayor said.\\n\\nLeave A Reply", "url": "https://a.example/1"}')
    cleaner.run(source, out, workers=1, writing=cleaner.Writing(partition_by="host"))
    assert collect(out)["hosts"]["known"] == 1 and collect(out)["samples"][0]["host"] == "a.example"


def test_a_folder_without_a_run_is_refused(tmp_path):
    result = CliRunner().invoke(main, ["report", str(tmp_path)])
    assert result.exit_code == 2 and "run.json is missing" in result.output


# --- in the browser ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["plain", "hostile", "document"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_quiet_alone_and_accessible(browser, pages, name, scheme):
    tab = Tab(browser, pages[name], color_scheme=scheme)
    assert tab.serious() == []
    background = tab.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert (max(map(int, re.findall(r"\d+", background)[:3])) < 60) == (scheme == "dark")
    tab.is_clean(pages[name])


@pytest.mark.parametrize("name", ["hostile", "document"])
def test_nothing_of_a_document_becomes_markup(browser, pages, name):
    tab = Tab(browser, pages[name])
    page = tab.page
    assert page.evaluate("() => [...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => a.name.startsWith('on'))).length") == 0
    assert page.evaluate("() => document.querySelectorAll('img, svg:not(.bar), iframe, object, embed, base, style ~ style, link').length") == 0
    assert page.evaluate("() => [...document.querySelectorAll('a')].every(a => a.getAttribute('href').startsWith('#'))")
    text = page.evaluate("() => document.body.textContent")
    assert "window.pwned=1</script>" in text and "{{ 7*7 }}" in text and "\\u202e" in text and "\\u001b" in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    page.mouse.move(300, 300)
    page.mouse.wheel(0, 20_000)
    tab.is_clean(pages[name])


def test_scripts_that_are_put_in_do_not_run(browser, pages, tmp_path):
    """The policy itself holds: a page into which a script was smuggled does not run it."""
    path = tmp_path / "smuggled.html"
    path.write_text(pages["plain"].read_text("utf-8").replace("<footer>", "<script>window.pwned=1</script><img src='https://evil.example/x.png' onerror='window.pwned=2'><footer>"), "utf-8")
    tab = Tab(browser, path)
    tab.page.wait_for_timeout(100)
    assert tab.page.evaluate("() => window.pwned") is None
    assert len([c for c in tab.console if "Content Security Policy" in c]) >= 2


def test_filters_and_search(browser, pages):
    tab = Tab(browser, pages["plain"])
    page = tab.page
    total = page.evaluate("() => document.querySelectorAll('.sample').length")
    assert page.evaluate(SHOWN + ".length") == 50 and page.inner_text("#count") == f"{total} of {total} samples, the first 50 shown"
    for field, value in (("stage", "topic"), ("rule", "duplicate.near"), ("action", "edit"), ("lang", "ar")):
        page.select_option(f"#f-{field}", f"={value}")
        there = page.evaluate(f"() => document.querySelectorAll('.sample[data-{field}=\"{value}\"]').length")
        assert there and page.evaluate(SHOWN + f".every(s => s.dataset.{field} === '{value}')")
        assert page.inner_text("#count").startswith(f"{there} of {total} samples")
        page.click("button[type=reset]")
    host = page.evaluate("() => document.querySelectorAll('#f-host option')[1].value")
    page.select_option("#f-host", host)
    assert page.evaluate(SHOWN + ".map(s => '=' + s.dataset.host)") == [host] * page.evaluate(SHOWN + ".length")
    page.click("button[type=reset]")
    page.fill("#f-least", "2")
    page.fill("#f-most", "3.5")
    scores = page.evaluate(SHOWN + ".map(s => s.dataset.score)")
    assert scores and all(s and 2 <= float(s) <= 3.5 for s in scores)
    page.click("button[type=reset]")
    word = page.evaluate("() => document.querySelector('.sample .here').textContent.trim().split(/\\s+/).slice(0, 2).join(' ')")
    page.fill("#f-text", word.upper() + " boilerplate.")
    found = page.evaluate(SHOWN + ".map(s => s.textContent.toLowerCase())")
    assert found and all(part in text for text in found for part in word.lower().split())
    page.fill("#f-text", "no such words in any sample")
    assert page.evaluate(SHOWN + ".length") == 0 and page.inner_text("#count").startswith("0 of")
    page.click("button[type=reset]")
    page.click("#more")
    assert page.evaluate(SHOWN + ".length") == 100
    tab.is_clean(pages["plain"])


def test_the_keyboard_reaches_every_control(browser, pages):
    tab = Tab(browser, pages["plain"])
    page = tab.page
    page.evaluate("""() => {
        window.seen = new Set();
        document.addEventListener('focusin', (e) => { seen.add(e.target); });
        window.wanted = [...document.querySelectorAll('a, button, input, select, summary, [tabindex="0"]')].filter(e => e.checkVisibility());
    }""")
    for _ in range(page.evaluate("() => wanted.length") + 5):
        page.keyboard.press("Tab")
    assert page.evaluate("() => wanted.filter(e => !seen.has(e)).map(e => e.outerHTML.slice(0, 100))") == []
    page.focus("#f-text")
    page.keyboard.type("duplicate.near")
    assert page.evaluate(SHOWN + ".every(s => s.dataset.rule === 'duplicate.near')")
    page.focus("#f-stage")
    page.keyboard.press("ArrowDown")
    assert page.input_value("#f-stage") != "*"
    outline = page.evaluate("() => { document.querySelector('#f-stage').focus(); return getComputedStyle(document.querySelector('#f-stage')).outlineStyle }")
    assert outline == "solid"


def test_without_scripts_the_tables_and_samples_stay(browser, pages):
    tab = Tab(browser, pages["plain"], java_script_enabled=False)
    page = tab.page
    assert page.is_visible("table >> text=boilerplate.read_also") and page.is_visible("#list .sample:last-child")
    assert not page.is_visible("#filters") and not page.is_visible("#chart-cut")
    page.click("summary >> nth=1")
    assert page.is_visible("th >> text=0–10 %")


def test_right_to_left_text_runs_so(browser, pages):
    tab = Tab(browser, pages["document"])
    direction = tab.page.evaluate("() => [...document.querySelectorAll('.blocks p')].filter(p => /[\\u0600-\\u06ff]/.test(p.textContent)).map(p => getComputedStyle(p).direction)")
    assert direction == ["rtl"]


def test_charts_are_drawn(browser, pages):
    tab = Tab(browser, pages["plain"])
    for name in ("stages", "cut", "length", "languages"):
        drawn = f"() => {{ const c = document.getElementById('chart-{name}'); return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v) }}"
        assert tab.page.evaluate(drawn), name


def test_a_run_of_100_000_documents_stays_small_and_opens_fast(browser, tmp_path):
    page = report(synthetic.write(tmp_path / "out", 100_000), tmp_path / "page.html")
    assert page.stat().st_size < 5_000_000
    times = [Tab(browser, page).page.evaluate("() => performance.getEntriesByType('navigation')[0].loadEventEnd") for _ in range(3)]
    assert min(times) < 2_000
    assert "all 100,000 documents" in page.read_text("utf-8") and "drawn by lot" in page.read_text("utf-8")


def test_notebooks_run_nothing(browser, tmp_path):
    parts = []
    for attack in hostile.ATTACKS:
        doc = hostile.evil(cleaner.clean(f"{attack}\n\n{hostile.PROSE}{attack}\n\nLeave A Reply", html=False, title=attack))
        parts += [doc._repr_html_(), cleaner.compare(attack + " " + hostile.PROSE, doc)._repr_html_()]
    page = tmp_path / "notebook.html"
    page.write_text("<!doctype html><html lang=en><meta charset=utf-8><title>notebook</title><main><h1>cells</h1>" + "".join(parts), "utf-8")
    tab = Tab(browser, page)
    tab.is_clean(page)
    assert tab.page.evaluate("() => document.querySelectorAll('script, img, svg, a, iframe').length") == 0
    assert tab.serious() == []
    big = cleaner.clean(hostile.PROSE * 20_000, html=False, title="T" * 1_000_000)
    assert len(big._repr_html_()) < 30_000
