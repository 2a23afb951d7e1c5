"""Plain data to one HTML file: styles, scripts and the charting library inside, nothing fetched, only its own scripts run."""
from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

import cleaner
from cleaner.document import DOCUMENT, Document
from cleaner.explain import facts, known_wording
from cleaner.rules import rules
from cleaner.switches import switch
from cleaner.view import marks_by_block, pieces, visible

#: Stages that have a colour of their own in the style sheet; those of a user share one.
COLOURED = ("extract", "segment", "repair", "boilerplate", "duplicates", "language", "topic")
#: The charting library as its authors ship it: Chart.js 4.6.1, MIT; the licence lies beside it.
LIBRARY = "chart.umd.min.js"


def report_page(data: dict[str, Any]) -> str:
    """The page of a run, from what :func:`cleaner.report.collect.collect` gives."""
    lengths = data["distributions"]["length"]
    charts = {
        "stages": series((s["stage"], round(100 * s["share"], 2)) for s in data["stages"] if s["chars"]),
        "cut": series(data["distributions"]["cut"]),
        "length": series((name, before) for name, before, _ in lengths) | {"after": [after for *_, after in lengths]},
        "languages": series(data["distributions"]["languages"]),
    }
    rows = [*zip(*charts["stages"].values())]
    choices = {name: sorted(Counter(s[name] for s in data["samples"]).items()) for name in ("action", "stage", "rule", "host", "lang")}
    return page("report.html", [asset(LIBRARY), asset("report.js")], charts=charts, choices=choices, stage_rows=rows, **data)


def document_page(doc: Document) -> str:
    """The page of one document, block by block with every decision."""
    marks = marks_by_block(doc)
    blocks = [{"number": n, "kind": b.kind, "pieces": pieces(b.text, marks[n]), "marks": marks[n]} for n, b in enumerate(doc.blocks)]
    return page("document.html", [], doc=doc, facts=facts(doc), blocks=blocks, marks=marks[DOCUMENT])


def page(template: str, scripts: Iterable[str], **values: Any) -> str:
    """A template filled in, with a policy that lets nothing run, load or leave but its own scripts and style."""
    style, scripts = Markup(asset("style.css")), [Markup(s) for s in scripts]
    allowed = " ".join(map(fingerprint, scripts)) or "'none'"
    policy = f"default-src 'none'; script-src {allowed}; style-src {fingerprint(style)}; base-uri 'none'; form-action 'none'"
    return environment().get_template(template).render(style=style, scripts=scripts, policy=policy, version=cleaner.__version__, **values)


def fingerprint(text: str) -> str:
    """The hash by which a Content-Security-Policy knows an inline script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def asset(name: str) -> str:
    """A file that ships with the package, without the pointer to a source map, which a browser would look for."""
    text = resources.files(__package__).joinpath("assets", name).read_text("utf-8").strip()
    return "\n".join(line for line in text.split("\n") if not line.startswith("//# sourceMappingURL="))


@cache
def environment() -> Environment:
    """The templates; whatever is put into them is escaped."""
    env = Environment(loader=PackageLoader("cleaner.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    env.filters |= FILTERS
    env.globals |= {"switch": switch, "known_wording": known_wording, "TAGS": {"cut": "del", "was": "del", "new": "ins", "flag": "mark"}}
    return env


def series(counted: Iterable[tuple[str, float]]) -> dict[str, list]:
    """Counted names as a chart wants them."""
    counted = list(counted)
    return {"labels": [visible(name) for name, _ in counted], "values": [n for _, n in counted]}


def stage_class(stage: str) -> str:
    """The class of a stage's colour."""
    return f"s-{stage}" if stage in COLOURED else "s-other"


def coded(text: str) -> Markup:
    """A text of ours in which what stands between backticks is code."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts))


@cache
def languages() -> frozenset[str]:
    """Codes that may stand in a ``lang`` attribute: an input's own label may be anything."""
    return frozenset(r.language for r in rules()) - {"und"}


FILTERS: dict[str, Callable] = {
    "visible": lambda text: visible(str(text)),
    "stage_class": stage_class,
    "coded": coded,
    "number": lambda n: f"{n or 0:,}",
    "percent": lambda x: f"{100 * (x or 0):.1f} %",
    "language": lambda code: code if code in languages() else None,
    "when": lambda text: datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M UTC") if text else "",
}
