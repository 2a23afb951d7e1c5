"""Cut what stands around an article: prompts, links, forms, credits, comments.

Three witnesses: phrases of the rule book (:mod:`cleaner.rules`), what follows from them (the list under "Related articles",
everything behind "Leave a reply"), and the block model (:mod:`cleaner.blocks.model`), which hears the first and may overrule both.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from itertools import accumulate
from operator import attrgetter
from typing import TYPE_CHECKING

from cleaner.blocks.phrase import BLOCK, EDGE, HEADER, TAIL, WEAK, Phrase
from cleaner.document import Block, Document, Mark
from cleaner.rules import SENTENCE_END, Match, Rule, count, is_date, is_line, key, matcher
from cleaner.stage import Favor, stage

if TYPE_CHECKING:
    from cleaner.blocks.model import Judgement

#: Words from which a paragraph that ends like a sentence counts as prose.
PROSE = 12
#: Words from which a paragraph ends a tail: a good paragraph behind "Leave a reply" means that the article goes on.
GOOD = 30
#: Share of the prose that must stand before a comments header or a tail marker.
BODY_BEFORE = 0.5
#: Most lines of a list under a section header.
LONGEST_SECTION = 12

#: Most blocks from one sign of a comment to the next.
COMMENT = 12

#: The model's chance from which a block stays though a phrase names it or shows it to be a reader's comment (VETO), though it is
#: ordinary words beside residue or in the list under a header (WEAK_VETO), and though it stands behind a tail marker (TAIL_VETO).
#: Measured on 700 scrapes and 440 clean texts of hosts that the model had not seen. From these chances on: 3 blocks of residue and 25
#: of articles, 9 and 20, 3 and 6; below them: 5,145 and 105, 5,968 and 17, 449 and 3.
VETO, WEAK_VETO, TAIL_VETO = 0.7, 0.3, 0.1

#: The chance from which the paragraph right behind the headline, the standfirst, stays though bylines and share bars part it from the body.
#: Measured on hosts that the model had not seen, blocks that come back: `news` 8 of the article and none of residue, `articles` 11 and 18, with final F1 +.0002 on both.
STANDFIRST = 0.03

#: How often the stage looks at what it left.
MOST_PASSES = 4

#: The weight of each place of the phrase book in the block model.
PLACES = {"weak": WEAK, "start": EDGE, "sentence": EDGE, "end": EDGE, "block": BLOCK, "header": HEADER, "tail": TAIL}

#: What :func:`decide` asks about all blocks at once.
Judge = Callable[..., "Judgement"]


@stage
def boilerplate(doc: Document, *, disable: tuple[str, ...] = (), context: bool = True, favor: Favor = "balanced") -> Document:
    """Mark as cut every block, or part of a block, that is not the article's own text.

    disable: what to leave alone: categories (``"share"``), rows (``"en.related.header.related-articles"``) or decisions
    (``"comment"``, ``"section"``, ``"tail"``, ``"model"``, ``"empty_section"``).
    context: also judge blocks by what stands around them, with the block model; not those of an HTML page, which ``extract``'s own
    model has judged with all of the page in view.
    favor: where the model is unsure, ``"precision"`` cuts more, ``"recall"`` keeps more.
    Raises ValueError for an unknown name in ``disable`` or ``favor``.
    """
    disable = (disable,) if isinstance(disable, str) else tuple(disable)
    if not context or judged_whole(doc):
        return decide(doc, disable)
    from cleaner.blocks.look import Reader  # here, not above: rules alone need no numpy
    from cleaner.blocks.model import judge

    return decide(doc, disable, partial(judge, favor=favor, reader=Reader()))


def judged_whole(doc: Document) -> bool:
    """Whether the model of HTML pages has decided about the document's blocks already.

    A second opinion by their text takes a sixth of the time of trafilatura, for less than .001 of word F1.
    """
    read = any(b.hints.kept is not None and b.hints.ancestors for b in doc.blocks)
    return read and not any(m.stage == "extract" and m.action == "cut" and m.score is None for m in doc.marks)


def decide(doc: Document, disable: tuple[str, ...] = (), judge: Judge | None = None) -> Document:
    """The stage with a judge of one's choice: called with texts, title= and phrases=. Without one the phrases alone decide."""
    book, made = matcher(disable), []
    block, parts = cache(book.block), cache(lambda text: list(book.parts(text)))  # what was asked once is asked again in the next pass
    for _ in range(MOST_PASSES):
        marks = decided(doc.add(made), block, parts, disable, judge)
        if not marks:
            break
        made += marks
    return doc.add(sorted(made, key=attrgetter("block", "start")))


def decided(doc: Document, block_rule, part_rules, disable: tuple[str, ...], judge: Judge | None) -> list[Mark]:
    """The cuts that follow from the blocks that are still there; what goes may lay bare more, so the stage asks again."""
    live = list(doc.live())
    cuts: dict[int, list[Mark]] = {}
    for m in doc.marks:
        if m.action == "cut":
            cuts.setdefault(m.block, []).append(m)
    left = {n: places_left(block.text, cuts[i]) for n, (i, block) in enumerate(live) if i in cuts}
    texts = ["".join(block.text[p] for p in left[n]) if n in left else block.text for n, (_, block) in enumerate(live)]
    matches = [block_rule(t) for t in texts]
    judged = judge(texts, title=doc.meta.title, phrases=[m and said(m.rule) for m in matches]) if judge and texts else None
    chance = judged.probability.tolist() if judged else [None] * len(texts)
    full = list(map(is_prose, texts))
    found = {n: m for n, m in phrases(texts, matches, full).items() if not judged or chance[n] < (WEAK_VETO if m.rule.weak else VETO)}
    prose = [n not in found and good for n, good in enumerate(full)]
    spared = headline(texts, prose, doc.meta.title)
    if judged:
        spared |= {n + 1 for n in spared if n + 1 < len(texts) and prose[n + 1] and chance[n + 1] >= STANDFIRST}
    if disable:  # a wording that is switched off is no residue for the model either
        spared |= {n for n, t in enumerate(texts) if n not in found and (m := matcher().block(t)) and m.rule.named(disable)}
    reasons = {n: (m.rule.name, said(m.rule).row) for n, m in found.items()}

    def add(rule: str, numbers: Iterable[int], detail: str = "", veto: float = 1.0) -> None:
        for n in numbers:
            if n not in reasons and n not in spared and not (judged and chance[n] >= veto):
                reasons[n] = (rule, detail)

    if "section" not in disable:
        for header, lines in sections(texts, found, prose):
            add("boilerplate.section", lines, f"in the list under {texts[header]!r}", WEAK_VETO)
    if "comment" not in disable:
        for header, replies in comments(texts, found, prose):
            add("boilerplate.comment", replies, f"after {texts[header]!r}", VETO)
    if "tail" not in disable:
        marker, rest = tail(texts, found, prose)
        add("boilerplate.tail", rest, f"after {texts[marker]!r}" if rest else "", TAIL_VETO)
    if judged and "model" not in disable:
        going = [n for n, stays in enumerate(judged.keep.tolist()) if not stays and n not in reasons]
        for n, why in zip(going, judged.reasons(going)):
            add("boilerplate.model", [n], why)
    if "empty_section" not in disable:
        add("boilerplate.empty_section", empty_headings([b for _, b in live], set(reasons)), "nothing of its section is left")
    marks = [cut(i, 0, len(b.text), *reasons[n], chance[n]) for n, (i, b) in enumerate(live) if n in reasons]
    for n, (i, _) in enumerate(live):
        if n not in reasons:
            for match in part_rules(texts[n]):
                start, end = with_space(texts[n], match)
                at = left.get(n, range(end))
                marks.append(cut(i, at[start], at[end - 1] + 1, match.rule.name, match.rule.id))
    return marks


def headline(texts: list[str], prose: list[bool], title: str | None) -> set[int]:
    """The block that is the title itself, of several the last one before the body: the others are window titles and bread crumbs."""
    named = key(title or "")
    same = [n for n, t in enumerate(texts) if named and (not t.isascii() or likely(t, named)) and key(t) == named]
    body = prose.index(True) if True in prose else len(texts)
    return {max((n for n in same if n < body), default=same[0])} if same else set()


def likely(text: str, named: str) -> bool:
    """Whether an ASCII text may have this key: long enough, and where it begins with a letter, the same one."""
    return len(text) >= len(named) and (not text[0].isalpha() or text[0].lower() == named[0])


def places_left(text: str, cuts: Sequence[Mark]) -> list[int]:
    """The offsets in a block's text of the characters that no mark has cut."""
    gone = set().union(*(range(m.start, m.end) for m in cuts))
    return [p for p in range(len(text)) if p not in gone]


def cut(block: int, start: int, end: int, rule: str, detail: str, score: float | None = None) -> Mark:
    """A cut of this stage. score: the model's chance that the block belongs to the article, where it was asked."""
    return Mark(block, start, end, "boilerplate", rule, "cut", "", score if score is None else round(score, 3), detail)


def spoken(match: Match | None) -> Phrase | None:
    """What the phrase book says of a block, for the model."""
    return match and said(match.rule)


@cache
def said(rule: Rule) -> Phrase:
    """The same for a row; its id takes longer to put together than a look-up."""
    return Phrase(PLACES[rule.where], rule.id)


def with_space(text: str, match: Match) -> tuple[int, int]:
    """The span of a match with the white space before it, or at the beginning of a block the white space behind it."""
    start, end = match.start, match.end
    while start and text[start - 1].isspace():
        start -= 1
    if start == 0:
        while end < len(text) and text[end].isspace():
            end += 1
    return start, end


def is_prose(text: str) -> bool:
    """A paragraph with a sentence in it."""
    words = count(text) if len(text) >= PROSE else 0  # in no script a word is shorter than a character with its space
    return words >= PROSE and (ends_sentence(text) or words >= GOOD)


def ends_sentence(text: str) -> bool:
    """Whether a text ends as sentences do, closing quotes and brackets aside."""
    return text.rstrip("\"'”’»«“)]）】」』* ").endswith(SENTENCE_END)


def phrases(texts: list[str], matches: Sequence[Match | None], prose: Sequence[bool] = ()) -> dict[int, Match]:
    """The blocks that are a wording of the rule book; weak wordings only beside other residue or outside the body.

    prose: which blocks have a sentence in them, where that is known.
    """
    prose = prose or list(map(is_prose, texts))
    found = {n: m for n, m in enumerate(matches) if m}
    weak = [n for n, m in found.items() if m.rule.weak]
    if weak:
        body = [n for n, good in enumerate(prose) if good and n not in found]
        first, last = (body[0], body[-1]) if body else (0, len(texts))
        firm = {n for n, m in found.items() if not m.rule.weak or body and not first < n < last}
        for order in (weak, weak[::-1]):
            firm.update(n for n in order if n in firm or _grow(firm, n))
        found = {n: m for n, m in found.items() if n in firm}
    return found


def _grow(firm: set[int], n: int) -> bool:
    if n - 1 in firm or n + 1 in firm:
        firm.add(n)
        return True
    return False


def sections(texts: list[str], found: dict[int, Match], prose: list[bool]) -> list[tuple[int, list[int]]]:
    """For each section header ("Recent articles") the lines of its list: what follows up to the next prose.

    The line right before prose stays: it may be that paragraph's heading.
    """
    lists = []
    for header, match in found.items():
        if match.rule.where != "header":
            continue
        n = header + 1
        while n < len(texts) and n <= header + LONGEST_SECTION and (n in found or not prose[n] and is_line(texts[n])):
            n += 1
        lines = [i for i in range(header + 1, n) if i not in found]
        if n < len(texts) and prose[n] and lines and lines[-1] == n - 1:
            lines.pop()
        if lines:
            lists.append((header, lines))
    return lists


def tail(texts: list[str], found: dict[int, Match], prose: list[bool]) -> tuple[int, list[int]]:
    """The first tail marker behind which no good paragraph stands, and all blocks behind it."""
    markers = sorted(n for n, m in found.items() if m.rule.where == "tail")
    if not markers:
        return 0, []
    last = max((n for n, good in enumerate(prose) if good and count(texts[n]) >= GOOD), default=-1)
    marker = next((n for n in markers if n > last), None)
    if marker is None or not any(prose[:marker]):
        return 0, []
    return marker, [n for n in range(marker + 1, len(texts)) if n not in found]


def comments(texts: list[str], found: dict[int, Match], prose: list[bool]) -> list[tuple[int, list[int]]]:
    """For a comments header behind the article, the readers' comments behind it.

    A comment shows itself by "Ann says:" before it, "Reply" behind it or the time it was written, one such sign every few
    blocks. Where less than half of the prose stands before the header, three "says" or "Reply" must follow.
    """
    headers = [n for n, m in found.items() if m.rule.category == "comments" and m.rule.where in ("tail", "header")]
    if not headers:
        return []
    before = list(accumulate((count(t) if good else 0 for t, good in zip(texts, prose)), initial=0))
    runs, end = [], 0
    for header in headers:
        if header < end or not before[header]:
            continue
        signs, end = [header], header + 1
        while end < len(texts) and end - signs[-1] <= COMMENT:
            if is_reply(end, found) or is_date(texts[end]):
                signs.append(end)
            end += 1
        replies = sum(is_reply(n, found) for n in signs)
        if len(signs) > 2 and replies and (before[header] >= BODY_BEFORE * before[-1] or replies >= 3):
            last = signs[-1] if is_reply(signs[-1], found) else min(signs[-1] + 1, len(texts) - 1)
            runs.append((header, [n for n in range(header + 1, last + 1) if n not in found]))
    return runs


def is_reply(n: int, found: dict[int, Match]) -> bool:
    """A line that only a comment has: "Ann says:", "Reply", "Report"."""
    return n in found and found[n].rule.category == "comments" and found[n].rule.where in ("block", "weak")


def empty_headings(blocks: list[Block], gone: set[int]) -> list[int]:
    """Headings whose section had blocks and lost them all."""
    empty, after = [], []
    for n in range(len(blocks) - 1, -1, -1):
        if blocks[n].kind == "heading" and n not in gone:
            if after and all(i in gone for i in after):
                empty.append(n)
            after = []
        elif blocks[n].kind != "heading":
            after.append(n)
    return empty
