"""What is counted of cleaned documents, and the tables of ``cleaner/data/MODEL.md`` made of it."""
from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import get_args

from cleaner.document import Document, kept
from cleaner.stage import Favor

WORD = re.compile(r"\w+")
GONE = ("boilerplate", "duplicate")
#: A document that loses more than this share of its words counts as damaged.
DAMAGED = 0.05
#: Documents of each set that the card lists as the worst.
LISTED = 10


def words(text: str) -> list[str]:
    """A text's words as the field's scorers count them."""
    return WORD.findall(text.lower())


def composed(text: str) -> list[str]:
    """The same after composition: letters with a mark apart ("u" and two dots) are several words to the scorers, and one once repaired."""
    return words(unicodedata.normalize("NFC", text))


class Tally:
    """Sums over documents. What is counted is what the evaluation sets' own scorer counts."""

    def __init__(self):
        self.sums: Counter = Counter()
        self.by: dict[str, Counter] = defaultdict(Counter)
        self.worst: list[tuple[float, str, str]] = []

    def add(self, name: str, texts: list[str], labels: list[str], doc: Document, gold: str | None = None) -> None:
        """One cleaned document: its paragraphs as they came, with a label each."""
        here: Counter = Counter(documents=1)
        left, by = kept_texts(doc), defaultdict(Counter)
        rules = {m.block: m.rule for m in doc.marks if m.action == "cut"}
        for n, (text, label, rest) in enumerate(zip(texts, labels, left)):
            size = len(composed(text))
            if label == "content":
                lost = size - len(composed(rest))
                here.update(content=size, lost=lost, false=not rest)
                by[rules.get(n, "edits")]["lost"] += lost
            elif label in GONE:
                here.update(residue=size, gone=0 if rest else size, hit=not rest, missed=bool(rest))
                by[rules.get(n, "edits")]["gone"] += 0 if rest else size
        here["emptied"] = int(not any(left))
        here["damaged"] = int(here["lost"] > DAMAGED * here["content"])
        if gold is not None:
            here["f1"] = bag_f1(Counter(words("\n".join(left))), Counter(words(gold)))
        self.sums.update(here)
        for rule, counts in by.items():
            self.by[rule].update(counts)
        self.worst.append((here["f1"] if gold is not None else -here["lost"] / max(1, here["content"]), name, why(here, by)))

    def merge(self, other: Tally) -> None:
        """Add the sums of other documents."""
        self.sums.update(other.sums)
        self.worst += other.worst
        for rule, counts in other.by.items():
            self.by[rule].update(counts)

    def share(self, part: str, whole: str) -> float:
        return self.sums[part] / max(1, self.sums[whole])

    @property
    def f1(self) -> float:
        """F1 of the removed paragraphs."""
        return 2 * self.sums["hit"] / max(1, 2 * self.sums["hit"] + self.sums["false"] + self.sums["missed"])


def bag_f1(have: Counter, want: Counter) -> float:
    """F1 of two bags of words."""
    return 2 * sum((have & want).values()) / max(1, have.total() + want.total())


def kept_texts(doc: Document) -> list[str]:
    """What is left of each block."""
    return ["".join(pieces) for pieces in kept(doc)]


def why(here: Counter, by: Mapping[str, Counter]) -> str:
    """What is wrong with a document, in words."""
    stays = here["residue"] - here["gone"]
    if here["emptied"]:
        return f"emptied: {here['content']} words of article among {here['residue']} of residue"
    if here["lost"] > stays:
        rule = max(by, key=lambda r: by[r]["lost"])
        return f"{here['lost']} of {here['content']} words of the article cut, most by `{rule}`"
    if stays > 0.05 * here["content"]:
        return f"{stays} words of residue stay beside {here['content']} of the article"
    return "the scrape lacks a part of the human text, or has paragraphs that are part of each"


def worst(tallies: Mapping[tuple, Tally]) -> Iterator[str]:
    """The twenty documents of each kind that came out worst."""
    for key, tally in tallies.items():
        if key[2] == "balanced":
            yield f"{key[0]} {key[1]}: " + ", ".join(f"{name} {abs(value):.3f} ({reason})" for value, name, reason in sorted(tally.worst)[:20])


def report(tallies: Mapping[tuple, Tally], names: list[str]) -> Iterator[str]:
    """The figures as tables in Markdown."""
    yield "| set, texts | boilerplate F1 | content lost | final F1 |\n|---|---|---|---|"
    for name in names:
        for kind in ("all", "visible", "ptags", "traf_recall", "readability", "untitled"):
            t = tallies[name, kind, "balanced"]
            yield f"| {name}, {kind} | {t.f1:.3f} | {t.share('lost', 'content'):.4f} | {t.share('f1', 'documents'):.4f} |"
    yield "\n| set | gold texts: words lost | damaged | residue only: gone | emptied | cleaned twice: changed |\n|---|---|---|---|---|---|"
    for name in names:
        gold, bare, twice = (tallies[name, kind, "balanced"] for kind in ("gold", "residue only", "twice"))
        yield (f"| {name} | {gold.share('lost', 'content'):.2%} | {gold.sums['damaged']} of {gold.sums['documents']} | "
               f"{bare.share('gone', 'residue'):.1%} | {bare.share('emptied', 'documents'):.1%} | {twice.sums['changed']} of {twice.sums['documents']} |")
    yield "\n| small documents | residue gone | content lost | emptied |\n|---|---|---|---|"
    for name in names:
        for kind in ("tiny", "tiny, any blocks", "short"):
            t = tallies[name, kind, "balanced"]
            yield f"| {name}, {kind} | {t.share('gone', 'residue'):.1%} | {t.share('lost', 'content'):.2%} | {t.sums['emptied']} of {t.sums['documents']} |"
    yield "\n| gold texts in | documents | words lost | damaged |\n|---|---|---|---|"
    for name in names:
        for lang in sorted(key[2] for key in tallies if key[:2] == (name, "gold") and key[2] not in get_args(Favor)):
            t = tallies[name, "gold", lang]
            yield f"| {name}, {lang} | {t.sums['documents']} | {t.share('lost', 'content'):.2%} | {t.sums['damaged']} |"
    yield "\n| favor | set | boilerplate F1 | content lost | final F1 | gold texts: words lost |\n|---|---|---|---|---|---|"
    for favor in get_args(Favor):
        for name in names:
            t, gold = tallies[name, "sampled", favor], tallies[name, "gold, sampled", favor]
            yield (f"| {favor} | {name} | {t.f1:.3f} | {t.share('lost', 'content'):.4f} | {t.share('f1', 'documents'):.4f} | "
                   f"{gold.share('lost', 'content'):.2%} |")
    yield from by_language(tallies, names)
    yield from by_rule(tallies, names)
    yield from worst_pages(tallies, names)


def by_language(tallies: Mapping[tuple, Tally], names: list[str]) -> Iterator[str]:
    """A row for each language of the scrapes."""
    yield "\n| scrapes in | scrapes | boilerplate F1 | content lost | final F1 |\n|---|---|---|---|---|"
    for name in names:
        for lang in sorted(key[2] for key in tallies if key[:2] == (name, "scrapes")):
            t = tallies[name, "scrapes", lang]
            yield f"| {name}, {lang} | {t.sums['documents']} | {t.f1:.3f} | {t.share('lost', 'content'):.4f} | {t.share('f1', 'documents'):.4f} |"


def by_rule(tallies: Mapping[tuple, Tally], names: list[str]) -> Iterator[str]:
    """A row for each category of cuts: what it takes of the residue and of the article."""
    yield "\n| cut as | " + " | ".join(f"{name}: words of residue | of the article" for name in names) + " |"
    yield "|---" * (1 + 2 * len(names)) + "|"
    tables = [tallies[name, "all", "balanced"].by for name in names]
    for rule in sorted({rule for table in tables for rule, counts in table.items() if counts["gone"] + counts["lost"]}):
        yield f"| `{rule}` | " + " | ".join(f"{t[rule]['gone']:,} | {t[rule]['lost']:,}" if rule in t else "0 | 0" for t in tables) + " |"


def worst_pages(tallies: Mapping[tuple, Tally], names: list[str]) -> Iterator[str]:
    """The pages of each set whose scrapes came out worst, each once."""
    yield "\n| worst scrape of a page | final F1 | why |\n|---|---|---|"
    for name in names:
        seen: set[str] = set()
        for value, scrape, reason in sorted(tallies[name, "all", "balanced"].worst):
            page = scrape.split()[0]
            if page not in seen and len(seen) < LISTED:
                seen.add(page)
                yield f"| {name}, {scrape} | {value:.3f} | {reason} |"
