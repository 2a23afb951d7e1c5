"""Finding the phrase book's rows in a block, in time linear in the text and independent of the number of rows."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from cleaner.rules.wording import SENTENCE_END, SHAPES, boundary, closing_starts, count, dense, fits, is_date, is_line, is_name, key, offset

if TYPE_CHECKING:
    from cleaner.rules import Rule

#: Where a row's phrase may stand, the weakest decision first, and the places that are whole blocks.
WHERE = ("weak", "block", "header", "tail", "start", "sentence", "end")
WHOLE = ("weak", "block", "header", "tail")
PLACEHOLDERS = ("name", "date", "line", "email", "prompt", "stop")
#: Longest wording, in characters: only so much of a block's edge is ever read.
LONGEST = 160
#: Longest label before its ":", and longest ending, in characters.
LONGEST_LABEL = 60
#: Longest rest, in words, behind a phrase that begins a block: a headline, a credit or a prompt, not a paragraph.
LONGEST_REST = 35
#: Longest block, in words, whose words alone can tell that it calls to the reader.
LONGEST_CALL = 25
#: Letters of a word by which calls are looked up; those in scripts without spaces are all asked.
CALLED = 4
#: Longest part of a call's wording, in letters, that stands for itself alone: "us" is no beginning of "users".
SHORT_WORD = 3
#: Marks that separate a label from what it announces.
SEPARATING = re.compile("[:：|>→▶►=＝»›–—-]")
SEPARATOR = re.compile(r"[:：|>→▶►=＝]|(?<=\s)[»›]|\s[-–—]\s|[–—]\s")
#: Longest block, in characters, that can open with a phrase: its label and the longest rest in long words.
LONGEST_OPENING = 480
#: Speech: what stands behind it is what somebody says.
QUOTATION = re.compile(r"[\"“„«「『‘‚]|»\w")
#: The same anywhere in a text.
QUOTED = re.compile("[\"“”„‘‚«»「『]")
BRACKETS = re.compile(r"[(\[（【]([^()\[\]（）【】]{2,120})[)\]）】]")


def words_of(pattern: str) -> tuple[str, str, str]:
    """A pattern as (placeholder in front, key of its words, placeholder or ":" behind); "+" behind for words in any order."""
    if " + " in pattern:
        return "", "+".join(map(key, pattern.split(" + "))), "+"
    front, behind = "", ""
    if pattern.startswith("{"):
        front, _, pattern = pattern[1:].partition("}")
    if pattern.endswith("}"):
        pattern, _, behind = pattern[:-1].rpartition("{")
    elif "…" in pattern.strip("… "):
        pattern, _, behind = pattern.partition("…")
        behind = f" {key(behind)} "
    elif pattern.rstrip().endswith((":", "：")):
        behind = ":"
    return front, key(pattern), behind


class Match(NamedTuple):
    """A phrase found in a block: ``text[start:end]`` is what the rule speaks of."""

    rule: Rule
    start: int
    end: int


#: Letters by which phrases are looked up, and by which those are that share so many with more than MANY others.
BUCKET, FINER, MANY = 5, 10, 6
#: Letters that tell which lengths of these are worth a look.
HEAD = 2
#: Blocks whose answer is remembered: a site repeats its menus on every page. Some 5 MB.
REMEMBERED = 1 << 14

Phrases = list[tuple[str, str, "Rule"]]


class Prefixes:
    """Phrases by their first letters (short ones by all they have); the longest that a key begins with is found first."""

    def __init__(self, phrases: Iterable[tuple[str, str, Rule]]):
        self.buckets = bucketed(sorted(phrases, key=lambda p: (-len(p[0]), p[0])), BUCKET)
        self.finer: dict[str, dict[str, Phrases]] = {}
        for bucket, found in self.buckets.items():
            if len(found) > MANY:
                self.finer[bucket] = bucketed([p for p in found if len(p[0]) >= FINER], FINER)
                self.buckets[bucket] = [p for p in found if len(p[0]) < FINER]
        sizes: dict[str, set[int]] = {}
        for bucket in self.buckets:
            sizes.setdefault(bucket[:HEAD], set()).add(len(bucket))
        self.sizes = {head: sorted(found | sizes.get(head[0], set()), reverse=True) for head, found in sizes.items()}

    def of(self, text: str, at: int = 0) -> Iterator[tuple[str, str, Rule]]:
        """The phrases that the key ``text`` has at position ``at``, longest first."""
        for size in self.sizes.get(text[at : at + HEAD]) or self.sizes.get(text[at : at + 1], ()):
            bucket = text[at : at + size]
            if (found := self.buckets.get(bucket)) is None:
                continue
            if bucket in self.finer:
                for phrase in self.finer[bucket].get(text[at : at + FINER], ()):
                    if text.startswith(phrase[0], at):
                        yield phrase
            for phrase in found:
                if text.startswith(phrase[0], at):
                    yield phrase


def bucketed(phrases: Phrases, size: int) -> dict[str, Phrases]:
    """Phrases by so many of their first letters, in the order in which they are given."""
    buckets: dict[str, Phrases] = {}
    for phrase in phrases:
        buckets.setdefault(phrase[0][:size], []).append(phrase)
    return buckets


#: Which rows may open what: a block, a last sentence, the inside of brackets.
OPENERS = {"block": ("start", "sentence"), "sentence": ("sentence",), "brackets": ("end", "sentence")}


class Matcher:
    """The phrase book with some categories or rows switched off, ready for look-ups."""

    def __init__(self, chosen: Iterable[Rule]):
        self.rules = tuple(chosen)
        self.whole: dict[str, Rule] = {}
        self.shapes: list[tuple[Callable[[str], bool], Rule]] = []
        self.suffixes: list[tuple[str, str, Rule]] = []
        self.labels: dict[str, dict[str, Rule]] = {place: {} for place in OPENERS}
        starts: dict[str, list] = {place: [] for place in OPENERS}
        endings = []
        self.calls: dict[str, list[tuple[list[str], Rule]]] = {}
        for rule in self.rules:
            front, words, behind = rule.front, rule.words, rule.behind
            if behind == "+":
                parts = [p if dense(p) else f" {p}" + " " * (len(p) <= SHORT_WORD) for p in words.split("+")]
                longest = max(parts, key=len)
                self.calls.setdefault("" if dense(longest) else longest.split()[0][:CALLED], []).append((parts, rule))
            elif rule.where in WHOLE and not words:
                self.shapes.append((is_date if (front or behind) == "date" else SHAPES[front or behind], rule))
            elif rule.where in WHOLE and front:
                self.suffixes.append((" " + words, front, rule))
            elif rule.where in WHOLE:
                known = self.whole.setdefault(words, rule)
                if known.where == "block" or rule.where == "weak":  # a header says more; ordinary in one language is ordinary
                    self.whole[words] = known if rule.where == known.where else rule
            else:
                for place in (place for place, wheres in OPENERS.items() if rule.where in wheres):
                    if behind == ":":
                        self.labels[place].setdefault(words, rule)
                    else:
                        starts[place].append((words, behind, rule))
                if rule.where == "end" and not behind and words.count(" ") >= 2:
                    endings.append((words[::-1], "", rule))
        self.suffix_words = tuple(s[0] for s in self.suffixes)
        self.starts = {place: Prefixes(phrases) for place, phrases in starts.items()}
        self.firsts = {place: frozenset(p[0].partition(" ")[0] for p in starts[place]) | {w.partition(" ")[0] for w in self.labels[place]} for place in OPENERS}
        self.endings = Prefixes(endings)
        self.chain = Prefixes((words, "", rule) for words, rule in self.whole.items())
        self.line = lru_cache(REMEMBERED)(self.look_up)

    def block(self, text: str) -> Match | None:
        """The rule that a whole block falls to, None when there is none."""
        if len(text) > LONGEST_OPENING:
            return None
        rule = self.line(text) if len(text) <= LONGEST else self.opening(text, "block", key(text[:LONGEST]))
        return Match(rule, 0, len(text)) if rule else None

    def look_up(self, text: str) -> Rule | None:
        """The rule that a block of at most :data:`LONGEST` characters falls to."""
        folded = key(text)
        if known := self.whole.get(folded):
            return known
        return self.opening(text, "block", folded) or self.shape(text) or self.suffix(text, folded) or self.glued(folded) or self.call(text, folded)

    def shape(self, text: str) -> Rule | None:
        """A block that is nothing but a date, a name …: rows whose pattern is a placeholder alone."""
        for has_shape, rule in self.shapes:
            if has_shape(text):
                return rule
        return None

    def suffix(self, text: str, folded: str) -> Rule | None:
        """A block that ends in a phrase with something of a given shape before it ("Ann Lee says:")."""
        if not folded.endswith(self.suffix_words or ("\n",)):
            return None
        for words, front, rule in self.suffixes:
            size = offset(text[::-1], words[::-1], True)
            if folded.endswith(words) and SHAPES[front](text[: len(text) - size]):
                return rule
        return None

    def call(self, text: str, folded: str) -> Rule | None:
        """The rule all of whose word beginnings stand in a short block, in any order; not where something is quoted."""
        known = [row for word in folded.split() for row in self.calls.get(word[:CALLED], ())]
        if not folded.isascii() and dense(max(folded)):
            known += self.calls.get("", ())
        if not known or count(text) > LONGEST_CALL or QUOTED.search(text):
            return None
        padded = f" {folded} "
        return next((rule for parts, rule in known if all(map(padded.__contains__, parts))), None)

    def glued(self, folded: str) -> Rule | None:
        """A block that is a chain of whole-block wordings, with or without a space between them; a firm rule of it."""
        reached: list[tuple[int, int, Rule | None]] = [(0, 0, None)]
        seen = {0}
        while reached:
            at, parts, first = reached.pop()
            if at >= len(folded):
                return first if parts > 1 else None
            for words, _, rule in self.chain.of(folded, at):
                end = at + len(words)
                if end < len(folded) and folded[end] == " ":
                    end += 1
                elif end < len(folded) and (len(words) < 4 or not any(len(w) > 3 for w, _, _ in self.chain.of(folded, end))):
                    continue
                if end not in seen:
                    seen.add(end)
                    reached.append((end, parts + 1, first if first and not first.weak else rule))
        return None

    def opening(self, text: str, place: str, folded: str | None = None) -> Rule | None:
        """The rule of a text that begins with a phrase and goes on no longer than a headline, a credit or a prompt."""
        folded = key(text[:LONGEST_LABEL]) if folded is None else folded
        first = folded.partition(" ")[0]
        if first.isascii() and first not in self.firsts[place] or QUOTATION.match(text):
            return None
        separator = SEPARATING.search(text, 0, LONGEST_LABEL) and SEPARATOR.search(text, 0, LONGEST_LABEL)
        if separator:
            rule = self.labels[place].get(key(text[: separator.start()]))
            rest = text[separator.end() :]
            if rule and count(rest) <= LONGEST_REST and (rule.category != "byline" or is_line(rest) or is_name(rest)):
                return rule  # "Reporter: Ann Lee", not "Reporter: When did you hear of it?" of an interview
        for words, behind, rule in self.starts[place].of(folded):
            if boundary(folded, len(words)):
                rest = text[offset(text, words) :]
                if count(rest) <= LONGEST_REST and fits(rest, behind):
                    return rule
        return None

    def parts(self, text: str) -> Iterator[Match]:
        """What a rule cuts out of a block that stays: its last sentences, brackets, an ending."""
        end = len(text)
        for at in closing_starts(text):
            if rule := self.opening(text[at:], "sentence"):
                yield Match(rule, at, len(text))
                end = at
                break
        if "(" in text or "[" in text or "（" in text or "【" in text:
            for m in BRACKETS.finditer(text, 0, end):
                if rule := self.opening(m.group(1), "brackets"):
                    yield Match(rule, m.start(), m.end())
        if text.endswith(SENTENCE_END):
            return
        folded = key(text[-LONGEST_LABEL:])[::-1]
        for words, _, rule in self.endings.of(folded):
            if boundary(folded, len(words)):
                start = len(text) - offset(text[::-1], words, backwards=True)
                yield Match(rule, len(text[:start].rstrip(" ,;|·(")), len(text))
                break
