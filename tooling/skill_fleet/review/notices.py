"""Comments that the bot writes without a request: one for each cause, edited when the cause changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from skill_fleet.forges import ITEM_LIMIT, FlagAction, NoteAction, Snapshot
from skill_fleet.markdown import as_code
from skill_fleet.review.commands import fenced
from skill_fleet.review.gates import is_current, objections, shell_word
from skill_fleet.review.markers import command_of, digest_of, is_bot, receipts, render_receipt, trailer
from skill_fleet.review.preview import preview_key
from skill_fleet.review.requests import Request, asked_in, may_decide, ordered
from skill_fleet.review.session import REQUESTED_BY, SESSION, Session, enumeration, errors_in, pluralized

TOO_LONG = "too-long"  # label: the notice was written; finding it among ten thousand comments would take too long
_LOGIN = re.compile(r"[1-9][0-9]*\+([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))@users\.noreply\.[a-z0-9.-]+")


def note(snapshot: Snapshot, key: str, text: str, noted: Iterable[str] = ()) -> list[NoteAction]:
    """Return the note that writes `text` into the comment `key`; none if that is what it says, with these marks."""
    body = f"{render_receipt(snapshot, key, 'notice', noted=noted)}\n{text}"
    there = receipts(snapshot).get(key)
    return [] if there and there.item.body == body else [NoteAction(key, body)]


def due_notes(snapshot: Snapshot) -> list[NoteAction]:
    """Return every note that is due on an open draft."""
    number = snapshot.number
    texts = {
        f"force-push:pull/{number}": _force_push(snapshot),
        f"conflict:pull/{number}": _conflict(snapshot),
        f"description:pull/{number}": _description(snapshot),
    }
    return [due for key, text in texts.items() if text for due in note(snapshot, key, text)]


def foreign_notes(snapshot: Snapshot) -> list[NoteAction | FlagAction]:
    """Return the notes on a pull request that is no draft of the bot: its preview, that commands do nothing there, a reminder."""
    due = _preview(snapshot) if snapshot.preview else []
    said = [item for item in snapshot.items if may_decide(snapshot, item) and not item.hidden]
    if snapshot.state != "open" or not any(asked_in(item.body).commands for item in said):
        return due or [*_stale(snapshot)]
    text = "This is not a draft that the bot opened, so it carries out no commands and answers nobody here."
    return [*due, *note(snapshot, f"foreign:pull/{snapshot.number}", text)]


def _preview(snapshot: Snapshot) -> list[NoteAction | FlagAction]:
    """Return the labels that are new, and the comment, which remembers them, so that a label that a person removes stays away."""
    there = receipts(snapshot).get(preview_key(snapshot))
    known = there.noted if there else frozenset()
    marks = {digest_of(name)[:8]: name for name in snapshot.preview_labels}
    new = [name for mark, name in marks.items() if mark not in known and name not in snapshot.labels]
    flags = (FlagAction("label", name) for name in new)
    return [*flags, *note(snapshot, preview_key(snapshot), snapshot.preview, known | marks.keys())]


def _stale(snapshot: Snapshot) -> list[NoteAction]:
    """Return the reminder to the author of a pull request that is no draft of the bot, once a head, if it is due."""
    days = snapshot.fleet.nudge_days
    against = [item.author.name for item in objections(snapshot) if is_current(snapshot, item)]
    if snapshot.state != "open" or not days or _quiet_days(snapshot) < days or not (snapshot.conflicts or against):
        return []
    why = f"{as_code(against[0])} requested changes." if against else f"It conflicts with {as_code(snapshot.base)}."
    login = _LOGIN.fullmatch(snapshot.author.address)
    who = f"@{login[1]}" if login else as_code(snapshot.author.name)
    text = f"{who}: nothing has happened here for {days} days, and it is your turn. {why}"
    return note(snapshot, f"nudge:turn/{digest_of(snapshot.head_oid)}", text)


def _force_push(snapshot: Snapshot) -> str:
    if not snapshot.lost:
        return ""
    named = [oid for oid in snapshot.lost if any(oid in receipt.item.body for receipt in receipts(snapshot).values())]
    text = (
        "The branch was force-pushed; only its present commits count. Answered requests stay answered, and lost "
        "changes are not made again. Unanswered requests are handled now. An approval of a lost commit does not count."
    )
    lost = f"\n\nAnswers name commits that were lost: {enumeration(named)}. Ask again for what should still be done."
    return text + lost if named else text


def _conflict(snapshot: Snapshot) -> str:
    if not snapshot.conflicts:
        was_noted = f"conflict:pull/{snapshot.number}" in receipts(snapshot)
        return f"The conflict with {as_code(snapshot.base)} is resolved." if was_noted else ""
    paths = enumeration([as_code(path) for path in snapshot.conflicts])
    commands = fenced("".join(f"{line}\n" for line in _commands(snapshot)), "sh")
    return (
        f"This draft conflicts with {as_code(snapshot.base)} in {paths}. The bot neither rebases nor merges. To resolve "
        f"the conflict:\n\n{commands}"
    )


def _description(snapshot: Snapshot) -> str:
    given = receipts(snapshot).values()
    settled = [each for each in given if command_of(each.key) == "proceed" and each.pin and each.outcome == "done"]
    last = max(settled, key=lambda receipt: receipt.item.order, default=None)
    if last is None or last.pin == pin_of(snapshot):
        return ""
    return (
        f"The description was edited after `/proceed` settled it (`{last.pin}`), so the edit is ignored. To change the "
        "skill, comment on its lines or write `/refine TEXT`. To settle the new description, write `/proceed` again."
    )


def pin_of(snapshot: Snapshot) -> str:
    """Return the digest of the description of a pull request; line ends make no difference."""
    return digest_of(re.sub(r"[ \t]*\r?\n", "\n", snapshot.body).strip())


def too_many_comments(snapshot: Snapshot) -> list[NoteAction | FlagAction]:
    """Return the one notice on a pull request with too many comments, and the label that says that it was written."""
    if TOO_LONG in snapshot.labels:
        return []
    text = (
        f"This pull request has more than {ITEM_LIMIT:,} comments and reviews, which is more than the bot reads, so the bot "
        "does nothing here from now on. Close it and open another one for the same branch; the commits stay."
    )
    return [*note(snapshot, f"too-many:pull/{snapshot.number}", text), FlagAction("label", TOO_LONG)]


def _commands(snapshot: Snapshot) -> Iterator[str]:
    """Yield the commands to paste into a shell. Anybody may have named the branches, so their names are quoted."""
    remote, head = snapshot.remote, shell_word(snapshot.head)
    if remote:
        yield f"git fetch {remote}"
    yield f"git switch {head}"
    if remote:
        yield f"git merge --ff-only {shell_word(f'{remote}/{snapshot.head}')}"
    yield f"git merge {shell_word(f'{remote}/{snapshot.base}' if remote else snapshot.base)}"
    yield "# fix each file that Git lists, then:"
    yield "git add --update"
    yield "git commit --no-edit"
    if remote:
        yield f"git push {remote} {head}"


def reminder(snapshot: Snapshot, session: Session, requests: Sequence[Request]) -> list[NoteAction]:
    """Return the reminder to the author, if it is due."""
    days = snapshot.fleet.nudge_days
    if not days or _quiet_days(snapshot) < days or not (why := waits_for_author(snapshot, session, requests)):
        return []
    text = f"{_author(snapshot)}: nothing has happened here for {days} days, and it is your turn. {why}"
    text += " If the draft is no longer wanted, write `/cancel`."
    return note(snapshot, f"nudge:turn/{_state(snapshot, session)}", text)


def _quiet_days(snapshot: Snapshot) -> int:
    """Return the number of whole days since the last update, by the forge's clock; 0 if that is unknown."""
    try:
        now, then = (datetime.fromisoformat(text) for text in (snapshot.fetched, snapshot.updated))
        return max(0, (now - then) // timedelta(days=1))
    except (ValueError, TypeError):  # no time, or one without a zone
        return 0


def waits_for_author(snapshot: Snapshot, session: Session, requests: Sequence[Request]) -> str:
    """Return what the author has to do, as a sentence; '' if it is the turn of the bot or the reviewers."""
    if any(not request.is_answered and request.is_open for request in requests):
        return ""
    if session.frozen:
        return session.frozen.text
    if snapshot.conflicts:
        return f"The draft conflicts with {as_code(snapshot.base)}; a comment here says how to resolve that."
    if session.files is None:
        return "The brief waits for an answer, or for `/proceed`."
    if errors := errors_in(session.files):
        return f"The checks find {pluralized(len(errors), 'error')}."
    if waiting := sum(request.is_open for request in requests):
        return f"Still open: {pluralized(waiting, 'request')}."
    # after an objection to an older head there were commits, so it is the reviewer's turn
    against = [item.author.name for item in objections(snapshot) if is_current(snapshot, item)]
    return f"{as_code(against[0])} requested changes." if against else ""


def _state(snapshot: Snapshot, session: Session) -> str:
    """Return a digest that changes when somebody who counts writes, edits or pushes."""
    said = [
        f"{item.key} {digest_of(item.body)}"
        for item in ordered(snapshot)
        if not is_bot(snapshot, item.author) and (may_decide(snapshot, item) or item.author.id == session.requester)
    ]
    return digest_of("\n".join([snapshot.head_oid, snapshot.reopened, snapshot.draft_changed, *said]))


def _author(snapshot: Snapshot) -> str:
    """Return who requested the draft, mentioned by login if there is one, so that the forge notifies that person."""
    opening = next((commit.message for commit in snapshot.commits if trailer(commit.message, SESSION)), "")
    name, _, address = trailer(opening, REQUESTED_BY).rpartition("<")
    found = _LOGIN.fullmatch(address.removesuffix(">"))
    return f"@{found[1]}" if found else as_code(name or "you")
