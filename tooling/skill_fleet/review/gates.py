"""What must hold before a pull request is merged: a checklist that says of each gate whether it is open, and why not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from skill_fleet.forges import Item, Snapshot
from skill_fleet.markdown import one_line
from skill_fleet.review.markers import credit, trailer
from skill_fleet.review.requests import Request, may_decide, read_requests
from skill_fleet.review.session import REQUESTED_BY, read_session


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


SHOWN, FIRST_WORDS = 3, 40  # requests that are named, and characters of each
_ENTRY = re.compile(r"skills/([a-z0-9-]+(?:/[a-z0-9-]+)+)/SKILL\.md")


@dataclass(frozen=True)
class Gate:
    """One condition: `what` it is, whether it is `met`, and what is missing when it is not."""

    what: str
    met: bool
    missing: str = ""


def check_gates(snapshot: Snapshot, errors: int) -> tuple[Gate, ...]:
    """Every gate of a pull request at this head; `errors` is how many findings of that severity the change brings."""
    waiting = open_requests(snapshot)
    against = ", ".join(item.author.name for item in objections(snapshot))
    return (
        Gate("all of it can be read", snapshot.complete, "it cannot"),
        Gate("it is open", snapshot.state == "open", f"it is {snapshot.state}"),
        Gate("its branch is there", snapshot.head_exists, f"the branch {snapshot.head} was deleted"),
        Gate("the checks find no error", errors == 0, f"they find {errors}"),
        Gate("no request is open", not waiting, _named(waiting)),
        Gate(
            "nobody asks for changes",
            not against,
            f"{against} did; only the same person can approve it, or withdraw that",
        ),
        _approved(snapshot),
    )


def approvers(snapshot: Snapshot) -> tuple[Item, ...]:
    """The approvals that count: of this head, by someone with write who did not ask for this pull request."""
    asked = requester(snapshot)
    return tuple(item for item in standing_approvals(snapshot) if item.author.id not in (asked, snapshot.author.id))


def open_requests(snapshot: Snapshot) -> tuple[Request, ...]:
    """The requests that are still owed something, by the bot or by people; none on a pull request that is not its own."""
    session = read_session(snapshot)
    known = read_requests(snapshot, session.commits) if session else ()
    return tuple(request for request in known if request.is_open)


def requester(snapshot: Snapshot) -> str:
    """The id of the person who asked for the pull request: as the session says, else who opened it."""
    session = read_session(snapshot)
    return (session.requester if session else "") or snapshot.author.id


def merge_trailers(snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    """What the merge commit records, so that nothing later needs the branch."""
    session = read_session(snapshot)
    rows = [("Skill", skill) for skill in ((session.skill,) if session else _changed_skills(snapshot)) if skill]
    rows.append(("Pull-request", f"#{snapshot.number}"))
    rows += [("Reviewed-by", credit(item.author.name, item.author.address)) for item in approvers(snapshot)]
    askers = dict.fromkeys(trailer(commit.message, REQUESTED_BY) for commit in snapshot.commits)
    return (*rows, *((REQUESTED_BY, who) for who in askers if who))


def one_pair_of_eyes(snapshot: Snapshot) -> tuple[str, ...]:
    """The names of those whose approval is of a change that they asked for themselves."""
    askers = {trailer(commit.message, REQUESTED_BY) for commit in snapshot.commits}
    return tuple(
        item.author.name for item in approvers(snapshot) if credit(item.author.name, item.author.address) in askers
    )


def _changed_skills(snapshot: Snapshot) -> tuple[str, ...]:
    """The ids of the skills that somebody's own pull request changes: those of the base, and those it brings."""
    brought = {found[1] for path in snapshot.changed if (found := _ENTRY.fullmatch(path))}
    inside = [path.removeprefix("skills/") for path in snapshot.changed if path.startswith("skills/")]
    held = {name for name in snapshot.fleet.ids if any(path.startswith(f"{name}/") for path in inside)}
    return tuple(sorted(brought | held))


def _approved(snapshot: Snapshot) -> Gate:
    wanted, given = snapshot.fleet.approvals, len(approvers(snapshot))
    what = f"{wanted} approval{'s' * (wanted != 1)} of this head by someone who did not ask for it"
    latest = [item for item in latest_verdicts(snapshot) if item.verdict == "approved"]
    stale = any(item.commit != snapshot.head_oid for item in latest)
    counted = {item.author.id for item in approvers(snapshot)}
    own = [item.author.name for item in standing_approvals(snapshot) if item.author.id not in counted]
    missing = f"it has {given}" + ("; an approval of an older commit does not count" if stale else "")
    missing += f"; {', '.join(own)} asked for it" if own else ""
    return Gate(what, given >= wanted, missing)


def _named(waiting: Sequence[Request]) -> str:
    """How many requests wait, and which: each by its key and its first words."""
    rows = [f"{request.item.key}, {_first_words(request.item.body)!r}" for request in waiting[:SHOWN]]
    more = f"; and {len(waiting) - SHOWN} more" if len(waiting) > SHOWN else ""
    return f"{len(waiting)} still wait{'s' * (len(waiting) == 1)}: {'; '.join(rows)}{more}"


def _first_words(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= FIRST_WORDS else f"{line[:FIRST_WORDS].rstrip()} ..."
