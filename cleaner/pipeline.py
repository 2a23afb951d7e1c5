"""The visible list of stages, and the one function that every engine runs: a batch of records in, a batch of articles out."""
from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from typing import Any, TypeVar

import pyarrow as pa

from cleaner import schema
from cleaner.clock import Clock, slowest, timed
from cleaner.corpus.stats import Stats
from cleaner.document import Document, joined, kept, restored_blocks
from cleaner.doors import TEXT, Doors, pandas_kind
from cleaner.halves import Failed, unpacked
from cleaner.intake import from_bytes, from_text
from cleaner.limits import TimeLimit, time_limit
from cleaner.stage import Favor, Stage, attempt, stage_name
from cleaner.stages.boilerplate import boilerplate
from cleaner.stages.duplicates import duplicates
from cleaner.stages.language import language
from cleaner.stages.repair import repair
from cleaner.stages.repeats import repeats
from cleaner.stages.topic import topic

#: The default list. A stage is any callable ``Document -> Document``; put your own function where it belongs.
DEFAULT = (repair, boilerplate, repeats, duplicates, language, topic)


#: Options of ``extract`` for tables, where a page of 200 blocks would fill ``marks`` with menus.
TABLES = {"marks": "near"}

#: Document flags that send a document to ``rejected/``, with the status it gets there.
UNWANTED = {"language.unwanted": "unwanted_language", "duplicate.dropped": "duplicate"}

#: Marks that name a document's original.
COPY = ("duplicate.document", "duplicate.dropped")

T = TypeVar("T")


class Pipeline:
    """A list of stages that runs as one.

    stages: callables ``Document -> Document``, in order. stats: statistics of the corpus for the stage ``repeats``, or the
    path of their file; it does nothing without them. pages: options of :func:`cleaner.extract` for HTML. Called on a str, bytes or Document it gives a Document, on a
    Series the clean texts, on a DataFrame the frame with clean text and the columns lang, flags, status,
    duplicate_of and marks.
    """

    def __init__(
        self, stages: Iterable[Callable[[Document], Document]] = DEFAULT, stats: Stats | str | None = None, pages: Mapping[str, Any] = {}
    ):
        self.stages = tuple(stages if stats is None else with_stats(stages, stats))
        self.pages = dict(pages)
        self.doors = Doors(self.run, partial(from_text, pages=self.pages), columns=table_columns)

    def __call__(self, x: Any, /, *, html: bool | None = None, **about: Any) -> Any:
        """Clean ``x``: see :func:`clean`."""
        if isinstance(x, bytes):
            return self.run(from_bytes(x, html, pages=self.pages, **about))
        if isinstance(x, str):
            return self.run(from_text(x, html, self.pages, **about))
        return self.doors(x, **about)

    def run(self, doc: Document, clock: Clock | None = None) -> Document:
        """The stages on one Document. A stage that raises leaves the mark ``error.<type>`` and the others go on.

        clock: seconds of CPU by stage are added to it.
        """
        since = time.process_time() if clock is not None else 0.0  # asked only where it is wanted: a call takes as long as a small stage
        for one in self.stages:
            doc = one.run(doc) if isinstance(one, Stage) else attempt(stage_name(one), one, doc)
            if clock is not None:
                now = time.process_time()
                clock[stage_name(one)] += now - since
                since = now
        return doc

    def with_stats(self, stats: Stats | str) -> Pipeline:
        """This pipeline with statistics of a corpus, or the path of their file."""
        return Pipeline(self.stages, stats, self.pages)

    def favoring(self, favor: Favor) -> Pipeline:
        """This pipeline with one dial on ``extract`` and every stage that has it: "precision" cuts more, "recall" keeps more."""
        stages = [s.with_(favor=favor) if isinstance(s, Stage) and "favor" in s.options() else s for s in self.stages]
        return Pipeline(stages, pages={**self.pages, "favor": favor})

    def needs_corpus(self) -> bool:
        """Whether the list has a stage ``repeats`` that nobody gave statistics."""
        return any(not one.settings.get("stats") for one in self.stages if is_repeats(one))

    def statistics(self) -> Stats | None:
        """The statistics that the stage ``repeats`` was given as such and not as a path."""
        return next((s for one in self.stages if is_repeats(one) and isinstance(s := one.settings.get("stats"), Stats)), None)

    def split(self) -> tuple[Pipeline, Pipeline]:
        """The stages before ``repeats``, and it with those behind it."""
        place = next((i for i, one in enumerate(self.stages) if is_repeats(one)), len(self.stages))
        return Pipeline(self.stages[:place], pages=self.pages), Pipeline(self.stages[place:], pages=self.pages)

    def halves(self, records: pa.RecordBatch, timeout: float | None = None) -> tuple[Iterator[Document | Failed], Clock]:
        """The first pass over a batch of ``schema.RECORD``: what the stages before ``repeats`` make of each record, and the CPU seconds of it."""
        clock: Clock = defaultdict(float)
        first, _ = self.split()
        begun = (partial(begin, record, first, clock) for record in records.select(schema.RECORD.names).to_pylist())
        return (attempted(one.args[0], timeout, one) for one in begun), clock

    def batch(
        self,
        records: pa.RecordBatch,
        stamp: dict[str, str] | None = None,
        timeout: float | None = None,
        halves: tuple[Iterable[str | None], Clock] = ((), {}),
    ) -> pa.RecordBatch:
        """The unit of work of every engine: ``schema.RECORD`` in, ``schema.result`` out, a row for every row.

        stamp: values for the columns cleaner_version and config_hash. timeout: seconds of wall time for one document.
        halves: for each record what the first pass made of it, packed, or None, and the CPU seconds it took. CPU seconds by
        stage and of the slowest documents are in the result's metadata.
        """
        clock: Clock = defaultdict(float, halves[1])
        own = schema.own_columns(records.schema)
        columns: dict[str, list] = {f.name: [] for f in [*schema.ARTICLE, schema.NESTED_MARKS]}
        _, second = self.split()
        spent: Clock = {}
        for row, half in zip_longest(records.select(schema.RECORD.names).to_pylist(), halves[0]):
            with timed(spent, row["id"]):
                article = article_row(row, second if half else self, clock, timeout, half) | (stamp or {})
            for name, values in columns.items():
                values.append(article.get(name))
        target = schema.result(own)
        made = {name: schema.nested(values) if name == schema.NESTED_MARKS.name else values for name, values in columns.items()}
        arrays = [pa.array(made[f.name], f.type) if f.name in made else records.column(f.name) for f in target]
        return pa.RecordBatch.from_arrays(arrays, schema=target.with_metadata({"cpu": json.dumps(clock), "slowest": json.dumps(slowest(spent))}))


def is_repeats(one: Callable) -> bool:
    """Whether a stage is ``repeats``, with whatever settings."""
    return isinstance(one, Stage) and one.function is repeats.function


def with_stats(stages: Iterable[Callable[[Document], Document]], stats: Stats | str) -> list[Callable[[Document], Document]]:
    """The stages, ``repeats`` with these statistics. Raises ValueError when there is no such stage."""
    stages = list(stages)
    if not any(map(is_repeats, stages)):
        raise ValueError("statistics need the stage cleaner.repeats in the list, behind boilerplate and before duplicates")
    return [one.with_(stats=stats) if is_repeats(one) else one for one in stages]


def clean(x: Any, /, *, html: bool | None = None, stats: Stats | str | None = None, **about: Any) -> Any:
    """Clean news text with the default stages.

    x: a str, bytes or Document gives a Document (``.text`` the clean text, ``.marks`` every decision, ``.flags``, ``.meta``);
    a pandas Series gives the clean texts; a DataFrame gives the frame with its text column cleaned (``text=`` names it) and
    the columns lang, flags, status, duplicate_of and marks added, index and other columns kept. None and NaN stay what they are.
    html: True or False says what a str or bytes is; None finds it out by content.
    stats: what :func:`fit` found in the corpus, or the path of its file: templates of a site are cut then, copies of documents named.
    about: what is known beside the text, fields of ``Meta``: title, url, date, author, lang …

    Raises TypeError for any other type, KeyError for a DataFrame without the text column, NotText (a ValueError) for bytes
    that are no text.
    """
    return Pipeline(stats=stats)(x, html=html, **about)


def fit(x: Any, /, *, text: str = "", stages: Iterable[Callable[[Document], Document]] = DEFAULT, memory: str = "400MB") -> Stats:
    """What repeats across the documents of a corpus: statistics for ``cleaner.clean(…, stats=…)`` and ``cleaner.run(…, stats=…)``.

    x: a pandas DataFrame, whose column ``id`` or index names the documents and whose column ``text`` holds them (columns
    named host, url, title, date … are facts about them), or an iterable of Documents. stages: those before ``repeats`` run
    first, as they will when the documents are cleaned. memory: limit of DuckDB, which spills to a temporary folder beyond it.

    Raises TypeError for anything else, KeyError for a DataFrame without the text column.
    """
    from cleaner.corpus.fit import fit as fitted

    first, _ = Pipeline(stages).split()
    documents = (doc for _, doc in first.doors.documents(x, text) if doc) if pandas_kind(x) == "DataFrame" else x
    if pandas_kind(x) == "Series" or isinstance(x, (str, bytes)):
        raise TypeError(f"expected a pandas.DataFrame with host or url and text, or Documents, not {type(x).__name__}")
    return fitted((first.run(doc) for doc in documents), memory=memory)


def table_columns(doc: Document) -> dict[str, Any]:
    """What ``clean(DataFrame)`` gives for a row."""
    text = doc.text
    return {
        TEXT: text,
        "lang": doc.meta.lang,
        "flags": list(doc.flags),
        "status": status(doc, text)[0],
        "duplicate_of": original(doc),
        "marks": schema.mark_rows(doc),
    }


def status(doc: Document, text: str) -> tuple[str, str | None]:
    """What became of a document whose clean text is ``text``, and why.

    "ok", "empty" where nothing is left, or what an error or an unwanted language makes of it.
    """
    for m in doc.marks:
        if m.rule in UNWANTED or m.rule.startswith("error."):
            return UNWANTED.get(m.rule, m.rule), m.detail
    if not text:
        return "empty", "every block was cut" if doc.blocks else "there is no text in it"
    return "ok", None


def original(doc: Document) -> str | None:
    """The id of the document of which this one is a copy or version."""
    return next((m.detail for m in doc.marks if m.rule in COPY), None)


def article_row(record: dict[str, Any], pipeline: Pipeline, clock: Clock, timeout: float | None, half: str | None = None) -> dict[str, Any]:
    """Clean one record to the columns of ``schema.ARTICLE`` and its nested marks; what fails has status and error instead."""
    start = unpacked(half, record) if half else None
    if isinstance(start, dict):
        return start
    return attempted(record, timeout, lambda: row_of(begin(record, pipeline, clock, start)))


def begin(record: dict[str, Any], pipeline: Pipeline, clock: Clock, start: Document | None = None) -> Document:
    """Some stages on a record, or on what the first pass made of it."""
    return pipeline.run(start or read_document(record, clock, TABLES | pipeline.pages), clock)


def attempted(record: dict[str, Any], timeout: float | None, work: Callable[[], T]) -> T | Failed:
    """What some work on a record gives, or its row in ``rejected/`` where it fails."""
    if record["_error"]:
        return failed(record, *record["_error"].split("\t", 1))
    try:
        with time_limit(timeout):
            return work()
    except TimeLimit:
        return failed(record, "error.timeout", f"it took more than {timeout:g} seconds; --timeout raises the limit")
    except MemoryError:
        return failed(record, "error.memory", "it needs more memory than a worker may take; --max-memory raises the limit")
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a stage may call sys.exit
        return failed(record, f"error.{type(error).__name__}", str(error))


def failed(record: dict[str, Any], kind: str, reason: str) -> Failed:
    """The row of a record that could not be cleaned: what is known of it, status and reason."""
    known = {k: v for k, v in record.items() if not k.startswith("_")}
    return known | {"status": kind, "error": located(reason, record["source"], record["row"]), "flags": [], "_marks": []}


def located(reason: str, source: str | None, row: int | None) -> str:
    """A reason with the file and the number of the record in front, counted from 1, unless it names the file itself."""
    if not source or reason.startswith(source):
        return schema.storable(reason)
    return schema.storable(f"{source}{'' if row is None else f', record {row + 1}'}: {reason}")


def read_document(record: dict[str, Any], clock: Clock, pages: Mapping[str, Any]) -> Document:
    """A record of ``schema.RECORD`` to a Document with everything that is known about it."""
    start = time.process_time()
    about = {k: record[k] for k in ("title", "author", "date", "url", "lang", "source", "row")}
    if record["_form"] in ("bytes", "page"):
        doc = from_bytes(record["_content"], record["_form"] == "page" or None, http=record["_charset"], pages=pages, **about)
    else:
        doc = from_text(record["_content"].decode("utf-8", "surrogatepass"), record["_form"] == "html" or None, pages, **about)
    clock["read"] += time.process_time() - start
    return replace(doc, id=record["id"])


def row_of(doc: Document) -> dict[str, Any]:
    """A cleaned Document as a row of ``schema.ARTICLE`` with its marks nested."""
    pieces, meta = kept(doc), doc.meta
    text = joined(doc, pieces)
    state, error = status(doc, text)
    return {
        "id": doc.id,
        **{k: schema.storable(getattr(meta, k)) for k in ("title", "author", "date", "url", "host", "lang", "source")},
        "text": schema.storable(text),
        "lang_score": meta.lang_score,
        "row": meta.row,
        "status": state,
        "error": error and located(error, meta.source, meta.row),
        "flags": list(doc.flags),
        "duplicate_of": original(doc),
        "paragraphs_in": len(doc.blocks),
        "paragraphs_out": sum(map(any, pieces)),
        "chars_in": sum(map(len, restored_blocks(doc))),
        "chars_out": len(text),
        "_marks": schema.mark_values(doc, pieces),
    }
