"""Making SKILL.md fit: 300 lines and 5,000 tokens, whatever the document. What is over moves out, from the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from skill_fleet.drafting.plan import KEPT, Slot
from skill_fleet.drafting.sections import Section

LINES = 300
TOKENS = 4_800
_TABLE = (4, 60)
_ROW = (1, 60)
PACK = (300, 3_500)
MANY = 60
INDEX = 40


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
    return size.lines - used + bool(size.lines) + _TABLE[0] * grouped, size.tokens + _TABLE[1] * grouped


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
