"""What a pull request waits for while it is watched, and when waiting is no use any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skill_fleet.checks import Finding
from skill_fleet.cli.gates import gates_of
from skill_fleet.errors import UserError
from skill_fleet.forges import Snapshot
from skill_fleet.review import read_session, skill_findings, stage

if TYPE_CHECKING:
    from skill_fleet.proposals import AnyForge, ModelReviser

FAILED = "failed"  # the label that says so


def waits_for(forge: AnyForge, snapshot: Snapshot) -> tuple[str, ...]:
    """The gates that are shut, in words; that it can be merged when none is."""
    if snapshot.draft:
        return ("/proceed, once the preview is as it should be",)
    try:
        shut = [f"{gate.what} ({gate.missing})" for gate in gates_of(forge.repo, snapshot) if not gate.met]
    except UserError as conflict:
        return (conflict.message,)
    return tuple(shut) or (f"skill-fleet promote {snapshot.number}",)


def why_failed(snapshot: Snapshot, reviser: ModelReviser | None, auto: bool) -> str:
    """Why nothing more will come of it, '' when something may; `auto`: nobody is there to fix it."""
    if FAILED in snapshot.labels:
        return f"it has the label {FAILED}"
    if auto and reviser and reviser.failure:
        return reviser.failure.message
    errors = [each for each in _findings(snapshot) if each.severity == "error"] if auto else []
    return f"the checks find an error: {errors[0].path}:{errors[0].line} {errors[0].rule}" if errors else ""


def proceed(person: AnyForge, snapshot: Snapshot, said: set[str]) -> bool:
    """Say /proceed to a preview of this head, once, and only where it will be heard; whether it was said."""
    session = read_session(snapshot)
    if session is None or session.frozen or snapshot.head_oid in said or stage(snapshot, session.files) != "preview":
        return False
    said.add(snapshot.head_oid)
    person.comment(snapshot.number, "/proceed")
    return True


def _findings(snapshot: Snapshot) -> tuple[Finding, ...]:
    session = read_session(snapshot)
    return skill_findings(session.files) if session and session.files else ()
