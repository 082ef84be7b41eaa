"""Opening a pull request: everything that GitHub would refuse is refused before the branch is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.fleet.git import Repository
from skill_fleet.fleet.git_write import RemoteUnreachable, fetch
from skill_fleet.forges.github.branches import Branches
from skill_fleet.forges.github.creating import Creator
from skill_fleet.forges.github.flags import refuse_rival
from skill_fleet.forges.github.place import REMOTE
from skill_fleet.forges.github.snapshots import unreachable
from skill_fleet.forges.refusals import TITLE_LIMIT, check_text
from skill_fleet.forges.standing import merge_base
from skill_fleet.forges.types import Listed


def open_pull_request(
    repo: Repository,
    branches: Branches,
    creator: Creator,
    facts: dict[str, Any],
    head_oid: str,
    rivals: Iterable[Listed],
) -> int:
    """Open one and return its number. The branch is created at `head_oid` if there is none of that name yet."""
    check_text(facts["title"], "title", limit=TITLE_LIMIT)
    check_text(facts["body"], "description", blank=True)
    head, base = facts["head"], facts["base"]
    if not repo.is_branch_name(head):
        raise UserError(f"{head!r} cannot be the name of a branch.", "Choose another name.")
    refuse_rival(rivals, head)
    if not branches.tip(base):
        raise UserError(f"There is no branch {base} to merge into.", "Name the base: --base BRANCH")
    if repo.find(head_oid) is None:
        raise UserError(f"There is no commit {head_oid[:12]} here.", "Commit first.")
    tracking = f"refs/remotes/{REMOTE}/{base}"
    try:
        fetch(repo, creator.calls.place.git, [f"+refs/heads/{base}:{tracking}"])
    except RemoteUnreachable as problem:
        raise unreachable(problem) from problem
    if merge_base(repo, tracking, head_oid) == head_oid:
        raise UserError(f"There are no commits between {base} and {head}.", "Commit to the branch first.")
    branches.create(head, head_oid)
    return int(creator.pull(facts))
