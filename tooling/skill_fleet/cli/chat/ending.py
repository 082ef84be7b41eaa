"""How a session ends: the branch, the pull request, what is wrong with the skill, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence

from skill_fleet.checks.finding import Finding
from skill_fleet.cli.chat.talk import Talk
from skill_fleet.cli.main import FINDINGS, FINE
from skill_fleet.cli.options import say_json
from skill_fleet.forges.types import Snapshot
from skill_fleet.review.gates import approvers


def end(talk: Talk, ended: tuple[Snapshot, str, Sequence[Finding]], further: Sequence[str], form: str) -> int:
    """Say it and return the exit status: findings of severity error in an open pull request count.

    `further` are the commands for the other skills of the same task.
    """
    snapshot, now, found = ended
    errors = [each for each in found if each.severity == "error"] if snapshot.state == "open" else []
    following = [*_next(snapshot, bool(errors)), *further]
    if form == "json":
        say_json(
            {
                "number": snapshot.number, "branch": snapshot.head, "stage": now, "files": [*snapshot.changed],
                "findings": [each.as_json() for each in found], "next": following,
            }
        )  # fmt: skip
    else:
        told = [f"Branch {snapshot.head}, into {snapshot.base}."]
        if now == "validate" and not errors and _awaits_approval(snapshot):
            told.append("Someone who did not ask for it has to approve it now.")
        talk.panel("failed" if errors else "passed", f"Pull request #{snapshot.number}: {now}", told)
        talk.say(*(f"Next: {each}" for each in following))
    return FINDINGS if errors else FINE


def part(number: int | None, following: Sequence[str], form: str) -> None:
    """Tell a program of a session that was left, in the same keys; people have been told."""
    if form == "json":
        say_json({"number": number, "branch": "", "stage": "left", "files": [], "findings": [], "next": [*following]})


def _next(snapshot: Snapshot, wrong: bool) -> list[str]:
    """The commands that come next."""
    number = snapshot.number
    if snapshot.state == "merged":
        return ["skill-fleet generate-xml"]
    if snapshot.state == "closed":
        return [f"skill-fleet review reopen {number}"]
    if wrong or snapshot.draft:
        return [f"skill-fleet review show {number}", f"skill-fleet chat --pull {number}"]
    approve = [f"skill-fleet review approve {number}"] if _awaits_approval(snapshot) else []
    return [*approve, f"skill-fleet promote {number}"]


def _awaits_approval(snapshot: Snapshot) -> bool:
    return len(approvers(snapshot)) < snapshot.fleet.approvals
