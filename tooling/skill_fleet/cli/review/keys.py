"""Keys as people type them: whole, or as much of the id as tells it from the others."""

from __future__ import annotations

from skill_fleet.errors import UserError
from skill_fleet.forges.types import Snapshot


def thread_key(snapshot: Snapshot, typed: str) -> str:
    """The key of the thread that `typed` names: its own or that of any comment in it, whole or its beginning."""
    found = {
        item.thread
        for item in snapshot.items
        if item.thread and (item.key.startswith(typed) or item.key.partition("/")[2].startswith(typed))
    }
    if len(found) == 1:
        return found.pop()
    what = "There is no thread" if not found else "More than one thread has a key that begins with"
    raise UserError(f"{what} {typed!r} in #{snapshot.number}.", f"See them: skill-fleet review show {snapshot.number}")
