"""A folder of files becomes a repository with one commit, all or nothing."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from pathlib import Path

from skill_fleet.catalog import (
    CATALOGUE_FILE,
    CODEOWNERS_FILE,
    MARKETPLACE_FILE,
    render_catalogue,
    render_codeowners,
    render_marketplace,
)
from skill_fleet.errors import UserError
from skill_fleet.fleet import Fleet, MemoryTree, read_fleet
from skill_fleet.founding.files import kept_files, without_local
from skill_fleet.git import GitFailure, Repository, write_commit, write_tree

MAIN = "refs/heads/main"

_OWN = ("readme", "license", "licence", "copying")  # what forges offer to put into a new repository


def is_clone(folder: Path) -> bool:
    """Whether `folder` is the top of a repository already."""
    try:
        if not (folder / ".git").exists():
            return False
        with Repository(folder) as repo:
            return repo.root == folder.resolve()
    except (OSError, UserError):
        return False


def found_in_clone(folder: Path, files: Mapping[str, str], message: str) -> tuple[str, tuple[str, ...]]:
    """Commit `files` on top of what the clone has, and return the commit and the files that were kept instead of ours.

    UserError, with nothing changed, when it has more than a README and a licence, when a file of ours would overwrite
    another one, or when its branch is not main.
    """
    kept, ours, clashing = [], dict(files), []
    with Repository(folder) as repo:
        known = repo.text("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0") if repo.find("HEAD") else []
    for path in {*_there(folder), *filter(None, known)}:  # a clone may have files that are not checked out
        if "/" not in path and path.lower().startswith(_OWN):
            kept.append(path)
            ours.pop("README.md" if path.lower().startswith("readme") else path, None)
        elif path not in files:
            raise not_empty(folder)
        elif _bytes(folder / path) != files[path].encode():
            clashing.append(path)
    if clashing:
        raise UserError(
            f"{', '.join(sorted(clashing))} in {folder} would be overwritten.",
            "Take that out first; what of it you miss can be added afterwards.",
        )
    with Repository(folder) as repo:
        return _commit(repo, ours, message), tuple(sorted(kept))


def not_empty(folder: Path) -> UserError:
    """The error for a folder that has something in it."""
    return UserError(
        f"{folder} is not empty.",
        "Name a new folder, an empty one, or a clone with no more than a README and a licence: "
        "skill-fleet init ../my-skills",
    )


def _there(folder: Path) -> Iterator[str]:
    """The paths of all files, Git's own left out."""
    for place, folders, names in os.walk(folder):
        if Path(place) == folder:
            folders[:] = [name for name in folders if name != ".git"]
        links = [name for name in folders if Path(place, name).is_symlink()]
        yield from (Path(place, name).relative_to(folder).as_posix() for name in (*names, *links) if name != ".git")


def _bytes(file: Path) -> bytes | None:
    try:
        return None if file.is_symlink() else file.read_bytes()
    except OSError:
        return None


def _commit(repo: Repository, files: Mapping[str, str], message: str) -> str:
    """The commit, made without the work tree, which then follows as a whole or not at all."""
    who, head = repo.identity(), repo.find("HEAD")
    status, out, _ = repo.attempt("symbolic-ref", "--quiet", "HEAD")
    branch = out.decode().strip()
    if head and (status or branch != MAIN):
        called = branch.removeprefix("refs/heads/") or "none"
        raise UserError(
            f"The branch here is {called}, and that of a fleet is main.", "Rename it: git branch --move main"
        )
    tree = write_tree(repo, head, {path: text.encode() for path, text in files.items()})
    commit = write_commit(repo, tree, [head] if head else [], f"{message}\n", who)
    repo.run("symbolic-ref", "HEAD", MAIN)
    status, _, err = repo.attempt("merge", "--ff-only", "--quiet", commit, cwd=repo.root)
    if status:
        repo.run("symbolic-ref", "HEAD", branch)
        reason = " ".join(err.split()) or "no reason given"
        raise UserError(f"Git would not make the first commit: {reason}", "See what it has: git status")
    return commit


def refuse_used(folder: Path) -> None:
    """UserError when `folder` is anything but absent or empty."""
    try:
        used = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as problem:
        raise UserError(f"{folder} cannot be read: {problem.strerror}.", "Name another folder.") from problem
    if used:
        raise not_empty(folder)


def refuse_nested(folder: Path) -> None:
    """UserError when `folder` would be a repository inside another one that does not ignore it.

    The one around it would take it for a submodule that nobody declared: its clones get an empty folder.
    """
    folder = folder.absolute()
    there = next(parent for parent in folder.parents if parent.is_dir())
    try:
        around = Repository(there)
    except UserError:
        return
    with around:
        # a folder with a slash at its end, or a pattern for folders does not match what is not there yet
        if around.root is None or around.attempt("check-ignore", "--quiet", f"{folder}/", cwd=there)[0] == 0:
            return
        raise UserError(
            f"{folder} is inside the repository {around.root}.",
            f"Name a folder outside of it, such as {shlex.quote(str(around.root.parent / folder.name))}, or have that "
            "one ignore it first.",
        )


def found_repository(folder: Path, files: Mapping[str, str], message: str) -> str:
    """Make `folder` a repository whose main has one commit with `files`; returns the commit.

    It is made beside the folder and moved there when it is complete, so that a failure leaves nothing behind.
    """
    folder = folder.absolute()
    refuse_used(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        workshop = Path(tempfile.mkdtemp(prefix=".skill-fleet-init-", dir=folder.parent))
    except OSError as problem:
        raise UserError(f"{folder} cannot be made: {problem.strerror}.", "Name another folder.") from problem
    try:
        made = workshop / "fleet"
        commit = _first_commit(made, files, message)
        if folder.exists():
            folder.rmdir()  # empty; only some systems replace a folder that is there
        made.rename(folder)
    except OSError as problem:
        raise UserError(f"{folder} cannot be made: {problem.strerror}.", "Name another folder.") from problem
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return commit


def _first_commit(made: Path, files: Mapping[str, str], message: str) -> str:
    import git

    for path, text in files.items():
        file = made / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    git.Repo.init(made, initial_branch="main").close()  # `Repository` opens what is there; this is what makes one
    with Repository(made) as repo:
        repo.identity()  # said first, and in words, when nobody has told Git who is working
        try:
            # templates and hooks of the person's own set-up take no part in what a new fleet is
            repo.run("add", "--all", cwd=made)
            repo.run("-c", "commit.gpgSign=false", "commit", "--quiet", "--no-verify", "--message", message, cwd=made)
        except GitFailure as failure:
            raise UserError(
                "Git would not make the first commit.", failure.stderr or "Look at your Git settings."
            ) from failure
        return repo.resolve("HEAD")


def with_generated(files: Mapping[str, str]) -> dict[str, str]:
    """Add the files that are generated from the others: code owners, catalogue and marketplace."""
    fleet = read_fleet(MemoryTree({path: text.encode() for path, text in files.items()}))
    return {
        **files,
        CODEOWNERS_FILE: render_codeowners(fleet, ""),
        CATALOGUE_FILE: render_catalogue(fleet).text,
        MARKETPLACE_FILE: render_marketplace(fleet),
    }


def drift_of(root: Path, fleet: Fleet) -> dict[str, str]:
    """Return a patch for each file of the fleet at `root` that this version of the tool would write differently."""
    owners = _text(root / CODEOWNERS_FILE)
    wanted = {**kept_files(root), CODEOWNERS_FILE: render_codeowners(fleet, owners or "")}
    return drift(wanted, {path: _text(root / path) for path in wanted})


def _text(file: Path) -> str | None:
    content = _bytes(file)
    return None if content is None else content.decode("utf-8", "replace")


def drift(wanted: Mapping[str, str], now: Mapping[str, str | None]) -> dict[str, str]:
    """A patch for each file of `now` (None: it is missing) that is not as `wanted`, by path.

    Parts that a fleet has added between "only here" lines are its own: they are no drift.
    """
    return {
        path: _patch(path, now.get(path), text)
        for path, text in sorted(wanted.items())
        if (there := now.get(path)) is None or text not in (there, without_local(there))
    }


def _patch(path: str, old: str | None, new: str) -> str:
    head = [f"diff --git a/{path} b/{path}\n", *(["new file mode 100644\n"] if old is None else [])]
    source = "/dev/null" if old is None else f"a/{path}"
    body = unified_diff(_lines(old or ""), _lines(new), source, f"b/{path}")
    return "".join(
        [*head, *(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in body)]
    )


def _lines(text: str) -> list[str]:
    """The lines as Git counts them: only a line feed ends one."""
    return [f"{line}\n" for line in text.split("\n")[:-1]] + ([last] if (last := text.rpartition("\n")[2]) else [])
