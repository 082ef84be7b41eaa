"""Making SKILL.md fit: 300 lines and 5,000 tokens, whatever the document. What is over moves out, from the end.

And making it useful: a SKILL.md that is a bare table says nothing, so whole sections come back while there is room.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from skill_fleet.drafting.omitting.foreign import FOREIGN
from skill_fleet.drafting.omitting.records import record_of
from skill_fleet.drafting.pages.sections import Section
from skill_fleet.drafting.planning.joining import absorb, join, pack
from skill_fleet.drafting.planning.plan import CHANGES, KEPT, Slot
from skill_fleet.drafting.planning.templates import templates
from skill_fleet.drafting.planning.toc import replaced_contents

LINES = 300
TOKENS = 4_800
SMALL = 60
FEW = 12  # sections that moved for room and have a file each, before neighbours share one
TABLE_LINES = 6
_TABLE = (4, 60)
_POINTER = (2, 60)
_ROW = (1, 60)
MANY = 60
INDEX = 40
_EVERY_TIME = re.compile(r"\b(structure|layout|when to use|set-?up|workflows?|rules?|checklists?|quick)\b", re.I)


def fit(plans: Sequence[Slot], ours: int) -> None:
    """Move sections from the end until the rest fits; those that say when or give the overview go last.

    Sections that were moved only for room share files if they are many, and all do if there would be more than sixty. `ours`
    are the lines that we put on top: the front matter, a title.
    """
    for kept in (False, False, True, True):  # each twice: the rows of what moved are known only then
        lines, tokens = weight(plans, ours)
        if lines <= LINES and tokens <= TOKENS:
            break
        for slot in reversed([one for one in _slots(plans) if one.fate == "stay"]):
            if lines <= LINES and tokens <= TOKENS:
                break
            if bool(KEPT.search(slot.section.title)) == kept and slot.section.level:
                freed = _cost(slot)
                lines, tokens = lines - freed[0], tokens - freed[1]
                slot.fate = "file"
                slot.small = True
        if sum(slot.small for slot in _slots(plans)) > FEW:
            pack(plans[0], small=True)
    if sum(slot.fate == "file" for slot in _slots(plans)) > MANY:
        pack(plans[0], small=False)
    lines, tokens = weight(plans, ours)
    able = [one for one in plans[0].walk() if one.fate == "open" and one.section.level]
    for slot in reversed(able):
        if lines <= LINES and tokens <= TOKENS:
            break
        freed = _cost(slot)
        if slot is not plans[0] and slot not in plans[0].kids[:1] and absorb(slot):
            lines, tokens = lines - freed[0], tokens - freed[1]


def refill(plans: Sequence[Slot], ours: int) -> None:
    """Bring whole sections back to SKILL.md while it has room: first those that hold for every task, then in order.

    What the author puts first is what the rest builds on. What was written for another tool makes room for them. Small
    files that are left share one.
    """
    away = [slot for slot in plans[0].walk() if slot.fate == "file" and slot.section.level and not slot.section.piece]
    whole = [one.fence.first for one in templates([plans[0].page])]
    able = [
        slot for slot in away if not ((slot.more and not slot.bound) or _aside(slot) or _holds(slot.section, whole))
    ]
    able.sort(key=lambda slot: (not _EVERY_TIME.search(slot.section.title), slot.section.first))
    if any(slot.section.last - slot.section.first < SMALL for slot in able):
        for slot in plans[0].walk():
            if slot.fate == "stay" and slot.section.level and FOREIGN.search(slot.section.title):
                slot.fate = "file"
    dropped = replaced_contents(plans[0])
    lines, tokens = weight(plans, ours - (dropped.last - dropped.first if dropped else 0))
    waiting = {slot.section.first: slot.last for slot in able if slot.bound > 1}
    for slot in able:
        if slot.section.first in waiting.values():  # the steps before it are elsewhere
            continue
        slot.fate = "stay"
        more = _cost(slot)
        if lines + more[0] - _ROW[0] <= LINES and tokens + more[1] - _ROW[1] <= TOKENS:
            lines, tokens = lines + more[0] - _ROW[0], tokens + more[1] - _ROW[1]
            waiting.pop(slot.section.first, None)
        else:
            slot.fate = "file"
    join(plans[0], _aside)


def _holds(section: Section, lines: Sequence[int]) -> bool:
    """Whether one of the lines stands in a section: whole files are taken out of references, not of SKILL.md."""
    at = bisect_left(lines, section.first)
    return at < len(lines) and lines[at] < section.last


def _aside(slot: Slot) -> bool:
    """What tells of the past or serves to test the skill is never what SKILL.md needs."""
    return bool(CHANGES.search(slot.section.title)) or bool(record_of(slot.page, slot.section))


def weight(plans: Sequence[Slot], ours: int) -> tuple[int, int]:
    """The lines and tokens of SKILL.md: what stays, the stubs of what is opened, a row a file, and what we add."""
    lines, tokens = ours + _TABLE[0], ours * 12 + _TABLE[1]
    files = sum(slot.fate == "file" and not slot.named for slot in _slots(plans))
    rows = files if files <= MANY else -(-files // INDEX)
    lines, tokens = lines + rows * _ROW[0], tokens + rows * _ROW[1]
    for slot in _slots(plans):
        cost = _cost(slot)
        lines, tokens = lines + cost[0], tokens + cost[1]
    return lines, tokens


def _cost(slot: Slot) -> tuple[int, int]:
    """The lines and tokens of SKILL.md that a slot's own lines take, rows left out."""
    if slot.fate == "file" or slot.absorbed:
        return 0, 0
    page, section = slot.page, slot.section
    last = page.trimmed(section.first, slot.last if slot.fate == "stay" else section.stub)
    size = page.size(section.first, last)
    used = sum(used.last - used.first for used in page.used_in(section.first, last))
    grouped = slot.fate == "open" and section.level > 0 and any(kid.fate == "file" for kid in slot.kids)
    return size.lines - used + bool(size.lines) + _POINTER[0] * grouped, size.tokens + _POINTER[1] * grouped


def _slots(plans: Sequence[Slot]) -> Iterator[Slot]:
    for plan in plans:
        yield from plan.walk()
