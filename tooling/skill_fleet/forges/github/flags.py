"""Labels, draft or ready, open or closed: each is the same when it is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote

from skill_fleet.errors import UserError
from skill_fleet.forges.github.branches import Branches
from skill_fleet.forges.github.calls import Calls, Refused, Unclear
from skill_fleet.forges.github.pulls import Pulls
from skill_fleet.forges.github.queries import DRAFT, READY
from skill_fleet.forges.github.refusals import refuse
from skill_fleet.forges.refusals import LABEL_LIMIT, check_text
from skill_fleet.forges.types import Listed


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
