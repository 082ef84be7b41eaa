"""Queries and mutations of GitHub's GraphQL API. REST lacks threads, editors, and the original place of a comment."""

from __future__ import annotations

from collections.abc import Iterable

_ACTOR = """
fragment actor on Actor {
  __typename login
  ... on User { databaseId }
  ... on Bot { databaseId }
  ... on Mannequin { databaseId }
  ... on Organization { databaseId }
}"""

# `publishedAt`, not `createdAt`: a comment of a pending review is created when its author begins to write it
_WORDS = "fullDatabaseId author { ...actor } body publishedAt createdAt lastEditedAt editor { ...actor } isMinimized"
_PAGE = "totalCount pageInfo { hasNextPage endCursor }"

_FIELDS = {
    "comments": f"{_PAGE} nodes {{ {_WORDS} }}",
    "reviews": f"{_PAGE} nodes {{ {_WORDS} state commit {{ oid }} }}",
    "reviewThreads": f"{_PAGE} nodes {{ id isResolved resolvedBy {{ ...actor }} path subjectType diffSide"
    " comments(first: $inner) { ...said } }",
    "labels": f"{_PAGE} nodes {{ name }}",
    "timelineItems": f"{_PAGE} nodes {{ __typename"
    " ... on ConvertToDraftEvent { createdAt actor { ...actor } }"
    " ... on ReadyForReviewEvent { createdAt actor { ...actor } }"
    " ... on ReopenedEvent { createdAt actor { ...actor } }"
    " ... on HeadRefForcePushedEvent { createdAt actor { ...actor } beforeCommit { oid } } }",
}
_EVENTS = "itemTypes: [CONVERT_TO_DRAFT_EVENT, READY_FOR_REVIEW_EVENT, REOPENED_EVENT, HEAD_REF_FORCE_PUSHED_EVENT]"
CONNECTIONS = tuple(_FIELDS)

_SAID = f"""
fragment said on PullRequestReviewCommentConnection {{
  {_PAGE} nodes {{ {_WORDS} state originalCommit {{ oid }} originalLine originalStartLine }}
}}"""

HERE = """
query($owner: String!, $name: String!) {
  viewer { login databaseId }
  repository(owner: $owner, name: $name) { nameWithOwner }
}"""


def _connection(name: str, after: str) -> str:
    more = f", {_EVENTS}" if name == "timelineItems" else ""
    return f"{name}(first: $first{after}{more}) {{ {_FIELDS[name]} }}"


def _with_fragments(text: str) -> str:
    """Return the query with the fragments that it uses: GraphQL refuses unused ones."""
    text += _SAID if "...said" in text else ""
    return text + (_ACTOR if "...actor" in text else "")


_PULL = """
      id title body state isDraft isCrossRepository updatedAt author { ...actor }
      baseRefName baseRef { target { oid } }
      headRefName headRefOid headRef { target { oid } } headRepositoryOwner { login }
      mergeCommit { oid }
      """ + "\n      ".join(_connection(name, "") for name in CONNECTIONS)

PULL = _with_fragments(f"""
query($owner: String!, $name: String!, $number: Int!, $first: Int!, $inner: Int!) {{
  repository(owner: $owner, name: $name) {{ databaseId pullRequest(number: $number) {{ {_PULL} }} }}
}}""")


def pulls(numbers: Iterable[int]) -> str:
    """Return the query for the first pages of several pull requests; each is named `pull` and its number."""
    fields = "\n".join(f"pull{number}: pullRequest(number: {number}) {{ {_PULL} }}" for number in numbers)
    return _with_fragments(f"""
query($owner: String!, $name: String!, $first: Int!, $inner: Int!) {{
  repository(owner: $owner, name: $name) {{ databaseId {fields} }}
}}""")


def more_of(name: str) -> str:
    """Return the query for the next page of one connection."""
    inner = ", $inner: Int!" if name == "reviewThreads" else ""
    return _with_fragments(f"""
query($id: ID!, $first: Int!, $after: String!{inner}) {{
  node(id: $id) {{ ... on PullRequest {{ page: {_connection(name, ", after: $after")} }} }}
}}""")


LAST_COMMENTS = f"""
query($id: ID!, $first: Int!) {{
  node(id: $id) {{ ... on PullRequest {{ page: comments(last: $first) {{ {_PAGE} nodes {{ {_WORDS} }} }} }} }}
}}{_ACTOR}"""

MORE_SAID = f"""
query($id: ID!, $first: Int!, $after: String!) {{
  node(id: $id) {{ ... on PullRequestReviewThread {{ page: comments(first: $first, after: $after) {{ ...said }} }} }}
}}{_SAID}{_ACTOR}"""

MERGING = """
query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed
    pullRequest(number: $number) {
      mergeCommit { oid } isMergeQueueEnabled isInMergeQueue
      baseRef { refUpdateRule { requiresLinearHistory } }
    }
  }
}"""

ENQUEUE = """
mutation($id: ID!, $head: GitObjectID!) {
  enqueuePullRequest(input: {pullRequestId: $id, expectedHeadOid: $head}) { mergeQueueEntry { position } }
}"""

REPLY = """
mutation($thread: ID!, $body: String!) {
  addPullRequestReviewThreadReply(input: {pullRequestReviewThreadId: $thread, body: $body}) {
    comment { fullDatabaseId }
  }
}"""

RESOLVE = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"
UNRESOLVE = "mutation($id: ID!) { unresolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"
DRAFT = "mutation($id: ID!) { convertPullRequestToDraft(input: {pullRequestId: $id}) { pullRequest { isDraft } } }"
READY = "mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } } }"
