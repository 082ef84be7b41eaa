"""The description: what the skill is and when to use it, in the document's own words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.plain import shortened, tidy
from skill_fleet.drafting.pages.sections import Section
from skill_fleet.drafting.wording.casing import sentence_case
from skill_fleet.drafting.wording.framing import framed
from skill_fleet.drafting.wording.given import given_description
from skill_fleet.drafting.wording.languages import language_of
from skill_fleet.drafting.wording.names import subject_title
from skill_fleet.drafting.wording.occasions import Occasions
from skill_fleet.drafting.wording.phrases import Phrases, phrases_of
from skill_fleet.drafting.wording.sentences import covering, first_sentence, unmarketed
from skill_fleet.drafting.wording.triggers import one_form, subject_of, use_when, with_subject

MOST = 1024
ROOM = 400
ASKED = 300  # characters for the occasions that the text itself gives, whatever is said before them
_SERIES = 3
_ASKED = re.compile(r"(?:Q|Question)\s*\d*\s*[:.]\s+(?=\w)")
_NUMBERS = re.compile(r"v?\d[\d.,/_-]*")
_USED = re.compile(
    r"\b(?:use (?:\w+ ){0,3}(?:after|before|if|for|to|whenever|while)|whenever|triggers? (?:on|for|:))\b", re.I
)
_GLOBS = ("globs", "applyTo", "paths")
_BRACES = re.compile(r"(?P<before>[^\s,{}]*)\{(?P<inner>[^{}]*)\}(?P<after>[^\s,{}]*)")
_BIDS = re.compile(
    r"^use (?:this|it)\b|\b(?:use|apply|invoke|activate|trigger|suited|made|meant)[a-z]*\b.{0,60}\bwhen\b", re.I
)
_STATE_VERBS = re.compile(r"(need|want|have|wish|are|must|plan|get|see)\b", re.I)


def describe(
    page: Page, root: Section, title: str, found: Occasions, topics: Sequence[str], neighbours: Sequence[str] = ()
) -> str:
    """At most 1,024 characters, about 400: the front matter's description, else the first sentence; then when.

    "Use when" is followed by the items that the text itself gives, else by its topics. If not all fit, those stay whose
    words fewest of the fleet's other skills use, in the order of the text.
    """
    language = language_of(page)
    phrases = phrases_of(language)
    given = safe(given_description(page.matter.get("description", "")))
    text = given or safe(unmarketed(first_sentence(page, root)))
    if _says_when(given, phrases) or (not given and _BIDS.search(text)):
        return shortened(text, MOST)
    text = shortened(text.rstrip(". \u3002") or safe(covering(subject_title(title), page, root)), 700)
    if phrases:
        told = _without_series([safe(topic) for topic in topics])
        when = replace(found, when=tuple(map(safe, found.when)), keywords=tuple(map(safe, found.keywords)))
        fit = partial(_fitting, neighbours=neighbours)
        return shortened(framed(text, safe(title), language, phrases, when, told, ROOM, fit), MOST)
    items = one_form([safe(_clause(item, page)) for item in found.when])
    if not items:
        subject = subject_of(title, page)
        told = _without_series(topics)
        items = [safe(with_subject(sentence_case(_head(topic), page), subject)) for topic in told]
        items = items or _edited(page) or [safe(title)]
    room = max(ROOM - len(text), ASKED if found.when else 120)
    text += f"{'' if text[-1:] in '!?' else '.'} {use_when(_fitting([item for item in items if item], room, neighbours), not found.when)}"
    keys = [safe(word) for word in found.keywords]
    words = f" Keywords: {', '.join(_fitting(keys, max(ROOM - len(text), 60), neighbours))}." if keys else ""
    return shortened(text + words, MOST)


def _edited(page: Page) -> list[str]:
    """Which files a rule of an editor is for, if its front matter says so and does not mean all."""
    globs = next((page.matter[key] for key in _GLOBS if page.matter.get(key)), "")
    found = [glob.strip(" []\"'") for glob in _BRACES.sub(_opened, globs).split(",")]
    named = [glob for glob in found if re.search(r"\w", glob)]
    return [f"files that match {' or '.join(named)}"] if named else []


def _opened(found: re.Match[str]) -> str:
    """`*.{ts,tsx}` as `*.ts,*.tsx`."""
    return ",".join(f"{found['before']}{one}{found['after']}" for one in found["inner"].split(","))


def _says_when(given: str, phrases: Phrases | None) -> bool:
    """Whether a front matter's description says when already."""
    return bool(
        given
        and (
            re.search(r"\bwhen\b", given, re.I)
            or _USED.search(given)
            or (phrases and re.search(phrases.said, given, re.I))
        )
    )


def _without_series(topics: Sequence[str]) -> list[str]:
    """Topics without those that only a number or a date tells apart: versions, meetings, "example 7"; of several series
    the first of each stays."""
    shapes = [_NUMBERS.sub("#", topic.lower()) if _NUMBERS.search(topic) else "" for topic in topics]
    series = {shape for shape, count in Counter(shapes).items() if shape and count >= _SERIES}
    first = {shapes.index(shape) for shape in series} if len(series) > 1 else set()
    return [topic for at, topic in enumerate(topics) if shapes[at] not in series or at in first]


def safe(text: str) -> str:
    """Without what breaks a front matter, a prompt or a template: angle brackets, braces, three hyphens."""
    return re.sub(r"-{3,}", "--", re.sub(r"[<>{}]", "", tidy(text))).strip()


def _head(topic: str) -> str:
    """A heading without what it adds behind a dash, or a quotation mark that has lost the other."""
    topic = _ASKED.sub("", topic.replace("\ufffd", "").strip())
    topic = topic if topic.count('"') % 2 == 0 else topic.replace('"', "")
    head = re.split(r"\s+[\u2013\u2014]\s+", topic)[0]
    return head if len(head.split()) > 1 else topic


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
