"""What was worked out from the objects of a repository, kept for as long as it is open: no object ever changes."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from skill_fleet.fleet.git import Repository

_KNOWN: WeakKeyDictionary[Repository, dict[str, Any]] = WeakKeyDictionary()


def memory_of(repo: Repository) -> dict[str, Any]:
    """What is known of a repository, by the name of who keeps it there."""
    return _KNOWN.setdefault(repo, {})
