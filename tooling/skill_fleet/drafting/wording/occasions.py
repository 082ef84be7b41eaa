"""When to use it, and when not, in the document's own words: what stands under a heading or a label that says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from skill_fleet.drafting.open_points.steering import steers
from skill_fleet.drafting.pages.outline import Block
from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.plain import plain, tidy
from skill_fleet.drafting.pages.sections import Section, labels
from skill_fleet.drafting.wording.phrases import part_called

_WHEN = re.compile(
    r"(when (to|should (i|you|we)) (use|apply|invoke|activate|reach for)( (this|it|each|the|which)\b.*)?|"
    r"use (this|it)( \w+)? (when|if|for)|use cases?)\W*$",
    re.I,
)
_ANY_WHEN = re.compile(r"when (not )?to\b|when should\b|when (it|this|they) appl(y|ies)", re.I)
_NOT = re.compile(r"(when (not to|to not) use|do(n't| not) use|not (for|suitable)|non-goals|out of scope)\b", re.I)
_KEYS = re.compile(r"(keywords|triggers?|trigger (words|phrases))\W*$", re.I)
_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?(?P<text>\S.*)$")
_ASKED = re.compile(r'\s*"(?P<quoted>[^"]+\?)"\s*\[|\s*(?P<text>[^"{}\[\];]+\?)\s*$')
_KEYED = re.compile(r"(keywords?|triggers?)\s*:\s*(?P<words>.+)$", re.I)
_USED = re.compile(
    r"\b(?:use|apply|invoke|activate) (?:(?:this|it|the)\b(?: [\w-]+){0,2} )?when(?:ever)? (?P<text>[^.:]{8,180})(?=\.(?:\s|$))",
    re.I,
)
_MOST = 24
OPENING = 5  # blocks


@dataclass(frozen=True)
class Occasions:
    """Items as they stand in the text, without their marks."""

    when: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


def occasions(page: Page, root: Section) -> Occasions:
    """Read the places that say when to use the thing; only near the top of the tree, for below they are about parts."""
    when: list[str] = []
    never: list[str] = []
    keywords: list[str] = []
    for title, first, last in _places(page, root):
        into = {"never": never, "when": when, "keys": keywords}.get(announced(title))
        if into is None:
            continue
        for item in _items(page, first, last):
            if steers(item):
                continue
            keyed = _KEYED.match(item)
            if keyed and into is when:
                keywords += [word.strip(" \"'") for word in keyed["words"].split(",")]
            elif len(item) < 200:
                into.append(item)
    return Occasions(_some(when or list(_said_at_once(page))), _some(never), _some(keywords))


def _said_at_once(page: Page) -> Iterator[str]:
    """What a sentence of the opening says when to use the thing: "Use it when the disk is full."."""
    for block in page.blocks(page.start, len(page.lines))[:OPENING]:
        if block.kind == "paragraph":
            text = plain(" ".join(page.lines[block.first : block.end]))
            yield from (said for said in _clauses(text) if not steers(said))
        elif block.level > 1:
            return


def _clauses(text: str) -> Iterator[str]:
    """What the sentences of a text say when to use it, led by "when": what follows that is a clause, whatever its verb."""
    return (f"when {_trim(found['text'])}" for found in _USED.finditer(text))


def announced(title: str) -> str:
    """What a heading says that its section holds: "when", "never", "keys", the text "itself", or nothing of these."""
    for kind, pattern in (("never", _NOT), ("when", _WHEN), ("keys", _KEYS)):
        if pattern.match(title):
            return kind
    return "itself" if _ANY_WHEN.match(title) else part_called(title)


def _some(items: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for item in items if item))[:_MOST]


def _places(page: Page, root: Section) -> Iterator[tuple[str, int, int]]:
    """Headings down to level two, and bold labels under them, each with the lines that belong to it."""
    for section in root.walk():
        if section.level > 2:
            continue
        yield section.title, section.body, section.stub
        found = [*labels(page, section.body, section.stub), (section.stub, "")]
        for (line, text), (after, _) in pairwise(found):
            yield text, line + 1, after


def _items(page: Page, first: int, last: int) -> Iterator[str]:
    """The items of the first block that has any: a list, a table's first column, a fence of questions, a sentence that
    says when."""
    for block in page.blocks(first, last):
        texts = [text for text in _texts(page, block) if text]
        if texts:
            yield from texts
            return
        if block.kind == "paragraph" and any(_LABELLED.match(line) for line in page.lines[block.first : block.end]):
            return


_LABELLED = re.compile(r"\s*(\*\*|__)[^*_]+:?\1:?\s*$")


def _texts(page: Page, block: Block) -> Iterator[str]:
    lines = page.lines[block.first : block.end]
    if block.kind.endswith("_list"):
        indent = len(lines[0]) - len(lines[0].lstrip())
        items: list[str] = []
        goes_on = False  # an item in its next line
        for line in lines:
            if found := _ITEM.match(line[indent:]):
                items.append(found["text"])
            goes_on = bool(found) or (goes_on and bool(line.strip()) and not _ITEM.match(line.strip()))
            if goes_on and not found:
                items[-1] += f" {line.strip()}"
        yield from (_trim(plain(item)) for item in items)
    elif block.kind == "table":
        for line in lines[2:]:
            cells = line.strip().strip("|").split("|")
            yield _trim(plain(cells[0]))
    elif block.kind == "paragraph":
        yield from _clauses(plain(" ".join(line.strip() for line in lines)[:2000]))
    elif block.kind == "fence":
        for line in lines[1:-1]:
            asked = _ASKED.match(line)
            if asked:
                yield _trim(tidy(asked["quoted"] or asked["text"]))


def _trim(text: str) -> str:
    return text.strip().rstrip(".;,?!:\u3002\uff1b\uff0c\uff1f\uff01\uff1a\u3001\u061b\u060c\u061f").strip()
