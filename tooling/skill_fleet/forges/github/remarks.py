"""What people and the bot say: comments, threads, reviews."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.forges.github.calls import Calls, Refused, Unclear
from skill_fleet.forges.github.creating import Creator
from skill_fleet.forges.github.items import thread_ids
from skill_fleet.forges.github.pulls import Pulls
from skill_fleet.forges.github.queries import RESOLVE, UNRESOLVE
from skill_fleet.forges.github.refusals import refuse
from skill_fleet.forges.github.snapshots import Photographer
from skill_fleet.forges.refusals import check_text
from skill_fleet.forges.types import Anchor, Verdict

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
