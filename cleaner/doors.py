"""The doors of a stage and of the pipeline: str, Document, pandas Series and DataFrame in, the caller's own type out."""
from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from cleaner.document import Document, Meta

#: Names under which common dumps hold an article's text, the usual ones first.
TEXT_COLUMNS = ("text", "content", "body", "maintext", "article", "plaintext", "raw_content")

#: Column names of the common dumps (trafilatura, news-please, CC-News, fundus, datatrove, Media Cloud), the usual ones first.
NAMES = {
    "text": TEXT_COLUMNS,
    "html": ("html", "raw_html", "page_html"),
    "id": ("id", "_id", "uid", "doc_id", "article_id"),
    "url": ("url", "link", "source_url", "page_url"),
    "title": ("title", "headline", "title_page"),
    "author": ("author", "authors", "byline"),
    "date": ("date", "published", "published_at", "publish_date", "date_publish", "publishing_date", "publication_date", "published_date", "pubdate"),
    "lang": ("lang", "language"),
}  # fmt: skip

#: What a caller may say about a text beside the text itself: fields of ``Meta``.
ABOUT = tuple(f.name for f in fields(Meta) if f.name not in ("lang_score", "extra"))

#: In the columns that a document gives, the key of the table's text column, whatever its name.
TEXT = ""


def clean_text(doc: Document) -> str:
    """What most stages answer to a str: the text without what was cut."""
    return doc.text


def text_only(doc: Document) -> dict[str, Any]:
    """What most stages give to a table: the text column anew, nothing else."""
    return {TEXT: doc.text}


@dataclass(frozen=True)
class Doors:
    """How texts reach a function ``Document -> Document``.

    run: the function. read: a str and what is known about it to a Document. answer: what a str gets back.
    columns: what a DataFrame's row gets back, by column name (:data:`TEXT` is its text column).
    """

    run: Callable[[Document], Document]
    read: Callable[..., Document]
    answer: Callable[[Document], Any] = clean_text
    columns: Callable[[Document], dict[str, Any]] = text_only

    def __call__(self, x: Any, /, text: str = "", **about: Any) -> Any:
        """Run on a str, Document, Series or DataFrame; None and NaN stay what they are, every index is kept.

        text: the name of a DataFrame's text column; found among the usual names when empty.
        about: what is known of the text or of all of them, fields of ``Meta``. Raises TypeError for another type,
        KeyError for a DataFrame without the column.
        """
        if isinstance(x, Document):
            return self.run(x.about(**about) if about else x)
        if isinstance(x, str):
            return self.answer(self.run(self.read(x, **about)))
        kind = pandas_kind(x)
        if kind == "DataFrame":
            return self.table(x, text, about)
        if kind == "Series":
            values = [t if missing(t) else self(t, **about) for t in x]
            return type(x)(values, index=x.index, name=x.name, dtype=x.dtype if self.answer is clean_text else object)
        if missing(x):
            return x
        raise TypeError(f"expected str, Document, pandas.Series or pandas.DataFrame, not {type(x).__name__}")

    def table(self, frame: Any, text: str, about: dict[str, Any]) -> Any:
        """A copy of a DataFrame with what each row's document gives; columns named like a field of ``Meta`` are facts about it."""
        name = text or text_column(frame.columns)
        new: dict[str, list] = {c: [] for c in self.columns(Document())}
        for value, doc in self.documents(frame, name, about):
            row = self.columns(self.run(doc)) if doc else {TEXT: value}
            for column, values in new.items():
                values.append(row.get(column))
        series = type(frame[name])
        kinds = {TEXT: frame[name].dtype}
        return frame.assign(**{c or name: series(v, index=frame.index, dtype=kinds.get(c, object)) for c, v in new.items()})

    def documents(self, frame: Any, text: str = "", about: Mapping[str, Any] = {}) -> Iterator[tuple[Any, Document | None]]:
        """The rows of a DataFrame: what its text column holds, and the document read from it, None where there is no text.

        A document has the id that the column ``id`` or else the index gives it.
        """
        name = text or text_column(frame.columns)
        if name not in frame.columns:
            raise KeyError(f"no column {name!r}; the table has: {', '.join(map(str, frame.columns))}; name one with text=")
        known = [c for c in ABOUT if c in frame.columns and c != name and c not in about]
        ids = frame["id"] if "id" in frame.columns else frame.index
        for id, value, *rest in zip(ids, frame[name], *(frame[c] for c in known)):
            facts = {c: v for c, v in zip(known, rest) if isinstance(v, str)}
            yield value, None if missing(value) else replace(self.read(value, **facts, **about), id=str(id))


def text_column(names: Any) -> str:
    """The first of :data:`TEXT_COLUMNS` among the names of a table's columns. Raises KeyError when there is none."""
    for name in TEXT_COLUMNS:
        if name in names:
            return name
    raise KeyError(f"no text column among {', '.join(map(str, names))}; name one with text= (known: {', '.join(TEXT_COLUMNS)})")


def missing(x: Any) -> bool:
    """None, NaN, NaT and pandas.NA: what a table holds where there is no text."""
    return x is None or type(x).__name__ in ("NAType", "NaTType") or (isinstance(x, float) and x != x)


def pandas_kind(x: Any) -> str:
    """"Series" or "DataFrame" for pandas objects, "" for anything else, without importing pandas."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return ""
    return "DataFrame" if isinstance(x, pandas.DataFrame) else "Series" if isinstance(x, pandas.Series) else ""
