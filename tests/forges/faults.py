"""A repository that stops at a chosen write, as if the power went, or loses the answer of a push."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from skill_fleet.fleet.git import Repository

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


class PowerCut(BaseException):
    """Not an Exception, so that nothing can catch it by accident."""


@dataclass
class Fault:
    """What goes wrong: at write number `at` (from 0) the power goes, or a push's answer is lost. `seen` are the writes."""

    at: int = -1
    lost_answer: bool = False
    seen: list[str] = field(default_factory=list)


class FaultyRepository(Repository):
    """Runs every Git command through one fault. All of Skill Fleet's commands pass through `attempt`."""

    def __init__(self, path: Path, fault: Fault) -> None:
        super().__init__(path)
        self.fault = fault

    def attempt(
        self, *words: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> tuple[int, bytes, str]:
        command = next(word for word in words if not word.startswith("-"))
        if command in READS:
            return super().attempt(*words, stdin=stdin, env=env, cwd=cwd)
        number = len(self.fault.seen)
        self.fault.seen.append(command)
        if number != self.fault.at:
            return super().attempt(*words, stdin=stdin, env=env, cwd=cwd)
        if not self.fault.lost_answer:
            raise PowerCut(f"before {command}")
        super().attempt(*words, stdin=stdin, env=env, cwd=cwd)
        return 128, b"", "fatal: the remote end hung up unexpectedly"
