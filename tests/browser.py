"""A real Chromium for tests, the one that the machine has; nothing is downloaded."""
from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cleaner.site import BROWSERS

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@contextmanager
def chromium() -> Iterator[Any]:
    """The browser, or a skipped test with the reason."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser on this machine ({', '.join(BROWSERS)}); on Debian: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright drives the browser")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Tab:
    """A page opened from a file, with all that it said, asked for and complained about."""

    def __init__(self, browser: Any, file: Path | None, **options: Any):
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        self.page = self.context.new_page()
        self.console: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda m: self.console.append(f"{m.type}: {m.text}"))
        self.page.on("pageerror", lambda e: self.console.append(f"error: {e}"))
        self.page.on("dialog", lambda d: (self.console.append(f"dialog: {d.message}"), d.dismiss()))
        self.page.on("request", lambda r: self.requests.append(r.url))
        if file:
            self.page.goto(file.resolve().as_uri())

    def is_clean(self, file: Path) -> None:
        """Assert that the page said nothing, asked for nothing but itself, and ran nothing of a document's."""
        self.page.wait_for_timeout(100)
        assert self.console == []
        assert self.requests == [file.resolve().as_uri()]
        assert self.page.evaluate("() => window.pwned") is None

    def serious(self) -> list[str]:
        """What axe-core finds that is serious or worse."""
        axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python brings axe-core").Axe()
        result = axe.run(self.page).response
        assert len(result["passes"]) >= 10  # it looked
        return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in result["violations"] if v["impact"] in ("serious", "critical")]
