"""What a token with permissions may do, as a job's token has them; a person's own token has them all.

The table is that of GitHub Apps (@octokit/app-permissions 2.1.0, MIT), cut down to the routes of the double: any one of
the permissions of a row will do. Rows marked with a page are newer than that package, or differ from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from double.world import Refusal

Rights = Mapping[str, str]
"""The `permissions` of a job: `read` or `write` by name."""

_EITHER = ("issues", "pull-requests")
_ROUTES: dict[str, tuple[str, ...]] = {
    "actions/permissions": ("administration",),  # docs.github.com/en/rest/actions/permissions
    "actions/variables": ("actions-variables",),  # docs.github.com/en/rest/actions/variables: no job's token has it
    "actions/": ("actions",),
    "attestations": ("attestations",),
    "branches/": ("contents",),
    "check-runs": ("checks",),
    "codeowners/": ("contents",),
    "commits/": ("contents", "pull-requests"),  # docs.github.com/en/rest/commits/commits: of its pull requests
    "environments": ("actions",),  # docs.github.com/en/rest/deployments/environments
    "issues/": _EITHER,
    "id-token": ("id-token",),  # of the runner
    "keys": ("administration",),
    "labels": _EITHER,
    "pages/": ("pages",),
    "pulls/comments": ("pull-requests",),
    "pulls": ("pull-requests",),
    "statuses": ("statuses",),
}
_MERGE, _LABEL = "/merge", "labels"
# The rest (the repository, its rules, who may do what, accounts) needs `metadata`, which every token has.


def check_rest(rights: Rights | None, verb: str, path: str) -> None:
    """403 if the token may not call a route; `path` is that below the repository."""
    wanted = next((names for start, names in _ROUTES.items() if path.startswith(start)), ())
    if path.endswith(_MERGE):
        wanted = ("contents",)
    if path == _LABEL and verb == "POST":
        wanted = ("issues",)  # the package names pull_requests as well; live GitHub refuses: actions/labeler#870
    if rights is not None and wanted and not any(has_right(rights, name, verb != "GET") for name in wanted):
        raise Refusal(403, "Resource not accessible by integration")


def may_create_labels(rights: Rights | None, is_bot: bool) -> bool:
    """Whether a label that is added may be created by that: actions/labeler#870."""
    return not is_bot if rights is None else has_right(rights, "issues", True)


def check_graphql(rights: Rights | None, query: str) -> str | None:
    """Return the words of a refusal, or None. To mark a pull request ready needs `contents`, too: cli/cli#8910."""
    flags = ("markPullRequestReadyForReview", "convertPullRequestToDraft")
    if rights is None or "pullrequest" not in query.lower():
        return None
    wanted = ["pull-requests", *(["contents"] if any(name in query for name in flags) else [])]
    writes = query.lstrip().startswith("mutation")
    return None if all(has_right(rights, name, writes) for name in wanted) else "Resource not accessible by integration"


def check_git(rights: Rights | None, pushes: bool) -> bool:
    """Whether the token may fetch or push. What anybody may fetch is refused as well: a private repository is."""
    return rights is None or has_right(rights, "contents", pushes)


def graphql_refusal(words: str) -> dict[str, Any]:
    """The answer of GraphQL to what a token may not do: with status 200."""
    return {"data": None, "errors": [{"type": "FORBIDDEN", "message": words}]}


def has_right(rights: Rights, name: str, write: bool) -> bool:
    """Whether a permission is among them; to write is also to read."""
    return rights.get(name) in (("write",) if write else ("read", "write"))
