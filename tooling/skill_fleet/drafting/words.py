"""The description: what the skill is and when to use it, in the document's own words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from skill_fleet.drafting.casing import sentence_case
from skill_fleet.drafting.names import subject_title
from skill_fleet.drafting.occasions import Occasions
from skill_fleet.drafting.page import Page
from skill_fleet.drafting.plain import plain, shortened, tidy
from skill_fleet.drafting.sections import Section
from skill_fleet.drafting.triggers import clause, one_form, subject_of, with_subject

MOST = 1024
ROOM = 400
_OVERVIEW = re.compile(r"(overview|introduction|about|summary|purpose|what (is|it does)|description)\b", re.I)
_NOT_ABOUT = re.compile(
    r"(you are|welcome|note|warning|important|tip|click|this section|status|version|last updated|see |table of contents|"
    r"when (to|not)|for more|please|thanks|author|copyright|generated)\b",
    re.I,
)
_ABOUT_TEXT = re.compile(
    r"(?:this|the following|welcome to the) (?:[\w-]+ ){0,3}(?:document|documentation|index|section|guide|page|file|directory|"
    r"folder|hub|article|text|collection|cheat ?sheet|repository|readme)\b",
    re.I,
)
_MARKETING = re.compile(
    r"(?P<article>\ban?\s+)?(?<!and )\b(?:comprehensive|powerful|ultimate|world-class|cutting-edge|seamless(?:ly)?|"
    r"blazing(?:ly)?[ -]fast|amazing|awesome|state-of-the-art|best-in-class|revolutionary|game-changing|next-generation|"
    r"effortless(?:ly)?)(?:,|\s+and)?\s+(?=(?P<next>\w))",
    re.I,
)
_COVERS = re.compile(
    r"\b(cover(s|ed|age)|features|topics|key (patterns|concepts|points|ideas)|what('s| is) (inside|included)|highlights)\b",
    re.I,
)
_LEADING = re.compile(
    r"\s*(?:[-*+]\s+|\d+[.)]\s+|[^\w\s*|#]{1,3}\s*)?\*\*(?P<text>[^*:]{2,40}):?\*\*\s*(?:[:\u2013\u2014-]|$)"
)
MOST_COVERED = 10
LEAST_COVERED = 3
_IMAGE = re.compile(r"!\[[^\[\]]*\]\([^()\s]*\)")
_STATE_VERBS = re.compile(r"(need|want|have|wish|are|must|plan|get|see)\b", re.I)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'(\[`])|(?<=[\u3002\uff01\uff1f])")


def describe(
    page: Page, root: Section, title: str, found: Occasions, topics: Sequence[str], neighbours: Sequence[str] = ()
) -> str:
    """At most 1,024 characters, about 400: the front matter's description, else the first sentence; then when.

    "Use when" is followed by the items that the text itself gives, else by its topics. If not all fit, those stay whose
    words fewest of the fleet's other skills use, in the order of the text.
    """
    given = safe(page.matter.get("description", ""))
    text = given or safe(_unmarketed(first_sentence(page, root)))
    if re.search(r"\bwhen\b", text, re.I):
        return shortened(text, MOST)
    text = shortened(text.rstrip(". ") or safe(_covering(subject_title(title), page, root)), 700)
    items = one_form([safe(_clause(item, page)) for item in found.when])
    if not items:
        subject = subject_of(title, page)
        items = [safe(with_subject(sentence_case(topic, page), subject)) for topic in topics] or [safe(title)]
    room = max(ROOM - len(text), 120)
    text += f". Use when {clause(_fitting([item for item in items if item], room, neighbours), not found.when)}."
    keys = [safe(word) for word in found.keywords]
    words = f" Keywords: {', '.join(_fitting(keys, max(ROOM - len(text), 60), neighbours))}." if keys else ""
    return shortened(text + words, MOST)


def safe(text: str) -> str:
    """Without what breaks a front matter, a prompt or a template: angle brackets, braces, three hyphens."""
    return re.sub(r"-{3,}", "--", re.sub(r"[<>{}]", "", tidy(text))).strip()


def first_sentence(page: Page, root: Section) -> str:
    """The first sentence of the overview, else of the text, that says what this is: not "You are" or "Welcome"."""
    overview = [s for s in root.walk() if s.level <= 2 and s.level and _OVERVIEW.match(s.title)][:1]
    for section in (*overview, root):
        upto = section.last
        for line, sentence in _sentences(page, section):
            if line >= upto:
                return ""
            if _ABOUT_TEXT.match(sentence):
                # Past an opening that speaks of the text itself, what comes next is about one of its parts.
                heads = (block.first for block in page.blocks(line, section.last) if block.level)
                upto = min(upto, next(heads, upto))
                continue
            said = len(sentence.split()) > 2 or not sentence.isascii()
            if said and not _NOT_ABOUT.match(sentence) and not sentence.endswith(":"):
                return shortened(sentence, ROOM)
    first = next((sentence for _, sentence in _sentences(page, root)), "")
    return "" if _ABOUT_TEXT.match(first) else first


def _sentences(page: Page, section: Section) -> Iterator[tuple[int, str]]:
    for block in page.blocks(section.first, section.last)[:40]:
        if block.kind in ("paragraph", "blockquote"):
            lines = [line.strip().lstrip("> ") for line in page.lines[block.first : block.end]]
            text = plain(_IMAGE.sub("", " ".join(lines)[:2000]))
            yield from ((block.first, sentence) for sentence in _SENTENCE.split(text) if re.search(r"\w{2}", sentence))


def _covering(name: str, page: Page, root: Section) -> str:
    """A name, and what the text says that it covers: the bold beginnings below a heading that speaks of contents."""
    for section in root.walk():
        if section.level and _COVERS.search(section.title):
            lines = (page.lines[at] for at in range(section.body, section.last) if not page.literal(at))
            found = [plain(label["text"]) for line in lines if (label := _LEADING.match(line))]
            told = list(dict.fromkeys(word for word in found if word))[:MOST_COVERED]
            if len(told) >= LEAST_COVERED:
                return f"{name}: {', '.join(told[:-1])} and {told[-1]}"
    return name


def _unmarketed(sentence: str) -> str:
    """Without words that praise; an article in front is made to fit what follows."""

    def without(found: re.Match[str]) -> str:
        article = found["article"] or ""
        fitting = "an " if found["next"].lower() in "aeiou" else "a "
        return article and (fitting.capitalize() if article[0] == "A" else fitting)

    text = _MARKETING.sub(without, _MARKETING.sub(without, sentence))
    return text[:1].upper() + text[1:] if text != sentence else sentence


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
