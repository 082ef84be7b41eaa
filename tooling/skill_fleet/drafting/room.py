"""Making SKILL.md fit: 300 lines and 5,000 tokens, whatever the document. What is over moves out, from the end.

And making it useful: a SKILL.md that is a bare table says nothing, so whole sections come back while there is room.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from skill_fleet.drafting.foreign import FOREIGN
from skill_fleet.drafting.plan import CHANGES, KEPT, Slot
from skill_fleet.drafting.records import record_of
from skill_fleet.drafting.sections import Section

LINES = 300
TOKENS = 4_800
FILL = 250
SMALL = 60
TABLE_LINES = 6
_TABLE = (4, 60)
_POINTER = (2, 15)
_ROW = (1, 60)
PACK = (300, 3_500)
MANY = 60
INDEX = 40
_EVERY_TIME = re.compile(
    r"\b(structure|layout|templates?|when to use|integration|set-?up|workflows?|rules?|checklists?|quick)\b", re.I
)


def fit(plans: Sequence[Slot], ours: int) -> None:
    """Move sections from the end until the rest fits; those that say when or give the overview go last.

    Sections that were moved only for room share files, and so do all if there would be more than sixty files. `ours`
    are the lines that we put on top: the front matter, a title.
    """
    for kept in (False, True):
        lines, tokens = weight(plans, ours)
        for slot in reversed([one for one in _slots(plans) if one.fate == "stay"]):
            if lines <= LINES and tokens <= TOKENS:
                break
            if bool(KEPT.search(slot.section.title)) == kept and slot.section.level:
                freed = _cost(slot)
                lines, tokens = lines - freed[0], tokens - freed[1]
                slot.fate = "file"
                slot.small = True
        for plan in plans:
            _pack(plan, small=True)
    if sum(slot.fate == "file" for slot in _slots(plans)) > MANY:
        for plan in plans:
            _pack(plan, small=False)
    lines, tokens = weight(plans, ours)
    for slot in reversed([one for one in _slots(plans) if one.fate == "open" and one.section.level]):
        if lines <= LINES and tokens <= TOKENS:
            break
        freed = _cost(slot)
        if slot is not plans[0] and slot not in plans[0].kids[:1] and _absorb(slot):
            lines, tokens = lines - freed[0], tokens - freed[1]


def refill(plans: Sequence[Slot], ours: int) -> None:
    """Bring whole sections back to SKILL.md, up to 250 lines: first those that hold for every task, then the shortest.

    A section below 60 lines is no file of its own as long as SKILL.md stays within its limit; and if not one came
    back, the limit holds for any. What was written for another tool makes room for them.
    """
    away = [slot for slot in plans[0].walk() if slot.fate == "file" and slot.section.level and not slot.section.piece]
    able = [slot for slot in away if not (slot.more or slot.small or _aside(slot))]
    length = {id(slot): slot.section.last - slot.section.first for slot in able}
    able.sort(key=lambda slot: (not _EVERY_TIME.search(slot.section.title), length[id(slot)], slot.section.first))
    if any(length[id(slot)] < SMALL for slot in able):
        for slot in plans[0].walk():
            if slot.fate == "stay" and slot.section.level and FOREIGN.search(slot.section.title):
                slot.fate = "file"
    lines, tokens = weight(plans, ours)
    for most, least in ((FILL, False), (LINES, True)):
        for slot in able:
            bare = not any(one.fate == "stay" and one.section.level for one in plans[0].walk())
            if slot.fate == "file" and (not least or bare or length[id(slot)] < SMALL):
                slot.fate = "stay"
                more = _cost(slot)
                if lines + more[0] - _ROW[0] <= most and tokens + more[1] - _ROW[1] <= TOKENS:
                    lines, tokens = lines + more[0] - _ROW[0], tokens + more[1] - _ROW[1]
                else:
                    slot.fate = "file"


def _aside(slot: Slot) -> bool:
    """What tells of the past or serves to test the skill is never what SKILL.md needs."""
    return bool(CHANGES.search(slot.section.title)) or bool(record_of(slot.page, slot.section))


def weight(plans: Sequence[Slot], ours: int) -> tuple[int, int]:
    """The lines and tokens of SKILL.md: what stays, the stubs of what is opened, a row a file, and what we add."""
    lines, tokens = ours + _TABLE[0], ours * 12 + _TABLE[1]
    files = sum(slot.fate == "file" for slot in _slots(plans))
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
    last = page.trimmed(section.first, section.last if slot.fate == "stay" else section.stub)
    size = page.size(section.first, last)
    used = sum(used.last - used.first for used in page.used_in(section.first, last))
    grouped = slot.fate == "open" and section.level > 0 and any(kid.fate == "file" for kid in slot.kids)
    return size.lines - used + bool(size.lines) + _POINTER[0] * grouped, size.tokens + _POINTER[1] * grouped


def _slots(plans: Sequence[Slot]) -> Iterator[Slot]:
    for plan in plans:
        yield from plan.walk()


def _pack(slot: Slot, small: bool) -> None:
    """Join neighbouring files of one parent while they stay below the size of a good reference."""
    kids: list[Slot] = []
    for kid in slot.kids:
        _pack(kid, small)
        before = kids[-1] if kids else None
        if before and before.fate == kid.fate == "file" and (not small or (before.small and kid.small)):
            size = before.page.size(before.section.first, kid.section.last)
            if size.lines <= PACK[0] and size.tokens <= PACK[1]:
                before.more += [kid.section, *kid.more]
                continue
        kids.append(kid)
    slot.kids = kids


def _absorb(slot: Slot) -> bool:
    """Give an opened section's own heading and first lines to the file of its first child."""
    if not slot.kids or slot.kids[0].fate != "file":
        return False
    own, first = slot.section, slot.kids[0].section
    slot.kids[0].section = Section(own.title, own.level, own.first, own.body, first.last, (first,), own.made)
    slot.absorbed = True
    return True
