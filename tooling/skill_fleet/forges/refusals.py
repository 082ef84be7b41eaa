"""What every forge refuses, in the same words: texts that are too long, pull requests that are closed, items that are gone."""

from __future__ import annotations

from collections.abc import Iterable

from skill_fleet.errors import UserError
from skill_fleet.forges.protocol import StaleHead
from skill_fleet.forges.types import BODY_LIMIT, TITLE_LIMIT, Listed, State
from skill_fleet.git import Repository


def check_text(text: str, what: str, *, limit: int = BODY_LIMIT, blank: bool = False) -> None:
    """Raise UserError if the text is longer than `limit` characters, or blank when `blank` is not allowed."""
    if len(text) > limit:
        raise UserError(f"The {what} has {len(text):,} characters; {limit:,} are allowed.", "Shorten it.")
    if not blank and not text.strip():
        raise UserError(f"The {what} is empty.", "Write something.")


def check_verdict(verdict: str) -> None:
    """Raise UserError if nobody can give this verdict."""
    if verdict not in ("approved", "changes_requested", "commented"):
        raise UserError(f"A review cannot be {verdict!r}.", "Approve, request changes, or comment.")


def check_opening(repo: Repository, title: str, body: str, head: str) -> None:
    """Raise UserError if no pull request can have this title, description or branch name."""
    check_text(title, "title", limit=TITLE_LIMIT)
    check_text(body, "description", blank=True)
    if not repo.is_branch_name(head):
        raise UserError(f"{head!r} cannot be the name of a branch.", "Choose another name.")


def check_range(repo: Repository, base: str, base_oid: str | None, head: str, head_oid: str) -> None:
    """Raise UserError if there is nothing to merge: no base, no such commit, or no commit that the base lacks."""
    if not base_oid:
        raise UserError(f"There is no branch {base} to merge into.", "Name the base: --base BRANCH")
    if repo.find(head_oid) is None:
        raise no_commit(head_oid)
    if merge_base(repo, base_oid, head_oid) == head_oid:
        raise UserError(f"There are no commits between {base} and {head}.", "Commit to the branch first.")


def merge_base(repo: Repository, base: str, head: str) -> str:
    """Return the newest commit that both contain; UserError if there is none, or if a shallow clone hides it."""
    if found := repo.merge_base(base, head):
        return found
    if repo.is_shallow:
        raise UserError("This clone is shallow: it lacks the history of the branch.", "Run: git fetch --unshallow")
    raise UserError("The branch and its base have no common history.", "Create the branch again from its base.")


def refuse_rival(rows: Iterable[Listed], head: str, but: int = 0) -> None:
    """Raise UserError if a pull request other than `but` is open for the branch `head`."""
    for row in rows:
        if row.head == head and row.number != but and row.state == "open":
            raise UserError(
                f"Pull request #{row.number} is already open for {head}.",
                f"See it: skill-fleet review show {row.number}",
            )


def require_open(number: int, state: State) -> None:
    """Raise UserError if the pull request is closed or merged."""
    if state != "open":
        raise UserError(f"Pull request #{number} is {state}.", "List the open ones: skill-fleet review list")


def check_reopening(head: str, tip: str | None, rows: Iterable[Listed], number: int) -> None:
    """Raise UserError if a closed pull request cannot be opened again: no branch, or another one is open for it."""
    if not tip:
        raise UserError(f"The branch {head} was deleted.", "Push it again, then reopen the pull request.")
    refuse_rival(rows, head, but=number)


def check_merge(number: int, head: str, at: str | None, expected: str, *, draft: bool) -> None:
    """Raise StaleHead if the head is not the expected commit, UserError if the pull request is a draft."""
    if at != expected:
        raise stale(head, at, expected)
    if draft:
        raise UserError(f"Pull request #{number} is a draft.", "Mark it ready for review first.")


def stale(branch: str, at: str | None, expected: str) -> StaleHead:
    """The error for a branch that has moved."""
    return StaleHead(f"{branch} is at {at or 'no commit'}, not at {expected}")


def no_commit(oid: str) -> UserError:
    """The error for a commit that this clone does not have."""
    return UserError(f"There is no commit {oid[:12]} here.", "Commit first, or fetch it.")


def no_pull_request(number: int) -> UserError:
    """The error for a number that no pull request has."""
    return UserError(f"There is no pull request #{number}.", "List them: skill-fleet review list --all")


def no_item(number: int, key: str) -> UserError:
    """The error for an item that was deleted, or never was."""
    return UserError(f"Pull request #{number} has no item {key!r}.", f"See its items: skill-fleet review show {number}")


def no_thread(number: int, key: str) -> UserError:
    """The error for a thread without a comment left."""
    return UserError(
        f"Pull request #{number} has no thread {key!r}.", f"See its threads: skill-fleet review show {number}"
    )


def no_verdict(number: int, key: str) -> UserError:
    """The error for dismissing what is no verdict."""
    return UserError(f"{key} has no verdict to dismiss.", f"See its reviews: skill-fleet review show {number}")


def own_pull_request() -> UserError:
    """The error for a verdict on a pull request of one's own."""
    return UserError(
        "You opened this pull request, so you can neither approve it nor request changes.",
        "Ask somebody else, or comment.",
    )


def review_is_kept() -> UserError:
    """The error for deleting a review."""
    return UserError("A review cannot be deleted.", "Dismiss it instead.")
