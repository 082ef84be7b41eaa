"""What the doctor says of one thing that it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from skill_fleet.forges.github.settings import Settings

State = Literal["good", "bad", "hint", "unknown"]


@dataclass(frozen=True)
class Advice:
    """One thing that was looked at: how it is, what will happen because of it, and the command that mends it."""

    what: str
    state: State
    says: str
    mend: str = ""


def administrator(at: Settings) -> str:
    """What to do when this token is not told."""
    return f"Look with a token of an administrator: {page(at, 'settings')}"


def page(at: Settings, path: str) -> str:
    """A page of the repository on GitHub."""
    return f"/{at.full_name}/{path}"
