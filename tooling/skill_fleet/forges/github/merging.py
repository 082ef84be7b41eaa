"""The merge: through the API, pinned to the head's id, and never taken for done or not done without a look."""

from __future__ import annotations

from dataclasses import dataclass

from skill_fleet.errors import UserError
from skill_fleet.fleet.git import GitFailure
from skill_fleet.fleet.git_write import RemoteUnreachable, fetch, merge_trees
from skill_fleet.forges.github.branches import Branches
from skill_fleet.forges.github.calls import Calls, Refused, Unclear
from skill_fleet.forges.github.place import REMOTE
from skill_fleet.forges.github.pulls import Pull, Pulls
from skill_fleet.forges.github.refusals import refuse
from skill_fleet.forges.protocol import StaleHead


@dataclass(frozen=True)
class Merger:
    """Merges pull requests as one account."""

    calls: Calls
    pulls: Pulls
    branches: Branches

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
            fetch(self.branches.repo, self.calls.place.git, [f"+refs/heads/{base}:refs/remotes/{REMOTE}/{base}"])
            self.branches.follow(base, commit)
        except RemoteUnreachable:
            self.branches.note(f"Your {base} was left where it is; get the merge with: git pull")
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
            fetch(self.branches.repo, self.calls.place.git, [f"+refs/heads/{pull.base}:{base}"])
            merge_trees(self.branches.repo, base, pull.head_oid)
        except GitFailure:
            return
