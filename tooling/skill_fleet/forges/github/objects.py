"""What of a pull request comes from Git and not from the API: its commits, its files, and where lines are.

The API's own answers about these are cached, cut off, or about a merge that is not there any more
(https://docs.github.com/en/rest/pulls/pulls: 300 files, 250 commits; `base.sha` is not the base's tip).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from skill_fleet.fleet.git import Repository
from skill_fleet.fleet.git_write import RemoteUnreachable, fetch
from skill_fleet.forges.github.place import REMOTE, Place
from skill_fleet.forges.position import Locator
from skill_fleet.forges.types import Item

_PASSING = re.compile(r"couldn't find remote ref|cannot lock ref|unable to update local ref")
_PULLS = f"refs/skill-fleet-remotes/{REMOTE}/github"  # what we fetch, out of the way of the person's branches


@dataclass(frozen=True)
class Head:
    """Where GitHub says the head is, and the ref of its repository that should be there."""

    ref: str
    oid: str


def fetch_pull(repo: Repository, place: Place, number: int, base: str, head: Head) -> str | None:
    """Bring the head and the base here, in one go; the base's tip, or None when Git and the API do not agree.

    They may disagree for a moment after a push: refs and API answers are two systems of GitHub's. Another run that
    fetches the same at the same time makes it None too: ask again.
    """
    mine = f"{_PULLS}/{number}"
    try:
        fetch(repo, place.git, [f"+{head.ref}:{mine}/head", f"+refs/heads/{base}:{mine}/base"])
    except RemoteUnreachable as problem:
        if _PASSING.search(problem.stderr):
            return None
        raise
    there = repo.refs(f"{mine}/")
    return there[f"{mine}/base"] if there.get(f"{mine}/head") == head.oid else None


def fetch_commits(repo: Repository, place: Place, oids: set[str]) -> None:
    """Bring commits that a force-push has cut off: comments were made on them. GitHub keeps most, and serves them."""
    for oid in sorted(oids):
        if repo.find(oid) is None:
            try:
                fetch(repo, place.git, [f"{oid}:{_PULLS}/kept/{oid}"])
            except RemoteUnreachable:
                continue  # forgotten: the comment stands, its lines are unknown


def located(repo: Repository, item: Item, base_oid: str, locator: Locator) -> Item:
    """The item with its lines: as they were, and where they are now."""
    if item.anchor is None:
        return item
    left = ""
    if item.anchor.side == "LEFT" and repo.find(item.anchor.commit):
        left = repo.merge_base(base_oid, item.anchor.commit) or ""
    return replace(item, anchor=locator.locate(item.anchor, left))
