"""From the files of a run to plain data for its page: every number is a query in bounded memory, every list has an end."""
from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb

from cleaner.report.samples import RULES as RULES_SAMPLED
from cleaner.report.samples import samples_of
from cleaner.report.tables import opened, rows, run_record
from cleaner.switches import switch

#: Rows that a list shows at most; the page says when there are more.
MOST = 50
#: A host of fewer documents is not called suspicious: one article without residue is no surprise.
LEAST = 5
#: Share of a host's text above which much is cut.
MUCH = 0.4
#: A line that so many clean articles of a host share is residue that no rule knew.
SHARED = 3
#: Characters of any value that comes from a document: hosts, titles, lines and errors may be as long as their makers like.
VALUE = 300
#: Upper ends of the classes of length, characters.
LENGTHS = (0, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000)

#: What a reader can do about a status of ``rejected/``.
REMEDIES = {
    "empty": "Nothing was there, or everything was cut: look at one with `cleaner explain OUT ID` and switch off the rule that took too much.",
    "too_large": "`--max-bytes N` lets larger records in.",
    "unwanted_language": "The option `language.keep_languages` chose so; widen it if these should stay.",
    "duplicate": "Copies of other documents; without `--drop-duplicates` they stay in articles/, with the column duplicate_of.",
    "error.timeout": "`--timeout SECONDS` gives a document more time.",
    "error.memory": "`--max-memory BYTES` gives a worker more memory.",
    "error.crash": "The document ends the process that reads it; the file and record are named, look at it apart.",
    "error.no_text_column": "Name the column with `--text-column`, or `--html-column` for pages.",
    "error.NotText": "The bytes are no text (an image, a PDF, random data); leave such files out.",
}

DOCUMENTS = """
CREATE TABLE documents AS
  SELECT id, coalesce(left(host, {value}), '') AS host, lang, status, chars_in, chars_out, duplicate_of, place FROM articles
  UNION ALL SELECT id, coalesce(left(host, {value}), ''), lang, status, chars_in, chars_out, duplicate_of, place FROM rejected;
CREATE TABLE touched AS
  SELECT id, stage, rule, action, count(*) AS marks, sum(length(text)) AS chars FROM marks GROUP BY ALL;
"""

TOTALS = """
SELECT count(*) AS documents, count(*) FILTER (status = 'ok') AS articles, sum(chars_in)::BIGINT AS chars_in, sum(chars_out)::BIGINT AS chars_out
FROM documents
"""

RULES = """
SELECT stage, left(rule, {value}) AS rule, action, sum(marks)::BIGINT AS marks, count(*) AS documents, sum(chars)::BIGINT AS chars
FROM touched GROUP BY ALL ORDER BY marks DESC, rule LIMIT 10000
"""

HOSTS = """
CREATE TABLE repeated AS
  SELECT host, hash(line) AS key, count(*) AS pages, any_value(length(line)) AS size
  FROM (SELECT coalesce(left(host, {value}), '') AS host, unnest(list_distinct(string_split(text, chr(10)))) AS line FROM articles)
  WHERE line <> '' GROUP BY ALL HAVING count(*) >= {shared};
CREATE TABLE cut_in AS SELECT DISTINCT id FROM touched WHERE action = 'cut';
CREATE TABLE hosts AS
  SELECT host, count(*) AS documents, count(*) FILTER (status <> 'ok') AS rejected, sum(chars_in)::BIGINT AS chars_in, sum(chars_out)::BIGINT AS chars_out,
    count(*) FILTER (cut_in.id IS NOT NULL) AS with_cuts,
    coalesce(any_value(residue), 0)::BIGINT AS residue, coalesce(any_value(lines), 0)::BIGINT AS lines
  FROM documents LEFT JOIN cut_in USING (id)
  LEFT JOIN (SELECT host, sum(pages * size) AS residue, count(*) AS lines FROM repeated GROUP BY host) USING (host)
  GROUP BY host;
"""

EXAMPLES = """
SELECT l.host, arg_min(left(line, {value}), (-pages, line))
FROM (SELECT coalesce(left(host, {value}), '') AS host, unnest(list_distinct(string_split(text, chr(10)))) AS line FROM articles) l
JOIN repeated r ON r.host = l.host AND r.key = hash(line) WHERE list_contains($hosts, l.host) GROUP BY l.host
"""

TEMPLATES = """
SELECT host, left(text, {value}) AS line, rule, count(*) AS documents FROM marks JOIN documents USING (id)
WHERE starts_with(rule, 'boilerplate.template') GROUP BY ALL ORDER BY documents DESC, host, line LIMIT {more}
"""

CLUSTERS = """
WITH copies AS (SELECT duplicate_of AS original, host FROM documents WHERE duplicate_of IS NOT NULL),
  originals AS (SELECT id, left(title, {value}) AS title, coalesce(left(host, {value}), '') AS host
                FROM (FROM articles UNION ALL FROM rejected) SEMI JOIN copies ON id = original)
SELECT original, any_value(title) AS title, count(*) + 1 AS documents,
  count(DISTINCT copies.host) + if(coalesce(bool_or(copies.host = originals.host), true), 0, 1) AS hosts
FROM copies LEFT JOIN originals ON id = original GROUP BY original ORDER BY documents DESC, original LIMIT {more}
"""

CUT = """
SELECT least(9, greatest(0, floor(10 * (1 - chars_out / chars_in))))::INTEGER AS class, count(*) FROM documents WHERE chars_in > 0 GROUP BY class
"""

LENGTH = """
SELECT CASE {classes} END AS class, count(*) FROM (SELECT {name} AS n FROM documents WHERE {name} IS NOT NULL) GROUP BY class
"""

LANGUAGES = "SELECT coalesce(lang, 'none') AS name, count(*) AS n FROM documents GROUP BY name ORDER BY n DESC, name"

RESIDUE = "SELECT * FROM hosts WHERE residue > 0 ORDER BY residue / greatest(chars_out, 1) DESC, host LIMIT {more}"

CUT_MUCH = f"""
SELECT * FROM hosts WHERE documents >= {LEAST} AND chars_out < {1 - MUCH} * chars_in ORDER BY chars_out / chars_in, host LIMIT {{more}}
"""

CUT_NOTHING = f"SELECT * FROM hosts WHERE documents - rejected >= {LEAST} AND with_cuts = 0 ORDER BY documents DESC, host LIMIT {{more}}"

ERRORS = """
SELECT left(status, {value}) AS status, count(*) AS documents, list_sort(list_distinct(min(left(error, {value}), 3))) AS examples
FROM rejected GROUP BY ALL ORDER BY documents DESC, status LIMIT {more}
"""

#: Ids may come again; of several records the largest is shown.
SLOWEST = """
SELECT id, max(status) AS status, max(chars_in) AS chars_in, max(chars_out) AS chars_out FROM documents WHERE list_contains($ids, id) GROUP BY id
"""


def collect(out: str | Path, *, samples: int = 10, seed: int = 0, memory: int = 500_000_000) -> dict[str, Any]:
    """Everything that the page of a run says.

    samples: decisions shown for each rule. seed: which ones. memory: bytes that DuckDB may take; beyond them it uses the disk.
    Raises FileNotFoundError where ``out`` holds no run.
    """
    out = Path(out)
    record = run_record(out)
    with opened(out, memory=memory) as db:
        build(db, DOCUMENTS)
        totals = rows(db, TOTALS)[0]
        rules = asked(db, RULES)
        return {
            "out": str(out),
            "record": record,
            "totals": totals | {"share": share(totals)},
            "rules": [r | {"off": switch(r["rule"]), "share": r["chars"] / (totals["chars_in"] or 1)} for r in rules],
            "stages": stages(rules, totals["chars_in"] or 1),
            "distributions": distributions(db),
            "hosts": hosts(db),
            "templates": asked(db, TEMPLATES),
            "clusters": asked(db, CLUSTERS),
            "copies": db.execute("SELECT count(*) FROM documents WHERE duplicate_of IS NOT NULL").fetchall()[0][0],
            "slowest": slowest(db, record),
            "errors": errors(db),
            "samples": samples_of(db, samples, seed),
            "seed": seed,
            "limits": {"samples": samples, "rules": RULES_SAMPLED, "most": MOST, "least": LEAST, "much": MUCH, "shared": SHARED},
        }


def build(db: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Make tables."""
    db.execute(sql.format(value=VALUE, shared=SHARED))


def asked(db: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """The rows of a query of this room; one more than are shown tells the page that there are more."""
    return rows(db, sql.format(value=VALUE, more=MOST + 1))


def share(row: dict[str, Any]) -> float:
    """The share of text that was cut, 0 to 1."""
    return max(0.0, 1 - (row["chars_out"] or 0) / row["chars_in"]) if row["chars_in"] else 0.0


def stages(rules: list[dict[str, Any]], total: int) -> list[dict[str, Any]]:
    """Cuts, edits and flags by stage, and the share of all text that it cut; cuts that overlap count twice."""
    found: dict[str, dict[str, Any]] = {}
    for r in rules:
        one = found.setdefault(r["stage"], {"stage": r["stage"], "cut": 0, "edit": 0, "flag": 0, "chars": 0})
        one[r["action"]] += r["marks"]
        one["chars"] += r["chars"] if r["action"] == "cut" else 0
    return [one | {"share": one["chars"] / total} for one in sorted(found.values(), key=lambda s: (-s["chars"], s["stage"]))]


def distributions(db: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, ...]]]:
    """Documents by share cut, by length before and after, and by language."""
    cut = dict(db.execute(CUT).fetchall())
    classes = " ".join(f"WHEN n >= {low} THEN {i}" for i, low in reversed(list(enumerate(LENGTHS))))
    length = {name: dict(db.execute(LENGTH.format(classes=classes, name=name)).fetchall()) for name in ("chars_in", "chars_out")}
    names = [f"{low:,}–{high:,}" for low, high in pairwise(LENGTHS)] + [f"from {LENGTHS[-1]:,}"]
    languages = db.execute(LANGUAGES).fetchall()
    rest = sum(n for _, n in languages[20:])
    return {
        "cut": [(f"{10 * i}–{10 * i + 10} %", cut.get(i, 0)) for i in range(10)],
        "length": [(name, length["chars_in"].get(i, 0), length["chars_out"].get(i, 0)) for i, name in enumerate(names)],
        "languages": [(str(name)[:40], n) for name, n in languages[:20]] + ([("others", rest)] if rest else []),
    }


def hosts(db: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Hosts by the residue that is left, and hosts of which much or nothing is cut."""
    build(db, HOSTS)
    residue = asked(db, RESIDUE)
    example = dict(db.execute(EXAMPLES.format(value=VALUE), {"hosts": [h["host"] for h in residue]}).fetchall())
    count, known = db.execute("SELECT count(*), count(*) FILTER (host <> '') FROM hosts").fetchall()[0]
    return {
        "count": count,
        "known": known,
        "residue": [h | {"share": h["residue"] / max(h["chars_out"] or 0, 1), "example": example.get(h["host"], "")} for h in residue],
        "much": [h | {"share": share(h)} for h in asked(db, CUT_MUCH)],
        "nothing": [h | {"share": share(h)} for h in asked(db, CUT_NOTHING)],
    }


def slowest(db: duckdb.DuckDBPyConnection, record: dict[str, Any]) -> list[dict[str, Any]]:
    """The documents that took most CPU seconds, as the record of the run tells."""
    spent = record["counts"].get("slowest", {})
    found = {r[0]: r[1:] for r in db.execute(SLOWEST, {"ids": list(spent)}).fetchall()}
    facts = ((id, seconds, *found.get(id, ("", None, None))) for id, seconds in spent.items())
    return [dict(zip(("id", "seconds", "status", "chars_in", "chars_out"), (one[0][:VALUE], *one[1:]))) for one in facts]


def errors(db: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rejected documents by status, with three examples and the remedy."""
    other = "An error inside a stage or a reader; the message names the file and the record."
    return [e | {"remedy": REMEDIES.get(e["status"], other)} for e in asked(db, ERRORS)]
