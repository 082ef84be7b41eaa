"""A pull request as GitHub tells it, all pages of it: in one call when nothing has more than one page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.forges.github.calls import Calls, Refused, Unclear
from skill_fleet.forges.github.queries import CONNECTIONS, LAST_COMMENTS, MORE_SAID, PULL, more_of
from skill_fleet.forges.types import ITEM_LIMIT

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
