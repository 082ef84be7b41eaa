"""What goes wrong on demand: power cuts around a write, lost answers, limits, errors of the server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Mode = Literal["before", "after", "lost"]


@dataclass
class Faults:
    """Counts the writes, and fails at one of them.

    `before`: it is not done. `after`: it is done and answered. `lost`: it is done, and the answer never arrives. Each
    time nobody is answered any more until `revive`: that is what it is like for whoever wrote, if his power went.
    With `once` only that one request fails.
    """

    at: int = 0
    mode: Mode = "before"
    once: bool = False
    dead: bool = False
    writes: list[str] = field(default_factory=list)
    answers: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    """Answers to give to the next requests instead of doing what they ask: status, message, headers."""
    watch: Callable[[str, str], None] = lambda what, when: None
    """Told of each write, `before` it and `after` it."""
    only: Callable[[str], bool] = lambda what: True
    """Which requests `answers` are for."""
    unheard: int = 0
    """How many of the next requests get no answer, and are not carried out."""

    def arm(self, at: int, mode: Mode, *, once: bool = False) -> None:
        """Fail at the write number `at`, counted from 1 from now on."""
        self.at, self.mode, self.once = at, mode, once
        self.writes.clear()

    def revive(self) -> None:
        """The power is back."""
        self.at, self.dead = 0, False

    def begin(self, what: str, write: bool) -> bool:
        """Before a request is carried out; whether to carry it out at all."""
        if self.dead:
            return False
        if self.unheard:
            self.unheard -= 1
            return False
        if write:
            self.writes.append(what)
            self.watch(what, "before")
            if len(self.writes) == self.at and self.mode == "before":
                self.dead = not self.once
                return False
        return True

    def end(self, write: bool) -> bool:
        """After it was carried out; whether to answer."""
        if write:
            self.watch(self.writes[-1], "after")
        if not write or len(self.writes) != self.at:
            return True
        self.dead = not self.once
        return self.mode == "after"
