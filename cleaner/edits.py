"""Rewriting one block so that every change can be named and undone."""
from __future__ import annotations

import difflib
from collections.abc import Iterable

from cleaner.document import Mark

#: Longer texts are diffed by trimming what both ends share only: difflib is quadratic.
DIFF_LIMIT = 2_000


class Rewrite:
    """A text under repair: ``text`` is what it has become, ``marks`` are the edits that lead there.

    Edits are kept apart, in order, with spans in the present text; an edit that touches an earlier one joins it, so the
    spans never overlap and undoing them from the last to the first gives the first text back.
    """

    def __init__(self, text: str):
        self.text = text
        self._edits: list[list] = []  # [start, end, original, rules], ascending, apart

    def become(self, new: str, rule: str) -> None:
        """Turn the whole text into ``new``, recorded as the smallest spans that differ."""
        for start, end, piece in reversed(list(differences(self.text, new))):
            self.replace(start, end, piece, rule)

    def replace(self, start: int, end: int, piece: str, rule: str) -> None:
        """Put ``piece`` in place of ``text[start:end]``."""
        before, touched, after = [], [], []
        for edit in self._edits:
            (before if edit[1] < start else after if edit[0] > end else touched).append(edit)
        first, last = start, end
        rules = dict.fromkeys(r for edit in touched for r in edit[3])
        rules[rule] = None
        if touched:
            first, last = min(start, touched[0][0]), max(end, touched[-1][1])
        original, position = [], first
        for edit in touched:
            original += [self.text[position : edit[0]], edit[2]]
            position = edit[1]
        original.append(self.text[position:last])
        shift = len(piece) - (end - start)
        self.text = self.text[:start] + piece + self.text[end:]
        for edit in after:
            edit[0] += shift
            edit[1] += shift
        if (was := "".join(original)) != self.text[first : last + shift]:
            before.append([first, last + shift, was, list(rules)])
        self._edits = before + after

    def marks(self, block: int, stage: str) -> list[Mark]:
        """The edits as marks of a block; the first rule that touched a span names it, the others stand in ``detail``."""
        return [
            Mark(block, start, end, stage, rules[0], "edit", self.text[start:end], None, ", ".join(rules[1:]), original)
            for start, end, original, rules in self._edits
        ]


def differences(old: str, new: str) -> Iterable[tuple[int, int, str]]:
    """The spans of ``old`` that differ from ``new``, ascending, each with its new wording."""
    if old == new:
        return
    limit = min(len(old), len(new))
    head = next((i for i in range(limit) if old[i] != new[i]), limit)
    tail = next((i for i in range(limit - head) if old[-1 - i] != new[-1 - i]), limit - head)
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    if not a or not b or max(len(a), len(b)) > DIFF_LIMIT:
        yield head, head + len(a), b
        return
    for tag, a0, a1, b0, b1 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag != "equal":
            yield head + a0, head + a1, b[b0:b1]
