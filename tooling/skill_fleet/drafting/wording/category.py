"""Which category of the fleet a text belongs to: the one whose name and description share most words with it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from skill_fleet.drafting.pages.page import Page

_WORD = re.compile(r"[a-z][a-z0-9]{2,}")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z]\w+")
_COMMON_TEXT = """
about again agent all and any are can cut each end find finding for from has how into its keep keeping kind long many not
note off one other out over own page part record running software such summary system task that the their them themselve
thing this tool use using way what when which whether window with without work working writing
"""
_COMMON = frozenset(_COMMON_TEXT.split())


def choose_category(
    page: Page, title: str, topics: Sequence[str], categories: Mapping[str, str]
) -> tuple[str, list[str]]:
    """The category whose own name the text says most; then the words of its description; above all a name in the title.

    Returned with the words that decided. The prose decides; a text that is only code is judged by its code, but never
    by the mark of a fence, which says what an example is written in and not what the text is about.
    """
    prose, code = _words_of(page)
    heads = Counter(_singular(f"{title} {page.matter.get('name', '')} {' '.join(topics)}".lower()))
    named = frozenset(_singular(f"{title} {page.matter.get('name', '')}".lower()))
    best = _best(prose, heads, named, categories)
    return best if best[1] else _best(code, heads, named, categories)


def _best(
    text: Counter[str], heads: Counter[str], title: frozenset[str], categories: Mapping[str, str]
) -> tuple[str, list[str]]:
    best: tuple[float, str, list[str]] = (-1.0, "", [])
    for name, said in categories.items():
        words = set(_singular(said)) - _COMMON - {name}
        worth = {word: min(1.0, math.log1p(text[word] + 5 * heads[word]) / 4) for word in words}
        telling = sorted((word for word in worth if worth[word]), key=lambda word: (-worth[word], word))[:4]
        called = _one(name)
        score = sum(worth[word] for word in telling) + math.log1p(text[called] + 5 * heads[called])
        proper = set(_singular(" ".join(_NAME.findall(said)).lower()))
        score += 8 * bool(title & {called, *proper})
        if score > best[0]:
            telling.sort(key=lambda word: word not in title)
            best = (score, name, [name] * bool(text[called] or called in title) + telling[:3])
    return best[1], best[2]


def _words_of(page: Page) -> tuple[Counter[str], Counter[str]]:
    """How often each word stands in the prose, and in the code."""
    marks = {line for fence in page.outline.fences for line in (fence.first, fence.last - 1)}
    prose = [line for number, line in enumerate(page.lines) if not page.literal(number)]
    code = [line for number, line in enumerate(page.lines) if page.literal(number) and number not in marks]
    return Counter(_singular("\n".join(prose))), Counter(_singular("\n".join(code)))


def _singular(text: str) -> list[str]:
    """The words of a text, each as one of its kind is called, so that `skills` and `skill` are one."""
    return [_one(word) for word in _WORD.findall(text.lower())]


def _one(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 5:
        return f"{word[:-3]}y"
    hissing = word.endswith(("sses", "shes", "ches", "xes", "zzes")) and not word.endswith("caches")
    return word[:-2] if hissing else word[:-1]
