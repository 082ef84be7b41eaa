"""A pull request as GitHub tells it, all pages of it: in one call when nothing has more than one page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.forges.github.accounts import GHOST, Author, author_of
from skill_fleet.forges.github.calls import Calls, Refused, Unclear, refuse
from skill_fleet.forges.github.queries import CONNECTIONS, LAST_COMMENTS, MERGED, MORE_SAID, PULL, more_of
from skill_fleet.forges.snapshot import ITEM_LIMIT, Actor, Anchor, Item, Side, State, Thread, Verdict

PAGE, INNER_PAGE = 100, 50  # 100 threads of 50 comments: far below GitHub's 500,000 nodes a query

Node = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """The nodes of a pull request. `complete` is false when GitHub did not tell everything."""

    repository: str
    pull: Node
    nodes: dict[str, tuple[Node, ...]]
    complete: bool = True
    too_many: int = 0
    """How many items it has, when they are too many to be read: then there are only the first and the last comments."""


@dataclass
class Reader:
    """Reads pages of `page` nodes. What it gives does not depend on that number, nor on the order of the pages."""

    calls: Calls
    page: int = PAGE
    inner: int = INNER_PAGE

    def read(self, number: int) -> Told:
        """All of pull request `number`; UserError when there is none."""
        small = replace(self, page=max(self.page // 4, 1), inner=max(self.inner // 4, 1))
        try:
            told = self._read(number)
        except Unclear:  # GitHub gives a query ten seconds; long comments by the hundred can take more
            return small._read(number)
        return told if told.complete or told.too_many else small._read(number)

    def _read(self, number: int) -> Told:
        place = self.calls.place
        size = {"first": self.page, "inner": self.inner}
        data, errors = self.calls.query(PULL, owner=place.owner, name=place.name, number=number, **size)
        repository = data.get("repository") or {}
        pull = repository.get("pullRequest")
        if pull is None:
            if not errors or any(error.get("type") == "NOT_FOUND" for error in errors):
                raise none_of_that_number(number)
            raise UserError(
                f"GitHub does not tell of pull request #{number}: {errors[0].get('message', '')}", "Try again later."
            )
        told = Told(str(repository["databaseId"]), pull, {}, not errors)
        items = sum((pull[name] or {}).get("totalCount", 0) for name in ("comments", "reviews", "reviewThreads"))
        try:
            return self._ends(told, items) if items > ITEM_LIMIT else self._to_the_end(told)
        except (Refused, Unclear, _Missing):
            return replace(told, complete=False)

    def _to_the_end(self, told: Told) -> Told:
        pull, nodes = told.pull, {}
        for name in CONNECTIONS:
            found = tuple(self._rest(pull["id"], more_of(name), pull[name], inner=name == "reviewThreads"))
            nodes[name] = found
        threads = tuple(
            {**thread, "comments": tuple(self._rest(thread["id"], MORE_SAID, thread["comments"]))}
            for thread in nodes["reviewThreads"]
        )
        items = len(nodes["comments"]) + len(nodes["reviews"]) + sum(len(thread["comments"]) for thread in threads)
        if items > ITEM_LIMIT:
            return self._ends(told, items)
        return replace(told, nodes={**nodes, "reviewThreads": threads})

    def _ends(self, told: Told, items: int) -> Told:
        """The first comments, the last ones and the labels: where our own word about it would be."""
        pull = told.pull
        data, _ = self.calls.query(LAST_COMMENTS, id=pull["id"], first=self.page)
        page = (data.get("node") or {}).get("page")
        if not page or pull["comments"] is None or pull["labels"] is None:
            raise _Missing
        rows = [node for node in (*pull["comments"]["nodes"], *page["nodes"]) if node]
        nodes: dict[str, tuple[Node, ...]] = dict.fromkeys(CONNECTIONS, ())
        nodes["comments"] = tuple({node["fullDatabaseId"]: node for node in rows}.values())
        nodes["labels"] = tuple(node for node in pull["labels"]["nodes"] if node)
        return replace(told, nodes=nodes, complete=False, too_many=items)

    def _rest(self, owner: str, query: str, first: Node | None, *, inner: bool = False) -> Iterator[Node]:
        """The nodes of a connection: of its first page, and of those that follow."""
        page = first
        size = {"first": self.page, **({"inner": self.inner} if inner else {})}
        while True:
            if page is None or any(node is None for node in page["nodes"]):  # GitHub leaves out what failed
                raise _Missing
            yield from page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return
            data, errors = self.calls.query(query, id=owner, after=page["pageInfo"]["endCursor"], **size)
            if errors:
                raise _Missing
            page = (data.get("node") or {}).get("page")


class _Missing(Exception):
    """A part of the answer is not there."""


def none_of_that_number(number: int) -> UserError:
    """The error that says so."""
    return UserError(f"There is no pull request #{number}.", "See which there are: skill-fleet review list")


@dataclass(frozen=True)
class Pull:
    """What has to hold before a write. `ours`: its branch is in this repository, not in a fork."""

    number: int
    node: str
    state: State
    draft: bool
    head: str
    head_oid: str
    base: str
    ours: bool

    def require_open(self) -> None:
        """UserError when it is closed or merged."""
        if self.state != "open":
            raise UserError(
                f"Pull request #{self.number} is {self.state}.", "See what is open: skill-fleet review list"
            )


@dataclass
class Pulls:
    """Looks up pull requests and their items. A number that was seen once is a pull request for good."""

    calls: Calls
    seen: set[int] = field(default_factory=set)

    def require(self, number: int) -> None:
        """UserError when `number` is none: GitHub would comment on an issue of that number as well."""
        if number not in self.seen:
            self.get(number)

    def get(self, number: int) -> Pull:
        """The pull request now."""
        try:
            told = self.calls.get(f"pulls/{number}")
        except Refused as problem:
            if problem.status == 404:
                raise none_of_that_number(number) from problem
            refuse(problem, f"a look at #{number}")
        except Unclear as problem:
            refuse(problem, f"a look at #{number}")
        self.seen.add(number)
        head = told["head"]
        return Pull(
            number,
            told["node_id"],
            state_of(told),
            bool(told.get("draft")),
            head["ref"],
            head["sha"],
            told["base"]["ref"],
            bool(head.get("repo")) and head["repo"]["id"] == told["base"]["repo"]["id"],
        )

    def merge_commit(self, number: int) -> str:
        """The commit that merged it. REST said so until its version 2026-03-10."""
        place = self.calls.place
        try:
            data, _ = self.calls.query(MERGED, owner=place.owner, name=place.name, number=number)
        except (Refused, Unclear) as problem:
            refuse(problem, f"a look at #{number}")
        pull = (data.get("repository") or {}).get("pullRequest") or {}
        return str((pull.get("mergeCommit") or {}).get("oid", ""))

    def path_of(self, number: int, key: str) -> str:
        """The API's path of an item, once it is known to be one of this pull request; UserError when it is not.

        GitHub edits and deletes comments by their id alone, whichever pull request they are in.
        """
        self.require(number)
        kind, _, oid = key.partition("/")
        if kind in _PATHS and oid.isdigit():
            path = _PATHS[kind].format(number=number, id=oid)
            try:
                told = self.calls.get(path)
            except Refused as problem:
                if problem.status != 404:
                    refuse(problem, f"a look at {key}")
            except Unclear as problem:
                refuse(problem, f"a look at {key}")
            else:
                if (told.get("issue_url") or told.get("pull_request_url", "")).endswith(f"/{number}"):
                    return path
        raise UserError(
            f"Pull request #{number} has no item {key!r}.", f"See its items: skill-fleet review show {number}"
        )


_PATHS = {"comment": "issues/comments/{id}", "line": "pulls/comments/{id}", "review": "pulls/{number}/reviews/{id}"}


def state_of(told: dict[str, Any]) -> State:
    """Open, closed or merged, as REST says it."""
    if told.get("merged_at"):
        return "merged"
    return "open" if told["state"] == "open" else "closed"


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
