"""Creating the repository of a fleet: a folder of files becomes a repository with one commit, all or nothing."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from skill_fleet import catalog
from skill_fleet.errors import UserError
from skill_fleet.fleet import Fleet, MemoryTree, read_fleet
from skill_fleet.founding.files import kept_files, without_local
from skill_fleet.git import (
    Repository,
    make_repository,
    patch_of,
    remove_stale_scratch,
    scratch_folder,
    write_commit,
    write_tree,
)

MAIN = "refs/heads/main"

_PIN = re.compile(r"(uses: ([\w.-]+/[\w./-]+)@)([0-9a-f]{40} # v([0-9.]+))")
_KEPT = ("readme", "license", "licence", "copying")  # files that a forge puts into a new repository


def is_clone(folder: Path) -> bool:
    """Whether `folder` is the top of a repository already."""
    try:
        return (folder / ".git").exists() and Repository(folder).root == folder.resolve()
    except (OSError, UserError):
        return False


def found_in_clone(folder: Path, files: Mapping[str, str], message: str) -> tuple[str, tuple[str, ...]]:
    """Commit `files` on top of what the clone has; return the commit's id, and the files of the clone that were kept.

    UserError, with nothing changed, when it has more than a README and a licence, when a file would be overwritten, or
    when its branch is not main.
    """
    remove_stale_scratch(folder.parent)
    kept, ours, clashing = [], dict(files), []
    repo = Repository(folder)
    known = [entry.path for entry in repo.entries("HEAD")] if repo.find("HEAD") else []
    there = repo.text("ls-files", "-z", "--cached", "--others", cwd=folder)
    for path in {*filter(None, there.split("\0")), *known}:  # a clone may have files that are not checked out
        if "/" not in path and path.lower().startswith(_KEPT):
            kept.append(path)
            ours.pop("README.md" if path.lower().startswith("readme") else path, None)
        elif path not in files:
            raise _not_empty(folder)
        elif _bytes(folder / path) != files[path].encode():
            clashing.append(path)
    if clashing:
        raise UserError(
            f"{', '.join(sorted(clashing))} in {folder} would be overwritten.",
            "Take that out first; add what you need of it afterwards.",
        )
    return _commit(repo, ours, message), tuple(sorted(kept))


def _not_empty(folder: Path) -> UserError:
    return UserError(
        f"{folder} is not empty.",
        "Name a new folder, an empty one, or a clone with no more than a README and a licence: "
        "skill-fleet init ../my-skills",
    )


def _bytes(file: Path) -> bytes | None:
    try:
        return None if file.is_symlink() else file.read_bytes()
    except OSError:
        return None


def _commit(repo: Repository, files: Mapping[str, str], message: str) -> str:
    """Make the commit from objects, then bring the work tree to it, as a whole or not at all."""
    who, head = repo.identity(), repo.find("HEAD")
    status, out, _ = repo.attempt("symbolic-ref", "--quiet", "HEAD")
    branch = out.decode().strip()
    if head and (status or branch != MAIN):
        name = branch.removeprefix("refs/heads/") or "none"
        raise UserError(f"The branch here is {name}; a fleet needs main.", "Rename it: git branch --move main")
    tree = write_tree(repo, head, {path: text.encode() for path, text in files.items()})
    if head and tree == repo.text("rev-parse", f"{head}^{{tree}}"):
        return head  # all of it is there: the same command made it
    commit = write_commit(repo, tree, [head] if head else [], f"{message}\n", who)
    repo.run("symbolic-ref", "HEAD", MAIN)
    status, _, err = repo.attempt("merge", "--ff-only", "--quiet", commit, cwd=repo.root)
    if status:
        repo.run("symbolic-ref", "HEAD", branch)
        reason = " ".join(err.split()) or "no reason given"
        raise UserError(f"Git refused the first commit: {reason}", "Inspect the clone: git status")
    return commit


def refuse_used(folder: Path) -> None:
    """UserError unless `folder` is empty or does not exist."""
    try:
        used = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as problem:
        raise UserError(f"{folder} cannot be read: {problem.strerror}.", "Name another folder.") from problem
    if used:
        raise _not_empty(folder)


def refuse_nested(folder: Path) -> None:
    """UserError when `folder` would be a repository inside another one that does not ignore it.

    The outer one would record it as a submodule that nobody declared, and its clones would have an empty folder.
    """
    folder = folder.absolute()
    parent = next(parent for parent in folder.parents if parent.is_dir())
    try:
        outer = Repository(parent)
    except UserError:
        return
    # with a slash at its end, or a pattern for folders would not match a folder that does not exist yet
    if outer.root is None or outer.attempt("check-ignore", "--quiet", f"{folder}/", cwd=parent)[0] == 0:
        return
    raise UserError(
        f"{folder} is inside the repository {outer.root}.",
        f"Name a folder outside it, such as {shlex.quote(str(outer.root.parent / folder.name))}, or add it to that "
        "repository's .gitignore first.",
    )


def found_repository(folder: Path, files: Mapping[str, str], message: str) -> str:
    """Make `folder` a repository whose main has one commit with `files`; return the commit's id.

    It is made beside the folder and moved there when it is complete, so that a failure leaves nothing behind.
    """
    folder = folder.absolute()
    refuse_used(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(folder.parent) as workshop:
            made = workshop / "fleet"
            commit = _commit(make_repository(made), files, message)
            if folder.exists():  # empty, and somebody may be in it: it stays the same folder
                for path in made.iterdir():
                    path.rename(folder / path.name)
            else:
                made.rename(folder)
    except OSError as problem:
        raise UserError(f"{folder} cannot be created: {problem.strerror}.", "Name another folder.") from problem
    return commit


def with_generated(files: Mapping[str, str]) -> dict[str, str]:
    """Add the files that are generated from the others: code owners, catalogue and marketplace."""
    fleet = read_fleet(MemoryTree({path: text.encode() for path, text in files.items()}))
    return {
        **files,
        catalog.CODEOWNERS_FILE: catalog.render_codeowners(fleet, ""),
        catalog.CATALOGUE_FILE: catalog.render_catalogue(fleet).text,
        catalog.MARKETPLACE_FILE: catalog.render_marketplace(fleet),
    }


def drift_of(root: Path, fleet: Fleet) -> dict[str, str]:
    """Return a patch for each file of the fleet at `root` that this version of the tool would write differently.

    Parts between "only here" lines are the fleet's own and do not count, nor do actions that it pins to a later version.
    """
    owners = content_of(root / catalog.CODEOWNERS_FILE) or ""
    patches = {}
    for path, text in sorted(
        {**kept_files(root), catalog.CODEOWNERS_FILE: catalog.render_codeowners(fleet, owners)}.items()
    ):
        there = content_of(root / path)
        text = _with_later_pins(text, there or "")
        if there is None or text not in (there, without_local(there)):
            patches[path] = patch_of(path, None if there is None else there.encode(), text.encode()).decode()
    return patches


def _with_later_pins(text: str, there: str) -> str:
    """`text` with the pins of `there` where those are of later versions, as Dependabot makes them."""
    theirs = {action: (_version(version), pin) for _, action, pin, version in _PIN.findall(there)}

    def later(found: re.Match[str]) -> str:
        version, pin = theirs.get(found[2], ((), ""))
        return found[1] + (pin if version > _version(found[4]) else found[3])

    return _PIN.sub(later, text)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part)


def content_of(file: Path) -> str | None:
    """The text of a file; None when there is none, or it is a link."""
    content = _bytes(file)
    return None if content is None else content.decode("utf-8", "replace")
