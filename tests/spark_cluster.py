"""A real Spark cluster on this machine: a standalone master and its workers as processes of their own, on free ports of 127.0.0.1."""
from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from processes import processes_of

#: Where executors find this cleaner, and the stages of the tests.
CODE = f"{Path(__file__).parent}{os.pathsep}{Path(__file__).parents[1]}"
#: Quick to start, slow to grow fast: what a test of some seconds wants of a JVM.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
#: The least memory with which an executor starts: Spark wants 450 MB beside a survivor space. Everything on this machine's own address; queries over some hundred rows are not worth compiling.
SETTINGS = {
    "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false",
    "spark.executor.memory": "470m", "spark.driver.memory": "512m", "spark.sql.shuffle.partitions": "2", "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN", "spark.executorEnv.PYTHONPATH": CODE, "spark.executor.extraJavaOptions": JAVA,
    "spark.driver.extraJavaOptions": JAVA,
}  # fmt: skip


def java() -> str:
    """The Java on this machine, "" where none is."""
    home = os.environ.get("JAVA_HOME")
    return (shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")) or ""


def needs_spark() -> None:
    """Skip, and say why, where Spark cannot run."""
    said = subprocess.run([java(), "-version"], capture_output=True, text=True).stderr if java() else "none"
    if not (version := re.search(r'version "(\d+)', said)) or int(version[1]) < 17:
        pytest.skip(f"Spark needs Java 17 or later (apt-get install openjdk-17-jre-headless); here is: {said.partition(chr(10))[0]}")
    pytest.importorskip("pyspark", reason="PySpark is missing: pip install 'cleaner[spark]'")


def environment() -> dict[str, str]:
    """What the processes of a cluster and its drivers need to know."""
    known = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK_", "PYSPARK_"))}
    here = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "192m", "SPARK_DAEMON_JAVA_OPTS": f"{JAVA} -Dspark.master.rest.enabled=false", "SPARK_NO_DAEMONIZE": "1"}
    return known | here | {"PYSPARK_PYTHON": sys.executable, "PYTHONPATH": CODE, "PYTHONWARNINGS": "ignore"}


@dataclass
class Standalone:
    """A running master and its workers. settings: of every session."""

    folder: Path
    master: str = ""
    workers: list[subprocess.Popen] = field(default_factory=list)
    processes: list[subprocess.Popen] = field(default_factory=list)
    drivers: list[subprocess.Popen] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=lambda: dict(SETTINGS))

    def start(self, name: str, *command: str) -> subprocess.Popen:
        """A process of the cluster in a session of its own."""
        import pyspark

        program = Path(pyspark.__file__).parent / "bin/spark-class"
        with open(self.folder / f"{name}.log", "w") as log:
            process = subprocess.Popen(["bash", program, *command], stdout=log, stderr=log, env=environment(), start_new_session=True, cwd=self.folder)
        self.processes.append(process)
        return process

    def start_worker(self) -> None:
        number = len(self.workers)
        self.workers.append(
            self.start(f"worker{number}", "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "1g",
                       "--webui-port", "0", "--work-dir", str(self.folder / f"work{number}"), self.master)
        )  # fmt: skip

    def options(self, **settings: str) -> list[str]:
        """The options of ``cleaner run`` for this cluster."""
        return ["--engine", self.master, *(part for k, v in (self.settings | settings).items() for part in ("--spark", f"{k}={v}"))]

    def run(self, *arguments: object, **options: object) -> subprocess.Popen:
        """``python arguments`` as a driver of this cluster."""
        command = [sys.executable, *map(str, arguments)]
        self.drivers.append(subprocess.Popen(command, env=environment(), text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, **options))
        return self.drivers[-1]

    def wait_for(self, words: str, count: int) -> None:
        """Until the master has said something so many times."""
        end = time.monotonic() + 180
        while (self.folder / "master.log").read_text().count(words) < count:
            assert time.monotonic() < end and all(p.poll() is None for p in self.processes), (self.folder / "master.log").read_text()[-2000:]
            time.sleep(0.1)


@contextlib.contextmanager
def standalone(folder: Path, workers: int = 2) -> Iterator[Standalone]:
    """A cluster for as long as the context lasts; nothing of it stays."""
    cluster = Standalone(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        cluster.start("master", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
        cluster.wait_for("I have been elected leader", 1)
        cluster.master = f"spark://127.0.0.1:{port}"
        for _ in range(workers):
            cluster.start_worker()
        cluster.wait_for("Registering worker", workers)
        yield cluster
    finally:
        for process in (*cluster.drivers, *cluster.processes):
            end_session(process)


def end_session(process: subprocess.Popen) -> None:
    """End a process and all that it started."""
    for one in processes_of(process.pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait(30)


def tasks(log: Path) -> list[dict]:
    """The finished tasks in the event logs of a folder: stage, seconds, bytes shuffled, where."""
    found = []
    for path in [p for p in sorted(log.rglob("*")) if p.is_file() and not p.name.startswith((".", "appstatus"))]:
        for line in path.read_text().splitlines():
            event = json.loads(line)
            if event["Event"] == "SparkListenerTaskEnd" and "Task Metrics" in event:
                info, metrics = event["Task Info"], event["Task Metrics"]
                found.append({
                    "stage": event["Stage ID"], "seconds": metrics["Executor Run Time"] / 1000, "cpu": metrics["Executor CPU Time"] / 1e9,
                    "shuffled": metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"], "failed": info["Failed"], "executor": info["Executor ID"],
                })  # fmt: skip
    return found
