"""The planners of everything that is one event and moves no branch."""

from __future__ import annotations

from collections.abc import Callable

from skill_fleet.errors import UserError
from skill_fleet.forges.refusals import LABEL_LIMIT, check_text, known_item, known_thread, placed
from skill_fleet.forges.standing import Standing
from skill_fleet.forges.types import Actor, Anchor, Verdict
from skill_fleet.forges.writing import Plan, Planner


def comment(body: str) -> Planner:
    """Comment on the conversation; allowed also when it is closed or merged."""
    check_text(body, "comment")
    return lambda at: Plan("commented", {"body": body})


def comment_on(body: str, anchor: Anchor) -> Planner:
    """Begin a thread on lines."""
    check_text(body, "comment")

    def plan(at: Standing) -> Plan:
        place = placed(at, anchor)
        facts = {name: getattr(place, name) for name in ("path", "commit", "start", "line", "side")}
        return Plan("commented-on", {"body": body, "from": at.merge_base, **facts})

    return plan


def reply(thread: str, body: str) -> Planner:
    """Add to a thread."""
    check_text(body, "reply")
    return lambda at: Plan("replied", {"thread": known_thread(at, thread), "body": body})


def review(actor: Actor, verdict: Verdict, body: str) -> Planner:
    """Give a verdict on the head."""
    if verdict not in ("approved", "changes_requested", "commented"):
        raise UserError(f"A review cannot be {verdict!r}.", "Approve, request changes, or comment.")
    check_text(body, "review", blank=verdict != "commented")

    def plan(at: Standing) -> Plan:
        if verdict != "commented":
            at.require_open()
            if actor.id == at.pull.author.id:
                raise UserError(
                    f"You opened #{at.pull.number}, so you can neither approve it nor request changes.",
                    "Ask somebody else, or comment.",
                )
        return Plan("reviewed", {"verdict": verdict, "body": body, "commit": at.head_oid})

    return plan


def dismiss(key: str) -> Planner:
    """Take a verdict back."""

    def plan(at: Standing) -> Plan | None:
        verdict = known_item(at, key).verdict
        if verdict in (None, "commented"):
            raise UserError(f"{key} has no verdict to take back.", f"See: skill-fleet review show {at.pull.number}")
        return None if verdict == "dismissed" else Plan("dismissed", {"item": key})

    return plan


def edit(key: str, body: str) -> Planner:
    """Replace the text of an item."""
    check_text(body, "comment", blank=key.startswith("review/"))
    return lambda at: Plan("edited", {"item": known_item(at, key).key, "body": body})


def delete(key: str) -> Planner:
    """Remove an item."""

    def plan(at: Standing) -> Plan:
        if known_item(at, key).verdict:
            raise UserError("A review cannot be deleted.", "Take its verdict back: dismiss it.")
        return Plan("deleted", {"item": key})

    return plan


def resolve(thread: str, resolved: bool) -> Planner:
    """Mark a thread resolved, or open again."""

    def plan(at: Standing) -> Plan | None:
        if at.pull.threads[known_thread(at, thread)].resolved == resolved:
            return None
        return Plan("resolved", {"thread": thread, "resolved": resolved})

    return plan


def label(name: str, present: bool) -> Planner:
    """Set a label, or remove it."""
    check_text(name, "label", limit=LABEL_LIMIT)
    return lambda at: (
        None if (name in at.pull.labels) == present else Plan("labelled", {"label": name, "present": present})
    )


def set_draft(draft: bool) -> Planner:
    """Make it a draft, or ready."""

    def plan(at: Standing) -> Plan | None:
        at.require_open()
        return None if at.pull.draft == draft else Plan("drafted", {"draft": draft})

    return plan


def close(closed: bool, refuse_rival: Callable[[Standing], None]) -> Planner:
    """Close it, or open it again unless another one is open for the branch by now."""

    def plan(at: Standing) -> Plan | None:
        if at.state == "merged":
            at.require_open()
        if (at.state == "closed") == closed:
            return None
        if not closed:
            if at.branch_tip is None:
                raise UserError(f"The branch {at.pull.head} was deleted.", "Push it again, then open it again.")
            refuse_rival(at)
        return Plan("closed", {"closed": closed, "commit": at.head_oid if closed else at.branch_tip})

    return plan
