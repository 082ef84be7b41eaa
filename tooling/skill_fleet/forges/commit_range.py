"""Facts about a commit range: commits, changed paths, the skill's files, conflicts.

They are a function of two commits, which never change, so they are computed once: a turn of the bot reads its pull
request after each comment that it writes, and the commits are the same every time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from skill_fleet.fleet import Configuration, Fleet, GitTree, Skill, read_fleet, read_programs
from skill_fleet.forges.position import Locator, Move, moved, moves
from skill_fleet.forges.refusals import merge_base
from skill_fleet.forges.types import FileFact, FleetFacts
from skill_fleet.git import Commit, Repository, conflicts, merge_trees

UPDATES = 100  # merges of the base that are looked through
_MAILMAP_ROW = re.compile(r"[^<>]*<\s*([^<>\s]+)\s*>[^<>]*<\s*([^<>\s]+)\s*>")


@dataclass(frozen=True)
class CommitRange:
    """The facts. `conflicts` are the paths in which the head cannot be merged into the base."""

    base_oid: str
    head_oid: str
    merge_base: str
    commits: tuple[Commit, ...]
    changed: tuple[str, ...]
    files: tuple[FileFact, ...]
    fleet: FleetFacts
    configuration: Configuration
    updated_from: tuple[str, ...]
    conflicts: tuple[str, ...]
    locator: Locator

    def opened_with(self, repo: Repository, first: str) -> tuple[Commit, ...] | None:
        """Return the commits of the head `first`, () if they are the first of these; None if they cannot be read."""
        mine = tuple(commit.oid for commit in self.commits)
        known: dict[tuple[str, str], tuple[Commit, ...]] = repo.derived.setdefault("first commits", {})
        if (self.base_oid, first) not in known:
            if repo.find(first) is None:
                return None
            known[self.base_oid, first] = repo.commits(f"{self.base_oid}..{first}")
        found = known[self.base_oid, first]
        return () if mine[: len(found)] == tuple(commit.oid for commit in found) else found

    def lost(self, repo: Repository, known: Iterable[str]) -> tuple[str, ...]:
        """Return those of `known`, commits that were the head once, that the head no longer contains."""
        mine = {commit.oid for commit in self.commits}
        gone = []
        for oid in dict.fromkeys(known):
            if oid and oid not in mine:
                found = repo.find(oid)  # an unreachable commit may be collected, or may never have come here
                if found is None or not repo.is_ancestor(found, self.head_oid):
                    gone.append(oid)
        return tuple(gone)


def read_range(repo: Repository, base_oid: str, head_oid: str) -> CommitRange:
    """Return the facts about two commits; UserError if they have no common history."""
    known: dict[tuple[str, str], CommitRange] = repo.derived.setdefault("commit ranges", {})
    if (base_oid, head_oid) not in known:
        known[base_oid, head_oid] = _compute(repo, base_oid, head_oid)
    return known[base_oid, head_oid]


def _compute(repo: Repository, base_oid: str, head_oid: str) -> CommitRange:
    fork = merge_base(repo, base_oid, head_oid)
    commits = repo.commits(f"{base_oid}..{head_oid}")
    changed = tuple(sorted(repo.changed(fork, head_oid)))
    trees = {oid: GitTree(repo, oid, is_tree=True) for oid in (base_oid, head_oid, fork)}  # all known to be commits
    base, head, forked = (read_fleet(trees[oid]) for oid in (base_oid, head_oid, fork))
    through = moves(commits)
    skill = _changed_skill(head, forked, changed, through)
    return CommitRange(
        base_oid=base_oid,
        head_oid=head_oid,
        merge_base=fork,
        commits=commits,
        changed=changed,
        files=_files(skill) if skill else (),
        fleet=_fleet_facts(base, trees[base_oid]),
        configuration=base.configuration,
        updated_from=_updated_from(repo, commits, head_oid),
        conflicts=conflicts(repo, base_oid, head_oid) if fork != base_oid else (),
        locator=Locator(repo, head_oid, fork, through),
    )


def _updated_from(repo: Repository, commits: Iterable[Commit], head_oid: str) -> tuple[str, ...]:
    """Return the earlier heads from which only merges of the base lead to the head ("Update branch").

    Each merge has to have the tree that Git gives, so nothing came in with it that is neither there nor in the base.
    """
    known = {commit.oid: commit for commit in commits}  # all that the base lacks
    found: list[str] = []
    while (head := known.get(head_oid)) and len(head.parents) == 2 and len(found) < UPDATES:
        before, merged = head.parents
        if before not in known or merged in known or conflicts(repo, before, merged):
            break
        if merge_trees(repo, before, merged) != head.tree:
            break
        found.append(before)
        head_oid = before
    return tuple(found)


def _changed_skill(head: Fleet, base: Fleet, changed: Iterable[str], through: Iterable[Move]) -> Skill | None:
    """Return the one skill of the head that the changed paths are in; None if they are in none, or in several.

    The old folder of a skill that moved counts as its new one.
    """
    now, then = {skill.path for skill in head.skills}, {skill.path for skill in base.skills}
    claims = [(f"{head.root}/{old}", skill.path) for skill in head.skills for old in skill.formerly]
    folders = set()
    for path in changed:
        if (home := _folder_of(path, now)) is None and (old := _folder_of(path, then)) is not None:
            home = next((new for new in (moved(old, through), moved(old, claims)) if new in now), old)
        folders.add(home)
    folders -= {None}
    return next((skill for skill in head.skills if folders == {skill.path}), None)


def _folder_of(path: str, folders: Collection[str]) -> str | None:
    parts = path.split("/")
    above = ("/".join(parts[:length]) for length in range(1, len(parts)))
    return next((folder for folder in above if folder in folders), None)


def _files(skill: Skill) -> tuple[FileFact, ...]:
    skill.tree.prefetch(skill.entries)
    return tuple(FileFact(entry.path, entry.mode, skill.tree.read(entry).decode("latin-1")) for entry in skill.entries)


def _fleet_facts(base: Fleet, tree: GitTree) -> FleetFacts:
    return FleetFacts(
        categories=tuple(base.taxonomy.categories),
        ids=tuple(skill.id for skill in base.skills),
        former=tuple(sorted(base.former)),
        approvals=base.configuration.approvals,
        nudge_days=base.configuration.nudge_days,
        programs=read_programs(tree),
        addresses=next((_mailmap(tree.read(each)) for each in tree.entries if each.path == ".mailmap"), {}),
    )


def _mailmap(content: bytes) -> dict[str, str]:
    """Return the proper address by each other one. A row for one name alone is left out: an account has many names."""
    found = {}
    for line in content.decode("utf-8", "replace").split("\n"):
        if row := _MAILMAP_ROW.fullmatch(line.partition("#")[0].strip()):
            found[row[2].lower()] = row[1].lower()
    return found
