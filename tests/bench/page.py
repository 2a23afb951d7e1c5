"""What ``make bench`` found, as ``BENCHMARKS.md``.

README and docs take over the parts between ``<!-- figures: name -->`` and ``<!-- end -->``.
"""
from __future__ import annotations

from collections.abc import Iterator
from math import log
from typing import Any

from tests.bench import peers
from tests.bench.made import MADE

#: Contenders that write Parquet; beside them stands the whole batch too, with its two passes, marks and statistics.
WHOLE = ("script", "datatrove")
#: What a core costs for an hour, and the share of it that is spent cleaning.
PRICE, BUSY = 0.05, 0.8


def page(found: dict[str, Any]) -> str:
    """``BENCHMARKS.md``."""
    return "\n".join([
        "# Benchmarks", "",
        f"Written by `make bench` on {found['date']}: cleaner {found['version']}, Python {found['python']}, {found['cores']} cores,",
        f"load {found['load']:.1f} at the end.",
        "CPU time, medians over the turns; ratios within one turn. Compare ratios, not milliseconds, with another machine.", "",
        "<!-- figures: summary -->", *summary(found), "<!-- end -->", "",
        "## Quality", "", *quality_table(found["quality"]), "", *made_table(found["quality"]),
        *tool_table("HTML", found["html"]), *tool_table("Plain text", found["text"]),
        "## Where the time goes", "", "CPU milliseconds a document by stage; `read` is decoding and extracting or segmenting.", "",
        *stage_table(found["stages"]), "", "## Growth", "",
        f"`cleaner.run` on the fixtures' texts with {found['cores']} workers; `LARGE=1 make bench` adds {found['large']:,} documents.",
        "Memory is what is resident; pages that workers share with the process they start from count in each of them.", "",
        *growth_table(found["growth"]), "", "## Start-up", "", *start_table(found["start"]), "",
        "## On a cluster", "", "<!-- figures: costs -->", *costs(found["stages"]), "<!-- end -->", "",
        "<!-- figures: spark -->", *spark_table(found["spark"]), "<!-- end -->", "",
    ])  # fmt: skip


def summary(found: dict[str, Any]) -> Iterator[str]:
    """What the README takes over: every peer's cost beside ours on the same documents."""
    yield "| documents | tool | CPU ms | our stages | times these | our run | times it | word F1 | ours |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for kind in ("html", "text"):
        tools = found[kind]["tools"]
        for name, tool in tools.items():
            if "ms" in tool and not name.startswith("cleaner"):
                ours = [*beside(tool, tools["cleaner"]), *(beside(tool, tools["cleaner_run"]) if name in WHOLE else ("", ""))]
                told = "word_f1" in tool and name != "datatrove"  # whole documents that a filter drops say nothing of the text
                f1 = [f"{t['word_f1']:.3f}" if told else "" for t in (tool, tools["cleaner"])]
                cells = (found[kind]["documents"], label(name), f"{tool['ms']:.1f}", *ours, *f1)
                yield f"| {' | '.join(cells)} |"


def beside(tool: dict[str, Any], ours: dict[str, Any]) -> tuple[str, str]:
    """What we take on the same documents, and how many times that a tool takes."""
    return (f"{ours['ms']:.1f}", f"{tool['ratio'] / ours['ratio']:.2f}") if "ms" in ours else ("", "")


def label(tool: str) -> str:
    """A contender in a word or two: the first line of its docstring."""
    return (peers.NAMES[tool].__doc__ or tool).split("\n")[0].rstrip(".")


def quality_table(quality: dict[str, dict]) -> Iterator[str]:
    """Every figure of every corpus of documents that was there."""
    yield "| corpus | figure | value | noise |"
    yield "|---|---|---|---|"
    for corpus, figures in quality.items():
        for name, (value, noise) in figures.items() if corpus not in MADE else ():
            yield f"| {corpus} | {name} | {value:.4f} | {noise:.4f} |"


def made_table(quality: dict[str, dict]) -> Iterator[str]:
    """The benchmarks made of such documents, a stage each: a line for a benchmark, since they have ten figures and more."""
    made = [name for name in quality if name in MADE]
    if made:
        yield from ("Benchmarks made of gold articles, each of one stage alone; 1 is all found, all left alone. In brackets the noise.", "")
        yield from ("| benchmark | figures |", "|---|---|")
        for name in made:
            told = (f"{figure} {value:.3f} ({noise:.3f})" for figure, (value, noise) in quality[name].items())
            yield f"| {name} | {' · '.join(told)} |"
        yield ""


def tool_table(heading: str, part: dict[str, Any]) -> Iterator[str]:
    """The contenders on one kind of documents."""
    turns = max(len(t.get("ratios", ())) for t in part["tools"].values())
    size = f"{part['number']} documents: {part['documents']}, {part['kB']:.1f} kB on average; {turns} turns."
    yield from (f"## {heading}", "", size, "")
    yield "| tool | CPU ms a document | times the first (least, most) | peak MB | word F1 |"
    yield "|---|---|---|---|---|"
    for name, tool in part["tools"].items():
        if "missing" in tool:
            yield f"| {label(name)} | {tool['missing']} | | | |"
            continue
        f1 = f"{tool['word_f1']:.3f}" if "word_f1" in tool else ""
        ratios = f"{tool['ratio']:.2f} ({min(tool['ratios']):.2f}, {max(tool['ratios']):.2f})"
        yield f"| {label(name)} | {tool['ms']:.1f} | {ratios} | {tool['peak_mb']} | {f1} |"
    versions = sorted({f"{k} {v}" for t in part["tools"].values() for k, v in t.get("versions", {}).items() if k != "cleaner"})
    yield from ("", f"Versions: {', '.join(versions)}.")
    yield from ("datatrove brings a trafilatura of its own; its language filter downloads a model and is left out.", "")


def stage_table(stages: dict[str, dict[str, float]]) -> Iterator[str]:
    """Stages by kind of documents."""
    names = list(dict.fromkeys(name for times in stages.values() for name in times))
    yield f"| documents | {' | '.join(names)} | sum |"
    yield "|---" * (len(names) + 2) + "|"
    for kind, times in stages.items():
        yield f"| {kind} | {' | '.join(f'{times.get(n, 0):.2f}' for n in names)} | {sum(times.values()):.2f} |"


def growth_table(found: dict[str, dict]) -> Iterator[str]:
    """Cost by number of documents."""
    yield "| documents | CPU ms a document | wall seconds | peak MB, parent | peak MB, a worker |"
    yield "|---|---|---|---|---|"
    for size, took in found.items():
        ms = 1000 * took["cpu"] / int(size)
        yield f"| {int(size):,} | {ms:.2f} | {took['seconds']:.1f} | {took['parent_mb']} | {took['worker_mb']} |"


def start_table(found: dict[str, dict]) -> Iterator[str]:
    """Seconds of the shortest commands."""
    yield "| command | CPU seconds | wall seconds |"
    yield "|---|---|---|"
    for name, took in found.items():
        yield f"| {name} | {took['cpu']:.2f} | {took['seconds']:.2f} |"


def costs(stages: dict[str, dict[str, float]]) -> Iterator[str]:
    """What a million pages cost, by the CPU time of the stages."""
    yield f"| a million of | CPU ms each | core-hours, cores {BUSY:.0%} busy | at {PRICE} a core-hour |"
    yield "|---|---|---|---|"
    for kind, times in stages.items():
        ms = sum(times.values())
        hours = 1e6 * ms / 3.6e6 / BUSY
        yield f"| {kind} | {ms:.0f} | {hours:.0f} | {hours * PRICE:.2f} |"


def spark_table(found: dict[str, Any]) -> Iterator[str]:
    """Cost on Spark by number of documents, with the exponent of its growth from the size before."""
    sizes = found["sizes"]
    yield f"Measured on {found['date']}: a standalone master and two workers of one core on one machine, the whole run, pages of {sizes[0]['bytes'] / sizes[0]['documents'] / 1000:.1f} kB."
    yield from ("", "| documents | CPU s for 1,000 | exponent | MB shuffled for 1,000 | exponent | longest task | executor, MiB | statistics, kB |", "|---|---|---|---|---|---|---|---|")
    for before, now in zip([None, *sizes], sizes):
        grown = [f"{log(now[k] / before[k]) / log(now['documents'] / before['documents']):.2f}" if before else "" for k in ("cpu", "shuffled")]
        n = now["documents"] / 1000
        share, peak = f"{now['longest_task_share']:.0%}", now["executor_peak_mib"]
        yield f"| {now['documents']:,} | {now['cpu'] / n:.1f} | {grown[0]} | {now['shuffled'] / n / 1e6:.1f} | {grown[1]} | {share} | {peak} | {now['stats_bytes'] / 1000:.0f} |"
