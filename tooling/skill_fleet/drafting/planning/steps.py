"""Sections that are the steps of one procedure: read in their order, they stay or go together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from skill_fleet.drafting.planning.plan import FILE, Slot

LEAST = 3
_NUMBERED = re.compile(
    r"(?P<kind>step|phase|stage|schritt|\u00e9tape|paso|passo|\u0448\u0430\u0433)\s+#?(?P<number>\d{1,2})\b", re.I
)
_PLAIN = re.compile(r"(?P<number>\d{1,2})[.)]\s+(?P<verb>[A-Z][a-z]+)\b")
_VERBS_TEXT = """
add allow analyze announce apply approve archive ask assign attach audit automate avoid backup begin bind book boot
build bump bundle calculate call cancel change check choose clean clear clone close collect commit compare compile
complete configure confirm connect convert copy create cut debug decide declare define delete deliver deploy describe
design determine develop disable document download draft drain drop edit enable encrypt ensure enter establish
evaluate examine execute expand export extract fetch file fill find finish fix follow format gather generate get give
grant handle identify implement import inform initialize inspect install integrate introduce investigate invite issue
join keep label launch learn link list load locate log login make map mark measure merge migrate monitor mount move
name notify observe obtain open order pack pass patch pick place plan post prepare press process promote protect
provide provision publish pull push put read rebase rebuild receive record recover refactor register release reload
remove rename render repeat replace report request reset resolve restart restore retrieve return review revoke rotate
run save scale scan schedule search secure select send serve set setup share sign specify stage start stop store
submit subscribe switch sync tag take tell test track train transfer trigger try turn understand uninstall unlock
unpack update upgrade upload use validate verify version view wait watch wire write
"""
_VERBS = frozenset(_VERBS_TEXT.split())


def runs(titles: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where steps follow one another, counted up by one: first and last (exclusive).

    "Step 2: Sails" is a step; "2. Set the sails" is one if most of those that are counted tell to do something.
    """
    at = 0
    while at < len(titles):
        end, numbers = at, [_number(titles[at])]
        while numbers[-1] is not None and end + 1 < len(titles) and _number(titles[end + 1]) == numbers[-1] + 1:
            end += 1
            numbers.append(_number(titles[end]))
        some = titles[at : end + 1]
        if len(some) >= LEAST and (_NUMBERED.match(some[0]) or 2 * sum(map(_tells, some)) > len(some)):
            yield at, end + 1
        at = end + 1


def _number(title: str) -> int | None:
    found = _NUMBERED.match(title) or _PLAIN.match(title)
    return int(found["number"]) if found else None


def _tells(title: str) -> bool:
    """Whether a numbered title tells to do something."""
    found = _PLAIN.match(title)
    return found is not None and found["verb"].lower() in _VERBS


def bind_steps(slot: Slot) -> None:
    """Make one of the slots of a procedure: all stay, or all go, in as few files as hold them, in order."""
    for kid in slot.kids:
        bind_steps(kid)
    kids: list[Slot] = []
    at = 0
    for first, last in runs([kid.section.title for kid in slot.kids]):
        steps = slot.kids[first:last]
        if any(kid.fate == "open" or kid.section.piece for kid in steps):
            continue
        kids += slot.kids[at:first]
        at = last
        kids += _bound(steps)
    slot.kids = [*kids, *slot.kids[at:]]


def _bound(steps: Sequence[Slot]) -> list[Slot]:
    page = steps[0].page
    files: list[list[Slot]] = []
    for step in steps:
        size = page.size(files[-1][0].section.first, step.section.last) if files else None
        if size and size.lines <= FILE[0] and size.tokens <= FILE[1]:
            files[-1].append(step)
        else:
            files.append([step])
    fate: Literal["stay", "file"] = "stay" if len(files) == 1 and all(step.fate == "stay" for step in steps) else "file"
    return [
        Slot(page, some[0].section, fate, more=[one.section for one in some[1:]], bound=len(files)) for some in files
    ]
