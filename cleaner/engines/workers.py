"""A pool of processes that gives every task an answer: its result, or that its process ended or took too long.

Pools of the standard library lose 28 of 40 tasks to one dead worker, pebble loses that one (measured). What pebble leaves
open is closed here: a worker killed while it takes a task, a pool that is broken because no other task was running, and
workers that live on when their parent is killed.
"""
from __future__ import annotations

import contextlib
import os
import resource
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from functools import partial
from importlib import import_module
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

import pebble

from cleaner.engines import server

#: Seconds between two looks of the pool at whether something is wrong with it.
LOOK = 1.0

#: Seconds after which tasks that wait while none runs are taken to be lost with a worker, and given out again.
STALL = 60.0

#: How often a pool may break before that is an error: a run meets some killed workers, not a machine on which none can start.
RESTARTS = 20


class Task(NamedTuple):
    """A call for a worker. about: what the caller knows it by. timeout: seconds after which its process is ended."""

    about: Any
    timeout: float
    function: Callable
    args: tuple


class Workers:
    """Processes that have loaded what they need, each with a limit of memory. A context manager; leaving it ends them.

    method: "forkserver", one process from which the others start in milliseconds and share its memory, or "spawn", without it.
    """

    def __init__(self, count: int, max_memory: int, method: str = "forkserver"):
        self.count, self.max_memory, self.method = count, max_memory, method
        self.given: dict[Future, tuple[Task, pebble.ProcessFuture]] = {}
        self.starts, self.broken, self.busy = 0, False, time.monotonic()
        self.pool = self.start()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *error: Any) -> None:
        self.end()

    def results(self, tasks: Iterable[Task], ahead: int) -> Iterator[tuple[Task, pebble.ProcessFuture]]:
        """Each task with its finished future, in the order in which they end. ahead: tasks that are given out at a time, at the most."""
        tasks, waiting = iter(tasks), set()
        while True:
            while len(waiting) < ahead and (task := next(tasks, None)) is not None:
                answer = Future()
                self.give(answer, task)
                waiting.add(answer)
            if not waiting:
                return
            done, waiting = wait(waiting, LOOK, return_when=FIRST_COMPLETED)
            for answer in done:
                yield self.given.pop(answer)[0], answer.result()
            if not done and (self.broken or self.stalled()):
                self.restart()

    def give(self, answer: Future, task: Task) -> None:
        """Give a task to the pool. A pool that breaks leaves the answer open."""
        future = pebble.ProcessFuture()
        with contextlib.suppress(RuntimeError):  # a pool that is broken already
            future = self.pool.schedule(task.function, args=task.args, timeout=task.timeout)
        self.given[answer] = task, future
        future.add_done_callback(partial(self.answered, answer))

    def answered(self, answer: Future, future: pebble.ProcessFuture) -> None:
        """Take note of what became of a task; runs in a thread of the pool."""
        if isinstance(future.exception(), BrokenExecutor):
            self.broken = True
        else:
            answer.set_result(future)

    def stalled(self) -> bool:
        """Whether tasks have been waiting for long while none is running."""
        if not self.pool.active:
            return True
        if any(future.running() for _, future in self.given.values()):
            self.busy = time.monotonic()
        return time.monotonic() - self.busy > STALL

    def start(self) -> pebble.ProcessPool:
        """A pool; raises RuntimeError when too many before it broke."""
        self.starts += 1
        if self.starts > RESTARTS:
            raise RuntimeError(f"the processes of the pool broke down {RESTARTS} times; is there memory for {self.count} of them?")
        if self.method == "forkserver":
            server.begin()
        self.broken, self.busy = False, time.monotonic()
        return pebble.ProcessPool(self.count, context=get_context(self.method), initializer=start_worker, initargs=[self.max_memory])

    def restart(self) -> None:
        """A new pool in place of the old one; what that one left open is given out again."""
        self.end()
        self.pool = self.start()
        for answer, (task, _) in list(self.given.items()):
            if not answer.done():
                self.give(answer, task)

    def end(self) -> None:
        """End the processes, whatever they are at."""
        self.pool.stop()
        self.pool.join()


def start_worker(max_memory: int) -> None:
    """Limit the memory of this process beside what it starts with, and let it leave with its parent."""
    import_module(server.PRELOAD)
    with open("/proc/self/statm") if os.path.exists("/proc/self/statm") else open(os.devnull) as file:
        now = int((file.read().split() or [0])[0]) * resource.getpagesize()
    if now:
        resource.setrlimit(resource.RLIMIT_AS, (now + max_memory, resource.RLIM_INFINITY))
    threading.Thread(target=leave_with, args=[parent_process()], daemon=True).start()


def leave_with(run: BaseProcess) -> None:
    """End this process when the one that runs the batch has gone; nobody would take its result.

    The system's parent is the fork server, which may have gone before this process looks for it.
    """
    run.join()
    os._exit(1)
