"""Which lines of a text were broken by a wrapping program and belong to one paragraph.

A program that wraps at a width breaks a line where the next word no longer fits. So for every line that was broken, the
width lies between the line's length and that length plus the next word. The width that agrees with most neighbouring
lines is the document's; lines that agree with it go on, the others end a paragraph. A text of one-line paragraphs has no
such width, and a list of short lines none above :data:`NARROWEST`.
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate

#: Columns. No usual wrapping is narrower; lists of headlines are. Wide (East Asian) characters count two.
NARROWEST = 40
#: Columns. Wider lines are one-line paragraphs.
WIDEST = 132
#: Share of a line's length by which text set in a proportional font, counted in characters, may fall short of the width.
RAGGED = 0.08
#: Share of neighbouring lines that must agree with the width, and of those that must go on in lower case (or, in a
#: script without cases, after no sentence end). Measured on wrapped and unwrapped articles in 17 languages.
AGREE, FLOW = 0.6, 0.3
#: Lines longer than the width, for each line that agrees with it, that a wrapped text may hold: titles, addresses.
LONGER = 0.2
#: Share of the width below which a line with the next word on it was plainly not broken by the wrapping.
EARLY = 0.8
#: Columns. A single pair of lines is joined only at a width that is usual in letters and on terminals.
USUAL = 56

WIDE = re.compile("[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]")
#: Scripts written without spaces between words: Thai, Lao, Burmese, Khmer, Chinese, Japanese.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff60]")
SENTENCE_END = tuple(".!?:;…。！？：；।॥؟۔።။។\"”»“’')]）」』*")
DASHES = "-–—―"
ITEM = re.compile(r"[*•·‣▪◦●■►▶✓✔➤>|]\s|\(?\d{1,3}[.)]\s|\|")
#: Words after a hyphen that stands for a left-out word ("Hin- und Rückfahrt"): there the space stays.
SUSPENDED = {"and", "or", "to", "und", "oder", "bzw.", "bis", "en", "et", "ou", "och", "eller", "og", "y", "e", "o"}


def continued(lines: Sequence[str], before: Sequence[str], newline: str = "\n") -> set[int]:
    """The numbers of the lines that go on with the line before them. ``before`` is the white space in front of each line."""
    gaps = [space.count(newline) != 1 for space in before]
    if all(gaps[1:]):
        return set()
    wrapping = Wrapping(lines, gaps, [len(space) - space.rfind(newline) - 1 for space in before])
    return {i for i in wrapping.spans if wrapping.goes_on(i)} if wrapping.plausible() else set()


class Wrapping:
    """The width to which a text was wrapped, and what speaks for it.

    lines: the non-empty lines. gaps: whether a blank line stands before each. indents: columns of white space before each.
    A line's number stands for its break from the line before.
    """

    def __init__(self, lines: Sequence[str], gaps: Sequence[bool], indents: Sequence[int]):
        self.lines, self.gaps, self.indents = lines, gaps, indents
        self.margin = Counter(indents).most_common(1)[0][0]
        self.spans = {i: span for i in range(1, len(lines)) if (span := self.span(i))}
        self.width = common_width(self.spans.values())
        self.near = [i for i in self.spans if self.nears(i)]
        early = sum(long < EARLY * self.width for _, long in self.spans.values())
        openings = sum(gaps[1:]) + sum(self.set_in(i) for i in range(1, len(lines)) if not gaps[i])
        self.apart = 4 * early <= openings

    def span(self, i: int) -> tuple[int, int] | None:
        """The widths at which a wrapping program breaks before line ``i``: from the first up to, not with, the second."""
        if self.gaps[i] or len(self.lines[i - 1]) > WIDEST:
            return None
        used = columns(self.lines[i - 1]) + self.indents[i - 1]
        if not NARROWEST <= used <= WIDEST or self.opens(i):
            return None
        return used, used + first_word(self.lines[i])

    def opens(self, i: int) -> bool:
        """Whether line ``i`` opens a paragraph by its look: a list item, set in, or a dash after a sentence."""
        line = self.lines[i]
        return bool(ITEM.match(line)) or self.set_in(i) or line[0] in DASHES and ended(self.lines[i - 1])

    def set_in(self, i: int) -> bool:
        """Whether line ``i`` is set in as the first of a paragraph: against the line before it, if that is no list item."""
        here, above = self.indents[i], self.indents[i - 1]
        if here == above > self.margin:  # two paragraphs of one line, or the inside of something set in
            return ended(self.lines[i - 1])
        return here > above and not ITEM.match(self.lines[i - 1])

    def nears(self, i: int) -> bool:
        """Whether the break before line ``i`` agrees with the width, but for a ragged edge."""
        short, long = self.spans[i]
        return short - slack(self.lines[i], self.width) <= self.width < long + slack(self.lines[i], self.width)

    def plausible(self) -> bool:
        """Whether enough lines agree with the width, few are longer, and the text runs on across the breaks."""
        count = len(self.near)
        if not count or count < AGREE * len(self.spans):
            return False
        if count < 3 and any(ended(self.lines[i - 1]) for i in self.near):
            return False  # two breaks are evidence only inside a sentence
        if sum(len(line) > (1 + RAGGED) * self.width and " " in line for line in self.lines) > LONGER * count:
            return False
        cased = [i for i in self.near if self.lines[i][0].isupper() or self.lines[i][0].islower()]
        if len(cased) <= count / 2:
            return count > 2 and min(self.in_runs(), sum(not ended(self.lines[i - 1]) for i in self.near)) >= AGREE * count
        return sum(self.lines[i][0].islower() for i in cased) >= FLOW * len(cased) and (count > 1 or self.lone_pair(self.near[0]))

    def in_runs(self) -> int:
        """How many of the breaks that agree follow one another: headlines of one length alternate with something shorter."""
        near = set(self.near)
        return sum(i + 1 in near or i - 1 in near for i in near)

    def lone_pair(self, i: int) -> bool:
        """Whether the only two lines that could belong together are one sentence set to a usual width."""
        last = i + 1 == len(self.lines) or self.gaps[i + 1]
        return self.width >= USUAL and last and ended(self.lines[i]) and not ended(self.lines[i - 1])

    def goes_on(self, i: int) -> bool:
        """Whether line ``i`` goes on with the line before it.

        Where paragraphs stand apart, every line does that is not plainly short; elsewhere a line ends a paragraph when a
        sentence ends with it and the next word would have fitted.
        """
        (short, long), line, following = self.spans[i], self.lines[i - 1], self.lines[i]
        near = self.width < long + slack(following, self.width)
        if not ended(line):
            return near or following[0].islower() and 2 * short >= self.width
        if self.heads(i):
            return False
        return long > EARLY * self.width if self.apart else self.width < long or near and following[0].islower()

    def heads(self, i: int) -> bool:
        """Whether line ``i`` is a heading on top of the next line: short, without a sentence end, and the next begins anew."""
        if i + 1 == len(self.lines) or self.gaps[i + 1] or ended(self.lines[i]) or self.lines[i + 1][0].islower():
            return False
        return columns(self.lines[i]) + first_word(self.lines[i + 1]) < EARLY * self.width


def common_width(spans: Iterable[tuple[int, int]]) -> int:
    """The width that lies in most spans, the widest of several, 0 for none."""
    steps = [0] * (2 * WIDEST)
    for short, long in spans:
        steps[short] += 1
        steps[min(long, 2 * WIDEST - 1)] -= 1
    heights = list(accumulate(steps))
    best = max(heights)
    return len(heights) - 1 - heights[::-1].index(best) if best else 0


def slack(line: str, width: int) -> float:
    """Columns by which a line may miss the width: scripts without spaces are set on a grid, others by a font."""
    return 2 if UNSPACED.match(line) else RAGGED * width


def ended(line: str) -> bool:
    """Whether a sentence ends with the line."""
    return line.endswith(SENTENCE_END)


def columns(text: str) -> int:
    """The width of a text on a terminal: wide characters count two."""
    return len(text) if text.isascii() else len(text) + len(WIDE.findall(text))


def first_word(line: str) -> int:
    """Columns that the first word of a line would have needed on the line before, with its space."""
    if UNSPACED.match(line):
        return 2
    return columns(line.split(None, 1)[0]) + 1


def join_lines(parts: Iterable[str]) -> str:
    """The parts of a paragraph in one line: a space between them, none between East Asian characters or after a hyphen."""
    out = ""
    pieces: list[str] = []
    for part in map(str.strip, parts):
        if part:
            if pieces and not glued(out, part):
                pieces.append(" ")
            pieces.append(part)
            out = part
    return "".join(pieces)


def glued(line: str, following: str) -> bool:
    """Whether two lines meet without a space: inside a hyphenated word, or in a script written without spaces."""
    if line[-1] == "\u00ad" or UNSPACED.match(line[-1]) and UNSPACED.match(following):
        return True
    return line[-1] in "-\u2010" and line[-2:-1].isalpha() and following[0].isalpha() and following.split(None, 1)[0] not in SUSPENDED
