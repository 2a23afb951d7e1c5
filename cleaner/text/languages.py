"""Which language a text is in: langdetect's letter groups, small words where relatives differ, the script where it settles it.

The letter groups decide (:mod:`cleaner.text.ngrams`); what is known beside them stands in ``data/languages.toml``. Everything is a
function of the text alone: no sampling, no order, no clock.
"""
from __future__ import annotations

import re
import threading
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from cleaner.text.ngrams import PLANE, UNIT, Profiles, Reading, code_points, prepare, profiles


class Language(NamedTuple):
    """lang: ISO 639-1 code, "und" for none found. score: how sure, 0 to 1."""

    lang: str
    score: float


UND = Language("und", 0.0)

#: A document's label comes from its longest paragraphs, so many characters together and, where there are many, so many of each.
#: Label right on 252 of 252 news articles behind eleven lines of English residue, where the first 500 characters got 84.
SAMPLE = 480
PIECE = 120
#: A text is in capitals when more of its letters than this share are; raw capitals: 35 % right, lowered: 97 % (sentences).
CAPITALS = 0.6
#: What one small word adds, in natural log units: seen in its own language some e**4 times as often as elsewhere.
WORD_WEIGHT = 4.0
#: What one spelling sign adds between relatives.
SIGN_WEIGHT = 1.5
#: One character ends up to three groups that know of each other: their evidence counts as this part of what it sums to.
TEMPER = 0.3
#: Letters of these scripts say as much as three of an alphabet.
DENSE = {"Han", "Kana", "Hangul"}
DENSITY = 3
DENSE_LANGUAGES = {"ja", "ko", "zh"}
#: Japanese: so large a share of kana among kana and Chinese characters; the second figure up to so many, each counted three times.
KANA, KANA_SHORT, FEW = 0.2, 0.05, 120
#: The score of a language that the script alone settles.
SETTLED = 0.99
#: What a document's language is given before a paragraph is asked, in natural log units: nine to one after tempering.
NATIVE_LEAD = np.log(9) / TEMPER
#: What a letter group that no profile knows lacks of a document's language; a fifth of a text's own are such, two fifths of others'.
UNREAD = 1.0
#: The same for a letter group in another script.
OTHER_SCRIPT = 2.0
#: A stretch is looked at when its letter groups lack so much more than usual of the document's language, natural log a character:
#: 5 in 100 own stretches of 50 characters do, and all but 1 in 200 others. The second figure is for languages with close kin.
ASK, ASK_KIN = 0.65, 0.5
#: Where fewer of the characters than this share end a known letter group, the groups decide nothing.
KNOWN = 0.3
#: A language without a profile is named when so many of its small words and letters stand there that the winner has not, when
#: they are so many times those that only the winner has, and when its own are so large a share of all words.
RIVAL_LEAST, RIVAL_LEAD, RIVAL_SHARE = 3, 1.5, 0.15
#: A text is in no known language when its letter groups lack more of the winner's than the first figure, plus the second over the
#: root of its words, plus the third times the share of the winner's small words: 2 of 3,132 native texts, 25 of 35 others.
STRANGE, STRANGE_SHORT, STRANGE_WORDS = 0.15, 0.8, 0.5
#: Fewer words than this are never called strange.
STRANGE_LEAST = 6
#: The share of the web of a language that the table does not name, percent.
LEAST_SHARE = 0.05

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*['’]?")


@dataclass(frozen=True, eq=False)
class Knowledge:
    """``data/languages.toml`` laid out as arrays beside the profiles."""

    profiles: Profiles
    codes: tuple[str, ...]
    columns: dict[str, list[int]]
    words: dict[str, int]
    word_languages: np.ndarray
    others: dict[str, tuple[str, ...]]
    letters: dict[str, tuple[str, ...]]
    unprofiled: tuple[str, ...]
    scripts: tuple[str, ...]
    script_of: np.ndarray
    density: np.ndarray
    candidates: tuple[np.ndarray, ...]
    sole: tuple[str, ...]
    share: np.ndarray
    kin: frozenset[str]
    names: dict[str, str]
    relatives: tuple[tuple[int, int, re.Pattern, re.Pattern], ...]

    def chance(self, chances: np.ndarray, code: str) -> float:
        """The probability of an ISO code, whose profiles may be several."""
        return float(chances[self.columns.get(code, [])].sum())

    def rows(self, words: Iterable[str]) -> list[int]:
        """The rows of the small words among words."""
        return [self.words[w] for w in words if w in self.words]

    def counts(self, codes: np.ndarray) -> np.ndarray:
        """How many letters of each script there are among code points; a letter of a dense script counts as three."""
        counts = np.bincount(self.script_of[codes], minlength=len(self.scripts) + 1)[:-1]
        return counts * self.density


_lock = threading.Lock()
_knowledge: list[Knowledge] = []


def knowledge() -> Knowledge:
    """What is known of all languages, read once a process however many threads ask."""
    with _lock:
        if not _knowledge:
            _knowledge.append(read_knowledge(profiles()))
        return _knowledge[0]


def read_knowledge(known: Profiles) -> Knowledge:
    """Read ``data/languages.toml`` for the languages of the profiles."""
    data = tomllib.loads(files("cleaner").joinpath("data/languages.toml").read_text("utf-8"))
    columns = known.languages
    codes = tuple(c.partition("-")[0] for c in columns)
    lists = {code: line.split() for code, line in data["words"]["profiled"].items()}
    words = {w: i for i, w in enumerate(dict.fromkeys(w for line in lists.values() for w in line))}
    word_languages = np.zeros((len(words), len(columns)), np.int32)
    for code, line in lists.items():
        word_languages[[words[w] for w in line], columns.index(code)] = 1
    others = owners_of((w, code) for code, line in data["words"]["other"].items() for w in line.split())
    letters = owners_of((c, code) for code, line in data["letters"].items() for c in line)
    script_of = np.full(PLANE, len(data["script"]), np.uint8)
    for number, script in enumerate(data["script"]):
        for first, last in ranges(script["letters"]):
            script_of[first : last + 1] = number
    mine = [s["languages"].split() for s in data["script"]]
    relatives = ((columns.index(r["a"]), columns.index(r["b"]), re.compile(r["signs_of_a"]), re.compile(r["signs_of_b"])) for r in data["relatives"])
    return Knowledge(
        known,
        codes,
        {code: [i for i, c in enumerate(codes) if c == code] for code in codes},
        words,
        word_languages,
        others,
        letters,
        tuple(dict.fromkeys([*data["letters"], *data["words"]["other"]])),
        tuple(s["name"] for s in data["script"]),
        script_of,
        np.array([DENSITY if s["name"] in DENSE else 1 for s in data["script"]]),
        tuple(np.array([c in m for c in columns]) for m in mine),
        tuple(m[0] if len(m) == 1 else "" for m in mine),
        np.log([data["share"].get(c, LEAST_SHARE) for c in columns]),
        frozenset(data["kin"]["languages"].split()),
        data["names"],
        tuple(relatives),
    )


def owners_of(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """{sign: the languages that have it}."""
    out: dict[str, tuple[str, ...]] = {}
    for sign, code in pairs:
        out[sign] = (*out.get(sign, ()), code)
    return out


def ranges(letters: str) -> list[tuple[int, int]]:
    """The code point ranges of a character class: ``a-z`` or single characters."""
    return [(ord(a), ord(b or a)) for a, b in re.findall(r"(.)(?:-(.))?", letters, re.DOTALL)]


def identify(text: str, languages: tuple[str, ...] = ()) -> Language:
    """The language of a text, from a sample of its longest paragraphs.

    languages: ISO 639 codes that alone come into question, all when empty. Raises ValueError for a code that cannot be told.
    The same text always gets the same answer; "und" with score 0 where there is none.
    """
    return label(text.split("\n"), languages)


def label(paragraphs: list[str], languages: tuple[str, ...] = ()) -> Language:
    """The language of paragraphs that are one document; where they fit none together, the one that most of them are in."""
    languages = checked(tuple(languages))
    pieces = sample(paragraphs)
    whole = weigh("\n".join(pieces), languages)
    if whole.lang in knowledge().codes or len(pieces) < 2:
        return Language(whole.lang, whole.score)
    votes: dict[str, float] = {}
    for piece in pieces:
        verdict = weigh(piece, languages)
        votes[verdict.lang] = votes.get(verdict.lang, 0) + letters(piece) * (verdict.score or 1)
    lang = max(votes, key=lambda code: votes[code])
    return UND if lang == UND.lang else Language(lang, votes[lang] / sum(map(letters, pieces)))


def sample(paragraphs: list[str]) -> list[str]:
    """The beginnings of the longest paragraphs, :data:`SAMPLE` characters together."""
    size = max(PIECE, SAMPLE // max(1, len(paragraphs)))
    return [p[:size] for p in sorted(paragraphs, key=len, reverse=True)[: SAMPLE // PIECE]]


@lru_cache(maxsize=64)
def checked(languages: tuple[str, ...]) -> tuple[str, ...]:
    """ISO codes checked against those that can be told. Raises ValueError."""
    known = {*knowledge().codes, *knowledge().sole, *knowledge().unprofiled} - {""}
    for code in languages:
        if code not in known:
            raise ValueError(f"no language {code!r} among those that can be told: {', '.join(sorted(known))}")
    return languages


class Verdict(NamedTuple):
    """lang, score: as in :class:`Language`. native: the probability of the language that the text was expected in."""

    lang: str
    score: float
    native: float


NONE = Verdict(*UND, 0.0)


@lru_cache(maxsize=1024)
def weigh(text: str, languages: tuple[str, ...] = (), native: str = "") -> Verdict:
    """The language of a bounded text. native: the language that it is expected in."""
    known = knowledge()
    text = prepare(text)
    codes = code_points(text)
    script = leading_script(known, known.counts(codes))
    if script < 0:
        return NONE
    if in_capitals(known, codes):
        text = lowered(text)
    if sole := known.sole[script]:
        verdict = rival(known, text, [], -1) or Verdict(sole, SETTLED, float(sole == native))
    else:
        words = WORD.findall(text.lower())
        reading = known.profiles.read(known.profiles.groups(text))
        chances = probabilities(known, text, words, reading, script, languages, native)
        best = int(chances.argmax())
        if not chances[best] or known.scripts[script] != "Han" and is_strange(known, words, reading, best):
            verdict = NONE
        else:
            verdict = Verdict(known.codes[best], known.chance(chances, known.codes[best]), known.chance(chances, native))
        verdict = rival(known, text, words, best) or verdict
    return verdict if not languages or verdict.lang in languages else NONE


def in_capitals(known: Knowledge, codes: np.ndarray) -> bool:
    """Whether most letters are capitals."""
    letters = np.count_nonzero(known.script_of[codes] < len(known.scripts))
    return np.count_nonzero(known.profiles.capital[codes]) > CAPITALS * letters


def lowered(text: str) -> str:
    """A text in small letters, the Turkish way where it has a dotted capital."""
    return (text.replace("I", "ı").replace("İ", "i") if "İ" in text else text).lower()


def leading_script(known: Knowledge, counts: np.ndarray) -> int:
    """The number of the script that most letters are in, -1 for a text without letters; Han with kana is kana."""
    if not counts.any():
        return -1
    han, kana = known.scripts.index("Han"), known.scripts.index("Kana")
    together = counts[han] + counts[kana]
    if counts[kana] > (KANA if together > FEW else KANA_SHORT) * together:
        counts = counts.copy()
        counts[kana] += counts[han]
    return int(counts.argmax())


def probabilities(
    known: Knowledge, text: str, words: list[str], reading: Reading, script: int, languages: tuple[str, ...], native: str
) -> np.ndarray:
    """The probability of each profiled language of a script, all noughts where nothing speaks for any."""
    allowed = known.candidates[script]
    if languages:
        allowed = allowed & [c in languages for c in known.codes]
    if not allowed.any() or not reading.size:
        return np.zeros(len(allowed))
    total = reading.sums + WORD_WEIGHT * known.word_languages[known.rows(words)].sum(axis=0)
    total += known.share
    total[known.columns.get(native, [])] += NATIVE_LEAD
    total = np.where(allowed, total, -np.inf)
    for a, b, signs_of_a, signs_of_b in known.relatives:
        if total.argmax() in (a, b):
            total[a] += SIGN_WEIGHT * len(signs_of_a.findall(text.lower()))
            total[b] += SIGN_WEIGHT * len(signs_of_b.findall(text.lower()))
    chances = np.exp(TEMPER * (total - total.max()))
    return chances / chances.sum()


def is_strange(known: Knowledge, words: list[str], reading: Reading, column: int) -> bool:
    """Whether a text fits even its likeliest language too badly to be in it."""
    if len(words) < STRANGE_LEAST:
        return False
    own = known.word_languages[known.rows(words), column].sum() / len(words)
    return known.profiles.lack(reading, column) > STRANGE + STRANGE_SHORT / len(words) ** 0.5 + STRANGE_WORDS * own


def rival(known: Knowledge, text: str, words: list[str], column: int) -> Verdict | None:
    """The language without a profile that small words and letters name against the likeliest one with a profile, if any does."""
    signs = [known.others[w] for w in words if w in known.others]
    signs += [known.letters[c] for c in known.letters.keys() & set(text.lower()) for _ in range(text.lower().count(c))]
    if len(signs) < max(RIVAL_LEAST, RIVAL_SHARE * len(words)):
        return None
    winners = [w for w in words if column >= 0 and w in known.words and known.word_languages[known.words[w], column]]
    shared = Counter(code for w in winners for code in known.others.get(w, ()))
    found = Counter(code for codes in signs for code in codes)
    code = max(known.unprofiled, key=lambda c: found[c] - shared[c])
    mine, theirs = found[code] - shared[code], len(winners) - shared[code]
    if found[code] < RIVAL_SHARE * len(words) or mine < RIVAL_LEAST or mine <= RIVAL_LEAD * theirs:
        return None
    return Verdict(code, mine / (mine + theirs + 1), 0.0)


def letters(text: str) -> int:
    """How many letters a text has, those of dense scripts three times."""
    return int(knowledge().counts(code_points(text)).sum())


def small_words(text: str, code: str) -> int:
    """How many different small words of a language a text has."""
    known = knowledge()
    words = set(WORD.findall(text.lower()))
    if code in known.columns:
        return int(known.word_languages[known.rows(words), known.columns[code][0]].sum())
    return sum(code in known.others.get(w, ()) for w in words)


def scripts_of(code: str) -> list[int]:
    """The numbers of the scripts that a language is written in; none for one that is known by words or letters alone."""
    known = knowledge()
    return [n for n, c in enumerate(known.candidates) if known.sole[n] == code or c[known.columns.get(code, [])].any()]


def same_script(one: str, other: str) -> bool:
    """Whether two languages may share a script."""
    scripts = scripts_of(one), scripts_of(other)
    return bool(set(scripts[0]) & set(scripts[1])) or not all(scripts)


@dataclass(frozen=True, eq=False)
class OwnLanguage:
    """One language of a document, against which its stretches are measured.

    length: of the letter groups to look at. lack: for each group how far the language stays below the best one, natural log, less
    the mean of that in its own text; set figures for groups in another script and in no profile. ask: from how much on, in the mean
    of a stretch, another language is likely enough to look closer. prior: natural log, a profile a place,
    expected as this language is.
    """

    profiles: Profiles
    length: int
    columns: list[int]
    lack: np.ndarray
    ask: float
    prior: np.ndarray

    def leads(self, stretches: list[np.ndarray]) -> np.ndarray:
        """Whether the language is the likeliest one for the letter groups of each stretch; never where few are known in its script."""
        sizes = np.fromiter(map(len, stretches), int, len(stretches))
        groups, begins = np.concatenate(stretches), np.cumsum(sizes) - sizes
        known = (groups != self.profiles.unknown) & (self.lack.take(groups) != OTHER_SCRIPT)
        weights = self.profiles.weights.take(np.where(known, groups, self.profiles.unknown), axis=0)
        sums = np.add.reduceat(weights, begins, axis=0, dtype=np.int32) / UNIT
        return (np.add.reduceat(known, begins, dtype=int) >= KNOWN * sizes) & np.isin((sums + self.prior).argmax(axis=1), self.columns)


@lru_cache(maxsize=64)
def own_language(code: str) -> OwnLanguage:
    """What to measure the stretches of a document in this language against."""
    known = knowledge()
    read, columns = known.profiles, known.columns[code]
    length = 1 if code in DENSE_LANGUAGES else 3  # a character of these is nearly a word
    lack = (read.best - read.weights[:, columns].max(axis=1)) / UNIT - read.usual[length - 1, columns].min()
    foreign = np.ones(len(known.scripts) + 1, bool)
    foreign[scripts_of(code)] = False
    lack[:-1][foreign[known.script_of[read.letters]]] = OTHER_SCRIPT
    lack[read.unknown] = UNREAD
    prior = known.share.copy()
    prior[columns] += NATIVE_LEAD
    return OwnLanguage(read, length, columns, lack, ASK_KIN if code in known.kin else ASK, prior)
