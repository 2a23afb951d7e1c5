"""Where a sentence of a run's input is: in the clean text, or in what was cut."""
from __future__ import annotations

from pathlib import Path

from cleaner.report.tables import opened

#: Documents that are named; a formula of a site stands in thousands.
MOST = 10
#: A cut of fewer characters that lies inside the sentence says nothing.
SHORT = 8

HOLDS = """
SELECT id FROM marks WHERE contains(lower(text), lower($s)) OR action = 'cut' AND length(text) >= {short} AND contains(lower($s), lower(trim(text)))
UNION SELECT id FROM articles WHERE contains(lower(text), lower($s))
UNION SELECT id FROM rejected WHERE contains(lower(text), lower($s))
ORDER BY id LIMIT {most}
"""


def ids_with(out: Path, sentence: str) -> list[str]:
    """The ids of the first documents that have a sentence, kept or cut; of those that hold part of it as a cut, too."""
    with opened(out) as db:
        cursor = db.execute(HOLDS.format(short=SHORT, most=MOST), {"s": " ".join(sentence.split())})
        return [row[0] for row in cursor.fetchall()]
