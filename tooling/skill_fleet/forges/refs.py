"""The names of the refs that keep pull requests, and a view of where they and the branches stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from skill_fleet.fleet.git_write import ABSENT

HERE = "refs/skill-fleet/pull/"
HEADS = "refs/heads/"

K = TypeVar("K", str, int)
_PULL = re.compile(r"([1-9][0-9]{0,8})/(timeline|head)\Z")


def mirror_of(remote: str) -> str:
    """Where the refs of a remote are fetched to."""
    return f"refs/skill-fleet-remotes/{remote}/pull/"


def timeline_ref(number: int) -> str:
    """Where the timeline of a pull request is."""
    return f"{HERE}{number}/timeline"


def head_ref(number: int) -> str:
    """What keeps the head of a pull request."""
    return f"{HERE}{number}/head"


@dataclass(frozen=True)
class View:
    """What stands where at one moment. Not `online`: as it was when the remote last answered."""

    online: bool
    branches: Mapping[str, str]
    timelines: Mapping[int, str]
    heads: Mapping[int, str]
    outbox: Mapping[int, str]
    """Timelines with something that the remote has not got."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers that are taken."""
        return tuple(sorted({*self.timelines, *self.outbox, *self.heads}))

    def tips(self, number: int) -> tuple[str, ...]:
        """The commits whose events make the pull request."""
        return tuple(place[number] for place in (self.timelines, self.outbox) if number in place)

    def after(self, moves: Mapping[str, str]) -> View:
        """The view when refs of the truth were moved, by their full names (to ABSENT: deleted)."""
        return replace(
            self,
            branches=_put(
                self.branches, {name.removeprefix(HEADS): at for name, at in moves.items() if name.startswith(HEADS)}
            ),
            timelines=_put(self.timelines, numbered(moves, HERE, "timeline")),
            heads=_put(self.heads, numbered(moves, HERE, "head")),
        )


def numbered(refs: Mapping[str, str], prefix: str, leaf: str) -> dict[int, str]:
    """Of the refs `<prefix><number>/<leaf>`, the object of each number."""
    found = {}
    for name, oid in refs.items():
        match = _PULL.match(name.removeprefix(prefix)) if name.startswith(prefix) else None
        if match and match[2] == leaf:
            found[int(match[1])] = oid
    return found


def _put(refs: Mapping[K, str], moves: Mapping[K, str]) -> dict[K, str]:
    return {name: oid for name, oid in {**refs, **moves}.items() if oid != ABSENT}
