"""Decisions drawn by lot from every rule, each in its place in the document, before and after."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb

from cleaner.document import DOCUMENT, Document, Mark
from cleaner.explain import by_id
from cleaner.io.outputs import document
from cleaner.report.tables import rows
from cleaner.switches import switch
from cleaner.view import Piece, marks_by_block, pieces, shortened

#: Rules of which samples are shown; the most frequent first.
RULES = 100
#: Characters of a block in which a decision stands, of its neighbours, and of a detail.
BLOCK, NEIGHBOUR, DETAIL = 1_200, 240, 300
#: A larger document is not put together again for its sample: the mark's own text is shown without what stands around it.
LARGE = 500_000
#: Documents that are put together at a time.
AT_ONCE = 200

#: The lot: the smallest of a hash of what a decision is and the seed, the same whatever the order of the files.
DRAWN = """
WITH common AS (SELECT rule FROM touched GROUP BY rule ORDER BY sum(marks) DESC, rule LIMIT {rules})
SELECT unnest(arg_min(struct_pack(id := id, block := block, start := start, "end" := "end", action := action, stage := stage, rule := rule, score := score,
              text := left(text, {most}), replacement := left(replacement, {most}), detail := left(detail, {most})), lot, {each})) AS mark
FROM (SELECT *, md5_number_lower(concat_ws(chr(31), {seed}, id, block, start, "end", rule)) AS lot FROM marks JOIN common USING (rule))
GROUP BY rule
"""


def samples_of(db: duckdb.DuckDBPyConnection, each: int, seed: int) -> list[dict[str, Any]]:
    """So many decisions of every rule, drawn by lot, in their context."""
    if not each:
        return []
    sql = DRAWN.format(rules=RULES, most=BLOCK, each=each, seed=int(seed))
    drawn = sorted((r["mark"] for r in rows(db, sql)), key=lambda m: (m["stage"], m["rule"], m["id"], m["block"], m["start"]))
    ids = sorted({m["id"] for m in drawn})
    by_id: dict[str, list[int]] = defaultdict(list)
    for n, m in enumerate(drawn):
        by_id[m["id"]].append(n)
    found: dict[int, dict[str, Any]] = {}
    for first in range(0, len(ids), AT_ONCE):
        for doc in documents(db, ids[first : first + AT_ONCE]):
            marks = marks_by_block(doc)
            for n in by_id[doc.id]:
                found[n] = sample(doc, marks, drawn[n])
    return [found.get(n) or sample(Document(m["id"]), {}, m) for n, m in enumerate(drawn)]


def documents(db: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> Iterator[Document]:
    """Documents of a run by id; one whose id is another's too has nobody's marks and is left out, large ones come without text."""
    wanted = f"list_contains($ids, id) AND coalesce(chars_in, 0) <= {LARGE}"
    about = rows_of(db, f"SELECT * FROM articles WHERE {wanted} UNION ALL SELECT * FROM rejected WHERE {wanted}", ids)
    marks: dict[str, list[dict[str, Any]]] = defaultdict(list)
    small = [r["id"] for r in about]
    for m in sorted(rows_of(db, "SELECT * FROM marks WHERE list_contains($ids, id)", small), key=lambda m: m["place"]):
        marks[m["id"]].append(m)
    for row in about:
        if small.count(row["id"]) == 1:
            yield document(row, marks[row["id"]])


def rows_of(db: duckdb.DuckDBPyConnection, sql: str, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a query about some ids."""
    cursor = db.execute(sql, {"ids": list(ids)})
    names = [c[0] for c in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


def sample(doc: Document, marks: dict[int, list[Mark]], m: dict[str, Any]) -> dict[str, Any]:
    """One decision with the block in which it stands, the blocks around it, and what is known of the document."""
    n, known = m["block"], {k: shortened(m[k], DETAIL) for k in ("id", "action", "stage", "rule")}
    around = {}
    if 0 <= n < len(doc.blocks):
        here = near(pieces(doc.blocks[n].text, marks[n]), m)
        around = {"before": neighbour(doc, n - 1, marks), "after": neighbour(doc, n + 1, marks)}
    else:
        here = alone(m) if n != DOCUMENT else []
    return {
        **known, **around, "pieces": here, "score": m["score"], "block": n, "detail": shortened(m["detail"] or "", DETAIL), "off": switch(m["rule"]),
        "wording": row.pattern if m["stage"] == "boilerplate" and (row := by_id().get(m["detail"])) else "",
        "host": shortened(doc.meta.host or "", DETAIL), "lang": shortened(doc.meta.lang or "none", DETAIL), "title": shortened(doc.meta.title or "", DETAIL),
    }  # fmt: skip


def alone(m: dict[str, Any]) -> list[Piece]:
    """A decision without the text around it."""
    if m["action"] == "edit":
        return [Piece(m["text"] or "", "was"), Piece(m["replacement"] or "", "new")]
    return [Piece(m["text"] or "", m["action"])]


def near(parts: list[Piece], m: dict[str, Any]) -> list[Piece]:
    """The pieces of a long block around a decision, each of bounded length; what is left out is counted."""
    if sum(len(p.text) for p in parts) <= BLOCK:
        return parts
    at = next((i for i, p in enumerate(parts) if p.mark and p.mark.rule == m["rule"] and p.mark.start == m["start"]), 0)
    first, last = max(0, at - 4), min(len(parts), at + 5)
    out = [p._replace(text=shortened(p.text, BLOCK // 4)) for p in parts[first:last]]
    left = [sum(len(p.text) for p in some) for some in (parts[:first], parts[last:])]
    return [Piece(f"[…{left[0]:,} characters…] ")] * bool(left[0]) + out + [Piece(f" […{left[1]:,} characters…]")] * bool(left[1])


def neighbour(doc: Document, n: int, marks: dict[int, list[Mark]]) -> list[Piece]:
    """The block before or behind a decision's."""
    if not 0 <= n < len(doc.blocks):
        return []
    text, cut = doc.blocks[n].text, next((m for m in marks[n] if m.action == "cut" and m.end - m.start >= len(doc.blocks[n].text)), None)
    return [Piece(shortened(text, NEIGHBOUR), "cut" if cut else "", cut)]
