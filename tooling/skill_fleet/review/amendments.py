"""What is added to an answer later: that its request was edited, or that a later commit changed what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher

from skill_fleet.forges import Action, EditAction, FlagAction, Snapshot
from skill_fleet.review.markers import command_of, digest_of, render_receipt
from skill_fleet.review.requests import FREE_FORM, SUGGESTION, Request
from skill_fleet.review.sanitizing import sanitize, visible
from skill_fleet.review.session import Session

# The end of an answer whose request was edited later. Earlier versions wrote the same, so it must not change.
EDITED = "\n\n_The request was edited since. `/retry` has it read again._"
CORRECTION = "\n\n_Correction: up to {head}, later commits changed these lines, so this may no longer be true._"
SETTLED = "- _Settled in the review._"  # instead of an assumption or an open point in the description
MOST_MARKS, LONGEST = 30, 2_000  # marks of one change; lines of a file that are compared


def amendments(snapshot: Snapshot, session: Session, requests: Iterable[Request]) -> Iterator[Action]:
    """Yield the additions that are due, each once. The thread of an answer that is corrected is reopened first."""
    resolved = {thread.key for thread in snapshot.threads if thread.resolved}
    answered = [(request, request.receipt) for request in requests if request.receipt]
    # the last word of a thread counts: what came before is history
    marks = _marks(session)
    last = {each.item.thread or each.key: each.key for each, _ in answered if each.command in (SUGGESTION, *FREE_FORM)}
    for request, receipt in answered:
        body, item = receipt.item.body, request.item
        if request.was_edited and EDITED not in body:
            body += EDITED
        is_last = snapshot.state == "open" and last.get(item.thread or request.key) == request.key
        if is_last and receipt.outcome in ("done", "refused") and _is_outdated(session, request, receipt.pin, marks):
            first = render_receipt(snapshot, receipt.key, "corrected", receipt.digest)
            body = f"{first}\n{body.partition(chr(10))[2]}{CORRECTION.format(head=snapshot.head_oid)}"
            if item.thread in resolved:
                yield FlagAction("unresolve", item.thread)
        if body != receipt.item.body:
            yield EditAction(receipt.item.key, body)
    is_fixed = any(command_of(receipt.key) == "proceed" for _, receipt in answered)
    lines = snapshot.body.split("\n") if snapshot.state == "open" and not is_fixed else []
    if told := [line for line in lines if line.startswith("- ") and point_mark(line[2:]) in session.settled]:
        yield EditAction("", "\n".join(SETTLED if line in told else line for line in lines))


def point_mark(text: str) -> str:
    """Return the mark of an assumption or an open point, however it is written in a description."""
    return digest_of(visible(sanitize(text)).strip())[:8]


def _marks(session: Session) -> frozenset[str]:
    """Return the marks of all lines, if there are commits whose lines can be gone."""
    contents = session.files.contents.values() if session.files and session.commits else ()
    return frozenset().union(*(marks_in(content.decode("utf-8", "replace")) for content in contents))


def _is_outdated(session: Session, request: Request, pin: str, marks: frozenset[str]) -> bool:
    """Whether no line is left that the commit for a request wrote, or the lines that its answer is about have changed."""
    if session.files is None or request.was_edited or request.key not in session.commits:
        return bool(session.files and pin) and pin != digest_at(session, request)
    wrote = session.wrote.get(request.key, frozenset())
    if request.command == SUGGESTION:
        wrote = frozenset(marks_in("\n".join(request.arguments)))
    return bool(wrote) and wrote.isdisjoint(marks)


def digest_at(session: Session, request: Request) -> str:
    """Return the digest of the lines of the head that a request is on, '' if it is on none."""
    anchor = request.item.anchor
    path = session.path_now(anchor) if anchor else ""
    if anchor is None or anchor.side == "LEFT" or not anchor.current_line or session.files is None:
        return ""
    lines = session.files.contents.get(path, b"").split(b"\n")
    return digest_of(
        b"\n".join(lines[(anchor.current_start or anchor.current_line) - 1 : anchor.current_line]).decode("latin-1")
    )


def marks_in(text: str) -> set[str]:
    """Return a mark of eight digits for each line that is not blank."""
    return {digest_of(line.strip())[:8] for line in text.split("\n") if line.strip()}


def marks_of_change(before: Mapping[str, str], after: Mapping[str, str], path: str, first: int, last: int) -> list[str]:
    """Return the marks of the new lines of a change: where it touches lines `first` to `last` of `path` of the text before,
    or everywhere if it does not touch them; none if there are too many."""
    near, everywhere = set[str](), set[str]()
    for name, text in after.items():
        old, new = before.get(name, "").split("\n"), text.split("\n")
        if text == before.get(name) or max(len(old), len(new)) > LONGEST:
            continue
        for what, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            found = marks_in("\n".join(new[j1:j2])) - marks_in("\n".join(old)) if what != "equal" else set()
            everywhere |= found
            near |= found if name == path and i1 <= last and i2 >= first - 1 else set()
    marks = sorted(near or everywhere)
    return marks if len(marks) <= MOST_MARKS else []
