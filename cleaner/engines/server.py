"""The process that workers are forked from; a command starts it before anything else, so that it loads while the command does."""
from __future__ import annotations

import os
from multiprocessing import forkserver, get_context

#: What it imports: all that a worker needs.
PRELOAD = "cleaner.engines.warm"


def begin() -> None:
    """Start it, where it does not run yet. It ends with this process."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in cleaner.cli, for programs that call cleaner.run
    get_context("forkserver").set_forkserver_preload([PRELOAD])
    forkserver.ensure_running()
