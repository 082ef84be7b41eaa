"""What became of a branch behind everybody's back: commits that were pushed away, and a base that went another way."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from skill_fleet.fleet.git import Repository
from skill_fleet.fleet.git_write import conflicts


def lost_commits(repo: Repository, known: Iterable[str], head: str, commits: Collection[str]) -> tuple[str, ...]:
    """Of the `known` commits those that the head does not contain any more. `commits` are those on the branch."""
    gone = []
    for oid in dict.fromkeys(known):
        if oid and oid not in commits:
            there = repo.find(oid)  # what nothing points at may be collected, or may never have come here
            if there is None or not repo.is_ancestor(there, head):
                gone.append(oid)
    return tuple(gone)


def conflicts_with(repo: Repository, base: str, merge_base: str, head: str) -> tuple[str, ...]:
    """The paths in which the head conflicts with a base that has moved on."""
    return conflicts(repo, base, head) if base != merge_base else ()
