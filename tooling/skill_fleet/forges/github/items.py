"""GitHub's nodes as the facts that a decision reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from skill_fleet.forges.github.accounts import GHOST, Author, author_of
from skill_fleet.forges.types import Actor, Anchor, Item, Side, Thread, Verdict

Node = dict[str, Any]

_VERDICTS: dict[str, Verdict] = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "changes_requested",
    "COMMENTED": "commented",
    "DISMISSED": "dismissed",
}
_AFTER = "~"  # sorts behind every id: an event of the same second counts as later, so that a person's click stands


@dataclass(frozen=True)
class Said:
    """An item and whether a person wrote it."""

    item: Item
    author: Author


def read_items(nodes: dict[str, tuple[Node, ...]]) -> tuple[Said, ...]:
    """Every item, in the order the server received them."""
    found = [*_comments(nodes["comments"]), *_reviews(nodes["reviews"])]
    for thread in nodes["reviewThreads"]:
        found += _thread_items(thread)
    return tuple(sorted(found, key=lambda said: said.item.order))


def read_threads(nodes: dict[str, tuple[Node, ...]]) -> tuple[Thread, ...]:
    """The state of every thread that has a comment left, in the order of their keys' numbers."""
    found = []
    for thread in nodes["reviewThreads"]:
        if keys := [_key("line", comment) for comment in _published(thread)]:
            resolver = author_of(thread["resolvedBy"]).actor if thread["isResolved"] else None
            found.append(Thread(keys[0], thread["isResolved"], resolver))
    return tuple(sorted(found, key=lambda thread: (len(thread.key), thread.key)))


def thread_ids(nodes: dict[str, tuple[Node, ...]]) -> dict[str, str]:
    """GitHub's id of the thread that each comment is in: what a reply, and resolving, need."""
    return {_key("line", comment): thread["id"] for thread in nodes["reviewThreads"] for comment in thread["comments"]}


def last_event(nodes: tuple[Node, ...], kinds: tuple[str, ...], but: Actor | None = None) -> str:
    """The order of the last event of these kinds that somebody else than `but` caused; '' when there is none."""
    orders = [
        node["createdAt"] + _AFTER
        for node in nodes
        if node["__typename"] in kinds and (but is None or author_of(node["actor"]).actor.id != but.id)
    ]
    return max(orders, default="")


def _comments(nodes: tuple[Node, ...]) -> Iterator[Said]:
    for node in nodes:
        yield _said("comment", node)


def _reviews(nodes: tuple[Node, ...]) -> Iterator[Said]:
    """Reviews that are sent. One without words or verdict is only the envelope of a comment on lines."""
    for node in nodes:
        verdict = _VERDICTS.get(node["state"])  # a pending one is seen by its author alone
        if verdict and (verdict != "commented" or node["body"]):
            yield _said("review", node, verdict=verdict, commit=(node["commit"] or {}).get("oid", ""))


def _thread_items(thread: Node) -> Iterator[Said]:
    comments = _published(thread)
    if not comments:
        return
    first = comments[0]
    commit = (first["originalCommit"] or {}).get("oid", "")  # null when a force-push has made GitHub forget it
    side: Side = "LEFT" if thread["diffSide"] == "LEFT" else "RIGHT"
    line = 0 if thread["subjectType"] == "FILE" else first["originalLine"] or 0
    anchor = Anchor(thread["path"], commit, first["originalStartLine"] or line if line else 0, line, side)
    for comment in comments:
        yield _said("line", comment, thread=_key("line", first), anchor=anchor, commit=commit)


def _published(thread: Node) -> list[Node]:
    """Its comments by age, without those of a review that is not sent yet."""
    sent = [comment for comment in thread["comments"] if comment["state"] != "PENDING"]
    return sorted(sent, key=lambda comment: int(comment["fullDatabaseId"]))


def _said(kind: str, node: Node, **facts: Any) -> Said:
    author = author_of(node["author"])
    at = node["publishedAt"] or node["createdAt"]
    editor = None
    if node["editor"] or node["lastEditedAt"]:  # who edited it may have been deleted since; it is edited all the same
        editor = author_of(node["editor"]).actor if node["editor"] else GHOST
    item = Item(
        key=_key(kind, node),
        author=author.actor,
        order=f"{at}-{int(node['fullDatabaseId']):020}",
        body=node["body"] or "",
        at=at,
        editor=editor,
        edited=f"{node['lastEditedAt'] or '9999'}~" if editor else "",  # after all that came in the same second
        hidden=node["isMinimized"],
        **facts,
    )
    return Said(item, author)


def _key(kind: str, node: Node) -> str:
    return f"{kind}/{node['fullDatabaseId']}"
