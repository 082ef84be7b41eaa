"""Two answers to one request: of those with the same key the older one stays."""

from __future__ import annotations

from skill_fleet.errors import UserError
from skill_fleet.forges.protocol import Forge
from skill_fleet.forges.types import Snapshot
from skill_fleet.review.markers import doubles


def clear_doubles(forge: Forge, snapshot: Snapshot) -> bool:
    """Delete the younger ones, and say whether there were any. Two runs that do this at once may both do it.

    There are some when two runs answered at the same moment, or each offline in its own clone.
    """
    found = doubles(snapshot)
    for item in found:
        try:
            forge.delete(snapshot.number, item.key)
        except UserError:
            if any(other.key == item.key for other in forge.snapshot(snapshot.number).items):
                raise
    return bool(found)
