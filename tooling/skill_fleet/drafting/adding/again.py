"""A newer state of the document that a skill was made of: drafted as it was then, so that each part meets its like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skill_fleet.drafting.adding.fitting import ALIKE, significant
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.sources.gather import gather
from skill_fleet.drafting.types import Brief, Document, Draft
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.markdown import Markdown

_OURS = re.compile(r"front matter|heading of the table|table|list of |pointer |notice of missing")


@dataclass(frozen=True)
class Again:
    """The new draft, the `homes` of its files whose older state has another name, and the `body` of its SKILL.md: lines of
    ours and sections that stand in a reference of the skill are left out. `numbers` are the body's lines by the draft's."""

    draft: Draft
    homes: dict[str, str]
    body: str
    numbers: dict[int, int]


def draft_again(
    skill: str, files: Mapping[str, str], documents: Sequence[Document], only: Sequence[str], everything: bool
) -> Again | None:
    """Draft the documents by themselves, if most of their lines stand in the skill; None if they are something new."""
    texts = {path: significant(text) for path, text in files.items() if path.endswith(".md")}
    standing = {line for lines in texts.values() for line in lines}
    own = {line for one in gather(documents, only, everything).documents for line in significant(one.text)}
    if not own or len(own & standing) < ALIKE * len(own) or not own & texts.get(SKILL_FILE, set()):
        return None
    draft = ExtractiveDrafter((), only, everything).draft(Brief("", skill), tuple(documents))
    homes = {
        path: like[0]
        for path, text in draft.files.items()
        if path not in files and (lines := significant(text)) and len(like := _like(lines, texts, draft.files)) == 1
    }
    elsewhere = {line for path, lines in texts.items() if path != SKILL_FILE for line in lines}
    elsewhere -= texts.get(SKILL_FILE, set())
    numbers: dict[int, int] = {}
    body: list[str] = []
    for section in _sections(draft):
        lines = significant("\n".join(text for _, text in section))
        if not lines or len(lines & elsewhere) < ALIKE * len(lines):
            for number, text in section:
                body.append(text)
                numbers[number] = len(body)
    return Again(draft, homes, "\n".join([*body, ""]), numbers)


def _like(lines: set[str], texts: Mapping[str, set[str]], drafted: Mapping[str, str]) -> list[str]:
    """The references of which some lines are mostly a newer state, and that the draft has no file of that name for."""
    return [
        path
        for path, old in texts.items()
        if path not in drafted and old and len(lines & old) >= ALIKE * max(len(lines), len(old))
    ]


def _sections(draft: Draft) -> list[list[tuple[int, str]]]:
    """The lines of the draft's SKILL.md that are the document's, with their numbers, parted before each heading."""
    ours = {
        number
        for one in draft.generated
        if one.file == SKILL_FILE and _OURS.match(one.name)
        for number in range(one.first, one.last + 1)
    }
    skill = Markdown(draft.files[SKILL_FILE].rstrip("\n"))
    heads = {block.start + 1 for block in skill.blocks if block.kind == "heading"}
    sections: list[list[tuple[int, str]]] = [[]]
    for number, text in enumerate(skill.lines, 1):
        if number in ours:
            continue
        if number in heads:
            sections.append([])
        if text or sections[-1] or len(sections) > 1:
            sections[-1].append((number, text))
    return sections
