"""An invented press of any size, the same for a seed: hosts with templates, copies and versions of pages, agency paragraphs.

``python tests/newsroom.py --paragraphs 1000000 FILE`` writes it as JSON lines, to measure the corpus pass with.
"""
from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path

#: Paragraphs of a page's own story, pages of a host.
STORY, PAGES = 8, 40
ONSETS, VOWELS, CODAS = "b c d f g h k l m n p r s t v br dr fl gr pl st tr sh ch".split(), "a e i o u ea ou ai".split(), " n r l s t nd rk st m ".split(" ")


class Press:
    """The press of one seed. words: its vocabulary, common ones first. paragraphs, sentences: of a story, and of one of them at the most."""

    def __init__(self, seed: int = 1, size: int = 20_000, paragraphs: int = STORY, sentences: int = 3):
        self.seed, self.paragraphs, self.sentences, r = seed, paragraphs, sentences, random.Random(seed)
        self.words = sorted({"".join(r.choice(part) for _ in range(r.randint(1, 3)) for part in (ONSETS, VOWELS, CODAS)) for _ in range(size)})
        r.shuffle(self.words)

    def sentence(self, r: random.Random) -> str:
        """Words by a skewed law, a name and a number among them."""
        picked = [self.words[int(len(self.words) ** r.random()) - 1] for _ in range(r.randint(9, 18))]
        picked[r.randrange(2, 6)] = f"{r.choice(self.words).title()} {r.choice(self.words).title()}"
        picked[r.randrange(6, 9)] = str(r.randint(2, 9000))
        return " ".join(picked).capitalize() + "."

    def story(self, number: int) -> list[str]:
        """A headline and the paragraphs of a story."""
        r = random.Random(f"{self.seed} story {number}")
        return [self.sentence(r)[:-1], *(" ".join(self.sentence(r) for _ in range(r.randint(1, self.sentences))) for _ in range(self.paragraphs))]

    def page(self, number: int, pages: int = PAGES) -> dict[str, str]:
        """Page ``number`` of the press: of every 20 one is a copy of an earlier host's page, one an edited version, one has an agency paragraph."""
        r = random.Random(f"{self.seed} page {number}")
        host, turn = f"paper{number // pages}.example", number % 20
        title, *own = self.story(number - pages - 1 if turn in (3, 7) and number > pages else number)
        if turn == 7:
            own[2] = own[2].replace(" ", f" {r.choice(self.words)} ", 2)
            own.append(self.sentence(r))
        if turn == 11:
            own[4] = self.story(-1 - number % 3)[1]
        site = random.Random(f"{self.seed} {host}")
        head, join, about = self.sentence(site)[:-1], self.sentence(site)[:-1], " ".join(self.sentence(site) for _ in range(3))
        lines = [head, f"{r.randint(1, 28)} May 2026, {r.randint(10, 23)}:{r.randint(10, 59)}", title, *own, join, f"Desk: {self.sentence(r)[:30]}", about]
        day = f"2026-05-{1 + number * 7 % 28:02d}"
        return {"id": f"{host}/{number}", "url": f"https://{host}/{number}.html", "title": title, "date": day, "text": "\n\n".join(lines)}

    def pages(self, paragraphs: int) -> Iterator[dict[str, str]]:
        """Pages with so many paragraphs in all, or a few more."""
        number = 0
        while paragraphs > 0:
            page = self.page(number)
            paragraphs -= page["text"].count("\n\n") + 1
            number += 1
            yield page


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paragraphs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("file", type=Path)
    given = parser.parse_args()
    with open(given.file, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(page) + "\n" for page in Press(given.seed).pages(given.paragraphs))
