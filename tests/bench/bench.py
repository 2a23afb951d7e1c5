"""``make bench``: quality, speed and memory beside other tools on the same documents, to ``BENCHMARKS.md`` and ``benchmarks.json``.

The contenders of ``peers.py`` take turns (A B C, A B C, …), each in a process of its own with one thread; what is told is the
median of the turns and of their ratios, in CPU time, which a busy machine disturbs least. Peers live in a virtual environment
each below ``out/bench``; one that cannot be installed or run is named with the reason. Without the evaluation sets the fixtures
are the documents.
"""
from __future__ import annotations

import argparse
import contextlib
import datetime
import gzip
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import venv
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import psutil

import cleaner
from tests import test_fixtures as truth
from tests.bench import gate, peers
from tests.bench.figures import jsonl, write
from tests.bench.page import page
from tests.bench.sets import CORPORA, EVAL, ROOT, page_figures

PEERS = Path(__file__).with_name("peers.py")
JSON, SPARK, PAGE = Path(__file__).with_name("benchmarks.json"), Path(__file__).with_name("spark.json"), ROOT / "BENCHMARKS.md"
ROUNDS, PAGES, TEXTS = 3, 200, 120
#: Seconds of wall time that a contender may take for one turn.
PATIENCE = 3600
GROWTH = (1_000, 10_000)
LARGE = 100_000
HTML_TOOLS = ("trafilatura", "cleaner", "cleaner_run", "script", "datatrove", "newspaper", "resiliparse", "justext")
TEXT_TOOLS = ("ftfy", "cleaner", "cleaner_run", "script", "datatrove")

#: The command line as a program.
CLI = "from cleaner.cli import main; main()"

#: One thread a contender: where every core has a process of its own, more of them only wait for each other.
ONE_THREAD = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}


# --- documents -----------------------------------------------------------------------------------------------------------


def chosen(rows: Iterable[dict], number: int) -> list[dict]:
    """So many rows, the same each time, in an order that has nothing to do with what they are."""
    return sorted(rows, key=lambda r: hashlib.blake2b(str(r["id"]).encode()).digest())[:number]


def html_documents() -> tuple[str, list[dict]]:
    """Pages for the contenders: of both sets as they are mixed there, or else the fixtures' many times over."""
    if not EVAL.is_dir():
        files = sorted((ROOT / "fixtures/corpus/html").glob("*.html"))
        texts = [truth.source(f"corpus/html/{f.name}") for f in files]
        return "fixtures", [{"id": str(i), "html": texts[i % len(texts)]} for i in range(PAGES)]
    rows = [{**g, "folder": name} for name in ("news", "articles") for g in jsonl(EVAL / name / "html/gold.jsonl")]
    packed = {r["id"]: (EVAL / r["folder"] / "html/pages" / f"{r['id']}.html.gz").read_bytes() for r in chosen(rows, PAGES)}
    return "news and article pages", [{"id": i, "html": gzip.decompress(p).decode("utf-8", "replace")} for i, p in packed.items()]


def text_documents() -> tuple[str, list[dict]]:
    """Texts for the contenders: visible-text scrapes, half of them news, or else the fixtures' many times over."""
    if not EVAL.is_dir():
        return "fixtures", fixture_texts(TEXTS)
    rows = [
        {"id": r["id"], "text": "\n\n".join(r["paragraphs"])}
        for name in ("news", "articles")
        for r in chosen((r for r in jsonl(EVAL / name / "text/scrapes.jsonl.gz") if r["scrape"] == "visible"), TEXTS // 2)
    ]
    return "visible-text scrapes of news and article pages", rows


def fixture_texts(number: int) -> list[dict]:
    """So many documents made of the fixtures' plain texts."""
    texts = [truth.source(c) for c in truth.TRUTH if c.endswith(".txt")]
    return [{"id": str(i), "text": texts[i % len(texts)]} for i in range(number)]


# --- contenders ----------------------------------------------------------------------------------------------------------


def python_of(tool: str, home: Path) -> tuple[str, str]:
    """The Python in which a contender runs, and why there is none; a peer's environment is made when it is missing."""
    needs = peers.NEEDS[peers.NAMES[tool]]
    if not needs:
        return sys.executable, ""
    folder = home / tool
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        print(f"installing {', '.join(needs)}", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *needs]
        done = subprocess.run(install, capture_output=True, text=True)
        if done.returncode:
            return "", f"cannot be installed: {last_line(done.stderr)}"
        (folder / "ready").touch()
    return str(python), ""


def last_line(text: str) -> str:
    """The last line of what a program printed, at most 160 characters."""
    return ([line for line in text.split("\n") if line.strip()] or ["it said nothing"])[-1][:160]


def turns(tools: tuple[str, ...], source: Path, home: Path) -> Iterator[tuple[str, dict, Path]]:
    """Every contender once in each round: its name, what it took (or ``missing``) and its output."""
    pythons = {tool: python_of(tool, home) for tool in tools}
    for _ in range(ROUNDS):
        for tool, (python, missing) in pythons.items():
            out = source.with_name(f"{source.stem}-{tool}.jsonl")
            if missing:
                yield tool, {"missing": missing}, out
                continue
            print(f"{source.stem}: {tool}", flush=True)
            paths = {"PYTHONPATH": str(ROOT)} if python == sys.executable else {}
            env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | ONE_THREAD | paths
            try:
                done = subprocess.run([python, PEERS, tool, source, out], capture_output=True, text=True, env=env, timeout=PATIENCE)
                yield tool, json.loads(done.stdout) if not done.returncode else {"missing": f"fails: {last_line(done.stderr)}"}, out
            except subprocess.TimeoutExpired:
                yield tool, {"missing": f"takes more than {PATIENCE} seconds"}, out


def compared(tools: tuple[str, ...], source: Path, home: Path, gold: list[Path]) -> dict[str, Any]:
    """Each contender: CPU milliseconds a document, ratio to the first one turn by turn, peak memory, word F1 where there is gold."""
    taken: dict[str, list[dict]] = {tool: [] for tool in tools}
    outputs = {}
    for tool, took, out in turns(tools, source, home):
        taken[tool].append(took)
        outputs[tool] = out
    found = {}
    for tool, took in taken.items():
        if missing := next((t["missing"] for t in took if "missing" in t), ""):
            found[tool] = {"missing": missing}
            continue
        ratios = [t["cpu"] / base["cpu"] for t, base in zip(took, taken[tools[0]], strict=True)]
        found[tool] = {
            "ms": 1000 * median(t["cpu"] / t["documents"] for t in took), "ratio": median(ratios), "ratios": ratios,
            "peak_mb": median(t["peak_mb"] for t in took), "versions": took[0]["versions"],
        }  # fmt: skip
        if gold:
            found[tool]["word_f1"] = word_f1(outputs[tool], gold)
    return found


def word_f1(output: Path, gold: list[Path]) -> float:
    """Mean word F1 of an output over the pages of it that each set has."""
    made = {r["id"]: r for r in jsonl(output)}
    total = 0.0
    for folder in gold:
        mine = {g["id"]: g for g in jsonl(folder / "gold.jsonl") if g["id"] in made}
        with tempfile.TemporaryDirectory() as part:
            write(mine.values(), Path(part, "gold.jsonl"))
            total += page_figures(Path(part), [made[i] for i in mine])["word F1"].value * len(mine)
    return total / len(made)


# --- growth and start-up -------------------------------------------------------------------------------------------------

#: Seconds between two looks at a command's processes.
LOOK = 0.05


def growth(sizes: Iterable[int], home: Path) -> dict[str, dict]:
    """``cleaner.run`` over more and more documents (the fixtures' texts, all different in one word)."""
    found = {}
    texts = [r["text"] for r in fixture_texts(len(truth.TRUTH))]
    for size in sizes:
        print(f"growth: {size:,} documents", flush=True)
        with tempfile.TemporaryDirectory(dir=home) as folder:
            rows = ({"id": str(i), "text": f"{texts[i % len(texts)]}\n\nEdition {i} of the gazette."} for i in range(size))
            source = write(rows, Path(folder, "in.jsonl"))
            found[str(size)] = watched(["-c", CLI, "run", source, "--out", Path(folder, "out"), "--quiet"])
    return found


def start_up(home: Path) -> dict[str, dict]:
    """The shortest commands, the best of five: what comes on top is other people's work."""
    few = home / "ten.jsonl"
    write(fixture_texts(10), few)
    one = home / "one.txt"
    one.write_text(fixture_texts(1)[0]["text"], "utf-8")
    commands = {
        "import cleaner": ["-c", "import cleaner"],
        "cleaner stage repair, one file": ["-c", CLI, "stage", "repair", one],
        "cleaner run, 10 documents": ["-c", CLI, "run", few, "--out", home / "ten", "--overwrite", "--quiet"],
    }
    return {name: min((watched(c) for _ in range(5)), key=lambda t: t["seconds"]) for name, c in commands.items()}


def watched(arguments: list) -> dict[str, float]:
    """A Python command: CPU seconds of all its processes, wall seconds, peak MB of the first one and of the largest other."""
    begin, quiet = time.monotonic(), {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = psutil.Popen([sys.executable, *map(str, arguments)], env=os.environ | {"PYTHONPATH": str(ROOT)}, **quiet)
    spent: dict[int, float] = {}
    peak: Counter[int] = Counter()
    while not os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        with contextlib.suppress(psutil.NoSuchProcess):
            for one in (process, *process.children(recursive=True)):
                times = one.cpu_times()
                spent[one.pid] = times.user + times.system
                peak[one.pid] = max(peak[one.pid], one.memory_info().rss)
        time.sleep(LOOK)
    own = os.wait4(process.pid, 0)[2]
    spent[process.pid] = own.ru_utime + own.ru_stime  # the others' last moments, less than LOOK each, go uncounted
    others = [size for pid, size in peak.items() if pid != process.pid]
    seconds = time.monotonic() - begin
    sizes = {"parent_mb": peak[process.pid] >> 20, "worker_mb": max(others, default=0) >> 20}
    return {"cpu": sum(spent.values()), "seconds": seconds, **sizes}


def stage_times(source: Path) -> dict[str, float]:
    """CPU milliseconds a document of every stage, as ``run.json`` tells them."""
    with tempfile.TemporaryDirectory() as out:
        summary = cleaner.run(source, out, workers=1)
        return {stage: 1000 * seconds / summary.documents for stage, seconds in summary.counts["cpu"].most_common()}


def main() -> None:
    """Measure everything and write both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help=f"growth up to {LARGE:,} documents")
    parser.add_argument("--home", type=Path, default=ROOT / "out/bench", help="where environments and documents are kept")
    asked = parser.parse_args()
    home = asked.home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {
        "date": datetime.date.today().isoformat(), "version": cleaner.__version__, "python": platform.python_version(),
        "cores": os.cpu_count(), "stages": {}, "large": LARGE, "spark": json.loads(SPARK.read_text()),
    }  # fmt: skip
    gold = [EVAL / name / "html" for name in ("news", "articles")] if EVAL.is_dir() else []
    for kind, tools, (name, rows), truths in (("html", HTML_TOOLS, html_documents(), gold), ("text", TEXT_TOOLS, text_documents(), [])):
        source = write(rows, home / f"{kind}.jsonl")
        size = sum(len((r.get("html") or r["text"]).encode()) for r in rows) / len(rows) / 1000
        found[kind] = {"documents": name, "number": len(rows), "kB": size, "tools": compared(tools, source, home, truths)}
        found["stages"][name] = stage_times(source)
    found["growth"] = growth([*GROWTH, *([LARGE] if asked.large else [])], home)
    found["start"] = start_up(home)
    found["quality"] = {name: figures for name, _, figures in gate.measured(list(CORPORA))}
    found["load"] = os.getloadavg()[0]
    JSON.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    PAGE.write_text(page(found), "utf-8")
    print(PAGE.read_text("utf-8"))


if __name__ == "__main__":
    main()
