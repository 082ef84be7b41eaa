"""The writes that move branches: pushes go through Git with a lease, a merge goes through the API with the head's id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from skill_fleet.errors import UserError
from skill_fleet.fleet.git import GitFailure, Repository
from skill_fleet.fleet.git_write import (
    ABSENT,
    RefMoved,
    RemoteUnreachable,
    Update,
    fetch,
    follow_branch,
    merge_trees,
    push,
)
from skill_fleet.forges.github.calls import Calls, Refused, Unclear
from skill_fleet.forges.github.place import REMOTE
from skill_fleet.forges.github.pulls import Pull, Pulls
from skill_fleet.forges.github.refusals import refuse
from skill_fleet.forges.types import StaleHead

SHOWS = 6  # times we ask whether the API shows a push by now


@dataclass(frozen=True)
class Branches:
    """Moves the branches of one repository."""

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
        self._follow(pull.head, new)

    def merge(self, number: int, head_oid: str, message: str) -> str:
        """Merge, pinned to `head_oid`; once merged there, the merge commit again."""
        pull = self.pulls.get(number)
        if pull.state == "merged" and pull.head_oid == head_oid:
            return self.pulls.merge_commit(number)
        pull.require_open()
        if pull.head_oid != head_oid:
            raise StaleHead(f"{pull.head} is at {pull.head_oid}, not at {head_oid}")
        if pull.draft:
            raise UserError(f"Pull request #{number} is a draft.", "Make it ready first.")
        commit = self._merge(pull, message)
        base = pull.base
        try:
            fetch(self.repo, self.calls.place.git, [f"+refs/heads/{base}:refs/remotes/{REMOTE}/{base}"])
            self._follow(base, commit)
        except RemoteUnreachable:
            self.note(f"Your {base} was left where it is; get the merge with: git pull")
        return commit

    def _merge(self, pull: Pull, message: str) -> str:
        title, _, body = message.strip().partition("\n")
        facts = {
            "sha": pull.head_oid,
            "merge_method": self._method(),
            "commit_title": title,
            "commit_message": body.strip(),
        }
        try:
            try:
                return self._send_merge(pull, facts)
            except Unclear:
                now = self.pulls.get(pull.number)
                if now.state == "merged" and now.head_oid == pull.head_oid:
                    return self.pulls.merge_commit(pull.number)
                return self._send_merge(pull, facts)  # GitHub merges no head but this one
        except Refused as problem:
            if problem.status == 409:  # "Head branch was modified. Review and try the merge again."
                raise StaleHead(f"{pull.head} has moved from {pull.head_oid}") from problem
            if problem.status == 405:
                self._explain(pull)
            refuse(problem, f"the merge of #{pull.number}")
        except Unclear as problem:
            refuse(problem, f"the merge of #{pull.number}")

    def _method(self) -> str:
        """A merge commit where the repository allows one (who only reads is not told): it keeps what answered what."""
        try:
            told = self.calls.get("")
        except (Refused, Unclear):
            return "merge"
        return "squash" if told.get("allow_merge_commit") is False and told.get("allow_squash_merge") else "merge"

    def _send_merge(self, pull: Pull, facts: dict[str, str]) -> str:
        try:
            return str(self.calls.send("PUT", f"pulls/{pull.number}/merge", facts)["sha"])
        except Refused as problem:
            if problem.status == 405 and "Base branch was modified" in problem.message:
                raise Unclear("the base has just moved") from problem  # another merge was faster; it can be tried again
            raise

    def _explain(self, pull: Pull) -> None:
        """UserError that names the files when a conflict is why GitHub does not merge; it only says `not mergeable`."""
        base = f"refs/remotes/{REMOTE}/{pull.base}"
        try:
            fetch(self.repo, self.calls.place.git, [f"+refs/heads/{pull.base}:{base}"])
            merge_trees(self.repo, base, pull.head_oid)
        except GitFailure:
            return

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

    def _follow(self, branch: str, new: str) -> None:
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
