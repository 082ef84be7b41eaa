"""The branches on GitHub: looked at and pushed to through Git, each push with a lease."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from skill_fleet.errors import UserError
from skill_fleet.fleet.git import Repository
from skill_fleet.fleet.git_write import (
    ABSENT,
    RefMoved,
    RemoteUnreachable,
    Update,
    follow_branch,
    push,
)
from skill_fleet.forges.github.calls import Calls
from skill_fleet.forges.github.pulls import Pulls
from skill_fleet.forges.protocol import StaleHead

SHOWS = 6  # times we ask whether the API shows a push by now


@dataclass(frozen=True)
class Branches:
    """Moves the branches of one repository; `note` tells the person what was left alone."""

    repo: Repository
    calls: Calls
    pulls: Pulls
    note: Callable[[str], None]

    def tip(self, branch: str) -> str:
        """Where a branch of GitHub's is; '' when there is none."""
        status, out, err = self.repo.attempt(
            "ls-remote", "--end-of-options", self.calls.place.git, f"refs/heads/{branch}"
        )
        if status:
            raise _unreachable(err)
        rows = [line.split("\t") for line in out.decode().splitlines()]  # also of branches that end like this one
        return next((oid for oid, ref in rows if ref == f"refs/heads/{branch}"), "")

    def create(self, branch: str, oid: str) -> None:
        """Make a branch that must not exist, unless it stands there already."""
        if (tip := self.tip(branch)) == oid:
            return
        if tip:
            raise StaleHead(f"{branch} is at {tip}, not at {oid}")
        self._push(branch, oid, ABSENT)

    def advance(self, number: int, new: str, expected: str) -> None:
        """Move the head branch, and wait until the API shows it: an answer that names the commit may come only then."""
        pull = self.pulls.get(number)
        if self.repo.find(new) is None:
            raise UserError(f"There is no commit {new[:12]} here.", "Commit first.")
        if not pull.ours:
            raise UserError(f"The branch of #{number} is in a fork.", "Ask its author for the change.")
        if (tip := self.tip(pull.head)) not in (expected, new):
            raise StaleHead(f"{pull.head} is at {tip or 'no commit'}, not at {expected}")
        pull.require_open()
        if tip != new:
            self._push(pull.head, new, expected)
        for look in range(SHOWS):
            if self.pulls.get(number).head_oid == new:
                break
            self.calls.pause(0.5 * 2**look)
        else:
            raise StaleHead(f"GitHub does not show {new[:12]} on #{number} yet")
        self.follow(pull.head, new)

    def _push(self, branch: str, new: str, old: str) -> None:
        """One leased push; when its answer is lost, the branch says whether it arrived."""
        self.calls.writes += 1
        for last in (False, True):
            try:
                push(self.repo, self.calls.place.git, [Update(f"refs/heads/{branch}", new, old)])
                return
            except RefMoved as problem:
                if self.tip(branch) == new:  # curl repeats a request whose answer is lost, and meets its own push
                    return
                raise StaleHead(f"{branch} has moved: {_words(problem.stderr)}") from problem
            except RemoteUnreachable as problem:
                _explain_push(branch, problem)
                if self.tip(branch) == new:
                    return
                if last:
                    raise _unreachable(problem.stderr) from problem

    def follow(self, branch: str, new: str) -> None:
        """Bring the person's own branch of that name along."""
        if why := follow_branch(self.repo, branch, new):
            self.note(why)


def _explain_push(branch: str, problem: RemoteUnreachable) -> None:
    """UserError when GitHub understood the push and does not want it."""
    said = problem.stderr
    if "refusing to allow" in said and "workflow" in said:  # a token without `workflows` may not touch those files
        raise UserError(f"The token may not push to {branch} what changes workflows.", "Push it as a person.")
    if "GH006" in said or "GH013" in said or "protected branch" in said:
        raise UserError(
            f"The branch {branch} is protected, and GitHub refuses the push.",
            "Leave draft/ branches out of the rules: skill-fleet doctor --forge github",
        )
    if "403" in said or "Permission" in said or "denied" in said:
        raise UserError(f"The token may not push to {branch}.", "Give it the right: contents: write")


def _unreachable(said: str) -> UserError:
    return UserError(
        f"GitHub's Git does not answer, or refuses ({_words(said)}).", "Run it again: nothing is done twice."
    )


def _words(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"
