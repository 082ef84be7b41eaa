"""A pull request as text for a terminal: its state, description, change and conversation."""

from __future__ import annotations

from collections.abc import Iterator

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
    yield f"{state}: {snapshot.head} into {snapshot.base}"
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
        place = "" if anchor is None else f" on {anchor.path}:{anchor.line}" if anchor.line else f" on {anchor.path}"
        yield f"thread{place}{' (resolved)' if key in resolved else ''}"
        yield from (f"  {line}".rstrip() for item in inside for line in _item(item))


def _item(item: forges.Item) -> Iterator[str]:
    verdict = f" {item.verdict.replace('_', ' ')}" if item.verdict else ""
    yield f"{item.author.name}{verdict} [{item.key}]"
    body = item.body.split("\n")
    if body[0].startswith(_RECEIPT):  # for the bot alone
        body = body[1:]
    if item.body.strip():
        yield from (f"  {line}".rstrip() for line in body)
    yield ""
