"""The description: what the skill is and when to use it, in the document's own words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from skill_fleet.drafting.casing import sentence_case
from skill_fleet.drafting.names import subject_title
from skill_fleet.drafting.occasions import Occasions
from skill_fleet.drafting.page import Page
from skill_fleet.drafting.plain import shortened, tidy
from skill_fleet.drafting.sections import Section
from skill_fleet.drafting.sentences import covering, first_sentence, unmarketed
from skill_fleet.drafting.triggers import clause, one_form, subject_of, with_subject

MOST = 1024
ROOM = 400
ASKED = 300  # characters for the occasions that the text itself gives, whatever is said before them
_STATE_VERBS = re.compile(r"(need|want|have|wish|are|must|plan|get|see)\b", re.I)


def describe(
    page: Page, root: Section, title: str, found: Occasions, topics: Sequence[str], neighbours: Sequence[str] = ()
) -> str:
    """At most 1,024 characters, about 400: the front matter's description, else the first sentence; then when.

    "Use when" is followed by the items that the text itself gives, else by its topics. If not all fit, those stay whose
    words fewest of the fleet's other skills use, in the order of the text.
    """
    given = safe(page.matter.get("description", ""))
    text = given or safe(unmarketed(first_sentence(page, root)))
    if re.search(r"\bwhen\b", text, re.I):
        return shortened(text, MOST)
    text = shortened(text.rstrip(". ") or safe(covering(subject_title(title), page, root)), 700)
    items = one_form([safe(_clause(item, page)) for item in found.when])
    if not items:
        subject = subject_of(title, page)
        items = [safe(with_subject(sentence_case(topic, page), subject)) for topic in topics] or [safe(title)]
    room = max(ROOM - len(text), ASKED if found.when else 120)
    text += f". Use when {clause(_fitting([item for item in items if item], room, neighbours), not found.when)}."
    keys = [safe(word) for word in found.keywords]
    words = f" Keywords: {', '.join(_fitting(keys, max(ROOM - len(text), 60), neighbours))}." if keys else ""
    return shortened(text + words, MOST)


def safe(text: str) -> str:
    """Without what breaks a front matter, a prompt or a template: angle brackets, braces, three hyphens."""
    return re.sub(r"-{3,}", "--", re.sub(r"[<>{}]", "", tidy(text))).strip()


def _clause(item: str, page: Page) -> str:
    """An item so that it can follow "Use when"."""
    if _STATE_VERBS.match(item):
        return f"you {item[0].lower()}{item[1:]}"
    first, space, rest = item.partition(" ")
    if first.endswith("ing") and first[1:].islower():
        return f"{first.lower()}{space}{rest}"
    return sentence_case(item, page) if item[:1].isupper() else item


def _fitting(items: Sequence[str], room: int, neighbours: Sequence[str]) -> list[str]:
    """The items that fit into `room` characters, at least one; the most telling ones first, in their own order."""
    if sum(len(item) + 2 for item in items) <= room:
        return list(items)
    counts = Counter(word for text in neighbours for word in set(_tokens(text)))

    def telling(at: int) -> float:
        words = set(_tokens(items[at]))
        return sum(math.log((1 + len(neighbours)) / (1 + counts[word])) for word in words) / (len(words) or 1)

    chosen: set[int] = set()
    for at in sorted(range(len(items)), key=telling, reverse=True):
        if not chosen or len(items[at]) + 2 <= room:
            chosen.add(at)
            room -= len(items[at]) + 2
        elif not neighbours:
            break
    return [items[at] for at in sorted(chosen)]


def _tokens(text: str) -> list[str]:
    return [
        word for word in re.findall(r"\w{3,}", text.lower()) if word not in ("the", "and", "for", "with", "use", "when")
    ]
