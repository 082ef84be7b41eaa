"""A folder of files becomes a repository with one commit, all or nothing."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from skill_fleet.errors import UserError
from skill_fleet.fleet.git import GitFailure, Repository
from skill_fleet.founding.clone import not_empty


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
        commit = _commit(made, files, message)
        if folder.exists():
            folder.rmdir()  # empty; only some systems replace a folder that is there
        made.rename(folder)
    except OSError as problem:
        raise UserError(f"{folder} cannot be made: {problem.strerror}.", "Name another folder.") from problem
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return commit


def _commit(made: Path, files: Mapping[str, str], message: str) -> str:
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
