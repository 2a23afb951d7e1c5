"""Two runs over the same input: which settings, documents and rules differ, with samples."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from rich.console import Group
from rich.table import Table
from rich.text import Text

from cleaner.changes import compare
from cleaner.report.tables import opened, rows, run_record
from cleaner.view import shortened, visible

#: Rules that are listed, the most different first, and characters of their examples.
MOST, EXAMPLE = 100, 200

#: A decision is the same in both runs when document, place, action and rule are.
TABLES = """
CREATE TABLE d0 AS SELECT id, any_value(status) AS status, any_value(hash(text)) AS text FROM (FROM articles_0 UNION ALL FROM rejected_0) GROUP BY id;
CREATE TABLE d1 AS SELECT id, any_value(status) AS status, any_value(hash(text)) AS text FROM (FROM articles_1 UNION ALL FROM rejected_1) GROUP BY id;
CREATE TABLE m0 AS SELECT action, rule, hash(id, block, start, "end", action, rule) AS key, id, left(text, {example}) AS text FROM marks_0;
CREATE TABLE m1 AS SELECT action, rule, hash(id, block, start, "end", action, rule) AS key, id, left(text, {example}) AS text FROM marks_1;
CREATE TABLE changed AS
  SELECT id, d0.status AS before, d1.status AS after FROM d0 JOIN d1 USING (id)
  WHERE d0.status IS DISTINCT FROM d1.status OR d0.text IS DISTINCT FROM d1.text;
"""

RULES = """
SELECT action, left(rule, {example}) AS rule, sum(a)::BIGINT AS before, sum(b)::BIGINT AS after, sum(gone)::BIGINT AS gone, sum(new)::BIGINT AS new,
  min(was) AS gone_example, min(now) AS new_example
FROM (
  SELECT action, rule, count(*) AS a, 0 AS b, count(*) FILTER (o.key IS NULL) AS gone, 0 AS new,
    arg_min(text, (md5(id), m0.key)) FILTER (o.key IS NULL) AS was, NULL::VARCHAR AS now
  FROM m0 LEFT JOIN (SELECT DISTINCT key FROM m1) o ON o.key = m0.key GROUP BY ALL
  UNION ALL
  SELECT action, rule, 0, count(*), 0, count(*) FILTER (o.key IS NULL), NULL, arg_min(text, (md5(id), m1.key)) FILTER (o.key IS NULL)
  FROM m1 LEFT JOIN (SELECT DISTINCT key FROM m0) o ON o.key = m1.key GROUP BY ALL
)
GROUP BY ALL HAVING sum(gone) + sum(new) > 0 ORDER BY sum(gone) + sum(new) DESC, rule LIMIT {most}
"""

COUNTS = """
SELECT (SELECT count(*) FROM d0) AS documents_before, (SELECT count(*) FROM d1) AS documents_after,
  (SELECT count(*) FROM d0 ANTI JOIN d1 USING (id)) AS only_before, (SELECT count(*) FROM d1 ANTI JOIN d0 USING (id)) AS only_after,
  (SELECT count(*) FROM changed) AS changed, (SELECT count(*) FROM changed WHERE before IS DISTINCT FROM after) AS other_status
"""

TEXTS = """
SELECT id, before, after, t0.text AS text_before, t1.text AS text_after
FROM (SELECT * FROM changed ORDER BY md5(id) LIMIT {samples}) c
JOIN (FROM articles_0 UNION ALL FROM rejected_0) t0 USING (id) JOIN (FROM articles_1 UNION ALL FROM rejected_1) t1 USING (id) ORDER BY md5(id)
"""


def difference(before: Path, after: Path, samples: int = 5) -> dict[str, Any]:
    """What differs between the runs in two folders, as plain data. Raises FileNotFoundError where a folder holds no run."""
    records = run_record(before), run_record(after)
    with opened(before, after) as db:
        db.execute(TABLES.format(example=EXAMPLE))
        texts = rows(db, TEXTS.format(samples=samples))
        return {
            "before": str(before),
            "after": str(after),
            "same_input": records[0].get("inputs") == records[1].get("inputs"),
            "settings": settings_that_differ(*records),
            **rows(db, COUNTS)[0],
            "rules": rows(db, RULES.format(example=EXAMPLE, most=MOST)),
            "only": {name: only(db, *pair) for name, pair in (("before", ("d0", "d1")), ("after", ("d1", "d0")))},
            "samples": [{k: t[k] for k in ("id", "before", "after")} | {"diff": str(compare(t["text_before"] or "", t["text_after"] or ""))} for t in texts],
        }


def only(db: duckdb.DuckDBPyConnection, here: str, there: str) -> list[str]:
    """The first ids that one run has and the other has not."""
    return [row[0] for row in db.execute(f"SELECT id FROM {here} ANTI JOIN {there} USING (id) ORDER BY id LIMIT 5").fetchall()]


def settings_that_differ(a: dict[str, Any], b: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Version, stages and options that are not the same in two ``run.json``: name, before, after."""
    was, now = flat(a), flat(b)
    return [(name, was.get(name), now.get(name)) for name in dict.fromkeys([*was, *now]) if was.get(name) != now.get(name)]


def flat(record: dict[str, Any]) -> dict[str, Any]:
    """The settings of a run by dotted names."""
    out: dict[str, Any] = {"version": record.get("cleaner_version")}
    settings = record.get("settings", {})
    out["stages"] = " → ".join(s["stage"].rpartition(":")[2] for s in settings.get("stages", ()))
    for s in settings.get("stages", ()):
        out |= {f"{s['stage'].rpartition(':')[2]}.{k}": v for k, v in s["options"].items()}
    return out | {f"{part}.{k}": v for part in ("extract", "reading", "writing") for k, v in settings.get(part, {}).items()}


def shown(found: dict[str, Any]) -> Group:
    """The difference of two runs for a terminal."""
    lines = [f"{found['before']} ({found['documents_before']:,} documents) → {found['after']} ({found['documents_after']:,} documents)"]
    if not found["same_input"]:
        lines.append("the two runs had different inputs, or inputs that changed in between")
    lines += [f"{name}: {was} → {now}" for name, was, now in found["settings"]]
    changed = f"{found['changed']:,} documents differ" + (f", {found['other_status']:,} of them in status" if found["other_status"] else "")
    lines.append(changed + f"; only before: {found['only_before']:,}; only after: {found['only_after']:,}")
    parts: list[Any] = [Text(visible(line)) for line in lines]
    if found["rules"]:
        parts += [Text(), rules_table(found["rules"])]
    for s in found["samples"]:
        status = "" if s["before"] == s["after"] else f" ({s['before']} → {s['after']})"
        parts += [Text(), Text(visible(f"{s['id']}{status}"), style="bold"), coloured(s["diff"])]
    return Group(*parts)


def rules_table(rules: list[dict[str, Any]]) -> Table:
    """The rules whose decisions differ."""
    table = Table(box=None, pad_edge=False)
    for name in ("rule", "before", "after", "gone", "new"):
        table.add_column(name, justify="left" if name == "rule" else "right", no_wrap=name != "rule")
    table.add_column("example")
    for r in rules:
        example = Text.assemble((f"- {example_of(r['gone_example'])} ", "red")) if r["gone"] else Text()
        if r["new"]:
            example.append(f"+ {example_of(r['new_example'])}", style="green")
        table.add_row(Text(visible(f"{r['action']} {r['rule']}")), *(f"{r[k]:,}" for k in ("before", "after", "gone", "new")), example)
    return table


def example_of(text: str | None) -> str:
    """An example of bounded length."""
    return visible(shortened(text or "", 80))


def coloured(diff: str) -> Text:
    """A written comparison in colour; it has been made safe to print already."""
    text = Text(diff)
    text.highlight_regex(r"\[-.*?-\]", "red")
    text.highlight_regex(r"\{\+.*?\+\}", "green")
    return text
