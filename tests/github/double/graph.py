"""The GraphQL half: GitHub's own schema, cut down to what we ask, executed over the same state."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from graphql import DocumentNode, GraphQLError, build_schema, execute_sync, parse, validate

from double.rest_talk import add_to_thread
from double.world import NAME, OWNER, REPOSITORY_ID, Account, Pull, Refusal, Remark, Thread, World

SCHEMA = build_schema((Path(__file__).parent / "github.graphql").read_text(encoding="utf-8"))
Node = dict[str, Any]


def execute(world: World, account: Account, body: Node) -> Node:
    """Answer one query."""
    if body.get("variables", {}).get("first", 0) > world.patience:
        raise Refusal(502, "Bad Gateway")
    graph = _Graph(world, account)
    root = {name: getattr(graph, name) for name in _ROOTS}
    document, amiss = _read(body["query"])
    if amiss:
        return {"errors": [error.formatted for error in amiss]}
    result = execute_sync(SCHEMA, document, root, variable_values=body.get("variables"))
    answer: Node = {"data": result.data}
    if result.errors:
        errors = [{**error.formatted, **(error.extensions or {})} for error in result.errors]
        answer["errors"] = [{key: value for key, value in error.items() if key != "extensions"} for error in errors]
    return answer


@cache
def _read(query: str) -> tuple[DocumentNode, list[GraphQLError]]:
    """A query, and what the schema has against it: ours are few, and each is asked hundreds of times."""
    document = parse(query)
    return document, validate(SCHEMA, document)


class _Graph:
    """The roots, for one account."""

    def __init__(self, world: World, account: Account) -> None:
        self.world, self.account = world, account

    def viewer(self, info: Any) -> Node:
        return {"__typename": "User", "login": self.account.login, "databaseId": self.account.id}

    def repository(self, info: Any, owner: str, name: str, **_: Any) -> Node:
        if (owner, name) not in ((OWNER, NAME), self.world.former):
            raise _error("NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'.")
        return {
            "databaseId": REPOSITORY_ID,
            "nameWithOwner": f"{OWNER}/{NAME}",
            "mergeCommitAllowed": self.world.allows("merge"),
            "squashMergeAllowed": self.world.allows("squash"),
            "rebaseMergeAllowed": self.world.allows("rebase"),
            "pullRequest": self._pull_request,
        }

    def node(self, info: Any, id: str) -> Node:
        for pull in self.world.pulls.values():
            if id == f"PR_{pull.number}":
                return self._pull(pull)
            for thread in pull.threads:
                if id == thread.node:
                    return self._thread(thread)
        raise _error("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'")

    def addPullRequestReviewThreadReply(self, info: Any, input: Node) -> Node:
        pull, thread = self._find_thread(input["pullRequestReviewThreadId"])
        try:
            remark = add_to_thread(self.world, pull, thread, self.account, input["body"])
        except Refusal as problem:
            raise _error("UNPROCESSABLE", problem.errors[0]) from problem
        return {"comment": self._comment(remark)}

    def resolveReviewThread(self, info: Any, input: Node) -> Node:
        return self._resolve(input["threadId"], self.account)

    def unresolveReviewThread(self, info: Any, input: Node) -> Node:
        return self._resolve(input["threadId"], None)

    def convertPullRequestToDraft(self, info: Any, input: Node) -> Node:
        return self._set_draft(input["pullRequestId"], True)

    def markPullRequestReadyForReview(self, info: Any, input: Node) -> Node:
        return self._set_draft(input["pullRequestId"], False)

    def enqueuePullRequest(self, info: Any, input: Node) -> Node:
        pull = next((each for each in self.world.pulls.values() if input["pullRequestId"] == f"PR_{each.number}"), None)
        if pull is None or not self.account.may_write:
            raise _error(
                "FORBIDDEN",
                f"{self.account.login} does not have the correct permissions to execute `EnqueuePullRequest`",
            )
        if input.get("expectedHeadOid", pull.head_oid) != pull.head_oid:
            raise _error("UNPROCESSABLE", "Head branch was modified. Review and try again.")
        if pull.draft or pull.number in self.world.queue:
            raise _error("UNPROCESSABLE", "The pull request cannot be added to the queue")
        self.world.queue.append(pull.number)
        self.world.tick()
        return {"mergeQueueEntry": {"position": len(self.world.queue)}}

    def _set_draft(self, id: str, draft: bool) -> Node:
        pull = next((each for each in self.world.pulls.values() if id == f"PR_{each.number}"), None)
        if pull is None:
            raise _error("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'")
        event = "ConvertToDraftEvent" if draft else "ReadyForReviewEvent"
        if not self.account.may_write and self.account != pull.author:
            verb = "ConvertPullRequestToDraft" if draft else "MarkPullRequestReadyForReview"
            raise _error("FORBIDDEN", f"{self.account.login} does not have the correct permissions to execute `{verb}`")
        pull.draft = draft
        pull.events.append({"__typename": event, "actor": self.account, "createdAt": self.world.tick()})
        return {"pullRequest": self._pull(pull)}

    def _resolve(self, id: str, resolver: Account | None) -> Node:
        pull, thread = self._find_thread(id)
        if not self.account.may_write and self.account != pull.author:
            raise _error("FORBIDDEN", "Resource not accessible by integration")
        thread.resolver = resolver
        self.world.tick()
        return {"thread": self._thread(thread)}

    def _find_thread(self, id: str) -> tuple[Pull, Thread]:
        for pull in self.world.pulls.values():
            for thread in pull.threads:
                if thread.node == id:
                    return pull, thread
        raise _error("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'")

    def _pull_request(self, info: Any, number: int) -> Node:
        if number not in self.world.pulls:
            raise _error("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
        return self._pull(self.world.pulls[number])

    def _pull(self, pull: Pull) -> Node:
        tips = self.world.git.branches()
        there = not pull.fork and pull.head in tips
        return {
            "__typename": "PullRequest",
            "id": f"PR_{pull.number}",
            "title": pull.title,
            "body": pull.body,
            "state": "MERGED" if pull.merged else pull.state.upper(),
            "isDraft": pull.draft,
            "updatedAt": pull.updated,
            "isCrossRepository": bool(pull.fork),
            "author": _actor(pull.author),
            "baseRefName": pull.base,
            "baseRef": {
                "target": {"__typename": "Commit", "oid": tips[pull.base]},
                "refUpdateRule": {"requiresLinearHistory": self.world.settings.get("linear_protection", False)},
            }
            if pull.base in tips
            else None,
            "isMergeQueueEnabled": any(rule["type"] == "merge_queue" for rule in self.world.rules),
            "isInMergeQueue": pull.number in self.world.queue,
            "headRefName": pull.head,
            "headRefOid": pull.head_oid,
            "headRef": {"target": {"__typename": "Commit", "oid": tips[pull.head]}} if there else None,
            "headRepositoryOwner": {"__typename": "User", "login": pull.fork or OWNER},
            "mergeCommit": {"oid": pull.merge_commit} if pull.merge_commit else None,
            "comments": self._page("comments", pull.comments, self._comment),
            "reviews": self._page("reviews", pull.reviews, self._review),
            "reviewThreads": self._page("reviewThreads", pull.threads, self._thread),
            "labels": self._page("labels", [{"name": name} for name in pull.labels]),
            "timelineItems": self._page(
                "timelineItems", [{**event, "actor": _actor(event["actor"])} for event in pull.events]
            ),
        }

    def _thread(self, thread: Thread) -> Node:
        return {
            "__typename": "PullRequestReviewThread",
            "id": thread.node,
            "isResolved": thread.resolver is not None,
            "resolvedBy": _actor(thread.resolver),
            "path": thread.path,
            "subjectType": thread.subject,
            "diffSide": thread.side,
            "comments": self._page("threadComments", thread.comments, self._comment),
        }

    def _comment(self, remark: Remark) -> Node:
        facts = remark.facts
        return {
            **_words(remark),
            "state": facts.get("state", "SUBMITTED"),
            "originalCommit": {"oid": facts["commit"]} if facts.get("commit") else None,
            "originalLine": facts.get("line"),
            "originalStartLine": facts.get("start"),
        }

    def _review(self, remark: Remark) -> Node:
        return {**_words(remark), "state": remark.facts["state"], "commit": {"oid": remark.facts["commit"]}}

    def _page(self, name: str, told: list[Any], node: Callable[[Any], Node] = lambda each: each) -> Callable[..., Node]:
        """A connection; what is not asked for is not made."""
        rows: list[Any] = list(reversed(told)) if self.world.reverse else told

        def page(info: Any, first: int = 0, after: str = "0", last: int = 0, **_: Any) -> Node:
            if not 1 <= (first or last) <= 100:
                raise _error("EXCESSIVE_PAGINATION", "`first` must be between 1 and 100")
            start, first = (max(len(rows) - last, 0), last) if last else (int(after), first)
            found: list[Any] = [node(each) for each in rows[start : start + first]]
            if name in self.world.hidden and found:
                found = [_broken, *found[1:]]
            info_ = {"hasNextPage": start + first < len(rows), "endCursor": str(start + len(found))}
            return {"totalCount": len(rows), "pageInfo": info_, "nodes": found}

        return page


def _words(remark: Remark) -> Node:
    return {
        "fullDatabaseId": str(remark.id),
        "author": _actor(remark.author),
        "body": remark.body,
        "createdAt": remark.created,
        "publishedAt": remark.facts.get("published", remark.created),
        "lastEditedAt": remark.edited,
        "editor": _actor(remark.editor),
        "isMinimized": remark.minimized,
    }


def _actor(account: Account | None) -> Node | None:
    if account is None:
        return None
    login = account.login.removesuffix("[bot]")  # GraphQL names an app without the suffix that REST gives it
    return {"__typename": account.kind, "login": login, "databaseId": account.id}


def _broken() -> None:
    """A node that cannot be resolved."""


def _error(kind: str, message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"type": kind})


_ROOTS = (
    "viewer",
    "repository",
    "node",
    "addPullRequestReviewThreadReply",
    "resolveReviewThread",
    "unresolveReviewThread",
    "convertPullRequestToDraft",
    "enqueuePullRequest",
    "markPullRequestReadyForReview",
)
