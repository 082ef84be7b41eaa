"""Keys and paths as people type them: whole, or as much of them as tells one from the others."""

from __future__ import annotations

from skill_fleet.errors import UserError
from skill_fleet.forges import Item, Snapshot


def item_named(snapshot: Snapshot, typed: str) -> Item:
    """The item that `typed` names."""
    found = [item for item in snapshot.items if _names(typed, item.key)]
    if len(found) == 1:
        return found[0]
    raise _unclear(snapshot, "comment or verdict", typed, len(found))


def thread_key(snapshot: Snapshot, typed: str) -> str:
    """The key of the thread that `typed` names: its own or that of any comment in it."""
    found = {item.thread for item in snapshot.items if item.thread and _names(typed, item.key)}
    if len(found) == 1:
        return found.pop()
    raise _unclear(snapshot, "thread", typed, len(found))


def changed_path(snapshot: Snapshot, typed: str) -> str:
    """The changed file that `typed` names: by its path, or by the end of it (`SKILL.md`)."""
    if typed in snapshot.changed:
        return typed
    ending = f"/{typed.removeprefix('./')}"
    found = [path for path in snapshot.changed if path.endswith(ending)]
    if len(found) == 1:
        return found[0]
    what = "changes more than one file called" if found else "does not change"
    raise UserError(f"#{snapshot.number} {what} {typed!r}.", f"It changes: {', '.join(snapshot.changed[:10])}")


def _names(typed: str, key: str) -> bool:
    return bool(typed) and (key.startswith(typed) or key.partition("/")[2].startswith(typed))


def _unclear(snapshot: Snapshot, what: str, typed: str, count: int) -> UserError:
    words = f"There is no {what} {typed!r}" if not count else f"{count} keys begin with {typed!r}"
    return UserError(f"{words} in #{snapshot.number}.", f"See them: skill-fleet review show {snapshot.number}")
