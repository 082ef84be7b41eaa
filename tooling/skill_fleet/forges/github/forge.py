"""The forge that is GitHub. What each method promises is said by `Forge`; what GitHub makes of it, in the modules beside."""

from __future__ import annotations

import builtins
from dataclasses import dataclass, field
from typing import Any, Literal

from skill_fleet.errors import UserError
from skill_fleet.forges.github.accounts import rest_actor
from skill_fleet.forges.github.calls import Calls, Refused, Unclear, refuse
from skill_fleet.forges.github.changes import Branches, Creator, Flags, Merger, open_pull_request
from skill_fleet.forges.github.place import REMOTE
from skill_fleet.forges.github.pulls import Pulls, state_of, thread_ids
from skill_fleet.forges.github.queries import RESOLVE, UNRESOLVE
from skill_fleet.forges.github.snapshots import Photographer
from skill_fleet.forges.local.standing import check_text
from skill_fleet.forges.snapshot import Actor, Anchor, Listed, Snapshot, Verdict
from skill_fleet.git import Repository

_EVENTS = {"approved": "APPROVE", "changes_requested": "REQUEST_CHANGES", "commented": "COMMENT"}


@dataclass(frozen=True)
class Remarks:
    """Writes, changes and settles them as one account."""

    calls: Calls
    pulls: Pulls
    creator: Creator
    photographer: Photographer

    def comment(self, number: int, body: str) -> str:
        """Comment on the conversation."""
        check_text(body, "comment")
        self.pulls.require(number)
        return f"comment/{self.creator.comment(number, body)}"

    def comment_on(self, number: int, body: str, anchor: Anchor) -> str:
        """Begin a thread on lines, at the head or at `anchor.commit`."""
        check_text(body, "comment")
        pull = self.pulls.get(number)
        facts: dict[str, Any] = {"body": body, "commit_id": anchor.commit or pull.head_oid, "path": anchor.path}
        if anchor.line:
            facts |= {"line": anchor.line, "side": anchor.side}
            if anchor.start not in (0, anchor.line):  # GitHub refuses a range of one line
                facts |= {"start_line": anchor.start, "start_side": anchor.side}
        else:
            facts["subject_type"] = "file"
        return f"line/{self.creator.comment_on(number, facts)}"

    def reply(self, number: int, thread: str, body: str) -> str:
        """Add to a thread."""
        check_text(body, "reply")
        self.pulls.require(number)
        if known := self.photographer.threads.get(thread):
            try:
                return f"line/{self.creator.reply(number, known, body)}"
            except UserError:
                if self._thread(number, thread) == known:  # it is still there, so that is not why
                    raise
        return f"line/{self.creator.reply(number, self._thread(number, thread), body)}"

    def review(self, number: int, verdict: Verdict, body: str) -> str:
        """Give a verdict on the head. GitHub wants words with every verdict but an approval."""
        if verdict not in _EVENTS:
            raise UserError(f"A review cannot be {verdict!r}.", "Approve, request changes, or comment.")
        check_text(body, "review", blank=verdict == "approved")
        pull = self.pulls.get(number)
        if verdict != "commented":
            pull.require_open()
        facts = {"event": _EVENTS[verdict], "body": body, "commit_id": pull.head_oid}
        return f"review/{self.creator.review(number, facts)}"

    def dismiss(self, number: int, review: str) -> None:
        """Take a verdict back."""
        path = self.pulls.path_of(number, review)
        try:
            state = self.calls.get(path).get("state")
            if state == "DISMISSED":  # GitHub refuses to do it twice
                return
            if not review.startswith("review/") or state == "COMMENTED":
                raise UserError(f"{review} has no verdict to take back.", f"See: skill-fleet review show {number}")
            self.calls.settle("PUT", f"{path}/dismissals", {"message": "Taken back."})
        except (Refused, Unclear) as problem:
            refuse(problem, "to dismiss a review")

    def edit(self, number: int, item: str, body: str) -> None:
        """Replace the text of an item."""
        check_text(body, "comment", blank=item.startswith("review/"))
        path = self.pulls.path_of(number, item)
        try:
            self.calls.settle("PUT" if item.startswith("review/") else "PATCH", path, {"body": body})
        except (Refused, Unclear) as problem:
            refuse(problem, f"the change of {item}")

    def delete(self, number: int, item: str) -> None:
        """Remove an item; when it is gone by the second try, the first one arrived."""
        path = self.pulls.path_of(number, item)
        if item.startswith("review/"):
            raise UserError("A review cannot be deleted.", "Take its verdict back: dismiss it.")
        try:
            self.calls.settle("DELETE", path)
        except (Refused, Unclear) as problem:
            if not (isinstance(problem, Refused) and problem.status == 404):
                refuse(problem, f"the removal of {item}")

    def resolve(self, number: int, thread: str, resolved: bool) -> None:
        """Mark a thread resolved, or open again."""
        try:
            self.calls.mutate(RESOLVE if resolved else UNRESOLVE, id=self._thread(number, thread))
        except (Refused, Unclear) as problem:
            refuse(problem, "to settle a thread")

    def _thread(self, number: int, key: str) -> str:
        """GitHub's id of the thread that the comment `key` is in; UserError when no comment of it is left."""
        told = self.photographer.reader.read(number)
        if found := thread_ids(told.nodes).get(key) if told.nodes else None:
            return found
        raise UserError(
            f"Pull request #{number} has no thread {key!r}.", f"See its threads: skill-fleet review show {number}"
        )


@dataclass
class GitHubForge:
    """Pull requests of one GitHub repository, as the account of one token. `repo` is the clone, and knows the token."""

    repo: Repository
    actor: Actor
    account: Actor
    """Whose token it is: `actor`, unless a person lends the bot his own."""
    calls: Calls
    photographer: Photographer
    notes: builtins.list[str] = field(default_factory=list)
    name: str = "github"
    remote: str = REMOTE

    def __post_init__(self) -> None:
        self._pulls = Pulls(self.calls)
        creator = Creator(self.calls, self.account)
        self._branches = Branches(self.repo, self.calls, self._pulls, self._note)
        self._remarks = Remarks(self.calls, self._pulls, creator, self.photographer)
        self._flags = Flags(self.calls, self._pulls, self._branches)
        self._creator = creator
        self.photographer.note = self._note

    def open(self, *, title: str, body: str, head: str, base: str, head_oid: str, draft: bool) -> int:
        """Open a pull request, and create the branch if it is not there yet."""
        facts = {"title": title, "body": body, "head": head, "base": base, "draft": draft}
        return open_pull_request(self.repo, self._branches, self._creator, facts, head_oid, self.list(head=head))

    def list(self, state: Literal["open", "all"] = "open", head: str = "") -> tuple[Listed, ...]:
        """The pull requests in the order of their numbers."""
        narrow = {"head": f"{self.calls.place.owner}:{head}"} if head else {}
        try:
            rows = [_row(told) for told in self.calls.pages("pulls", state=state, **narrow)]
        except (Refused, Unclear) as problem:
            refuse(problem, "the list of pull requests")
        wanted = (row for row in rows if head in ("", row.head))  # GitHub ignores a branch that it cannot read
        return tuple(sorted(wanted, key=lambda row: row.number))

    def snapshot(self, number: int) -> Snapshot:
        """All of one pull request."""
        try:
            snapshot = self.photographer.take(number)
        except (Refused, Unclear) as problem:
            refuse(problem, f"a look at #{number}")
        self._pulls.seen.add(number)
        return snapshot

    def comment(self, number: int, body: str) -> str:
        """Comment on the conversation."""
        return self._remarks.comment(number, body)

    def comment_on(self, number: int, body: str, anchor: Anchor) -> str:
        """Begin a thread on lines of the diff, at the head or at `anchor.commit`."""
        return self._remarks.comment_on(number, body, anchor)

    def reply(self, number: int, thread: str, body: str) -> str:
        """Add to a thread."""
        return self._remarks.reply(number, thread, body)

    def review(self, number: int, verdict: Verdict, body: str) -> str:
        """Give a verdict on the head."""
        return self._remarks.review(number, verdict, body)

    def dismiss(self, number: int, review: str) -> None:
        """Take a verdict back."""
        self._remarks.dismiss(number, review)

    def edit(self, number: int, item: str, body: str) -> None:
        """Replace the text of an item."""
        self._remarks.edit(number, item, body)

    def delete(self, number: int, item: str) -> None:
        """Remove an item."""
        self._remarks.delete(number, item)

    def resolve(self, number: int, thread: str, resolved: bool = True) -> None:
        """Mark a thread resolved, or open again."""
        self._remarks.resolve(number, thread, resolved)

    def label(self, number: int, name: str, present: bool = True) -> None:
        """Set a label, or remove it."""
        self._flags.label(number, name, present)

    def set_draft(self, number: int, draft: bool) -> None:
        """Make it a draft, or ready."""
        self._flags.set_draft(number, draft)

    def close(self, number: int, closed: bool = True) -> None:
        """Close it, or open it again."""
        self._flags.close(number, closed, lambda head: self.list(head=head))

    def push(self, number: int, new: str, expected: str) -> None:
        """Move the head branch."""
        self._branches.advance(number, new, expected)

    def merge(self, number: int, head_oid: str, message: str) -> str:
        """Merge it, and bring the person's own base branch along."""
        return Merger(self.calls, self._pulls, self._branches).merge(number, head_oid, message)

    def close_connection(self) -> None:
        """Hang up; the next call connects again."""
        self.calls.close()

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def _row(told: dict[str, Any]) -> Listed:
    head, base = told["head"], told["base"]
    ours = head.get("repo") and head["repo"]["id"] == base["repo"]["id"]
    return Listed(
        told["number"],
        told["title"],
        state_of(told),
        bool(told.get("draft")),
        head["ref"] if ours else head["label"],
        rest_actor(told["user"]),
        tuple(sorted(label["name"] for label in told["labels"])),
    )
