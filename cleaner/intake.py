"""How a text becomes a Document: bytes are decoded, HTML goes through ``extract`` and anything else through ``segment``."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cleaner.document import Document
from cleaner.stages.decode import decode_bytes, decode_marks
from cleaner.stages.extract import extract, looks_like_html
from cleaner.stages.segment import segment
from cleaner.text.addresses import host_of


def from_text(text: str, html: bool | None = None, pages: Mapping[str, Any] = {}, **about: Any) -> Document:
    """A str to a Document: HTML through ``extract`` with the options in ``pages``, anything else through ``segment``."""
    if html or html is None and looks_like_html(text):
        doc = extract(text, url=about.get("url"), **pages)
        doc = doc.about(**{k: v for k, v in about.items() if v is not None})
    else:
        doc = segment(text, **about)
    return doc.about(host=host_of(doc.meta.url) or doc.meta.host)


def from_bytes(data: bytes, html: bool | None = None, *, http: str | None = None, pages: Mapping[str, Any] = {}, **about: Any) -> Document:
    """Bytes to a Document; how they were decoded is in ``meta.encoding``, and marked where it contradicts a declaration."""
    decoded = decode_bytes(data, http=http, host=host_of(about.get("url")))
    doc = from_text(decoded.text, html, pages, **about)
    return doc.about(encoding=decoded.encoding).add(decode_marks(decoded))
