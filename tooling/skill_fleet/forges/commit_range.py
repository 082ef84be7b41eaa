"""What lies between a base and a head: a function of two commits, which never change. So it is worked out once.

A turn of the bot reads its pull request after each comment that it writes, and the commits are the same every time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from skill_fleet.fleet import (
    CONFIGURATION_FILE,
    PROGRAMS,
    SKILL_FILE,
    TAXONOMY_FILE,
    Configuration,
    Fleet,
    GitTree,
    Skill,
    read_fleet,
)
from skill_fleet.forges.local.standing import merge_base
from skill_fleet.forges.position import Locator, Move, moved, moves
from skill_fleet.forges.snapshot import FileFact, FleetFacts
from skill_fleet.git import REGULAR, SUBMODULE, Commit, Repository, conflicts


def touched_skill(head: Fleet, base: Fleet, changed: Iterable[str], through: Iterable[Move]) -> Skill | None:
    """The one skill of the head that `changed` touches; None when it touches none, or several.

    The old folder of a skill that moved counts as its new one.
    """
    now, then = {skill.path for skill in head.skills}, {skill.path for skill in base.skills}
    claims = [(f"{head.root}/{old}", skill.path) for skill in head.skills for old in skill.formerly]
    folders = set()
    for path in changed:
        if (home := _home(path, now)) is None and (old := _home(path, then)) is not None:
            home = next((new for new in (moved(old, through), moved(old, claims)) if new in now), old)
        folders.add(home)
    folders -= {None}
    return next((skill for skill in head.skills if folders == {skill.path}), None)


def files_of(skill: Skill) -> tuple[FileFact, ...]:
    """Its files, with their bytes."""
    skill.tree.prefetch(skill.entries)
    return tuple(FileFact(entry.path, entry.mode, skill.tree.read(entry).decode("latin-1")) for entry in skill.entries)


def _home(path: str, folders: Collection[str]) -> str | None:
    parts = path.split("/")
    above = ("/".join(parts[:length]) for length in range(1, len(parts)))
    return next((folder for folder in above if folder in folders), None)


_TELLING = (CONFIGURATION_FILE, TAXONOMY_FILE)
_KEPT = 4  # pairs of commits: those before and after a push, and what two runs at once need


@dataclass(frozen=True)
class Between:
    """The facts. `conflicts` are the paths in which the head cannot be merged into the base."""

    base_oid: str
    head_oid: str
    merge_base: str
    commits: tuple[Commit, ...]
    changed: tuple[str, ...]
    files: tuple[FileFact, ...]
    fleet: FleetFacts
    configuration: Configuration
    conflicts: tuple[str, ...]
    locator: Locator

    def lost(self, repo: Repository, known: list[str]) -> tuple[str, ...]:
        """Of commits that were `known` to be the head once, those that it does not contain any more."""
        mine = {commit.oid for commit in self.commits}
        gone = []
        for oid in dict.fromkeys(known):
            if oid and oid not in mine:
                there = repo.find(oid)  # what nothing points at may be collected, or may never have come here
                if there is None or not repo.is_ancestor(there, self.head_oid):
                    gone.append(oid)
        return tuple(gone)


def between(repo: Repository, base_oid: str, head_oid: str) -> Between:
    """The facts about two commits; UserError when they have no history in common."""
    known: dict[tuple[str, str], Between] = repo.derived.setdefault("between", {})
    key = base_oid, head_oid
    if (found := known.pop(key, None)) is None:
        found = _look(repo, base_oid, head_oid)
        while len(known) >= _KEPT:
            del known[next(iter(known))]
    known[key] = found
    return found


def _look(repo: Repository, base_oid: str, head_oid: str) -> Between:
    fork = merge_base(repo, base_oid, head_oid)
    commits = repo.commits(f"{base_oid}..{head_oid}")
    changed = tuple(sorted(repo.changed(fork, head_oid)))
    trees = {oid: GitTree(repo, oid, is_tree=True) for oid in (base_oid, head_oid, fork)}  # all known to be commits
    _read_at_once(repo, trees[base_oid], trees[head_oid], changed)
    base, head, forked = (read_fleet(trees[oid]) for oid in (base_oid, head_oid, fork))
    through = moves(commits)
    skill = touched_skill(head, forked, changed, through)
    return Between(
        base_oid=base_oid,
        head_oid=head_oid,
        merge_base=fork,
        commits=commits,
        changed=changed,
        files=files_of(skill) if skill else (),
        fleet=_facts(base, trees[base_oid]),
        configuration=base.configuration,
        conflicts=conflicts(repo, base_oid, head_oid) if fork != base_oid else (),
        locator=Locator(repo, head_oid, fork, through),
    )


def _read_at_once(repo: Repository, base: GitTree, head: GitTree, changed: tuple[str, ...]) -> None:
    """Read what will be asked for in one go: the files that say what a fleet is, and those of the folders that change."""
    folders = {path.rpartition("/")[0] for path in changed}
    tops = tuple(f"{folder}/" for folder in folders if folder.count("/") >= 2)
    wanted = [
        entry.oid
        for tree, below in ((base, (f"{PROGRAMS}/",)), (head, tops))
        for entry in tree.entries
        if entry.mode != SUBMODULE
        and (entry.path in _TELLING or entry.path.endswith(f"/{SKILL_FILE}") or entry.path.startswith(below))
    ]
    repo.contents |= repo.blobs(oid for oid in wanted if oid not in repo.contents)


def _facts(base: Fleet, tree: GitTree) -> FleetFacts:
    programs = {
        entry.path.removeprefix(f"{PROGRAMS}/").removesuffix(".json"): tree.read(entry).decode("utf-8", "replace")
        for entry in tree.entries
        if entry.mode == REGULAR and entry.path.startswith(f"{PROGRAMS}/") and entry.path.endswith(".json")
    }
    return FleetFacts(
        categories=tuple(base.taxonomy.categories),
        ids=tuple(skill.id for skill in base.skills),
        former=tuple(sorted(base.former)),
        approvals=base.configuration.approvals,
        nudge_days=base.configuration.nudge_days,
        programs=programs,
    )
