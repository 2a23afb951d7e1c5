"""What a user would otherwise run, each over the same documents in a process of its own: ``python peers.py NAME IN OUT``.

IN is JSON lines with ``id`` and ``html`` or ``text``. The rows ``{id, text}`` that a tool makes go to OUT, and one line of JSON to
standard output: CPU seconds (user and system, children included) over the documents, without imports and a warm-up on the
first five; peak memory; versions. The first line of a contender's docstring is its name in the tables. Only the contenders
``cleaner…`` import this project: the others run where it is not.
"""
from __future__ import annotations

import json
import resource
import sys
import tempfile
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path

WARM_UP = 5
Texts = Iterable[str | None]


def cpu() -> float:
    """CPU seconds of this process and its children so far."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(s.ru_utime + s.ru_stime for s in spent)


def peak_mb() -> int:
    """Peak memory of this program; what ``getrusage`` tells on Linux counts the program that started it too."""
    status = Path("/proc/self/status")
    if status.exists():
        return round(int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)


def rows_of(path: Path) -> list[dict]:
    """The rows of a file of JSON lines."""
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


# --- HTML ----------------------------------------------------------------------------------------------------------------


def trafilatura(source: Path) -> Texts:
    """trafilatura.extract alone."""
    from trafilatura import extract

    return [extract(r["html"], include_comments=False) for r in rows_of(source)]


def script(source: Path) -> Texts:
    """A pandas script.

    What a user would write: trafilatura (for HTML), ftfy and langdetect over a frame, written to Parquet.
    """
    import ftfy
    import langdetect
    import pandas
    from trafilatura import extract

    def language(text: str) -> str | None:
        try:
            return langdetect.detect(text)
        except langdetect.LangDetectException:
            return None

    langdetect.DetectorFactory.seed = 0
    frame = pandas.read_json(source, lines=True)
    if "html" in frame:
        frame["text"] = frame["html"].map(lambda h: extract(h, include_comments=False) or "")
    frame["text"] = frame["text"].map(ftfy.fix_text)
    frame["lang"] = frame["text"].map(language)
    with tempfile.TemporaryDirectory() as out:
        frame[["id", "text", "lang"]].to_parquet(Path(out, "articles.parquet"))
    return frame["text"].tolist()


def newspaper(source: Path) -> Texts:
    """newspaper4k."""
    from newspaper import Article

    def text(html: str) -> str:
        article = Article(url="https://example.org/", language="en", fetch_images=False)  # it would ask the network for each page's pictures
        article.download(input_html=html)
        article.parse()
        return article.text

    return [text(r["html"]) for r in rows_of(source)]


def resiliparse(source: Path) -> Texts:
    """resiliparse, main content."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    return [extract_plain_text(HTMLTree.parse(r["html"]), main_content=True) for r in rows_of(source)]


def justext(source: Path) -> Texts:
    """jusText, English stop words."""
    from justext import get_stoplist
    from justext import justext as classify

    stop = get_stoplist("English")
    return ["\n".join(p.text for p in classify(r["html"], stop) if not p.is_boilerplate) for r in rows_of(source)]


# --- text ----------------------------------------------------------------------------------------------------------------


def ftfy(source: Path) -> Texts:
    """ftfy.fix_text alone."""
    from ftfy import fix_text

    return [fix_text(r["text"]) for r in rows_of(source)]


# --- both ----------------------------------------------------------------------------------------------------------------


def datatrove(source: Path) -> Texts:
    """datatrove, its filters and ftfy.

    Trafilatura for HTML, Gopher repetition and quality, C4 and FineWeb filters, ftfy, Parquet. Its language filter is left out:
    it downloads a model. A document that a filter drops costs no further step.
    """
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.extractors import Trafilatura
    from datatrove.pipeline.filters import C4QualityFilter, FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter
    from datatrove.pipeline.formatters import FTFYFormatter
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import ParquetWriter
    from datatrove.utils.logging import logger

    logger.remove()
    key = "html" if "html" in rows_of(source)[0] else "text"
    with tempfile.TemporaryDirectory() as folder:
        steps = [
            JsonlReader(str(source.parent), glob_pattern=source.name, text_key=key),
            *([Trafilatura(favour_precision=False, timeout=30)] if key == "html" else []),
            GopherRepetitionFilter(), GopherQualityFilter(), C4QualityFilter(filter_no_terminal_punct=False), FineWebQualityFilter(),
            FTFYFormatter(), ParquetWriter(f"{folder}/out"),
        ]  # fmt: skip
        LocalPipelineExecutor(steps, tasks=1, workers=1, logging_dir=f"{folder}/logs", skip_completed=False).run()
        import pandas

        found = pandas.read_parquet(f"{folder}/out") if Path(folder, "out").exists() else pandas.DataFrame()
        kept = {r["id"]: r["text"] for r in found.to_dict("records")}
    return [kept.get(r["id"]) for r in rows_of(source)]


# --- this project --------------------------------------------------------------------------------------------------------


def cleaner(source: Path) -> Texts:
    """cleaner, stages in process.

    From the page or the text to a Document.
    """
    from cleaner.pipeline import Pipeline

    pipeline = Pipeline()
    return [pipeline(r.get("html") or r["text"], html="html" in r).text for r in rows_of(source)]


def cleaner_run(source: Path) -> Texts:
    """cleaner run, JSON lines to Parquet.

    Both passes in this process, to articles, marks and rejected.
    """
    import pandas

    import cleaner as project

    with tempfile.TemporaryDirectory() as out:
        project.run(source, out, workers=1)
        texts = {r["id"]: r["text"] for kind in ("articles", "rejected") for r in pandas.read_parquet(f"{out}/{kind}").to_dict("records")}
    return [texts[r["id"]] for r in rows_of(source)]


#: What each contender needs beside this project's own environment; nothing for those that run in it.
NEEDS: dict[Callable[[Path], Texts], tuple[str, ...]] = {
    cleaner: (), cleaner_run: (), trafilatura: (), ftfy: (), script: (),
    newspaper: ("newspaper4k",), resiliparse: ("resiliparse",), justext: ("justext", "lxml_html_clean"),
    datatrove: ("datatrove[io,processing]", "spacy", "lxml_html_clean"),
}  # fmt: skip
NAMES = {tool.__name__: tool for tool in NEEDS}
#: The distributions whose versions are told.
TOLD = ("cleaner", "trafilatura", "ftfy", "langdetect", "newspaper4k", "resiliparse", "justext", "datatrove")


def versions() -> dict[str, str]:
    """The versions of what is installed here."""
    found = {}
    for name in TOLD:
        try:
            found[name] = version(name)
        except ImportError:
            pass
    return found


def main(name: str, source: Path, out: Path) -> None:
    """Run one contender over a file, and tell what it took."""
    tool, rows = NAMES[name], rows_of(source)
    with tempfile.TemporaryDirectory() as folder:
        few = Path(folder, "few.jsonl")
        few.write_text("".join(json.dumps(r) + "\n" for r in rows[:WARM_UP]), "utf-8")
        tool(few)
    begin = cpu()
    texts = list(tool(source))
    spent = cpu() - begin
    out.write_text("".join(json.dumps({"id": r["id"], "text": t or ""}) + "\n" for r, t in zip(rows, texts, strict=True)), "utf-8")
    print(json.dumps({"cpu": spent, "peak_mb": peak_mb(), "documents": len(rows), "versions": versions()}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
