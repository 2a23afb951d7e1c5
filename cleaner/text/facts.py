"""Whether one paragraph says what another says: word alignment, and a guard for the facts that must not differ.

Two paragraphs of one form may speak of different things ("Shares in A rose 2 %", "Shares in B fell 3 %"). So the words
of the shorter text are laid along the longer one, and what stands in the places where they part decides: another number,
another name, a negation or an opposite on one side means another fact.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from cleaner.text.keys import TOKEN, folded, length, not_ascii, one_slip, parted, skeleton, steady, tokens, visible

#: Places where the texts part are compared word by word up to so many words, so the cost stays linear in the text.
GAP = 24
#: Words that one letter may separate and still be one word: shorter ones are too often two words ("Iran", "Iraq").
SLIP_LENGTH = 6
#: A capital at the head of a sentence speaks for a name only in shorter texts; a longer one has other names to tell it by.
OPENER = 30

NEGATIONS = frozenset(
    "no not never nor neither none nobody nothing without cannot t nicht kein keine keinen keinem keiner keines nie niemals ohne weder "
    "ne pas jamais sans aucun aucune ni nunca jamas sin ningun ninguna tampoco non mai senza nessun nessuno nao sem nenhum nenhuma niet geen "
    "nooit zonder inte ej aldrig utan ikke aldri ingen uden nie bez nigdy ei eivat ilman nem nelkul nu fara degil yok tidak bukan tanpa "
    "khong chua не нет ни без никогда немае δεν μην οχι χωρις لا لم لن ليس بدون نه نیست لא לא אין בלי नहीं नही न बिना না নেই 不 沒 没 無 无 未 非 ず 않 못 없 안".split()
)  # "t" is what stands behind the apostrophe of don't
#: A word and its opposite; two of one line in the same place of two texts are two facts.
OPPOSITES = (
    "rose fell", "rises falls", "rise fall", "up down", "gained lost", "won lost drew", "win lose draw", "wins loses draws", "more less fewer", "higher lower", "high low",
    "increase decrease", "increased decreased", "before after", "first second third fourth fifth", "last next", "north south east west",
    "northern southern eastern western", "left right", "man woman", "men women", "boy girl", "he she", "his her", "him her", "father mother",
    "son daughter", "brother sister", "husband wife", "buy sell", "bought sold", "open closed", "opened closed", "online offline", "myth fact",
    "true false", "day night", "morning evening afternoon", "hot cold", "old young new", "best worst", "better worse", "good bad", "with without",
    "for against", "agree disagree", "yes no", "all none", "always never", "include exclude", "raise cut", "legal illegal", "monday tuesday wednesday thursday friday saturday sunday",
    "january february march april may june july august september october november december",
    "one two three four five six seven eight nine ten eleven twelve", "hundred thousand million billion trillion",
    "montag dienstag mittwoch donnerstag freitag samstag sonntag", "ein zwei drei vier funf sechs sieben acht neun zehn elf zwolf", "er sie", "mehr weniger",
    "lundi mardi mercredi jeudi vendredi samedi dimanche", "deux trois quatre cinq six sept huit neuf dix", "plus moins",
    "lunes martes miercoles jueves viernes sabado domingo", "dos tres cuatro cinco seis siete ocho nueve diez", "mas menos",
)
SIDES: dict[str, set[int]] = {}
for number, line in enumerate(OPPOSITES):
    for side in line.split():
        SIDES.setdefault(side, set()).add(number)
NUMBER_WORDS = frozenset("one two three four five six seven eight nine ten eleven twelve zwei drei vier funf sechs sieben acht neun zehn deux trois "
                         "quatre cinq sept huit neuf dix dos tres cuatro cinco seis siete ocho nueve diez due tre quattro cinque sei sette otto".split())
PREFIXES = ("un", "in", "im", "il", "ir", "non", "dis", "mis", "anti")

CAMEL = re.compile(r"[^\W\d_][a-z]+[A-Z]|[A-Z]{2,}[a-z]*$")
SENTENCE_END = re.compile(r"[.!?…:。！？।۔؟\n•\"“„«»‘(\[]")

#: Words that must be left of a caption without its credit.
CAPTION = 5
#: What photo desks put behind a caption: "(Agency)", "[File: Agency]", "| Agency", "Photo: Agency".
CREDIT = re.compile(
    r"(?:[(\[][^()\[\]\d]{2,40}[)\]]|\|[^|\d]{2,40}"
    r"|\b(?:photos?|photographs?|pictures?|images?|credits?|file|courtesy|foto|bild|quelle|crédits?|fuente|imagen|fotografía|фото|źródło|fot)\s*[:/©][^.:]{2,60})\.?$",
    re.IGNORECASE,
)
#: Characters from the end of a text within which one begins.
CREDIT_REACH = 100
#: What every credit holds.
CREDITED = re.compile(r"[)\]|:/©]")


class Passage:
    """A text made ready for comparison: its tokens, their skeletons, and which of them are names; each worked out when asked for."""

    def __init__(self, text: str, read: tuple[str, ...] | None = None):
        """read: the tokens of a text that is :func:`cleaner.text.keys.visible`, where they are known."""
        self.text, self.read = visible(text) if read is None else text, read

    @cached_property
    def plain(self) -> bool:
        """Whether its tokens are those of the folded text."""
        return self.text.isascii() or all(map(steady, not_ascii(self.text)))

    @cached_property
    def words(self) -> tuple[str, ...]:
        if self.plain:
            return tuple(tokens(self.text)) if self.read is None else self.read
        return tuple(map(folded, TOKEN.findall(self.text)))

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return tuple(map(skeleton, self.words))

    @cached_property
    def length(self) -> float:
        return length(self.words)

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The pairs of neighbouring skeletons."""
        return frozenset(pairwise(self.keys))

    @cached_property
    def places(self) -> dict[tuple[str, str], list[int]]:
        """Where each of them begins; the first few places only, so that repetition costs nothing."""
        found: dict[tuple[str, str], list[int]] = {}
        for i, pair in enumerate(pairwise(self.keys)):
            places = found.setdefault(pair, [])
            if len(places) < 8:
                places.append(i)
        return found

    def share(self, other: Passage) -> float:
        """Share of this text's pairs of neighbouring skeletons, 0 to 1, that another one holds."""
        return len(self.pairs & other.pairs) / max(1, len(self.pairs))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        return frozenset(self.keys)

    @cached_property
    def cased(self) -> bool:
        """Whether capitals tell names: a text without small letters shows none."""
        return sum(map(str.islower, self.text)) >= 0.3 * sum(map(str.isalpha, self.text))

    @cached_property
    def capitals(self) -> tuple[frozenset[int], frozenset[int]]:
        """The places of capitalised words inside a sentence, which are names, and of those at its head."""
        names, openers, end = set(), set(), 0
        for i, m in enumerate(TOKEN.finditer(self.text) if self.cased else ()):
            raw = m.group()
            if raw[0].isupper():
                inside = i and not SENTENCE_END.search(self.text, end, m.start())
                (names if inside or CAMEL.match(raw) else openers).add(i)
            end = m.end()
        return frozenset(names), frozenset(openers)


def without_credit(text: str) -> str:
    """A text without the credit that stands behind it; unchanged when next to nothing would be left."""
    start = max(0, len(text) - CREDIT_REACH)
    if not CREDITED.search(text, start) or not (credit := CREDIT.search(text, start)):
        return text
    bare = text[: credit.start()].rstrip() + text[credit.end() :]
    return bare if len(bare.split()) >= CAPTION else text


class SmallWords:
    """The words that some text writes with a small letter: at the head of a sentence these are no names. Read when first asked.

    texts: :func:`cleaner.text.keys.visible` ones.
    """

    def __init__(self, texts: Iterable[str] = ()):
        self.texts = texts

    @cached_property
    def known(self) -> frozenset[str]:
        found = {t for text in self.texts for t in parted(text)}
        return frozenset(folded(t) for t in found if t[0].islower())

    def __contains__(self, word: str) -> bool:
        return word in self.known


@dataclass(frozen=True)
class Comparison:
    """How a shorter text lies along a longer one.

    score: share of its tokens found there. novel: how many are not. parted: the places where they part, as in :func:`partings`.
    breaks: those where the longer text goes on elsewhere or with more or fewer words.
    """

    short: Passage
    long: Passage
    lower: SmallWords
    score: float
    novel: int
    parted: list[tuple[range, range, bool]]
    breaks: int

    @cached_property
    def fact(self) -> str:
        """The difference that makes it another fact, ``""`` for none; to be asked last, for it takes longest."""
        found = (difference(self.short, mine, self.long, theirs, bridged, self.lower) for mine, theirs, bridged in self.parted)
        return next(filter(None, found), "")


def alike(a: str, b: str) -> bool:
    """Whether two tokens are one word: the same consonants or, in longer words, one slip apart."""
    if skeleton(a) == skeleton(b):
        return True
    return min(len(a), len(b)) >= SLIP_LENGTH - 1 and max(len(a), len(b)) >= SLIP_LENGTH and a[0] == b[0] and a.isalpha() and one_slip(a, b)


def compare(short: Passage, long: Passage, lower: SmallWords = SmallWords()) -> Comparison:
    """Lay the shorter text along the longer one and judge the places where they part. Linear in the length of both.

    lower: the small words of the document.
    """
    at = aligned(short, long)
    novel = sum(place < 0 for place in at)
    parted = list(partings(at, len(long.words)))
    breaks = sum(len(mine) != len(theirs) for mine, theirs, _ in parted)
    breaks += sum(0 <= b <= a for a, b in pairwise(at))
    return Comparison(short, long, lower, 1 - novel / max(1, len(at)), novel, parted, breaks)


def aligned(short: Passage, long: Passage) -> list[int]:
    """For each token of the short text its place in the long one, -1 for none: shared pairs first, then the gaps between."""
    at = [-1] * len(short.words)
    for i, pair in enumerate(pairwise(short.keys)):
        if places := long.places.get(pair):
            place = places[0]
            if len(places) > 1:
                expected = at[i] if at[i] >= 0 else max(at[max(0, i - GAP) : i], default=0)
                place = min(places, key=lambda p: (p < expected, abs(p - expected)))
            if at[i] < 0 or place == at[i] or at[i - 1] != at[i] - 1:
                at[i] = place
            at[i + 1] = place + 1
    for first, last in runs(at):
        left = at[first - 1] if first else None
        right = at[last] if last < len(at) else None
        size = last - first
        if left is None and right is not None:
            left = max(-1, right - size - 2)
        elif right is None and left is not None:
            right = min(len(long.words), left + size + 3)
        if left is not None and right is not None and size <= GAP and 0 < right - left - 1 <= GAP:
            for i, j in matched(short.words[first:last], long.words[left + 1 : right]):
                at[first + i] = left + 1 + j
    return at


def runs(at: list[int]) -> list[tuple[int, int]]:
    """The stretches of tokens without a place, as half-open ranges."""
    out, first = [], None
    for i, place in enumerate([*at, 0]):
        if place < 0 and first is None:
            first = i
        elif place >= 0 and first is not None:
            out.append((first, i))
            first = None
    return out


def matched(a: tuple[str, ...], b: tuple[str, ...]) -> list[tuple[int, int]]:
    """The longest common subsequence of two short token lists, slips and respellings forgiven."""
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    same = [[alike(x, y) for y in b] for x in a]
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            table[i][j] = table[i + 1][j + 1] + 1 if same[i][j] else max(table[i + 1][j], table[i][j + 1])
    out, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if same[i][j]:
            out.append((i, j))
            i, j = i + 1, j + 1
        elif table[i + 1][j] >= table[i][j + 1]:
            i += 1
        else:
            j += 1
    return out


def partings(at: list[int], size: int) -> Iterator[tuple[range, range, bool]]:
    """The places where the texts part: token ranges of the short and the long text, and whether both ends are anchored."""
    last = len(at)
    i = 0
    while i <= last:
        first = i
        while i < last and at[i] < 0:
            i += 1
        left = at[first - 1] if first else None
        right = at[i] if i < last else None
        if left is not None and right is not None:
            if right > left and (i > first or right > left + 1):
                yield range(first, i), range(left + 1, min(right, left + 1 + GAP)), right - left - 1 <= GAP
            elif i > first:
                yield range(first, i), range(0), False
        elif i > first:
            span = i - first + 1
            rest = range(left + 1 if left is not None else 0, right if right is not None else size)
            if len(rest) <= span:  # both texts begin or end here
                yield range(first, i), rest, True
            else:
                yield range(first, i), rest[:span] if right is None else rest[-span:], False
        i += 1


def difference(short: Passage, mine: range, long: Passage, theirs: range, bridged: bool, lower: SmallWords) -> str:
    """The fact in which two texts differ at one parting, ``""`` for none."""
    a, b = [short.words[i] for i in mine], [long.words[j] for j in theirs]
    names, openers = short.capitals if a else (NOWHERE, NOWHERE)
    for i, word in zip(mine, a):
        if number(word) and (word not in long.vocabulary or any(map(number, b)) and word not in b):
            return f"another number: {word}"
        opener = i in openers and (short.length < OPENER or any(j in long.capitals[0] for j in theirs))
        another = (i in names or opener) and skeleton(word) not in long.vocabulary and not any(alike(word, other) for other in b)
        if another and (i in names or word not in lower):  # the small words are asked last: they read the whole document
            return f"another name: {word}"
    if any(number(x) or x in NUMBER_WORDS for x in a) and (other := [y for y in b if number(y) and y not in a]):
        return f"another number: {other[0]}"
    if b and not a and mine.start and number(b[0]) and any(map(str.isdigit, short.words[mine.start - 1])):
        return f"another number: {short.words[mine.start - 1]} {b[0]}"  # 25 and 25.6, 3 and 3-1
    exchanged = bool(a and b and bridged and len(b) <= 3 * len(a) + 3)
    if (exchanged or bridged and len(b) <= 3) and negations(a) != negations(b):
        return "a negation"
    if exchanged or a and b:
        for x in a:
            for y in b:
                if x != y and (SIDES.get(x, NONE) & SIDES.get(y, NONE) or opposite(x, y)):
                    return f"an opposite: {x}, {y}"
    if exchanged and not (short.cased and long.cased) and not any(alike(x, y) for x in a for y in b):
        return f"another word where names have no capitals: {a[0]}, {b[0]}"
    return ""


NONE: set[int] = set()
NOWHERE: frozenset[int] = frozenset()


def number(word: str) -> bool:
    """Whether a token is a number, or the sign that says what is counted. A lone accent is folded to ""."""
    return any(map(str.isdigit, word)) or not word[:1].isalpha() and TOKEN.fullmatch(word) is not None


def negations(tokens: list[str]) -> int:
    return sum(t in NEGATIONS for t in tokens)


def opposite(x: str, y: str) -> bool:
    """Whether one word is the other with a negating prefix: fair, unfair."""
    if len(x) > len(y):
        x, y = y, x
    return len(x) >= 4 and any(y == p + x for p in PREFIXES)
