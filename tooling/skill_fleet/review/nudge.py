"""A reminder for a draft that waits for its author: never on anybody else's turn, and once a turn.

There is no clock here. What time it is, and when something last happened, the forge says: the snapshot carries both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from skill_fleet.forges.actions import NoteAction
from skill_fleet.forges.types import Snapshot
from skill_fleet.review.approvals import objections
from skill_fleet.review.markers import digest_of, is_bot
from skill_fleet.review.notes import note
from skill_fleet.review.people import may_decide
from skill_fleet.review.plain import as_code
from skill_fleet.review.requests import Request
from skill_fleet.review.session import REQUESTED_BY, SESSION, Session
from skill_fleet.review.status import skill_findings
from skill_fleet.review.trailers import trailer

_LOGIN = re.compile(r"[1-9][0-9]*\+([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))@users\.noreply\.[a-z0-9.-]+")


def nudge(snapshot: Snapshot, session: Session, requests: Sequence[Request]) -> NoteAction | None:
    """The reminder that is owed, if nothing else is to be done."""
    days = snapshot.fleet.nudge_days
    if not days or quiet_days(snapshot) < days or not (why := authors_turn(snapshot, session, requests)):
        return None
    key = f"nudge:turn/{_turn(snapshot, session)}"
    text = f"{_author(snapshot)}: nothing has happened here for {days} days, and it is your turn: {why}."
    return note(snapshot, key, f"{text} `/cancel` closes it if it is not wanted any more.")


def quiet_days(snapshot: Snapshot) -> int:
    """How many whole days ago something last happened, by the forge's clock; 0 when it does not say."""
    try:
        now, then = (datetime.fromisoformat(text) for text in (snapshot.fetched, snapshot.updated))
        return max(0, (now - then) // timedelta(days=1))
    except (ValueError, TypeError):  # no time, or one without a zone
        return 0


def authors_turn(snapshot: Snapshot, session: Session, requests: Sequence[Request]) -> str:
    """What its author is to do; '' when it is the bot's turn, or that of the people who review it."""
    if any(not request.is_answered for request in requests):
        return ""
    if session.frozen:
        return session.frozen
    if snapshot.conflicts:
        return f"it conflicts with {as_code(snapshot.base)}, and a comment here says how to refresh it"
    if session.files is None:
        return "the brief waits for an answer, or for `/proceed`"
    if any(finding.severity == "error" for finding in skill_findings(session.files)):
        return "the checks find errors"
    if waiting := sum(request.is_open for request in requests):
        return f"{waiting} open request{'s wait' if waiting > 1 else ' waits'}"
    # an objection to an older head was followed by commits: whoever has it looks again
    against = [item.author.name for item in objections(snapshot) if item.commit == snapshot.head_oid]
    return f"{as_code(against[0])} asks for changes" if against else ""


def _turn(snapshot: Snapshot, session: Session) -> str:
    """The turn's name: another one when somebody who counts says something, edits it, or pushes."""
    said = [
        f"{item.key} {digest_of(item.body)}"
        for item in sorted(snapshot.items, key=lambda item: item.order)
        if not is_bot(snapshot, item.author) and (may_decide(snapshot, item) or item.author.id == session.requester)
    ]
    return digest_of("\n".join([snapshot.head_oid, snapshot.reopened, snapshot.draft_changed, *said]))


def _author(snapshot: Snapshot) -> str:
    """Who asked for the draft, called by his login where there are logins: nobody else would tell him."""
    credited = next(
        (trailer(each.message, REQUESTED_BY) for each in snapshot.commits if trailer(each.message, SESSION)), ""
    )
    name, _, address = credited.rpartition("<")
    found = _LOGIN.fullmatch(address.removesuffix(">"))
    return f"@{found[1]}" if found else as_code(name or "you")
