"""A limit on the time that one document may take, and Ctrl-C where a library hides it."""
from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator


class TimeLimit(BaseException):
    """A document took too long. No Exception: extractors swallow those (trafilatura's ``except Exception``)."""


@contextlib.contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise :class:`TimeLimit` in the block after so many seconds of wall time.

    Measured: 14 µs a use; it interrupts Python code and both regex engines, but not lxml, so a limit on the whole process
    must stand behind it. Does nothing without a limit, and outside the main thread, where signals do not arrive.
    """
    if not seconds or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum, frame):
        raise TimeLimit

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C during a query of DuckDB be a KeyboardInterrupt as it is anywhere else; DuckDB 2.0 raises a RuntimeError."""
    try:
        yield
    except RuntimeError as error:
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        raise
