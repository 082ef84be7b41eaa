"""The gates of a merge: a checklist of conditions, each a fact about the head of a pull request."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from skill_fleet.forges import Actor, Item, Snapshot
from skill_fleet.markdown import one_line, shortened
from skill_fleet.review.markers import credit, trailer
from skill_fleet.review.requests import Request, may_decide, ordered, read_requests
from skill_fleet.review.session import REQUESTED_BY, account_of, address_in, pluralized, read_session, requested_by

SHOWN, FIRST_WORDS = 3, 40  # open requests that are named, and characters of each
_ENTRY = re.compile(r"skills/([a-z0-9-]+(?:/[a-z0-9-]+)+)/SKILL\.md")


class Condition(StrEnum):
    """The condition of a gate, as people see it."""

    READABLE = "readable"
    OPEN = "open"
    BRANCH = "branch exists"
    NO_ERRORS = "no errors"
    NO_REQUESTS = "no open requests"
    NO_OBJECTIONS = "no changes requested"
    APPROVED = "approved"


@dataclass(frozen=True)
class Gate:
    """A gate: its condition, whether it is met, what is missing if not, and a note for people, met or not."""

    what: Condition
    met: bool
    missing: str = ""
    note: str = ""


def check_gates(snapshot: Snapshot, errors: int, has_model: bool = False) -> tuple[Gate, ...]:
    """Return every gate at this head; `errors` is the number of errors that the change introduces.

    Words that no model has read yet are open requests if there is a model; without one they are only counted.
    """
    known = _requests(snapshot)
    unread = [request for request in known if request.is_remark and not request.is_answered]
    waiting = [request for request in known if request.is_open or (has_model and request in unread)]
    note = f"{pluralized(len(unread), 'comment')} not read yet: skill-fleet review step {snapshot.number}"
    note = note if has_model else f"{pluralized(len(unread), 'comment')} not read, since no model is configured"
    against = ", ".join(item.author.name for item in objections(snapshot))
    return (
        Gate(Condition.READABLE, snapshot.complete, "part of the pull request could not be read"),
        Gate(Condition.OPEN, snapshot.state == "open", snapshot.state),
        Gate(Condition.BRANCH, snapshot.head_exists, f"the branch {snapshot.head} was deleted"),
        Gate(Condition.NO_ERRORS, errors == 0, pluralized(errors, "error")),
        Gate(Condition.NO_REQUESTS, not waiting, _named(waiting), note if unread else ""),
        Gate(
            Condition.NO_OBJECTIONS,
            not against,
            f"requested by {against}; only the same person can approve or withdraw that",
        ),
        approved_gate(snapshot),
    )


def latest_verdicts(snapshot: Snapshot) -> tuple[Item, ...]:
    """Return the latest approval or request for changes of each person with write access, unless dismissed."""
    found: dict[str, Item] = {}
    for item in ordered(snapshot):
        if item.verdict in ("approved", "changes_requested", "dismissed") and may_decide(snapshot, item):
            found[_person(snapshot, item.author.address)] = item
    return tuple(item for item in found.values() if item.verdict != "dismissed")


def approvals(snapshot: Snapshot) -> tuple[Item, ...]:
    """Return the latest verdicts that approve, of any commit."""
    return tuple(item for item in latest_verdicts(snapshot) if item.verdict == "approved")


def current_approvals(snapshot: Snapshot) -> tuple[Item, ...]:
    """Return the approvals of the present head; those of older commits are void."""
    return tuple(item for item in approvals(snapshot) if is_current(snapshot, item))


def is_current(snapshot: Snapshot, item: Item) -> bool:
    """Whether a verdict is about the present head, or about one from which only clean merges of the base lead to it."""
    return item.commit in (snapshot.head_oid, *snapshot.updated_from)


def restoring(snapshot: Snapshot) -> str:
    """Return the command that brings the deleted branch of a pull request back, in a clone that knows its head."""
    return f"git push {snapshot.remote or '.'} {shell_word(f'{snapshot.head_oid}:refs/heads/{snapshot.head}')}"


def shell_word(name: str) -> str:
    """Return a name, which anybody may have chosen, as one word of a shell, without the start of an HTML comment."""
    return shlex.quote(name).replace("<!--", "<!''--")


def objections(snapshot: Snapshot) -> tuple[Item, ...]:
    """Return the latest verdicts that request changes; only their authors can withdraw them."""
    return tuple(item for item in latest_verdicts(snapshot) if item.verdict == "changes_requested")


def approvers(snapshot: Snapshot) -> tuple[Item, ...]:
    """Return the approvals that count: of this head, by someone with write access who did not request the change."""
    return tuple(item for item in current_approvals(snapshot) if not is_requester(snapshot, item.author))


def is_requester(snapshot: Snapshot, actor: Actor) -> bool:
    """Whether `actor` requested the pull request, or opened it, under any address of that person."""
    credited = requested_by(snapshot) or ""
    own = {_person(snapshot, address_in(credited)), _person(snapshot, snapshot.author.address)} - {""}
    return actor.id in (account_of(credited), snapshot.author.id) or _person(snapshot, actor.address) in own


def _person(snapshot: Snapshot, address: str) -> str:
    """Return the proper address of a person: as .mailmap says, without what mail servers ignore after a plus."""
    address = address.strip().lower()
    name, at, host = snapshot.fleet.addresses.get(address, address).partition("@")
    return f"{name if '.noreply.' in host else name.partition('+')[0]}{at}{host}"


def open_requests(snapshot: Snapshot) -> tuple[Request, ...]:
    """Return the requests that still wait for the bot or for people; none if the bot did not open the pull request."""
    return tuple(request for request in _requests(snapshot) if request.is_open)


def _requests(snapshot: Snapshot) -> tuple[Request, ...]:
    session = read_session(snapshot)
    return read_requests(snapshot, session.commits) if session else ()


def merge_trailers(snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    """Return the trailers of the merge commit: the facts that are needed after the branch is gone."""
    session = read_session(snapshot)
    rows = [("Skill", skill) for skill in ((session.skill,) if session else _changed_skills(snapshot)) if skill]
    rows.append(("Pull-request", f"#{snapshot.number}"))
    rows += [("Reviewed-by", credit(item.author.name, item.author.address)) for item in approvers(snapshot)]
    commits = (*snapshot.opened_with, *snapshot.commits)
    askers = dict.fromkeys(trailer(commit.message, REQUESTED_BY) for commit in commits)
    return (*rows, *((REQUESTED_BY, who) for who in askers if who))


def self_approvers(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the names of people whose approval counts and who requested some change of the draft themselves."""
    credited = (trailer(commit.message, REQUESTED_BY) for commit in snapshot.commits)
    askers = {_person(snapshot, address_in(each)) for each in credited if each}
    return tuple(item.author.name for item in approvers(snapshot) if _person(snapshot, item.author.address) in askers)


def _changed_skills(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the ids of the skills that a pull request of a person changes or adds."""
    brought = {found[1] for path in snapshot.changed if (found := _ENTRY.fullmatch(path))}
    inside = [path.removeprefix("skills/") for path in snapshot.changed if path.startswith("skills/")]
    held = {name for name in snapshot.fleet.ids if any(path.startswith(f"{name}/") for path in inside)}
    return tuple(sorted(brought | held))


def approved_gate(snapshot: Snapshot) -> Gate:
    """Return the gate of the approvals."""
    wanted, given = snapshot.fleet.approvals, approvers(snapshot)
    missing = [
        f"{len(given)} of {pluralized(wanted, 'approval')} of this head by people who did not request the change"
    ]
    if wanted and requested_by(snapshot) is None:  # one of two people did not
        wanted = max(2, wanted)
        missing = [
            f"{len(given)} of {wanted} approvals of this head, since the commit that names the requester is gone"
        ]
    if not all(is_current(snapshot, item) for item in approvals(snapshot)):
        missing.append("an approval of an older commit does not count")
    if own := [item.author.name for item in current_approvals(snapshot) if item not in given]:
        missing.append(f"{', '.join(own)} requested it")
    return Gate(Condition.APPROVED, len(given) >= wanted, "; ".join(missing))


def _named(waiting: Sequence[Request]) -> str:
    """Return the number of open requests, with the keys and first words of some."""
    rows = [f"{each.item.key}, {shortened(one_line(each.item.body), FIRST_WORDS)!r}" for each in waiting[:SHOWN]]
    more = f"; and {len(waiting) - SHOWN} more" if len(waiting) > SHOWN else ""
    return f"{len(waiting)} open: {'; '.join(rows)}{more}"
