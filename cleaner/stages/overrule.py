"""Taking decisions back: the switch for rules that no option of their own stage turns off."""
from __future__ import annotations

from dataclasses import replace

from cleaner.document import Document
from cleaner.stage import stage


@stage
def overrule(doc: Document, *, rules: tuple[str, ...] = ()) -> Document:
    """Take back the cuts and flags of some rules. Not in the default list; `--disable` puts it there.

    rules: names as in the marks (``"extract.not_main"``, ``"topic.off_topic"``). Stages behind it see what came back as
    text that stayed. Edits are not taken back: other marks point into the repaired text.
    """
    return replace(doc, marks=tuple(m for m in doc.marks if m.rule not in rules or m.action == "edit"))
