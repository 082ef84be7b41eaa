"""Who may decide what is done, and what the others write: nothing, until somebody who may decide adopts it.

An adoption holds for a text as it stood before the `/adopt`. By the server's own order: whatever was edited after that is
not what was read by the person who adopted it, so it has to be adopted again.
"""

from __future__ import annotations

import re
from functools import lru_cache

from skill_fleet.forges.types import Item, Snapshot
from skill_fleet.review.commands import Asked, read_comment
from skill_fleet.review.markers import is_bot

ADOPT = "adopt"
_NAMED = re.compile(
    r"(?:\S*?[#/])??(?:(?P<kind>issuecomment-|discussion_r|pullrequestreview-)|(?P<type>[a-z]+)/)?(?P<id>[0-9A-Za-z]+)"
)
_KINDS = {"issuecomment-": "comment", "discussion_r": "line", "pullrequestreview-": "review"}


def strangers(snapshot: Snapshot) -> tuple[Item, ...]:
    """The first comment of each person without write that asks for something only people with write may ask."""
    found: dict[str, Item] = {}
    for item in sorted(snapshot.items, key=lambda item: item.order):
        if snapshot.permissions.get(item.author.id) == "none" and not is_bot(snapshot, item.author) and not item.hidden:
            asked = asked_in(item.body)
            if asked.commands or asked.suggestions:
                found.setdefault(item.author.id, item)
    return tuple(found.values())


def may_decide(snapshot: Snapshot, item: Item) -> bool:
    """Whether its author is a person with write. Unknown is no: such an item is neither obeyed nor answered.

    Nor is one whose words somebody else put there by editing it, unless he is known to have write as well.
    """
    allowed = snapshot.permissions
    edited_by = item.editor.id if item.editor else item.author.id
    return (
        not is_bot(snapshot, item.author)
        and allowed.get(item.author.id) == "write"
        and allowed.get(edited_by) == "write"
    )


def named_by(snapshot: Snapshot, order: Item) -> tuple[Item, ...]:
    """The comments of people without write that the `/adopt` in `order` is about, by age, whether or not it holds.

    Those it names by link or number (one that fits two comments names none); else those that stand before it in its thread.
    """
    strangers_ = [
        item
        for item in sorted(snapshot.items, key=lambda item: item.order)
        if item.order < order.order and _is_stranger(snapshot, item)
    ]
    found: dict[str, Item] = {}
    for argument in [argument for verb, argument in asked_in(order.body).commands if verb == ADOPT]:
        if argument:
            fits = [item for item in strangers_ if _fits(argument, item.key)]
            found |= {item.key: item for item in fits if len(fits) == 1}
        elif order.thread:
            found |= {item.key: item for item in strangers_ if item.thread == order.thread}
    return tuple(found.values())


def is_adoptable(item: Item, order: Item) -> bool:
    """Whether `item` is still what it was when `order` adopted it."""
    return not item.hidden and item.edited < order.order


def adoptions(snapshot: Snapshot) -> dict[str, Item]:
    """The comments that are adopted, by key, each with the comment that adopted it first."""
    found: dict[str, Item] = {}
    for order in sorted(snapshot.items, key=lambda item: item.order):
        if may_decide(snapshot, order) and not order.hidden:
            for item in named_by(snapshot, order) if _adopts(order) else ():
                if is_adoptable(item, order):
                    found.setdefault(item.key, order)
    return found


def _adopts(item: Item) -> bool:
    return any(verb == ADOPT for verb, _ in asked_in(item.body).commands)


def _is_stranger(snapshot: Snapshot, item: Item) -> bool:
    return snapshot.permissions.get(item.author.id) == "none" and not is_bot(snapshot, item.author)


def _fits(argument: str, key: str) -> bool:
    named, (kind, _, number) = _NAMED.fullmatch(argument), key.partition("/")
    wanted = (_KINDS.get(named["kind"] or "") or named["type"]) if named else ""
    return named is not None and named["id"] == number and wanted in (None, "", kind)


@lru_cache(maxsize=10_000)
def asked_in(body: str) -> Asked:
    """What a comment asks for; many are read again and again."""
    return read_comment(body)
