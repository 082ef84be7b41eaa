"""Okapi BM25 over a handful of short texts: a stand-in, without a model, for an agent that reads descriptions."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping

K1, B = 1.5, 0.75  # the usual values

_COMMON = """
    a about after all also am an and another any are as at be been before but by can could do does doing each for from
    had has have how i if in into is it its just make me my need no not of off on one only or our out own over please
    same set should so some such than that the their them then there these they this those to too under up use user
    using want was we were what when where which while who why will with without would you your
"""
_STOP = frozenset(_COMMON.split())


class Ranking:
    """Texts by key, to be ranked for a query."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._counts = {key: Counter(words(text)) for key, text in texts.items()}
        self._mean = sum(count.total() for count in self._counts.values()) / len(self._counts)
        self._holders = Counter(word for count in self._counts.values() for word in count)

    def rank(self, query: str) -> list[tuple[str, float]]:
        """Keys with their scores, best first; those that share no word with the query are left out."""
        scores = {key: self._score(words(query), key) for key in self._counts}
        return sorted(((key, score) for key, score in scores.items() if score), key=lambda pair: -pair[1])

    def _score(self, query: list[str], key: str) -> float:
        count = self._counts[key]
        norm = K1 * (1 - B + B * count.total() / self._mean)
        return sum(self._rarity(word) * count[word] * (K1 + 1) / (count[word] + norm) for word in query)

    def _rarity(self, word: str) -> float:
        holders = self._holders[word]
        return math.log(1 + (len(self._counts) - holders + 0.5) / (holders + 0.5))


def words(text: str) -> list[str]:
    """The words that carry meaning, in lower case and without the commonest English endings."""
    found = re.findall(r"[a-z0-9]+", text.lower())
    return [_stem(word) for word in found if word not in _STOP]


def _stem(word: str) -> str:
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("e", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not (ending == "s" and word.endswith("ss")):
            word = word.removesuffix(ending) + instead
            break
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] else word
