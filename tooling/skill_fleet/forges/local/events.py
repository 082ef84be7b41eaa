"""What the events of a timeline make of a pull request: a pure function, which no order of reading can change.

Only what an event says is here. Where the branches stand, and so where lines are now, is for others to look up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from skill_fleet.errors import UserError
from skill_fleet.forges.accounts import BOT
from skill_fleet.forges.local.timeline import Event, Timeline, order
from skill_fleet.forges.snapshot import Actor, Anchor, Item, Thread


@dataclass
class PullRequest:
    """A pull request as told so far. Built by `replay` and not changed after."""

    number: int
    repository: str
    author: Actor
    title: str
    body: str
    head: str
    base: str
    draft: bool
    heads: list[str]
    """The commits that Skill Fleet knows the head to have been at, oldest first."""
    draft_changed: str = ""
    closed: str = ""
    """The head when it was closed; '' while it is open."""
    reopened: str = ""
    merged: Event | None = None
    labels: set[str] = field(default_factory=set)
    items: dict[str, Item] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)
    """Also those whose comments were all deleted: somebody offline may have replied to one."""
    anchors: dict[str, Anchor] = field(default_factory=dict)
    """By thread, what it is about."""
    left: dict[str, str] = field(default_factory=dict)
    """By thread, the commit that the left side of its diff showed."""


def replay(timeline: Timeline) -> PullRequest:
    """Tell the events in their order; UserError when none opens the pull request. What makes no sense has no effect."""
    first = next((event for event in timeline.events if event["type"] == "opened"), None)
    if first is None:
        raise UserError(
            f"The timeline of pull request #{timeline.number} is malformed: commit {timeline.tips[0][:12]} "
            "and those before it never open it.",
            f"Look at it: git log {timeline.tips[0][:12]}",
        )
    facts = {key: first[key] for key in ("repository", "title", "body", "head", "base", "draft")}
    pull = PullRequest(timeline.number, author=_actor(first), heads=[first["commit"]], **facts)
    for event in timeline.events:
        if tell := _TELLERS.get(event["type"]):
            tell(pull, event)
    return pull


def _actor(event: Event) -> Actor:
    return Actor(event["actor"]["id"].strip().lower(), event["actor"]["name"])


def _item(event: Event, kind: str) -> Item:
    key = f"{kind}/{event['id']}"
    return Item(key, _actor(event), order(event), event["body"], event["at"])


def _commented(pull: PullRequest, event: Event) -> None:
    item = _item(event, "comment")
    pull.items[item.key] = item


def _commented_on(pull: PullRequest, event: Event) -> None:
    item = _item(event, "line")
    anchor = Anchor(event["path"], event["commit"], event["start"], event["line"], event["side"])
    pull.items[item.key] = replace(item, thread=item.key, anchor=anchor, commit=event["commit"])
    pull.threads[item.key] = Thread(item.key)
    pull.anchors[item.key] = anchor
    pull.left[item.key] = event["from"]


def _replied(pull: PullRequest, event: Event) -> None:
    if anchor := pull.anchors.get(event["thread"]):
        item = _item(event, "line")
        pull.items[item.key] = replace(item, thread=event["thread"], anchor=anchor, commit=anchor.commit)


def _reviewed(pull: PullRequest, event: Event) -> None:
    item = _item(event, "review")
    pull.items[item.key] = replace(item, verdict=event["verdict"], commit=event["commit"])


def _dismissed(pull: PullRequest, event: Event) -> None:
    item = pull.items.get(event["item"])
    if item and item.verdict:
        pull.items[item.key] = replace(item, verdict="dismissed")


def _edited(pull: PullRequest, event: Event) -> None:
    if item := pull.items.get(event["item"]):
        pull.items[item.key] = replace(item, body=event["body"], editor=_actor(event), edited=order(event))


def _deleted(pull: PullRequest, event: Event) -> None:
    pull.items.pop(event["item"], None)


def _resolved(pull: PullRequest, event: Event) -> None:
    if event["thread"] in pull.threads:
        resolver = _actor(event) if event["resolved"] else None
        pull.threads[event["thread"]] = Thread(event["thread"], event["resolved"], resolver)


def _labelled(pull: PullRequest, event: Event) -> None:
    (pull.labels.add if event["present"] else pull.labels.discard)(event["label"])


def _drafted(pull: PullRequest, event: Event) -> None:
    pull.draft = event["draft"]
    if _actor(event).id != BOT.id:
        pull.draft_changed = order(event)


def _closed(pull: PullRequest, event: Event) -> None:
    if pull.closed and not event["closed"]:
        pull.reopened = order(event)
    pull.closed = event["commit"] if event["closed"] else ""


def _pushed(pull: PullRequest, event: Event) -> None:
    pull.heads.append(event["new"])


def _merged(pull: PullRequest, event: Event) -> None:
    pull.merged = pull.merged or event


_TELLERS: dict[str, Callable[[PullRequest, Event], None]] = {
    "commented": _commented,
    "commented-on": _commented_on,
    "replied": _replied,
    "reviewed": _reviewed,
    "dismissed": _dismissed,
    "edited": _edited,
    "deleted": _deleted,
    "resolved": _resolved,
    "labelled": _labelled,
    "drafted": _drafted,
    "closed": _closed,
    "pushed": _pushed,
    "merged": _merged,
}
