"""A repository that says before each write that it comes, or loses the answer of a push."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from skill_fleet.git import Repository, Take

# Commands that change nothing. Any other one is a write point, so a new command is tried until it is listed here.
READS = frozenset(
    [
        "rev-parse",
        "for-each-ref",
        "ls-tree",
        "cat-file",
        "log",
        "rev-list",
        "merge-base",
        "diff-tree",
        "diff",
        "status",
        "worktree",
        "remote",
        "var",
        "check-ref-format",
        "symbolic-ref",
    ]
)


@dataclass
class Fault:
    """What goes wrong: nothing, or the answer of write number `lost` (from 0). `seen` are the writes so far.

    `before` is called before each write, and can keep what the power would leave if it went at that moment.
    """

    lost: int = -1
    before: Callable[[], object] = lambda: None
    seen: list[str] = field(default_factory=list)


class FaultyRepository(Repository):
    """Runs every Git command through one fault. All of Skill Fleet's commands pass through `attempt`."""

    def __init__(self, path: Path, fault: Fault) -> None:
        super().__init__(path)
        self.fault = fault

    def attempt(
        self,
        *words: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        take: Take | None = None,
    ) -> tuple[int, bytes, str]:
        command = next(word for word in words if not word.startswith("-"))
        if command in READS:
            return super().attempt(*words, stdin=stdin, env=env, cwd=cwd, take=take)
        self.fault.before()
        number = len(self.fault.seen)
        self.fault.seen.append(command)
        answer = super().attempt(*words, stdin=stdin, env=env, cwd=cwd, take=take)
        return answer if number != self.fault.lost else (128, b"", "fatal: the remote end hung up unexpectedly")
