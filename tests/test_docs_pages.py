"""The pages of docs/: their code runs on a real run's output, their rules are those of the code, and the site loads nothing."""
from __future__ import annotations

import html.parser
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pandas as pd
import pytest
from browser import Tab, chromium
from click.testing import CliRunner

from cleaner.cli import main
from cleaner.rules import EXTRA, rules
from cleaner.switches import EARLY, LATE, OPTIONS, switch

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))
CODE = [(p, n, code) for p in PAGES for n, code in enumerate(re.findall(r"```python\n(.*?)```", p.read_text("utf-8"), re.DOTALL), 1)]
OPTIONAL = ("polars", "datasets", "datatrove", "spark")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_code_on_a_page_runs_from_top_to_bottom(page, fixture_run, monkeypatch):
    """Blocks that need a package that is not installed are left to the tests below."""
    monkeypatch.chdir(fixture_run.parent)
    space: dict = {}
    for _, _, code in (c for c in CODE if c[0] == page):
        if not any(name in code for name in OPTIONAL):
            exec(code, space)  # noqa: S102


# --- the output in other tools -------------------------------------------------------------------------------------------


def run(code_with: str) -> dict:
    """The variables of the block of docs/output.md that imports a package, after it ran."""
    pytest.importorskip(code_with, reason=f"pip install {code_with} shows that the output loads there")
    space: dict = {}
    exec(next(code for page, _, code in CODE if page.stem == "output" and re.search(rf"^(import|from) {code_with}", code, re.MULTILINE)), space)  # noqa: S102
    return space


@pytest.fixture
def articles(fixture_run, monkeypatch) -> pd.DataFrame:
    monkeypatch.chdir(fixture_run.parent)
    return pd.read_parquet("out/articles")


def test_datasets_loads_every_article(articles, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    loaded = run("datasets")["dataset"]
    assert loaded["id"][:] == list(articles["id"]) and loaded["text"][:] == list(articles["text"])
    assert [list(f) for f in loaded["flags"][:]] == [list(f) for f in articles["flags"]]


def test_datatrove_reads_every_article(articles):
    documents = run("datatrove")["documents"]
    assert [(d.id, d.text) for d in documents] == list(zip(articles["id"], articles["text"], strict=True))
    assert documents[0].metadata["lang"] == articles["lang"][0]


def test_polars_scans_every_article(articles):
    run("polars")
    import polars

    scanned = polars.scan_parquet("out/articles/*.parquet").select("id", "text", "flags").collect()
    assert scanned["text"].to_list() == list(articles["text"]) and scanned["flags"].to_list() == [list(f) for f in articles["flags"]]


def test_duckdb_and_pandas_see_the_same(articles):
    import duckdb

    rows = duckdb.sql("SELECT id, text FROM 'out/articles/*.parquet'").fetchall()
    assert rows == list(zip(articles["id"], articles["text"], strict=True)) and len(rows) > 40


# --- rules, links, site --------------------------------------------------------------------------------------------------


def rules_of_the_code() -> set[str]:
    """Every rule that a mark can have: names in quotes in the code; those of the phrase book apart."""
    stages = "decode|extract|segment|repair|boilerplate|duplicate|language|topic"
    sources = [p.read_text("utf-8") for p in (ROOT / "cleaner").rglob("*.py") if "training" not in p.parts]
    found = {m for text in sources for m in re.findall(rf'"((?:{stages})\.[a-z_]+)"', text)}
    return (found | set(EARLY) | set(LATE) | set(OPTIONS)) - {f"boilerplate.{r.category}" for r in rules()}


def test_every_rule_is_on_the_page_of_the_stages_with_its_switch():
    page = (ROOT / "docs/stages.md").read_text("utf-8")
    listed = dict(re.findall(r"^\| `([a-z]+\.[a-z_]+)` \| .* \| (?:–|`([^`]*)`) \|$", page, re.MULTILINE))
    assert set(listed) == rules_of_the_code()
    assert {r: listed[r] for r in listed} == {r: switch(r) for r in listed}
    assert {f"boilerplate.{name}" for name in EXTRA} <= set(listed)

    for options in filter(None, listed.values()):
        shown = CliRunner().invoke(main, ["explain", str(ROOT / "fixtures/corpus/text/kiosk.txt"), *options.split()])
        assert shown.exit_code == 0, (options, shown.output)


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda p: p.name)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text("utf-8")):
        assert re.match(r"https?:", target) or (page.parent / target).exists(), target


class Loads(html.parser.HTMLParser):
    """What a page loads by itself, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        at = dict(attrs)
        if tag in ("script", "img", "iframe", "source") and at.get("src"):
            self.loaded.append(at["src"])
        elif tag == "link" and at.get("href") and at.get("rel") != "canonical":
            self.loaded.append(at["href"])
        elif tag == "a" and at.get("href"):
            self.links.append(at["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    pytest.importorskip("mkdocs", reason="pip install mkdocs builds the site")
    from cleaner.site import build

    to = tmp_path_factory.mktemp("site")
    assert build(to / "site", to / "work") == []
    return to / "site"


def test_the_site_is_whole_and_loads_nothing_from_elsewhere(site):
    for page in site.rglob("*.html"):
        seen = Loads()
        seen.feed(page.read_text("utf-8"))
        assert not [x for x in seen.loaded if urlsplit(x).netloc], page
        if page.name != "404.html":
            inside = [x for x in seen.loaded + seen.links if not urlsplit(x).scheme and urlsplit(x).path]
            assert not [x for x in inside if not (page.parent / unquote(urlsplit(x).path)).exists()], page
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(?:https?:)?//|@import", sheet.read_text("utf-8")), sheet
    assert {p.with_suffix(".html").name for p in PAGES} <= {p.name for p in site.glob("*.html")}


def test_a_page_opens_in_a_browser_without_a_request(site):
    with chromium() as browser:
        tab = Tab(browser, site / "looking.html")
        tab.page.wait_for_timeout(300)
        assert not [r for r in tab.requests if not r.startswith(("file:", "data:"))]
        broken = tab.page.evaluate("() => [...document.images].filter(i => !i.naturalWidth).map(i => i.src)")
        assert broken == [] and tab.page.evaluate("() => document.images.length") >= 3
