"""What the bot says without being asked: one comment for each cause, ever, which is edited when the cause changes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from skill_fleet.forges import ITEM_LIMIT, FlagAction, NoteAction, Snapshot
from skill_fleet.markdown import as_code
from skill_fleet.review.gates import objections
from skill_fleet.review.markers import digest_of, is_bot, receipts, render_receipt, trailer
from skill_fleet.review.requests import Request, may_decide
from skill_fleet.review.session import REQUESTED_BY, SESSION, Session
from skill_fleet.review.status import skill_findings

TOO_LONG = (
    "too-long"  # the label by which it is known that the notice was given: nobody reads ten thousand comments for it
)
SHOWN = 10


def note(snapshot: Snapshot, key: str, text: str) -> NoteAction | None:
    """Have `text` stand in the comment `key`; None when it does."""
    body = f"{render_receipt(snapshot, key, 'notice')}\n{text}"
    there = receipts(snapshot).get(key)
    return None if there and there.item.body == body else NoteAction(key, body)


def notes(snapshot: Snapshot) -> list[NoteAction]:
    """Every note that is owed on an open draft."""
    number = snapshot.number
    wanted = [
        (f"force-push:pull/{number}", force_push(snapshot)),
        (f"conflict:pull/{number}", conflict(snapshot)),
        (f"description:pull/{number}", description(snapshot)),
    ]
    found = [note(snapshot, key, text) for key, text in wanted if text]
    return [each for each in found if each]


def force_push(snapshot: Snapshot) -> str:
    """What follows from commits that were pushed away, '' when there are none."""
    if not snapshot.lost:
        return ""
    named = [oid for oid in snapshot.lost if any(oid in receipt.item.body for receipt in receipts(snapshot).values())]
    lines = [
        "The branch was force-pushed, and what is on it now is what counts. What was answered stays answered, and "
        "nothing is put back by itself; what was not answered yet is looked at anew. An approval of a commit that is "
        "gone does not count."
    ]
    if named:
        lines.append(f"Answered with commits that are gone: {_list(named)}. Ask again for what should still be done.")
    return "\n\n".join(lines)


def conflict(snapshot: Snapshot) -> str:
    """How to refresh a draft that conflicts with its base; '' when there never was anything to refresh."""
    if not snapshot.conflicts:
        there = f"conflict:pull/{snapshot.number}" in receipts(snapshot)
        return f"It can be merged into {as_code(snapshot.base)} again." if there else ""
    paths = _list([as_code(path) for path in snapshot.conflicts])
    return (
        f"This draft conflicts with {as_code(snapshot.base)} in {paths}. The bot does not rebase, and pushes no merge. "
        f"To refresh it:\n\n{_fenced(_refresh(snapshot))}"
    )


def description(snapshot: Snapshot) -> str:
    """What follows from a description that is another one than what `/proceed` settled; '' when it is not."""
    settled = [each for each in receipts(snapshot).values() if each.pin and each.outcome == "done"]
    last = max(settled, key=lambda receipt: receipt.item.order, default=None)
    if last is None or last.pin == pin_of(snapshot):
        return ""
    return (
        f"The description was edited after `/proceed` settled it as it was then (`{last.pin}`). The edit is ignored: to "
        "change the skill, comment on its lines, or write `/refine TEXT`; another `/proceed` settles the description as "
        "it is."
    )


def pin_of(snapshot: Snapshot) -> str:
    """The digest of the description as it is; how its lines end makes no difference."""
    return digest_of(re.sub(r"[ \t]*\r?\n", "\n", snapshot.body).strip())


def too_many(snapshot: Snapshot) -> list[NoteAction | FlagAction]:
    """The one notice on a pull request that is too long to be read, and the label that says it was given."""
    if TOO_LONG in snapshot.labels:
        return []
    said = note(
        snapshot,
        f"too-many:pull/{snapshot.number}",
        f"There are more than {ITEM_LIMIT:,} comments and reviews here, more than the bot reads. It does nothing on this "
        "pull request from now on. Close it, and open another for the same branch: what is committed stays.",
    )
    return [*([said] if said else []), FlagAction("label", TOO_LONG)]


def _refresh(snapshot: Snapshot) -> Iterator[str]:
    """The commands, to be pasted into a shell: names of branches are whatever somebody called them."""
    remote, head = snapshot.remote, _word(snapshot.head)
    if remote:
        yield f"git fetch {remote}"
    yield f"git switch {head}"
    if remote:
        yield f"git merge --ff-only {_word(f'{remote}/{snapshot.head}')}"
    yield f"git merge {_word(f'{remote}/{snapshot.base}' if remote else snapshot.base)}"
    yield "# fix each file that Git names, then:"
    yield "git add --update"
    yield "git commit --no-edit"
    if remote:
        yield f"git push {remote} {head}"


def _word(name: str) -> str:
    """A name as one word of a shell, in which no HTML comment begins."""
    return shlex.quote(name).replace("<!--", "<!''--")


def _fenced(lines: Iterator[str]) -> str:
    text = "\n".join(lines)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}sh\n{text}\n{fence}"


def _list(words: list[str]) -> str:
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return f"{', '.join(words[:SHOWN])}{more}"


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
