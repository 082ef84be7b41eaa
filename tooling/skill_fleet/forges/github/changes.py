"""Writing something new, once: after an answer that does not say whether it was done, we look before we write again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from skill_fleet.errors import UserError
from skill_fleet.forges.github.accounts import rest_actor
from skill_fleet.forges.github.calls import Calls, Json, Refused, Unclear, refuse
from skill_fleet.forges.github.place import REMOTE
from skill_fleet.forges.github.pulls import Pull, Pulls
from skill_fleet.forges.github.queries import DRAFT, READY, REPLY
from skill_fleet.forges.github.snapshots import unreachable
from skill_fleet.forges.local.standing import LABEL_LIMIT, TITLE_LIMIT, check_text, merge_base
from skill_fleet.forges.protocol import StaleHead
from skill_fleet.forges.snapshot import Actor, Listed
from skill_fleet.git import (
    ABSENT,
    GitFailure,
    RefMoved,
    RemoteUnreachable,
    Repository,
    Update,
    fetch,
    follow_branch,
    merge_trees,
    push,
)

_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


@dataclass(frozen=True)
class Creator:
    """Creates things as one account. Each method returns the id of what is there in the end."""

    calls: Calls
    actor: Actor
    made: set[str] = field(default_factory=set)
    """What this process made: never taken for something else that looks the same."""

    def comment(self, number: int, body: str) -> str:
        """Comment on the conversation."""
        path = f"issues/{number}/comments"
        return self._create("a comment", _sender(self.calls, path, {"body": body}), self._commented(path, body))

    def comment_on(self, number: int, facts: dict[str, Any]) -> str:
        """Begin a thread; the id is that of its first comment."""
        path = f"pulls/{number}/comments"
        return self._create(
            "a comment on lines", _sender(self.calls, path, facts), self._commented(path, facts["body"])
        )

    def reply(self, number: int, thread: str, body: str) -> str:
        """Add to a thread by GitHub's id of it. REST replies to a comment, and that may be deleted by now."""

        def send() -> Json:
            answer = self.calls.mutate(REPLY, once=True, thread=thread, body=body)
            return answer["addPullRequestReviewThreadReply"]["comment"]["fullDatabaseId"]

        return self._create("a reply", send, self._commented(f"pulls/{number}/comments", body))

    def review(self, number: int, facts: dict[str, Any]) -> str:
        """Send a review."""
        path = f"pulls/{number}/reviews"

        def look(since: str) -> list[Json]:  # GitHub does not list reviews by time
            rows = [row for row in self.calls.pages(path) if row["state"] == _STATES[facts["event"]]]
            return [row for row in rows if self._ours(row, facts["body"]) and (row["submitted_at"] or "") >= since]

        return self._create("a review", _sender(self.calls, path, facts), look)

    def pull(self, facts: dict[str, Any]) -> str:
        """Open a pull request; the id is its number."""

        def look(since: str) -> list[Json]:
            rows = self.calls.pages("pulls", state="open", head=f"{self.calls.place.owner}:{facts['head']}")
            return [{"id": row["number"]} for row in rows if row["head"]["ref"] == facts["head"]]

        def send() -> Json:
            return self.calls.send("POST", "pulls", facts)["number"]

        return self._create("a pull request", send, look)

    def _create(self, what: str, send: Callable[[], Json], look: Callable[[str], list[Json]]) -> str:
        asked = self.calls.server_time
        try:
            try:
                made = str(send())
            except Unclear:
                there = [str(row["id"]) for row in look(asked)]
                made = next((each for each in there if each not in self.made), "") or str(send())
        except (Refused, Unclear) as problem:
            refuse(problem, what)
        self.made.add(made)
        return made

    def _commented(self, path: str, body: str) -> Callable[[str], list[Json]]:
        """Looks for a comment of ours with this text that is no older than our asking, by GitHub's own clock."""

        def look(since: str) -> list[Json]:
            rows = self.calls.pages(path, since=since)  # which is about when a comment was last changed
            return [row for row in rows if self._ours(row, body) and row["created_at"] >= since]

        return look

    def _ours(self, row: Json, body: str) -> bool:
        return rest_actor(row["user"]).id == self.actor.id and row["body"] == body


def _sender(calls: Calls, path: str, facts: dict[str, Any]) -> Callable[[], Json]:
    return lambda: calls.send("POST", path, facts)["id"]


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


@dataclass(frozen=True)
class Flags:
    """Sets them as one account."""

    calls: Calls
    pulls: Pulls
    branches: Branches

    def label(self, number: int, name: str, present: bool) -> None:
        """Set a label, which GitHub makes if there is none of that name, or remove it."""
        check_text(name, "label", limit=LABEL_LIMIT)
        self.pulls.require(number)
        path = f"issues/{number}/labels"
        try:
            if present:
                self.calls.settle("POST", path, {"labels": [name]})
            else:
                self.calls.settle("DELETE", f"{path}/{quote(name, safe='')}")
        except (Refused, Unclear) as problem:
            if present or not (isinstance(problem, Refused) and problem.status == 404):
                refuse(problem, f"the label {name}")

    def set_draft(self, number: int, draft: bool) -> None:
        """Make it a draft, or ready. REST cannot."""
        pull = self.pulls.get(number)
        pull.require_open()
        if pull.draft != draft:
            try:
                self.calls.mutate(DRAFT if draft else READY, id=pull.node)
            except (Refused, Unclear) as problem:
                refuse(problem, f"to make #{number} {'a draft' if draft else 'ready'}")

    def close(self, number: int, closed: bool, of_branch: Callable[[str], Iterable[Listed]]) -> None:
        """Close it, or open it again unless another one is open for the branch by now."""
        pull = self.pulls.get(number)
        if pull.state == "merged":
            pull.require_open()
        if (pull.state == "closed") == closed:
            return
        if not closed:
            if pull.ours and not self.branches.tip(pull.head):
                raise UserError(f"The branch {pull.head} was deleted.", "Push it again, then open it again.")
            refuse_rival(of_branch(pull.head), pull.head)
        try:
            self.calls.settle("PATCH", f"pulls/{number}", {"state": "closed" if closed else "open"})
        except (Refused, Unclear) as problem:
            refuse(problem, f"to {'close' if closed else 'open'} #{number}")


def refuse_rival(rows: Iterable[Listed], head: str) -> None:
    """UserError when one of `rows` is open for the branch `head`."""
    for row in rows:
        if row.head == head and row.state == "open":
            raise UserError(
                f"Pull request #{row.number} is already open for {head}.",
                f"See it: skill-fleet review show {row.number}",
            )


def open_pull_request(
    repo: Repository,
    branches: Branches,
    creator: Creator,
    facts: dict[str, Any],
    head_oid: str,
    rivals: Iterable[Listed],
) -> int:
    """Open one and return its number. The branch is created at `head_oid` if there is none of that name yet."""
    check_text(facts["title"], "title", limit=TITLE_LIMIT)
    check_text(facts["body"], "description", blank=True)
    head, base = facts["head"], facts["base"]
    if not repo.is_branch_name(head):
        raise UserError(f"{head!r} cannot be the name of a branch.", "Choose another name.")
    refuse_rival(rivals, head)
    if not branches.tip(base):
        raise UserError(f"There is no branch {base} to merge into.", "Name the base: --base BRANCH")
    if repo.find(head_oid) is None:
        raise UserError(f"There is no commit {head_oid[:12]} here.", "Commit first.")
    tracking = f"refs/remotes/{REMOTE}/{base}"
    try:
        fetch(repo, creator.calls.place.git, [f"+refs/heads/{base}:{tracking}"])
    except RemoteUnreachable as problem:
        raise unreachable(problem) from problem
    if merge_base(repo, tracking, head_oid) == head_oid:
        raise UserError(f"There are no commits between {base} and {head}.", "Commit to the branch first.")
    branches.create(head, head_oid)
    return int(creator.pull(facts))
