"""A repository and a forge that hand every write to somebody who watches. What they do not know is refused.

What Git answered is kept on a tape. A second run that begins as the first did gets its answers from the tape, so that
only what comes after the point of interest is run.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.forges.local import LocalForge
from skill_fleet.git import Repository

READS = {
    "cat-file", "check-ref-format", "diff", "diff-tree", "for-each-ref", "log", "ls-tree", "merge-base", "remote",
    "rev-list", "rev-parse", "status", "symbolic-ref", "var",
}  # fmt: skip
WRITES = {
    "commit-tree", "config", "fetch", "hash-object", "merge", "merge-tree", "mktree", "push", "read-tree",
    "update-index", "update-ref", "write-tree",
}  # fmt: skip
FORGE_READS = {"list", "snapshot", "snapshots", "name", "actor"}
FORGE_WRITES = {
    "close", "comment", "comment_on", "delete", "describe", "dismiss", "edit", "label", "merge", "open", "push", "reply",
    "retitle",
    "resolve", "review", "set_draft",
}  # fmt: skip

TEMPORARY = re.compile(r"/\.skill-fleet-[^/]+(?=/)")  # a folder with another name in each run

Watch = Callable[..., Any]
"""Called with the name of a write, what does it, and what its caller sees when the response is lost."""


Answer = tuple[int, bytes, str]


@dataclass
class Tape:
    """What Git was asked and what it answered, in order; from `at` on it is asked again."""

    rows: list[tuple[tuple[str, ...], bytes, Answer]] = field(default_factory=list)
    at: int = 0

    def upto(self, end: int) -> Tape:
        """The beginning of it, to be played from its start."""
        return Tape(self.rows[:end])

    def ask(self, words: tuple[str, ...], stdin: bytes, git: Callable[[], Answer]) -> Answer:
        """The answer on the tape while there is one, which has to be to the same question; then Git's own."""
        if self.at == len(self.rows):
            self.rows.append((words, stdin, git()))
        asked, fed, answer = self.rows[self.at]
        words, asked = ([TEMPORARY.sub("", word) for word in each] for each in (words, asked))
        assert (asked, fed) == (words, stdin), "this run does not begin as the one that was recorded"
        self.at += 1
        return answer


class WatchedRepository(Repository):
    """Each Git command that writes goes through `watch`, unless only the forge is watched."""

    def __init__(self, path: Path, watch: Watch, tape: Tape | None = None, *, git: bool = True) -> None:
        self.watch, self.tape, self.git = watch, tape or Tape(), git
        super().__init__(path)  # which asks Git at once

    def attempt(self, *words: str, **options: Any) -> Answer:
        """Run it, or have it run."""
        command = next(word for word in words if not word.startswith("-"))
        run, stdin = super().attempt, options.get("stdin") or b""

        def do() -> Answer:
            return self.tape.ask(words, stdin, lambda: run(*words, **options))

        if command in READS or words[:2] == ("worktree", "list"):
            return do()
        assert command in WRITES, f"git {command} is not known here: does it write?"
        if not self.git:
            return do()
        lost = (128, b"", "fatal: the remote end hung up unexpectedly")
        result: Answer = self.watch(_point(command, words, stdin), do, lambda: lost)
        return result


class WatchedForge:
    """Each writing method of a forge goes through `watch`."""

    def __init__(self, forge: LocalForge, watch: Watch) -> None:
        self.forge, self.watch = forge, watch
        self.repo = forge.repo

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.forge, name)
        if name not in FORGE_WRITES:
            assert name in FORGE_READS, f"{name} is not known here: does it write?"
            return found

        def lost() -> None:
            raise UserError("The connection was lost.", "Try again.")

        return lambda *args, **facts: self.watch(f"forge {name}", lambda: found(*args, **facts), lost)


def _point(command: str, words: tuple[str, ...], stdin: bytes) -> str:
    """The command, with the kinds of refs that it moves."""
    refs: list[str] = []
    if command == "push":
        refs = [word.partition(":")[2] for word in words if ":" in word and not word.startswith("-")]
    elif command == "update-ref":
        refs = [row.decode()[7:] for row in stdin.split(b"\0") if row.startswith(b"update ")] or [words[1]]
    elif command == "config":
        refs = [words[1].rpartition(".")[2]]
    kinds = {_kind(ref): None for ref in sorted(refs)}
    return " ".join([command, *kinds])


def _kind(ref: str) -> str:
    for prefix, kind in (("refs/heads/draft/", "draft"), ("refs/heads/", "base"), ("refs/remotes/", "tracking")):
        if ref.startswith(prefix):
            return kind
    mirrored = "mirrored " if ref.startswith("refs/skill-fleet-remotes/") else ""
    return mirrored + ref.rpartition("/")[2]
