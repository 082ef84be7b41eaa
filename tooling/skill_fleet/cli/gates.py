"""The gates of a pull request: read, and shown in the same words by every command that shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from skill_fleet.checks import check_change
from skill_fleet.fleet import GitTree, read_fleet
from skill_fleet.forges import Snapshot
from skill_fleet.git import Repository, merge_trees
from skill_fleet.review import Gate, check_gates, open_requests


def gates_of(repo: Repository, snapshot: Snapshot) -> tuple[Gate, ...]:
    """Every gate, with the errors that CI would count: on the merge with the base as it is now.

    UserError when the branch conflicts with its base.
    """
    merged = merge_trees(repo, snapshot.base_oid, snapshot.head_oid)
    base, head = read_fleet(GitTree(repo, snapshot.base_oid)), read_fleet(GitTree(repo, merged, is_tree=True))
    return check_gates(snapshot, check_change(base, head).errors)


def checklist(gates: Iterable[Gate]) -> Iterator[str]:
    """The gates for people."""
    for gate in gates:
        yield f"[{'x' if gate.met else ' '}] {gate.what}" + ("" if gate.met else f": {gate.missing}")


def opens(snapshot: Snapshot, gate: Gate) -> str:
    """The command that opens a gate that is shut, and who types it where that is not anybody."""
    number = snapshot.number
    ways = {
        "all of it can be read": f"skill-fleet review show {number}",
        "its branch is there": f"git push origin COMMIT:refs/heads/{snapshot.head}",
        "the checks find no error": f"skill-fleet validate --base {snapshot.base} --head {snapshot.head}",
        "no request is open": _settles(snapshot),
        "nobody asks for changes": f"the same person types: skill-fleet review approve {number}",
    }
    return ways.get(gate.what, f"somebody who did not ask for it types: skill-fleet review approve {number}")


def _settles(snapshot: Snapshot) -> str:
    """What ends the first open request: the bot's turn, and when that is behind it, the people's."""
    request = next(iter(open_requests(snapshot)), None)
    if request is None or request.receipt is None:
        return f"skill-fleet review step {snapshot.number}"
    item = request.item
    if item.thread:
        return f"skill-fleet review resolve {snapshot.number} {item.thread}"
    return f"{item.author.name} types: skill-fleet review withdraw {snapshot.number} {item.key}"


def gate_facts(gates: Iterable[Gate]) -> list[dict[str, object]]:
    """The gates for programs."""
    return [{"what": gate.what, "met": gate.met, "missing": "" if gate.met else gate.missing} for gate in gates]
