"""The double's Git: a real bare repository, asked through Git itself."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_UPDATE = """#!/bin/sh
# $1 is the ref; receive-pack runs this in the repository, as REMOTE_USER
grep -qxF "$1" protected 2>/dev/null || exit 0
grep -qxF "$REMOTE_USER" bypass 2>/dev/null && exit 0
echo "error: GH006: Protected branch update failed for $1." >&2
exit 1
"""


@dataclass(frozen=True)
class Bare:
    """One bare repository."""

    path: Path

    def prepare(self) -> None:
        """Let it be served: pushes allowed, commits served by their id, protected branches protected."""
        self.git("config", "http.receivepack", "true")
        self.git("config", "uploadpack.allowAnySHA1InWant", "true")
        self.git("config", "transfer.hideRefs", "refs/forks")
        hook = self.path / "hooks" / "update"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(_UPDATE)
        hook.chmod(0o755)

    def git(self, *words: str, check: bool = True, env: dict[str, str] | None = None) -> bytes:
        """Run one Git command."""
        done = subprocess.run(
            ["git", *words], cwd=self.path, capture_output=True, check=False, env={**os.environ, **(env or {})}
        )
        if check and done.returncode:
            raise AssertionError(done.stderr.decode(errors="replace"))
        return done.stdout if done.returncode == 0 else b""

    def text(self, *words: str) -> str:
        """What a Git command prints."""
        return self.git(*words).decode().strip()

    def branches(self) -> dict[str, str]:
        """Every branch with its tip, from the files: asked before every answer, where a process would take its time."""
        packed, heads = self.path / "packed-refs", self.path / "refs" / "heads"
        rows = packed.read_text().splitlines() if packed.exists() else []
        found = {name: oid for oid, _, name in (row.partition(" ") for row in rows if row[0] not in "#^")}
        found |= {f"refs/heads/{file.relative_to(heads)}": file.read_text().strip() for file in _files(heads)}
        return {name.removeprefix("refs/heads/"): oid for name, oid in found.items() if name.startswith("refs/heads/")}

    def keep(self, number: int, oid: str) -> None:
        """What GitHub keeps of a pull request whatever becomes of its branch."""
        self.git("update-ref", f"refs/pull/{number}/head", oid)

    def contains(self, new: str, old: str) -> bool:
        """Whether `new` has `old` in its history."""
        return self._base(new, old) == old

    def _base(self, one: str, other: str) -> str:
        return self.git("merge-base", one, other, check=False).decode().strip()

    def commits(self, base: str, head: str) -> list[str]:
        """What the head has and the base has not."""
        return self.text("rev-list", head, f"^{base}").split()

    def merge_of(self, base: str, head: str) -> str:
        """The commit by which `head` came into `base`."""
        rows = [line.split() for line in self.text("rev-list", "--first-parent", "--parents", base).splitlines()]
        return next((commit for commit, *parents in rows if head in parents[1:]), head)

    def in_diff(self, base: str, commit: str, path: str, side: str, first: int, last: int) -> bool:
        """Whether lines are in the diff of the pull request: in one hunk of it, with three lines around a change."""
        fork = self._base(base, commit)
        out = self.git("diff", "--text", "--no-renames", "-U3", fork, commit, "--", path)
        for old, old_count, new, new_count in _HUNK.findall(out):
            start, count = (new, new_count) if side == "RIGHT" else (old, old_count)
            if int(start) <= first <= last < int(start) + int(count or 1):
                return True
        return False

    def touches(self, base: str, commit: str, path: str) -> bool:
        """Whether the pull request changes a file."""
        return bool(self.git("diff", "--name-only", "--no-renames", self._base(base, commit), commit, "--", path))

    def merge(self, base: str, head: str, message: str, author: tuple[str, str], method: str = "merge") -> str | None:
        """Merge into a branch and return the last commit that this makes; None on a conflict."""
        tip = self.text("rev-parse", f"refs/heads/{base}")
        tree = self.git("merge-tree", "--write-tree", tip, head, check=False).decode().strip()
        if not tree:
            return None
        who = {
            f"GIT_{role}_{part}": author[part == "EMAIL"]
            for role in ("AUTHOR", "COMMITTER")
            for part in ("NAME", "EMAIL")
        }
        rows = [(tree, message)]
        if method == "rebase":  # each commit again, with its own message, on top of the branch
            ours = reversed(self.commits(tip, head))
            trees = {oid: self.git("merge-tree", "--write-tree", tip, oid).decode().strip() for oid in ours}
            rows = [(each, self.text("log", "-1", "--format=%B", oid)) for oid, each in trees.items()]
        commit, also = tip, ["-p", head] if method == "merge" else []
        for each, said in rows:
            words = ("commit-tree", "-p", commit, *also, "-m", said, each)
            commit = self.git(*words, env=who).decode().strip()
        self.git("update-ref", f"refs/heads/{base}", commit, tip)
        return commit


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]
