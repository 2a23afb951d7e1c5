"""Stages that do what the worst pages do to a worker; the word in the text says what."""
from __future__ import annotations

import os
import re
import signal

import cleaner
import cleaner.html.model  # noqa: F401 - else the first page of a worker spends its time limit on imports
import cleaner.html.page  # noqa: F401


def poisoned(doc: cleaner.Document) -> cleaner.Document:
    """Do what the document's text asks for."""
    word = doc.text.split(" ")[0] if doc.text else ""
    if word == "RAISE":
        raise ValueError("this page is not for me")
    if word == "EXIT":
        raise SystemExit(3)
    if word == "LOOP":
        while True:
            pass
    if word == "REGEX":
        re.match(r"(a+)+$", "a" * 60 + "b")
    if word == "MEMORY":
        keep = []
        while True:
            keep.append(bytes(500_000_000))
    if word in ("SIGSEGV", "SIGKILL"):
        os.kill(os.getpid(), getattr(signal, word))
    if word == "STUCK":
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        while True:
            pass
    return doc
