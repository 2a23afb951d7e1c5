"""``make fuzz``: every target for so many seconds, guided by the code that its inputs reach.

    python -m tests.fuzz [TARGET…] --seconds 60       a table of executions; exit 1 where a promise broke, and the input that did it
    python -m tests.fuzz --case TARGET FILE "why"     that input as a row of tests/cases/hostile.jsonl, where a test runs it for ever
    python -m tests.fuzz --count                      what has been executed so far, by target

What is found lies in ``build/fuzz``: a corpus a target, which the next run goes on from, logs, and ``executions.tsv``.
"""
from __future__ import annotations

import argparse
import base64
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOM = ROOT / "build/fuzz"
CASES = ROOT / "tests/cases/hostile.jsonl"
NO_ATHERIS = "fuzzing needs atheris, which is not there (wheels: Linux and macOS, CPython 3.11 to 3.13): .venv/bin/python -m pip install -e '.[fuzz]'"
#: Seconds after which an execution is ended though no signal of ours reaches it, and megabytes of memory that it may take.
HANGS, MEMORY = 30, 2_048


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz the trust borders.")
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--case", nargs=3, metavar=("TARGET", "FILE", "WHY"))
    parser.add_argument("--count", action="store_true")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    asked, rest = parser.parse_known_args()
    if asked.case:
        return add_case(asked.case[0], Path(asked.case[1]), asked.case[2])
    if asked.count:
        return count()
    if importlib.util.find_spec("atheris") is None:
        print(NO_ATHERIS)
        return 2
    if asked.child:
        return child(asked.child, rest)
    from tests.fuzz.targets import TARGETS

    if unknown := set(asked.targets) - set(TARGETS):
        print(f"no target {min(unknown)!r}; there is: {', '.join(TARGETS)}")
        return 2
    return max(fuzz(name, asked.seconds) for name in asked.targets or TARGETS)


def fuzz(name: str, seconds: int) -> int:
    """One target in a process of its own; 1 where it broke."""
    from tests.fuzz.seeds import seeds
    from tests.fuzz.targets import TARGETS

    corpus = ROOM / name
    corpus.mkdir(parents=True, exist_ok=True)
    for n, data in enumerate(seeds(name)):
        (corpus / f"seed-{n}").write_bytes(data)
    options = [f"-max_total_time={seconds}", f"-max_len={TARGETS[name].longest}", f"-timeout={HANGS}", f"-rss_limit_mb={MEMORY}", f"-artifact_prefix={ROOM}/{name}-"]
    with open(ROOM / f"{name}.log", "wb") as log:
        command = [sys.executable, "-m", "tests.fuzz", "--child", name, *options, "-print_final_stats=1", str(corpus)]
        code = subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}).returncode
    said = (ROOM / f"{name}.log").read_text("utf-8", "replace")
    runs = int((re.findall(r"number_of_executed_units: (\d+)", said) or [0])[-1])
    with open(ROOM / "executions.tsv", "a") as table:
        table.write(f"{name}\t{runs}\t{code}\n")
    print(f"{name:12} {runs:>10,} executions  {'ok' if code == 0 else 'BROKEN'}", flush=True)
    if code:
        problem = re.findall(r"^(?:\S*(?:Error|Exception|Broken|Exit)\b.*|==\d+==\s?ERROR.*)$", said, re.MULTILINE)
        written = re.findall(r"Test unit written to (\S+)", said)
        print(f"    {(problem or ['see the log'])[-1]}\n    {written[-1] if written else ROOM / f'{name}.log'}", flush=True)
    return int(code != 0)


def child(name: str, options: list[str]) -> int:
    """The fuzzer itself; libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["cleaner"]):
        from tests.fuzz import targets
    from tests.fuzz.seeds import seeds

    for data in seeds(name):  # rules, models and caches load on first use, which is no hang
        targets.TARGETS[name].run(data)
    atheris.Setup([sys.argv[0], *options], lambda data: targets.run(name, data))
    atheris.Fuzz()
    return 0


def add_case(target: str, file: Path, why: str) -> int:
    """A row for an input that broke a promise."""
    data = file.read_bytes()
    row = {"target": target, "why": why}
    try:
        row["text"] = data.decode("utf-8")
    except UnicodeDecodeError:
        row["base64"] = base64.b64encode(data).decode()
    with open(CASES, "a", encoding="utf-8") as table:
        table.write(json.dumps(row, ensure_ascii=True) + "\n")
    return 0


def count() -> int:
    """What has been executed so far."""
    runs, broken = Counter(), Counter()
    for line in (ROOM / "executions.tsv").read_text().splitlines():
        name, done, code = line.split("\t")
        runs[name] += int(done)
        broken[name] += code != "0"
    for name, done in runs.most_common():
        print(f"{name:12} {done:>12,}  {f'{broken[name]} times broken' if broken[name] else ''}")
    print(f"{'together':12} {runs.total():>12,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
