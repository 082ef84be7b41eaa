"""Edits that were offered for a request and not made. The answer to it was written before, and may say that they were."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from skill_fleet.drafting.model.headings import part_at, parts_of
from skill_fleet.drafting.model.replacing import CannotPlace, place
from skill_fleet.drafting.model.shapes import Edit

PARTLY = "Not every change that was planned was made."
BEFORE = "This was written before the edits:"
LEFT_OUT = "The model left it out when it was asked again."
NO_EDIT_HERE = "The model gave no edit for it."


def dropped(
    path: str,
    text: str,
    first: Sequence[Edit],
    why: Mapping[str, str],
    last: Sequence[Edit],
    labels: Collection[str],
) -> dict[str, list[str]]:
    """What is not made of the edits of one file, a sentence each, by label.

    `first` is the reply that was refused, `why` its reasons by label, `last` the one that was taken.
    """
    strange = any(one.thread not in labels for one in last)
    found: dict[str, list[str]] = {}
    for label in labels:
        mine = [one for one in last if one.thread == label]
        if not mine:
            said = [f"In `{path}` nothing was changed: {why.get(label) or NO_EDIT_HERE}"]
        else:
            gone = _gone([one for one in first if one.thread == label], mine)
            said = [f"{_where(path, text, one)} an edit was not made: {_why(text, one, why)}" for one in gone]
        if strange:
            said.append(f"In `{path}` an edit that named no request was not made.")
        if said:
            found[label] = said
    return found


def told(reply: str, said: Sequence[str]) -> str:
    """The answer that a person reads: first what was not made, if anything, then the model's words."""
    return f"{PARTLY} {' '.join(said)}\n\n{BEFORE} {reply}" if said else reply


def _gone(first: Sequence[Edit], last: Sequence[Edit]) -> Iterator[Edit]:
    """The edits of `first` that nothing in `last` stands for: not the same edit, none of the same place or with its
    words, such as two that were joined, and no other new one."""
    new = [one for one in last if one not in first]
    old = [one for one in first if one not in last]
    spare = sum(not any(_stands_for(one, each) for each in old) for one in new)
    lost = [one for one in old if not any(_stands_for(each, one) for each in new)]
    yield from lost[spare:]


def _stands_for(new: Edit, old: Edit) -> bool:
    pairs = ((old.old, new.old), (new.old, old.old), (old.new, new.new))
    return any(part.strip() and part.strip() in whole for part, whole in pairs)


def _where(path: str, text: str, one: Edit) -> str:
    at = text.find(one.old) if one.old and text.count(one.old) == 1 else -1
    heading = part_at(parts_of(path, text), text.count("\n", 0, at) + 1).heading if at >= 0 else ""
    return f"In `{path}`, section `{heading}`," if heading else f"In `{path}`"


def _why(text: str, one: Edit, why: Mapping[str, str]) -> str:
    try:
        place(text, one.thread, one.old, one.new)
    except CannotPlace as problem:
        return str(problem)
    return why.get(one.thread) or LEFT_OUT
