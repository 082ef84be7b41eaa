"""Who has approved what: a verdict counts when it is that person's latest, by someone with write, on exactly this head."""

from __future__ import annotations

from skill_fleet.forges.types import Item, Snapshot
from skill_fleet.review.people import may_decide


def latest_verdicts(snapshot: Snapshot) -> tuple[Item, ...]:
    """The latest approval or request for changes of each person with write; a dismissed one is void."""
    found: dict[str, Item] = {}
    for item in sorted(snapshot.items, key=lambda item: item.order):
        if item.verdict in ("approved", "changes_requested", "dismissed") and may_decide(snapshot, item):
            found[item.author.id] = item
    return tuple(item for item in found.values() if item.verdict != "dismissed")


def standing_approvals(snapshot: Snapshot) -> tuple[Item, ...]:
    """The approvals of the head as it is; one of an older commit is void."""
    return tuple(
        item for item in latest_verdicts(snapshot) if item.verdict == "approved" and item.commit == snapshot.head_oid
    )


def objections(snapshot: Snapshot) -> tuple[Item, ...]:
    """The latest verdicts that ask for changes; only the person who gave one can take it back."""
    return tuple(item for item in latest_verdicts(snapshot) if item.verdict == "changes_requested")
