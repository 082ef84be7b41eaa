"""The skills where a person is: of the repository at the current folder, of one of its commits, or of any folders."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from skill_fleet.errors import UserError
from skill_fleet.fleet.configuration import BASELINE_FILE, CONFIGURATION_FILE, FORM_FILE, SETTINGS_FILE, TAXONOMY_FILE
from skill_fleet.fleet.fleet import ROOT, Fleet, is_below, read_fleet
from skill_fleet.fleet.inventory import linked_elsewhere, linked_from, no_skill, read_repository
from skill_fleet.fleet.skill import SKILL_FILE
from skill_fleet.fleet.tree import GitTree, Tree, WorkTree
from skill_fleet.git import Repository

CATALOGUE_BRANCH = "catalog"
"""The branch that has main's files and the generated ones, where nothing may push to main."""
_CLIENTS = ("agents", "claude", "codex", "cursor", "gemini", "github", "opencode")
_READ = (
    *(ROOT, CONFIGURATION_FILE, SETTINGS_FILE, BASELINE_FILE, FORM_FILE),
    *(f".{client}/{ROOT}" for client in _CLIENTS),
)
"""What is read of a fleet; of another repository, everything is."""


def here() -> Repository:
    """The repository of the current folder; UserError when there is none."""
    try:
        folder = Path.cwd()
    except OSError as problem:
        raise UserError("The current folder no longer exists.", "Go to another one: cd") from problem
    return Repository(folder)


def top(repo: Repository, tip: str) -> Path:
    """The top of the work tree; UserError with `tip` where there is none."""
    if repo.root is None:
        raise UserError("There is no work tree here: the repository is bare, or this is inside .git.", tip)
    return repo.root


def branch_of_ones_own(repo: Repository) -> str:
    """The branch that is checked out; "" when it is the one that pull requests are merged into, or none is."""
    branch = repo.text("branch", "--show-current")
    try:
        base = repo.default_branch(repo.shared)
    except UserError:  # it cannot be determined
        return ""
    return "" if branch == base else branch


def fleet_at(repo: Repository, ref: str | None, option: str = "--ref") -> Fleet:
    """The fleet in the work tree, or in the commit `ref`; `option` is the command's option for a commit."""
    if ref is not None:
        return read_fleet(GitTree(repo, ref, *_READ))
    return read_fleet(WorkTree(top(repo, f"Name a commit: {option} HEAD"), *_READ, repo=repo))


def skills_at(repo: Repository, ref: str | None, option: str = "--ref") -> Fleet:
    """The fleet as `fleet_at` has it; in a repository without a taxonomy, the skills in all of its folders."""
    if ref is None and not (top(repo, f"Name a commit: {option} HEAD") / TAXONOMY_FILE).exists():
        whole = WorkTree(top(repo, ""), repo=repo)
        if not _has_categories(whole):  # nor is it among what a sparse checkout left out
            return skills_in(whole, False)
    fleet = fleet_at(repo, ref, option)
    if _has_categories(fleet.tree):
        return fleet
    return skills_in(GitTree(repo, ref) if ref is not None else WorkTree(top(repo, ""), repo=repo), False)


def skills_in(
    tree: Tree, is_ours: bool | None = None, everything: bool = False, names: Mapping[str, str] | None = None
) -> Fleet:
    """The skills of a whole tree: of a fleet if it `is_ours` (None: if it has a taxonomy), else of any repository."""
    if _has_categories(tree) if is_ours is None else is_ours:
        return read_fleet(tree)
    return read_repository(tree, everything, names or {})


_DEEPEN = "Fetch the rest: git fetch --unshallow origin '+refs/heads/*:refs/remotes/origin/*'"


def skills_since(
    repo: Repository, base: str, head: str | None, paths: Sequence[Path] = (), staged: str = ""
) -> tuple[Fleet, Fleet, tuple[str, ...]]:
    """All skills of the merge base of `base` and `head`, and of `head`, or of the work tree if that is None.

    With `staged`, the id of a tree, they are those of this tree instead of the work tree.
    Also the folders that PATHs name, with those that links in them lead to. UserError when there is no merge base.
    """
    if repo.is_shallow and repo.find(base) is None:
        raise UserError(f"This clone is shallow and does not have {base}.", _DEEPEN)
    tip, other = repo.resolve(base), repo.resolve(head or "HEAD")
    if (start := repo.merge_base(tip, other)) is None:
        if repo.is_shallow:
            raise UserError(
                f"This clone is shallow: the merge base of {base} and {head or 'HEAD'} is missing.", _DEEPEN
            )
        raise UserError(
            f"{base} and {head or 'HEAD'} have no commit in common.", "Name the branch that it started from."
        )
    # the whole tree, not only skills/: rules judge the other files of a change as well
    files = repo.root if head is None and not staged else None
    after = WorkTree(files, repo=repo) if files else GitTree(repo, staged or other, is_tree=bool(staged))
    trees = GitTree(repo, start), after
    is_ours = any(map(_has_categories, trees))
    before, now = (skills_in(tree, is_ours, everything=bool(paths)) for tree in trees)
    within = paths_in(repo.root or repo.directory, paths)
    return before, now, (*within, *linked_from(now, within)) or ("",)


def _has_categories(tree: Tree) -> bool:
    return any(entry.path == TAXONOMY_FILE for entry in tree.entries)


def paths_in(root: Path, paths: Sequence[Path]) -> tuple[str, ...]:
    """PATHs that a person typed, relative to the folder `root`; UserError for one that is not in it."""
    found = []
    for path in paths:
        folder = _folder(path).resolve()
        if not folder.is_relative_to(root.resolve()):
            raise UserError(f"{path} is not in {root}.", "Run this in the repository that has it.")
        found.append(_relative(folder, root.resolve()))
    return tuple(found)


def _folder(path: Path) -> Path:
    """The folder that a PATH stands for: of a SKILL.md, its own, even if the file is a link."""
    return path.parent if path.name == SKILL_FILE and not path.is_dir() else path


def fleet_in(repo: Repository, ref: str, paths: Sequence[Path]) -> tuple[Fleet, tuple[str, ...]]:
    """The skills below PATHs of the commit `ref`, and these PATHs relative to the top of the repository."""
    inside = paths_in(repo.root or repo.directory, paths)
    return _any_skills(GitTree(repo, ref, *_wanted(inside))), inside


def fleet_of(paths: Sequence[Path], *, fixing: bool = False) -> tuple[Fleet, Path]:
    """The skills in any folders, and the folder that their paths are relative to.

    That is the top of the repository that has all of them; or else the current folder, or the one that contains all of
    them. What Git ignores is left out, unless a path names it. UserError when there is no skill; with `fixing`, a SKILL.md
    in the wrong case counts as one.
    """
    folders = {str(folder): folder.resolve() for folder in map(_folder, paths)}
    fleet, root = _skills_below([*folders.values()])
    for name, folder in folders.items():
        if not folder.is_dir() and not any(is_below(f"{root}/{skill.path}", str(folder)) for skill in fleet.skills):
            raise UserError(f"There is no folder {name}.", "Name folders, each with a SKILL.md somewhere in it.")
    if not fleet.skills and not fixing:
        raise no_skill(fleet, tuple(folders))
    return fleet, root


def _skills_below(folders: Sequence[Path]) -> tuple[Fleet, Path]:
    common = Path(os.path.commonpath(folders))
    try:
        repo = Repository(next(each for each in (common, *common.parents) if each.is_dir()))
    except UserError:
        repo = None
    if repo and repo.root:
        root = repo.root.resolve()
        inside = sorted({_relative(folder, root) for folder in folders})
        fleet = _any_skills(_tree(root, inside, repo))
        if "" not in inside and (linked := linked_elsewhere(fleet)):
            fleet = _any_skills(_tree(root, [*inside, *sorted(linked)], repo))
        found = {skill.path for skill in fleet.skills} | {path for path, _ in fleet.left_out}
        if all(any(is_below(each, path) for each in found) for path in inside):
            return fleet, root
        walked = _any_skills(_tree(root, inside))  # what Git ignores was asked for
        return (walked if len(walked.skills) > len(fleet.skills) else fleet), root
    root = Path.cwd().resolve()
    root = root if common.is_relative_to(root) else common
    inside = sorted({_relative(folder, root) for folder in folders})
    return _any_skills(_tree(root, inside), {"": root.name}), root


def _tree(root: Path, inside: Sequence[str], repo: Repository | None = None) -> WorkTree:
    return WorkTree(root, *_wanted(inside), repo=repo)


def _wanted(inside: Sequence[str]) -> tuple[str, ...]:
    """The paths to read for those that were asked for: with the settings."""
    settings = (CONFIGURATION_FILE, SETTINGS_FILE, BASELINE_FILE, TAXONOMY_FILE)
    return () if "" in inside else (*inside, *settings)


def _any_skills(tree: Tree, names: Mapping[str, str] | None = None) -> Fleet:
    """The skills of a part of a tree; with the ids of a fleet where it is one."""
    fleet = skills_in(tree, is_ours=False, everything=True, names=names)
    if _has_categories(tree) and all(is_below(skill.path, ROOT) for skill in fleet.skills):
        return replace(read_fleet(tree), is_ours=False)
    return fleet


def _relative(folder: Path, root: Path) -> str:
    path = folder.relative_to(root).as_posix()
    return "" if path == "." else path


def skill_id(typed: str) -> str:
    """The id that a person typed, maybe as a path that the shell completed: skills/python/x/ is python/x."""
    return typed.replace(os.sep, "/").strip("/").removeprefix(f"{ROOT}/").removesuffix(f"/{SKILL_FILE}")
