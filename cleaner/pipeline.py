"""The visible list of stages, and the one function that every engine runs: a batch of records in, a batch of articles out."""
from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa

from cleaner import schema
from cleaner.document import Document, kept, restored_blocks
from cleaner.doors import TEXT, Doors
from cleaner.intake import from_bytes, from_text
from cleaner.limits import TimeLimit, time_limit
from cleaner.stage import Stage, attempt, stage_name
from cleaner.stages.boilerplate import boilerplate
from cleaner.stages.duplicates import duplicates
from cleaner.stages.language import language
from cleaner.stages.repair import repair
from cleaner.stages.topic import topic

#: The default list. A stage is any callable ``Document -> Document``; put your own function where it belongs.
DEFAULT = (repair, boilerplate, duplicates, language, topic)


#: Document flags that send a document to ``rejected/``, with the status it gets there.
UNWANTED = {"language.unwanted": "unwanted_language"}

Clock = dict[str, float]


class Pipeline:
    """A list of stages that runs as one.

    stages: callables ``Document -> Document``, in order. Called on a str, bytes or Document it gives a Document, on a
    Series the clean texts, on a DataFrame the frame with clean text and the columns lang, flags, status and marks.
    """

    def __init__(self, stages: Iterable[Callable[[Document], Document]] = DEFAULT):
        self.stages = tuple(stages)
        self.doors = Doors(self.run, from_text, columns=table_columns)

    def __call__(self, x: Any, /, *, html: bool | None = None, **about: Any) -> Any:
        """Clean ``x``: see :func:`clean`."""
        if isinstance(x, bytes):
            return self.run(from_bytes(x, html, **about))
        if isinstance(x, str):
            return self.run(from_text(x, html, **about))
        return self.doors(x, **about)

    def run(self, doc: Document, clock: Clock | None = None) -> Document:
        """The stages on one Document. A stage that raises leaves the mark ``error.<type>`` and the others go on.

        clock: seconds of CPU by stage are added to it.
        """
        for one in self.stages:
            start = time.process_time()
            doc = one.run(doc) if isinstance(one, Stage) else attempt(stage_name(one), one, doc)
            if clock is not None:
                clock[stage_name(one)] += time.process_time() - start
        return doc

    def batch(self, records: pa.RecordBatch, stamp: dict[str, str] | None = None, timeout: float | None = None) -> pa.RecordBatch:
        """The unit of work of every engine: ``schema.RECORD`` in, ``schema.result`` out, a row for every row.

        stamp: values for the columns cleaner_version and config_hash. timeout: seconds of wall time for one document.
        CPU seconds by stage are in the result's metadata.
        """
        clock: Clock = defaultdict(float)
        own = schema.own_columns(records.schema)
        columns: dict[str, list] = {f.name: [] for f in [*schema.ARTICLE, schema.NESTED_MARKS]}
        for row in records.select(schema.RECORD.names).to_pylist():
            article = article_row(row, self, clock, timeout) | (stamp or {})
            for name, values in columns.items():
                values.append(article.get(name))
        target = schema.result(own)
        arrays = [pa.array(columns[f.name], f.type) if f.name in columns else records.column(f.name) for f in target]
        return pa.RecordBatch.from_arrays(arrays, schema=target.with_metadata({"cpu": json.dumps(clock)}))


def clean(x: Any, /, *, html: bool | None = None, **about: Any) -> Any:
    """Clean news text with the default stages.

    x: a str, bytes or Document gives a Document (``.text`` the clean text, ``.marks`` every decision, ``.flags``, ``.meta``);
    a pandas Series gives the clean texts; a DataFrame gives the frame with its text column cleaned (``text=`` names it) and
    the columns lang, flags, status and marks added, index and other columns kept. None and NaN stay what they are.
    html: True or False says what a str or bytes is; None finds it out by content.
    about: what is known beside the text, fields of ``Meta``: title, url, date, author, lang …

    Raises TypeError for any other type, KeyError for a DataFrame without the text column, NotText (a ValueError) for bytes
    that are no text.
    """
    return Pipeline()(x, html=html, **about)


def table_columns(doc: Document) -> dict[str, Any]:
    """What ``clean(DataFrame)`` gives for a row."""
    return {
        TEXT: doc.text,
        "lang": doc.meta.lang,
        "flags": list(doc.flags),
        "status": status(doc)[0],
        "marks": schema.mark_rows(doc),
    }


def status(doc: Document) -> tuple[str, str | None]:
    """What became of a document, and why: "ok", "empty" where nothing is left, or what an error or an unwanted language makes of it."""
    for m in doc.marks:
        if m.rule in UNWANTED or m.rule.startswith("error."):
            return UNWANTED.get(m.rule, m.rule), m.detail
    if not doc.text:
        return "empty", "every block was cut" if doc.blocks else "there is no text in it"
    return "ok", None


def article_row(record: dict[str, Any], pipeline: Pipeline, clock: Clock, timeout: float | None) -> dict[str, Any]:
    """Clean one record to the columns of ``schema.ARTICLE`` and its nested marks; what fails has status and error instead."""
    if record["_error"]:
        return failed(record, *record["_error"].split("\t", 1))
    try:
        with time_limit(timeout):
            start = time.process_time()
            doc = read_document(record)
            clock["read"] += time.process_time() - start
            return row_of(pipeline.run(doc, clock))
    except TimeLimit:
        return failed(record, "error.timeout", f"it took more than {timeout:g} seconds; --timeout raises the limit")
    except MemoryError:
        return failed(record, "error.memory", "it needs more memory than a worker may take; --max-memory raises the limit")
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a stage may call sys.exit
        return failed(record, f"error.{type(error).__name__}", str(error))


def failed(record: dict[str, Any], kind: str, reason: str) -> dict[str, Any]:
    """The row of a record that could not be cleaned: what is known of it, status and reason."""
    known = {k: v for k, v in record.items() if not k.startswith("_")}
    return known | {"status": kind, "error": located(reason, record["source"], record["row"]), "flags": [], "_marks": []}


def located(reason: str, source: str | None, row: int | None) -> str:
    """A reason with the file and the number of the record in front, counted from 1, unless it names the file itself."""
    if not source or reason.startswith(source):
        return schema.storable(reason)
    return schema.storable(f"{source}{'' if row is None else f', record {row + 1}'}: {reason}")


def read_document(record: dict[str, Any]) -> Document:
    """A record of ``schema.RECORD`` to a Document with everything that is known about it."""
    about = {k: record[k] for k in ("title", "author", "date", "url", "lang", "source", "row")}
    if record["_form"] in ("bytes", "page"):
        doc = from_bytes(record["_content"], record["_form"] == "page" or None, http=record["_charset"], **about)
    else:
        doc = from_text(record["_content"].decode("utf-8", "surrogatepass"), record["_form"] == "html" or None, **about)
    return Document(record["id"], doc.blocks, doc.marks, doc.meta, doc.tail)


def row_of(doc: Document) -> dict[str, Any]:
    """A cleaned Document as a row of ``schema.ARTICLE`` with its marks nested."""
    text, (state, error), meta = doc.text, status(doc), doc.meta
    return {
        "id": doc.id,
        **{k: schema.storable(getattr(meta, k)) for k in ("title", "author", "date", "url", "host", "lang", "source")},
        "text": schema.storable(text),
        "lang_score": meta.lang_score,
        "row": meta.row,
        "status": state,
        "error": error and located(error, meta.source, meta.row),
        "flags": list(doc.flags),
        "paragraphs_in": len(doc.blocks),
        "paragraphs_out": sum(any(pieces) for pieces in kept(doc)),
        "chars_in": sum(map(len, restored_blocks(doc))),
        "chars_out": len(text),
        "_marks": schema.mark_rows(doc),
    }
