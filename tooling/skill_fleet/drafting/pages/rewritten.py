"""A text whose headings were no Markdown: its lines with Markdown's marks, and what was used up in giving it them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from skill_fleet.drafting.pages.page import Used
from skill_fleet.drafting.pages.plain import DEEPEST

_ABBREVIATION = 4  # letters
LEAST = 3  # headings of a kind, from which it is one
_WORD = re.compile(r"[^\W\d_]+")
_ATX = re.compile(r" {0,3}#{1,6}(?=[ \t]|$)")


@dataclass(frozen=True)
class Rewritten:
    """As many lines as before: a heading's own one holds all of it, what it needs no more is empty and `used`.

    `kind` names how the headings were written, `changed` are the lines (from 0) that say the same with other marks.
    `seen` are the lines as Markdown's parser has to see them, where what it took for a heading is none.
    """

    lines: tuple[str, ...]
    seen: tuple[str, ...]
    kind: str = ""
    changed: tuple[int, ...] = ()
    used: tuple[Used, ...] = ()

    @property
    def note(self) -> str:
        """What was done, for the maintainer; nothing if nothing was."""
        if not self.kind:
            return ""
        many = f"{len(self.changed)} lines were" if len(self.changed) > 1 else "1 line was"
        return (
            f"{many} given Markdown's marks, the first in line {self.changed[0] + 1}: the text is written {self.kind}."
        )


def unchanged(lines: Sequence[str]) -> Rewritten:
    """The lines as they are."""
    return Rewritten(tuple(lines), tuple(lines))


def without_headings(line: str) -> str:
    """A line that begins like a heading and is none, as Markdown's parser has to see it: a line of text."""
    return _ATX.sub("x", line) if "#" in line[:4] else line


def headed(level: int, title: str) -> str:
    """A heading of Markdown."""
    return f"{'#' * min(DEEPEST, max(1, level))} {' '.join(title.split())}"


def in_lower_case(titles: Iterable[str], lines: Iterable[str]) -> list[str]:
    """Titles in capitals as the rest of the text writes their words, those that it does not know in lower case."""
    forms: dict[str, Counter[str]] = {}
    for line in lines:
        for word in _WORD.findall(line):
            forms.setdefault(word.lower(), Counter())[word] += 1
    usual = {word: _best(found) for word, found in forms.items()}
    said = (_WORD.sub(lambda word: _usual(usual, word[0].lower()), title) for title in titles)
    return [title[:1].upper() + title[1:] for title in said]


def _loud(form: str) -> bool:
    """A word in capitals that is too long to be an abbreviation."""
    return form.isupper() and len(form) > _ABBREVIATION


def _best(found: Counter[str]) -> str:
    return max(found, key=lambda form: (not _loud(form), found[form]))


def _usual(usual: Mapping[str, str], word: str) -> str:
    form = usual.get(word, word)
    return word if _loud(form) else form
