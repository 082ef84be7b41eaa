"""The gates of a pull request, as every command shows them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from skill_fleet import checks, fleet, forges, git, review


def gates_of(repo: git.Repository, snapshot: forges.Snapshot) -> tuple[review.Gate, ...]:
    """Return every gate, with the errors of the merge with the base as it is now, as CI counts them.

    UserError when the branch conflicts with its base.
    """
    merged = git.merge_trees(repo, snapshot.base_oid, snapshot.head_oid)
    base, head = (
        fleet.read_fleet(fleet.GitTree(repo, snapshot.base_oid)),
        fleet.read_fleet(fleet.GitTree(repo, merged, is_tree=True)),
    )
    has_model = fleet.configured_model(base.configuration, os.environ, "review") is not None
    return review.check_gates(snapshot, checks.check_change(base, head).errors, has_model)


def checklist(gates: Iterable[review.Gate]) -> Iterator[str]:
    """Render the gates for people."""
    for gate in gates:
        said = "; ".join(filter(None, ("" if gate.met else gate.missing, gate.note)))
        yield f"[{'x' if gate.met else ' '}] {gate.what}" + (f": {said}" if said else "")


def opens(snapshot: forges.Snapshot, gate: review.Gate) -> str:
    """Return the command that opens a shut gate, and who has to run it if not everybody can."""
    number = snapshot.number
    ways = {
        review.Condition.READABLE: f"skill-fleet review show {number}",
        review.Condition.BRANCH: review.restoring(snapshot),
        review.Condition.NO_ERRORS: f"skill-fleet validate --base {snapshot.base} --head {snapshot.head}",
        review.Condition.NO_REQUESTS: _settles(snapshot),
        review.Condition.NO_OBJECTIONS: f"the same person runs: skill-fleet review approve {number}",
    }
    return ways.get(gate.what, f"somebody who did not ask for it runs: skill-fleet review approve {number}")


def _settles(snapshot: forges.Snapshot) -> str:
    """Return what ends the first open request: the bot's turn, and after that one of the people."""
    request = next(iter(review.open_requests(snapshot)), None)
    if request is None or request.receipt is None:
        return f"skill-fleet review step {snapshot.number}"
    item = request.item
    if item.thread:
        return f"skill-fleet review resolve {snapshot.number} {item.thread}"
    return f"{item.author.name} runs: skill-fleet review withdraw {snapshot.number} {item.key}"


def gate_facts(gates: Iterable[review.Gate]) -> list[dict[str, object]]:
    """Return the gates for programs."""
    return [
        {"what": gate.what, "met": gate.met, "missing": "" if gate.met else gate.missing, "note": gate.note}
        for gate in gates
    ]
