"""Sections that share a file, because one alone is too little to open a file for."""

from __future__ import annotations

import re
from collections.abc import Callable

from skill_fleet.drafting.omitting.foreign import FOREIGN
from skill_fleet.drafting.pages.sections import Section
from skill_fleet.drafting.planning.kin import kin
from skill_fleet.drafting.planning.plan import FILE, Slot
from skill_fleet.drafting.wording.casing import is_ordinary
from skill_fleet.drafting.wording.names import bare_title

PACK = (300, 3_500)
SMALL = 60
TINY = 40
PART = 130
MOST = 3


def join(slot: Slot, apart: Callable[[Slot], bool]) -> None:
    """Give a file below sixty lines to the neighbour whose subject it speaks of, one below forty to one as small.

    What `apart` says of a file keeps it by itself, and so does having been written for another tool.
    """
    kids: list[Slot] = []
    for kid in slot.kids:
        join(kid, apart)
        before = kids[-1] if kids else None
        both = before and _joinable(before, apart) and _joinable(kid, apart)
        if before and both and _fit_together(before, kid, of_one=slot.section.level > 1):
            before.more += [kid.section, *kid.more]
        else:
            kids.append(kid)
    slot.kids = kids


def _joinable(slot: Slot, apart: Callable[[Slot], bool]) -> bool:
    section = slot.section
    named = bool(section.level) and not section.piece and not FOREIGN.search(section.title)
    return slot.fate == "file" and named and not slot.label and not slot.bound and not apart(slot)


def _fit_together(one: Slot, other: Slot, of_one: bool) -> bool:
    """Whether two files can be one; parts `of_one` topic, which are read together, need not be as small for that."""
    size = one.page.size(one.section.first, other.last)
    if size.lines > PACK[0] or size.tokens > PACK[1] or 1 + len(one.more) + 1 + len(other.more) > MOST:
        return False
    if of_one and max(slot.section.last - slot.section.first for slot in (one, other)) < PART:
        return True
    tiny = all(_length(slot) < TINY for slot in (one, other))
    return tiny or _speaks_of(one, other.section) or _speaks_of(other, one.section)


def _speaks_of(slot: Slot, section: Section) -> bool:
    """Whether a small file names the subject of another section: a proper name of its title."""
    if _length(slot) >= SMALL:
        return False
    names = [word for word in re.findall(r"[A-Z]\w{3,}", bare_title(section.title)) if not is_ordinary(word, slot.page)]
    text = "\n".join(slot.page.lines[slot.section.first : slot.section.last]).lower()
    return any(name.lower() in text for name in names)


def _length(slot: Slot) -> int:
    return slot.page.trimmed(slot.section.first, slot.last) - slot.section.first


def gather_kin(slot: Slot) -> None:
    """Give sections that are about one thing one file, where there are many equal ones in a row."""
    for kid in slot.kids:
        gather_kin(kid)
    able = [kid for kid in slot.kids if kid.fate != "open" and not (kid.section.piece or kid.more)]
    if len(able) < len(slot.kids) or slot.page.size(slot.section.first, slot.section.last).lines <= PACK[0]:
        return
    kids: list[Slot] = []
    at = 0
    for run in kin([kid.section.title for kid in slot.kids]):
        if slot.kids[run.last - 1].section.last - slot.kids[run.first].section.first < SMALL:
            continue
        kids += slot.kids[at : run.first]
        for kid in slot.kids[run.first : run.last]:
            before = kids[-1] if kids and kids[-1].label == run.label else None
            size = kid.page.size(before.section.first, kid.section.last) if before else None
            if before and size and size.lines <= FILE[0] and size.tokens <= FILE[1]:
                before.more.append(kid.section)
            else:
                kid.fate, kid.label = "file", run.label
                kids.append(kid)
        at = run.last
    slot.kids = [*kids, *slot.kids[at:]]


def pack(slot: Slot, small: bool) -> None:
    """Join neighbouring files of one parent while they stay below the size of a good reference."""
    kids: list[Slot] = []
    for kid in slot.kids:
        pack(kid, small)
        before = kids[-1] if kids else None
        both = before and before.fate == kid.fate == "file" and not (before.bound or kid.bound)
        if before and both and (not small or (before.small and kid.small)):
            size = before.page.size(before.section.first, kid.last)
            if before.label == kid.label and size.lines <= PACK[0] and size.tokens <= PACK[1]:
                before.more += [kid.section, *kid.more]
                continue
        kids.append(kid)
    slot.kids = kids


def absorb(slot: Slot) -> bool:
    """Give an opened section's own heading and first lines to the file of its first child, else to a file of their own."""
    own = slot.section
    if not slot.kids:
        return False
    if slot.kids[0].fate == "file":
        first = slot.kids[0].section
        slot.kids[0].section = Section(own.title, own.level, own.first, own.body, first.last, (first,), own.made)
    else:
        slot.kids.insert(
            0, Slot(slot.page, Section(own.title, own.level, own.first, own.body, own.stub, (), own.made), "file")
        )
    slot.absorbed = True
    return True
