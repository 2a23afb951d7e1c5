"""Two stories in one text: the border where paragraphs stop sharing words.

The best cut of the similarity matrix between paragraphs, after text segmentation by normalised cuts (Malioutov & Barzilay 2006):
mean cosine across the border against the mean cosine within both sides. Measured on 351 articles of held-out hosts and 322
pairs of half articles from two publishers: 1 article and 270 pairs are flagged.
"""
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cleaner.topics.topicality import Measured

#: Each side has at least so many paragraphs and words: a sidebar is not a second story.
LEAST_PARAGRAPHS, LEAST_WORDS = 4, 100
#: Share of the similarity within the sides that goes across the border; fewer is two stories.
LIMIT = 0.085
#: Cosines below which chance rules: keep the share near its limit quiet where neither side has a topic.
FLOOR_ACROSS, FLOOR_WITHIN = 0.002, 0.01


class Border(NamedTuple):
    """The second story begins at ``paragraph``; ``share`` of the similarity within the stories goes across."""

    share: float
    paragraph: int


def border(measured: Measured) -> Border | None:
    """The weakest border of an article, None where it is too short to hold two stories."""
    own, cosine = np.cumsum(measured.article.own), measured.cosine
    n = len(cosine)
    place = np.arange(LEAST_PARAGRAPHS, n - LEAST_PARAGRAPHS + 1)
    place = place[np.minimum(own[place - 1], own[-1] - own[place - 1]) >= LEAST_WORDS]
    if not len(place):
        return None
    sums = np.cumsum(np.cumsum(cosine, 0), 1)  # of all cosines between paragraphs up to one and up to another
    left, upto = sums[place - 1, place - 1], sums[place - 1, n - 1]
    right = np.maximum(sums[-1, -1] - 2 * upto + left, 0)
    within = left / (place * (place - 1)) * right / ((n - place) * (n - place - 1))
    share = ((upto - left) / (place * (n - place)) + FLOOR_ACROSS) / (np.sqrt(within) + FLOOR_WITHIN)
    best = int(np.argmin(share))
    return Border(float(share[best]), int(place[best]))
