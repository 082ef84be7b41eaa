"""The handle to one Git repository: finds it, and runs Git in it. Its oddities are explained here.

A process of Git for each question: GitPython, which also runs processes, takes 70 ms to import, a tenth of a check of a
thousand skills, and its object layer takes six times as long as one `cat-file --batch` to read 5,000 files.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.fleet.git_facts import GitFailure
from skill_fleet.fleet.inherited import NAMES

_INSTALL = "Install Git 2.38 or newer."


class Handle:
    """One Git repository, of which nothing is kept open."""

    def __init__(self, path: Path) -> None:
        """Open the repository that `path` stands in; UserError when there is none."""
        self.contents: dict[str, bytes] = {}
        """Blobs that were read, by id; they never change."""
        self.derived: dict[str, Any] = {}
        """What others worked out from objects alone, by the name of what it is: it stays true as well."""
        if not path.is_dir():
            raise UserError(f"There is no folder {path}.", "Go to one that is there: cd")
        self._at = str(path)
        # the work tree is asked for last: in a bare repository that fails, and the rest is told all the same
        words = ("rev-parse", "--path-format=absolute", "--git-common-dir", "--show-toplevel")
        status, out, err = self.attempt(*words)
        rows = out.decode("utf-8", "surrogateescape").split("\n")
        if not rows[0]:
            if "not a git repository" in err:
                raise UserError(
                    f"{path} is not in a Git repository.", "Go into a clone, or make a repository with: git init"
                )
            raise UserError(f"Git does not open the repository at {path}.", f"It says: {' '.join(err.split())}")
        self.directory = Path(rows[0])
        """Where Git keeps the objects and refs, also for a linked work tree."""
        self.root = Path(rows[1]) if status == 0 else None
        """Where the work tree stands; None in a bare repository."""
        self._at = str(self.root or self.directory)

    def run(
        self, *words: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> bytes:
        """Run one Git command to its end and return its standard output; GitFailure when it fails."""
        status, out, err = self.attempt(*words, stdin=stdin, env=env, cwd=cwd)
        if status:
            raise GitFailure(words[0], err)
        return out

    def attempt(
        self, *words: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> tuple[int, bytes, str]:
        """Run one Git command and return its exit status, standard output and standard error. UserError when there is
        no Git."""
        import tempfile  # 4 ms, and no check of a folder needs it

        # real files, so that no pipe fills up and the output is read in one go
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() if stdin else nullcontext() as feed:
            if feed:
                feed.write(stdin or b"")
                feed.seek(0)
            try:
                done = subprocess.run(
                    ["git", *words],
                    stdin=feed or subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=said,
                    env=_environment(env),
                    cwd=self._at if cwd is None else cwd,
                    check=False,
                )
            except FileNotFoundError as problem:
                raise UserError("The program git was not found.", _INSTALL) from problem
            said.seek(0)
            return done.returncode, done.stdout, said.read().decode(errors="replace").rstrip("\n")

    def text(self, *words: str, cwd: Path | None = None) -> str:
        """Run one Git command and return its output as text without the last line end."""
        return self.run(*words, cwd=cwd).decode("utf-8", "surrogateescape").rstrip("\n")


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    """This process's, without another repository that a hook may have put there; in English, since some of what Git
    says is read; without locks that a person's own `git commit` would stumble on."""
    own = {name: value for name, value in os.environ.items() if name not in NAMES}
    return {
        **own,
        "LC_ALL": "C",
        "LANGUAGE": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        **(more or {}),
    }
