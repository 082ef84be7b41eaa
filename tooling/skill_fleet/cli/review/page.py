"""A pull request as text for a terminal: its state, description, change and conversation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from skill_fleet import forges, review

_RECEIPT = "<!-- skill-fleet receipt "


def page(snapshot: forges.Snapshot, remote: str | None) -> Iterator[str]:
    """Return its lines; `remote` has its branches, unless they are local."""
    yield from _head(snapshot)
    yield from _body(snapshot)
    yield from _change(snapshot, remote)
    yield from _conversation(snapshot)


def _head(snapshot: forges.Snapshot) -> Iterator[str]:
    state = "draft" if snapshot.draft and snapshot.state == "open" else snapshot.state
    yield f"#{snapshot.number} {snapshot.title}"
    yield f"{state}: {snapshot.head} into {snapshot.base}, by {asker(snapshot)}, {ago(snapshot)}"
    if snapshot.labels:
        yield f"labels: {', '.join(snapshot.labels)}"
    yield ""


def _body(snapshot: forges.Snapshot) -> Iterator[str]:
    """Yield the description without the account of every source line, which is for programs and for the web."""
    text, heading, account = snapshot.body.partition(f"\n{review.LEDGER_HEADING}\n")
    if text.strip():
        yield from (f"  {line}".rstrip() for line in text.strip().split("\n"))
        yield ""
    if heading:
        count = account.strip().count("\n") + 1
        yield f"  ({count} line{'s' * (count != 1)} on where the source went: see --format json)"
        yield ""


def _change(snapshot: forges.Snapshot, remote: str | None) -> Iterator[str]:
    yield from (f"  {path}" for path in snapshot.changed)
    yield ""
    for commit in snapshot.commits:
        subject = commit.message.partition("\n")[0]
        yield f"  {commit.oid[:10]}  {subject}"
    if snapshot.state == "open" and snapshot.head_exists:
        at = f"{remote}/" if remote else ""
        yield f"  See the change: skill-fleet review show {snapshot.number} --diff"
        yield f"  or: git diff {at}{snapshot.base}...{at}{snapshot.head}"
    yield ""


def _conversation(snapshot: forges.Snapshot) -> Iterator[str]:
    """Yield the comments on the whole first, then each thread with its place and its key."""
    resolved = {thread.key for thread in snapshot.threads if thread.resolved}
    for item in snapshot.items:
        if not item.thread:
            yield from _item(item)
    for key in dict.fromkeys(item.thread for item in snapshot.items if item.thread):
        inside = [item for item in snapshot.items if item.thread == key]
        anchor = inside[0].anchor
        marks = ["resolved"] if key in resolved else []
        if anchor and anchor.line and not anchor.current_line:
            marks.append("outdated: these lines have changed since")
        yield f"thread{_place(anchor)}" + (f" ({', '.join(marks)})" if marks else "")
        yield from (f"  {line}".rstrip() for item in inside for line in _item(item))


def _place(anchor: forges.Anchor | None) -> str:
    """Return the lines of a thread, where they are now if they are still there."""
    if anchor is None or not anchor.line:
        return f" on {anchor.path}" if anchor else ""
    here = (anchor.current_start or anchor.current_line, anchor.current_line)
    first, last = here if anchor.current_line else (anchor.start, anchor.line)
    path = anchor.current_path or anchor.path
    return f" on {path}:{first}-{last}" if 0 < first < last else f" on {path}:{last}"


def asker(snapshot: forges.Snapshot) -> str:
    """Return the name of the person who requested the pull request."""
    credited = review.requested_by(snapshot) if review.read_session(snapshot) else ""
    return "unknown" if credited is None else credited.rpartition(" <")[0] or snapshot.author.name


def ago(snapshot: forges.Snapshot) -> str:
    """Return how long ago something last happened, in words."""
    try:
        now, then = (datetime.fromisoformat(text) for text in (snapshot.fetched, snapshot.updated))
        minutes = max(0, (now - then) // timedelta(minutes=1))
    except (ValueError, TypeError):  # no time, or one without a zone
        return "time unknown"
    for size, unit in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            return f"{review.pluralized(minutes // size, unit)} ago"
    return "just now"


def _item(item: forges.Item) -> Iterator[str]:
    verdict = f" {item.verdict.replace('_', ' ')}" if item.verdict else ""
    when = f", {item.at[:16].replace('T', ' ')} UTC" if item.at else ""
    yield f"{item.author.name}{verdict}{when} [{item.key}]"
    body = item.body.split("\n")
    if body[0].startswith(_RECEIPT):  # for the bot alone
        body = body[1:]
    if item.body.strip():
        yield from (f"  {line}".rstrip() for line in body)
    yield ""
