"""``python -m cleaner.site [FOLDER]``: docs/ as a site, with pictures of the report where a Chromium is there.

The pages are copied first and completed there: pictures of a run over the fixtures, and pages that stand elsewhere in the project,
such as BENCHMARKS.md. MkDocs does the rest.
"""
from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import cleaner

ROOT = Path(cleaner.__file__).parents[1]
#: Pages by section, in the order in which a newcomer wants them; those that are not there are left out, others follow.
SECTIONS = {
    "": ("index.md",),
    "What it does": ("article.md", "stages.md", "html.md", "corpus.md", "rules.md"),
    "Use": ("input.md", "output.md", "looking.md", "commands.md", "cluster.md", "faq.md"),
    "Extend": ("writing-a-rule.md", "writing-a-stage.md", "development.md"),
    "Project": ("BENCHMARKS.md", "MODEL.md", "HTML_MODEL.md", "TOPIC_MODEL.md", "SECURITY.md", "CHANGELOG.md"),
}
#: Where pages come from that do not stand in docs/.
ELSEWHERE = ("BENCHMARKS.md", "SECURITY.md", "CHANGELOG.md", "cleaner/data/MODEL.md", "cleaner/data/HTML_MODEL.md", "cleaner/data/TOPIC_MODEL.md")
#: A link to a file: words, file, place in it.
LINK = re.compile(r"(?<!!)\[([^\[\]]+)\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?\)")
#: Where a page wants pictures: `<!-- pictures: report -->`.
PICTURES = re.compile(r"<!-- pictures: (\w+) -->")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SIZE = {"width": 1280, "height": 900}
WITHOUT = "(This site was built where no Chromium is, so there are no pictures here.)"


def build(to: Path, work: Path) -> list[str]:
    """Build the site to ``to``, by way of the folder ``work``; the warnings of MkDocs."""
    shutil.rmtree(work, ignore_errors=True)
    pages = work / "docs"
    shutil.copytree(ROOT / "docs", pages)
    for source in filter(Path.is_file, (ROOT / name for name in ELSEWHERE)):
        shutil.copy(source, pages)
    taken = pictures(work / "run", pages / "images")
    for page in pages.glob("*.md"):
        text = LINK.sub(partial(relinked, pages), page.read_text("utf-8"))
        page.write_text(PICTURES.sub(lambda m: "\n".join(shown(taken, m[1])) or WITHOUT, text), "utf-8")
    return mkdocs(pages, to)


def relinked(pages: Path, link: re.Match[str]) -> str:
    """A link between two pages of the project as one between pages of the site; to a file that is no page of it, the words alone."""
    name = Path(link[2]).name
    return f"[{link[1]}]({name}{link[3] or ''})" if (pages / name).is_file() else link[1]


def mkdocs(pages: Path, to: Path) -> list[str]:
    """Run MkDocs; its warnings."""
    import logging

    from mkdocs.commands.build import build as run
    from mkdocs.config import load_config

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            warnings.append(record.getMessage())

    warnings: list[str] = []
    log, handler = logging.getLogger("mkdocs"), Heard(logging.WARNING)
    log.addHandler(handler)
    try:
        run(load_config(str(ROOT / "mkdocs.yml"), docs_dir=str(pages), site_dir=str(to), nav=navigation(pages)))
    finally:
        log.removeHandler(handler)
    return warnings


def navigation(pages: Path) -> list[Any]:
    """The pages that are there by section, as MkDocs wants them."""
    there = sorted(p.name for p in pages.glob("*.md"))
    placed = {name for names in SECTIONS.values() for name in names}
    nav: list[Any] = []
    for title, names in (SECTIONS | {"More": tuple(name for name in there if name not in placed)}).items():
        found = [name for name in names if name in there]
        nav += [{title: found}] if title and found else found
    return nav


def pictures(run: Path, to: Path) -> list[tuple[str, str]]:
    """Pictures of a run over the fixtures, as file name and caption; none where no browser or no fixtures are."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return []
    if path is None or not (ROOT / "fixtures/corpus").is_dir():
        return []
    pages = looks(run)
    to.mkdir(parents=True, exist_ok=True)
    taken = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for name, page, scheme, caption in pages:
            tab: Any = browser.new_page(viewport=SIZE, color_scheme=scheme)
            tab.goto(page.resolve().as_uri())
            tab.wait_for_timeout(500)
            tab.screenshot(path=to / f"{name}.png")
            taken.append((f"{name}.png", caption))
            tab.close()
        browser.close()
    return taken


def looks(run: Path) -> Iterator[tuple[str, Path, str, str]]:
    """The pages to take pictures of: name, file, colour scheme, caption."""
    from cleaner.io import outputs
    from cleaner.report.collect import collect
    from cleaner.report.page import document_page, report_page

    cleaner.run(ROOT / "fixtures/corpus", run, workers=1)
    report, explain = run / "report.html", run / "explain.html"
    report.write_text(report_page(collect(run)), "utf-8")
    explain.write_text(document_page(outputs.document(*outputs.find_document(run, "text/library-flood.txt"))), "utf-8")
    yield "report-light", report, "light", "The report of a run"
    yield "report-dark", report, "dark", "The same in the dark"
    yield "explain-light", explain, "light", "One document: what is struck through was cut, with its rule"


def shown(taken: list[tuple[str, str]], prefix: str) -> Iterator[str]:
    """The pictures whose names begin so, as Markdown."""
    return (f"![{caption}](images/{name})\n" for name, caption in taken if name.startswith(prefix))


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "site")
    for warning in build(folder, Path("build/docs-site")):
        print(f"warning: {warning}", file=sys.stderr)
    print(folder / "index.html")
