"""The forge that is GitHub. What each method promises is said by `Forge`; what GitHub makes of it, in the modules beside."""

from __future__ import annotations

import builtins
from dataclasses import dataclass, field
from typing import Any, Literal

from skill_fleet.fleet.git import Repository
from skill_fleet.forges.github.accounts import rest_actor
from skill_fleet.forges.github.branches import Branches
from skill_fleet.forges.github.calls import Calls, Refused, Unclear
from skill_fleet.forges.github.creating import Creator
from skill_fleet.forges.github.flags import Flags
from skill_fleet.forges.github.merging import Merger
from skill_fleet.forges.github.opening import open_pull_request
from skill_fleet.forges.github.place import REMOTE
from skill_fleet.forges.github.pulls import Pulls, state_of
from skill_fleet.forges.github.refusals import refuse
from skill_fleet.forges.github.remarks import Remarks
from skill_fleet.forges.github.snapshots import Photographer
from skill_fleet.forges.types import Actor, Anchor, Listed, Snapshot, Verdict


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
