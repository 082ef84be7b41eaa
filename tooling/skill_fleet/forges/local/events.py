"""A pull request as the sum of its events: a pure function, independent of the order in which they are read.

Only what events say is here; branches, and so the current place of lines, are looked up elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.forges.accounts import BOT
from skill_fleet.forges.local.timeline import Event, Timeline, order
from skill_fleet.forges.types import Actor, Anchor, Item, Thread


@dataclass
class PullRequest:
    """A pull request, built by `replay` and not changed afterwards."""

    number: int
    repository: str
    author: Actor
    title: str
    body: str
    head: str
    base: str
    draft: bool
    heads: list[str]
    """The commits that the head is known to have been at, oldest first."""
    draft_changed: str = ""
    closed: str = ""
    """The head at the time of closing; '' while it is open."""
    reopened: str = ""
    merged: Event | None = None
    labels: set[str] = field(default_factory=set)
    items: dict[str, Item] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)
    """Includes threads whose comments were all deleted: somebody offline may have replied in one."""
    anchors: dict[str, Anchor] = field(default_factory=dict)
    """By thread: the lines it is about."""
    left: dict[str, str] = field(default_factory=dict)
    """By thread: the commit that the left side of its diff showed."""


def replay(timeline: Timeline) -> PullRequest:
    """Apply the events in order; UserError if none opens the pull request. Events that make no sense have no effect."""
    first = next((event for event in timeline.events if event["type"] == "opened"), None)
    if first is None:
        raise UserError(
            f"The timeline of pull request #{timeline.number} is malformed: commit {timeline.tips[0][:12]} "
            "and its ancestors never open it.",
            f"Inspect it: git log {timeline.tips[0][:12]}",
        )
    facts = {key: first[key] for key in ("repository", "title", "body", "head", "base", "draft")}
    pull = PullRequest(timeline.number, author=_actor(first), heads=[first["commit"]], **facts)
    for event in timeline.events:
        _apply(pull, event)
    return pull


def _apply(pull: PullRequest, event: Event) -> None:
    """Change the pull request as one event says. A type that is not listed comes from a newer version."""
    match event["type"]:
        case "commented":
            _add(pull, event, "comment")
        case "commented-on":
            anchor = Anchor(event["path"], event["commit"], event["start"], event["line"], event["side"])
            key = f"line/{event['id']}"
            pull.threads[key], pull.anchors[key], pull.left[key] = Thread(key), anchor, event["from"]
            _add(pull, event, "line", thread=key, anchor=anchor, commit=event["commit"])
        case "replied":
            if about := pull.anchors.get(event["thread"]):
                _add(pull, event, "line", thread=event["thread"], anchor=about, commit=about.commit)
        case "reviewed":
            _add(pull, event, "review", verdict=event["verdict"], commit=event["commit"])
        case "dismissed":
            if (item := pull.items.get(event["item"])) and item.verdict:
                pull.items[item.key] = replace(item, verdict="dismissed")
        case "edited":
            if item := pull.items.get(event["item"]):
                pull.items[item.key] = replace(item, body=event["body"], editor=_actor(event), edited=order(event))
        case "described":
            pull.body = event["body"]
        case "retitled":
            pull.title = event["title"]
        case "deleted":
            pull.items.pop(event["item"], None)
        case "resolved":
            if event["thread"] in pull.threads:
                resolver = _actor(event) if event["resolved"] else None
                pull.threads[event["thread"]] = Thread(event["thread"], event["resolved"], resolver)
        case "labelled":
            (pull.labels.add if event["present"] else pull.labels.discard)(event["label"])
        case "drafted":
            pull.draft = event["draft"]
            if _actor(event).id != BOT.id:
                pull.draft_changed = order(event)
        case "closed":
            if pull.closed and not event["closed"]:
                pull.reopened = order(event)
            pull.closed = event["commit"] if event["closed"] else ""
        case "pushed":
            pull.heads.append(event["new"])
        case "merged":
            pull.merged = pull.merged or event


def _add(pull: PullRequest, event: Event, kind: str, **facts: Any) -> None:
    item = Item(f"{kind}/{event['id']}", _actor(event), order(event), event["body"], event["at"], **facts)
    pull.items[item.key] = item


def _actor(event: Event) -> Actor:
    return Actor(event["actor"]["id"].strip().lower(), event["actor"]["name"])
