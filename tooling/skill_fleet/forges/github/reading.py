"""A pull request as GitHub's GraphQL API returns it: all its pages, in one call if nothing has more than one page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.forges.github.accounts import GHOST, actor_of
from skill_fleet.forges.github.calls import Calls, Refused, Unclear
from skill_fleet.forges.github.queries import CONNECTIONS, LAST_COMMENTS, MORE_SAID, PULL, more_of, pulls
from skill_fleet.forges.refusals import no_pull_request
from skill_fleet.forges.types import ITEM_LIMIT, Actor, Anchor, Item, Side, Thread, Verdict

Node = dict[str, Any]


WHOLE_PAGE = 100  # nodes; with half as many comments a thread, far below GitHub's 500,000 nodes a query
AT_ONCE = 10  # pull requests a query


@dataclass(frozen=True)
class PullData:
    """The nodes of a pull request. `complete` is false if GitHub did not return all of them."""

    repository: str
    pull: Node
    nodes: dict[str, tuple[Node, ...]]
    complete: bool = True
    too_many: int = 0
    """The number of items if they are too many to be read: then there are only the first and the last comments."""


class _MissingError(Exception):
    """A part of the answer is missing."""


def read_pull(calls: Calls, number: int, size: int) -> PullData:
    """Read all of pull request `number`, in pages of `size` nodes; UserError if there is none."""
    smaller = max(size // 4, 1)
    try:
        data = _read(calls, number, size, patient=False)
    except Unclear:  # GitHub gives a query ten seconds; long comments by the hundred can take more
        return _read(calls, number, smaller)
    return data if data.complete or data.too_many else _read(calls, number, smaller)


def _read(calls: Calls, number: int, size: int, patient: bool = True) -> PullData:
    place = calls.place
    variables = {"owner": place.owner, "name": place.name, "number": number}
    found, errors = calls.query(PULL, patient=patient, **variables, first=size, inner=max(size // 2, 1))
    repository = found.get("repository") or {}
    pull = repository.get("pullRequest")
    if pull is None:
        if not errors or any(error.get("type") == "NOT_FOUND" for error in errors):
            raise no_pull_request(number)
        raise UserError(
            f"GitHub does not return pull request #{number}: {errors[0].get('message', '')}", "Try again later."
        )
    return _completed(calls, PullData(str(repository["databaseId"]), pull, {}, not errors), size)


def read_pulls(calls: Calls, numbers: Sequence[int], size: int) -> dict[int, PullData]:
    """Read several pull requests, as many in a call as an answer can hold. Those of a call that fails are left out."""
    found: dict[int, PullData] = {}
    for at in range(0, len(numbers), AT_ONCE):
        some = numbers[at : at + AT_ONCE]
        place, inner = calls.place, max(size // 2, 1)
        try:
            answer, errors = calls.query(pulls(some), owner=place.owner, name=place.name, first=size, inner=inner)
        except Unclear:
            continue
        repository = answer.get("repository") or {}
        for number in () if errors else some:
            if row := repository.get(f"pull{number}"):
                found[number] = _completed(calls, PullData(str(repository["databaseId"]), row, {}), size)
    return found


def _completed(calls: Calls, data: PullData, size: int) -> PullData:
    """Add what comes after the first pages."""
    pull = data.pull
    items = sum((pull[name] or {}).get("totalCount", 0) for name in ("comments", "reviews", "reviewThreads"))
    try:
        return _read_ends(calls, data, items, size) if items > ITEM_LIMIT else _read_rest(calls, data, size)
    except (Refused, Unclear, _MissingError):
        return replace(data, complete=False)


def _read_rest(calls: Calls, data: PullData, size: int) -> PullData:
    """Add all pages of all connections."""
    pull = data.pull
    nodes: dict[str, tuple[Node, ...]] = {}
    for name in CONNECTIONS:
        more = {"inner": max(size // 2, 1)} if name == "reviewThreads" else {}
        nodes[name] = tuple(_pages(calls, pull["id"], more_of(name), pull[name], first=size, **more))
    nodes["reviewThreads"] = tuple(
        {**thread, "comments": tuple(_pages(calls, thread["id"], MORE_SAID, thread["comments"], first=size))}
        for thread in nodes["reviewThreads"]
    )
    in_threads = sum(len(thread["comments"]) for thread in nodes["reviewThreads"])
    items = len(nodes["comments"]) + len(nodes["reviews"]) + in_threads
    return _read_ends(calls, data, items, size) if items > ITEM_LIMIT else replace(data, nodes=nodes)


def _read_ends(calls: Calls, data: PullData, items: int, size: int) -> PullData:
    """Add the first comments, the last ones and the labels: the bot's own notice about the length is among them."""
    pull = data.pull
    found, _ = calls.query(LAST_COMMENTS, id=pull["id"], first=size)
    page = (found.get("node") or {}).get("page")
    if not page or pull["comments"] is None or pull["labels"] is None:
        raise _MissingError
    rows = [node for node in (*pull["comments"]["nodes"], *page["nodes"]) if node]
    nodes: dict[str, tuple[Node, ...]] = dict.fromkeys(CONNECTIONS, ())
    nodes["comments"] = tuple({node["fullDatabaseId"]: node for node in rows}.values())
    nodes["labels"] = tuple(node for node in pull["labels"]["nodes"] if node)
    return replace(data, nodes=nodes, complete=False, too_many=items)


def _pages(calls: Calls, owner: str, query: str, page: Node | None, **size: Any) -> Iterator[Node]:
    """Yield the nodes of a connection: of its first page, and of those that follow."""
    while True:
        if page is None or any(node is None for node in page["nodes"]):  # GitHub leaves out what failed
            raise _MissingError
        yield from page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        found, errors = calls.query(query, id=owner, after=page["pageInfo"]["endCursor"], **size)
        if errors:
            raise _MissingError
        page = (found.get("node") or {}).get("page")


_VERDICTS: dict[str, Verdict] = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "changes_requested",
    "COMMENTED": "commented",
    "DISMISSED": "dismissed",
}
_AFTER = "~"  # sorts after every id: an event counts as later than the items of its second, so that a click is kept


def read_items(nodes: dict[str, tuple[Node, ...]]) -> tuple[Item, ...]:
    """Return every item, in the order in which the server received them."""
    found = [_item("comment", node) for node in nodes["comments"]]
    for node in nodes["reviews"]:
        verdict = _VERDICTS.get(node["state"])  # a pending one is visible to its author alone
        if verdict and (verdict != "commented" or node["body"]):  # else it is only the envelope of comments on lines
            found.append(_item("review", node, verdict=verdict, commit=(node["commit"] or {}).get("oid", "")))
    for thread in nodes["reviewThreads"]:
        found += _thread_items(thread)
    return tuple(sorted(found, key=lambda item: item.order))


def people_of(data: PullData) -> set[str]:
    """Return the ids of the authors that are people: neither apps nor deleted accounts."""
    threads = (comment for thread in data.nodes["reviewThreads"] for comment in thread["comments"])
    nodes = [data.pull, *data.nodes["comments"], *data.nodes["reviews"], *threads]
    return {actor_of(node["author"]).id for node in nodes if (node["author"] or {}).get("__typename") == "User"}


def read_threads(nodes: dict[str, tuple[Node, ...]]) -> tuple[Thread, ...]:
    """Return the state of every thread that has a comment left, in the order of their keys' numbers."""
    found = []
    for thread in nodes["reviewThreads"]:
        if keys := [_key("line", comment) for comment in _published(thread)]:
            resolver = actor_of(thread["resolvedBy"]) if thread["isResolved"] else None
            found.append(Thread(keys[0], thread["isResolved"], resolver))
    return tuple(sorted(found, key=lambda thread: (len(thread.key), thread.key)))


def thread_ids(nodes: dict[str, tuple[Node, ...]]) -> dict[str, str]:
    """Return the thread id of each comment: replying and resolving need it."""
    return {_key("line", comment): thread["id"] for thread in nodes["reviewThreads"] for comment in thread["comments"]}


def last_event(nodes: tuple[Node, ...], kinds: tuple[str, ...], but: Actor | None = None) -> str:
    """Return the order of the last event of these kinds that somebody other than `but` caused; '' if there is none."""
    orders = [
        node["createdAt"] + _AFTER
        for node in nodes
        if node["__typename"] in kinds and (but is None or actor_of(node["actor"]).id != but.id)
    ]
    return max(orders, default="")


def _thread_items(thread: Node) -> Iterator[Item]:
    comments = _published(thread)
    if not comments:
        return
    first = comments[0]
    commit = (first["originalCommit"] or {}).get("oid", "")  # null if a force-push made GitHub forget it
    side: Side = "LEFT" if thread["diffSide"] == "LEFT" else "RIGHT"
    line = 0 if thread["subjectType"] == "FILE" else first["originalLine"] or 0
    anchor = Anchor(thread["path"], commit, first["originalStartLine"] or line if line else 0, line, side)
    for comment in comments:
        yield _item("line", comment, thread=_key("line", first), anchor=anchor, commit=commit)


def _published(thread: Node) -> list[Node]:
    """Return its comments by age, without those of a pending review."""
    sent = [comment for comment in thread["comments"] if comment["state"] != "PENDING"]
    return sorted(sent, key=lambda comment: int(comment["fullDatabaseId"]))


def _item(kind: str, node: Node, **facts: Any) -> Item:
    at = node["publishedAt"] or node["createdAt"]
    editor = None
    if node["editor"] or node["lastEditedAt"]:  # the editor's account may have been deleted since
        editor = actor_of(node["editor"]) if node["editor"] else GHOST
    return Item(
        key=_key(kind, node),
        author=actor_of(node["author"]),
        order=f"{at}-{int(node['fullDatabaseId']):020}",
        body=node["body"] or "",
        at=at,
        editor=editor,
        edited=f"{node['lastEditedAt'] or '9999'}{_AFTER}" if editor else "",
        hidden=node["isMinimized"],
        **facts,
    )


def _key(kind: str, node: Node) -> str:
    return f"{kind}/{node['fullDatabaseId']}"
