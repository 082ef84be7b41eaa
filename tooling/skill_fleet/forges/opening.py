"""Opening a pull request: its number is the first that nobody has, taken by a push that expects it to be absent."""

from __future__ import annotations

from skill_fleet.errors import UserError
from skill_fleet.fleet.git_write import ABSENT, RefMoved, RemoteUnreachable, Update
from skill_fleet.forges.protocol import StaleHead
from skill_fleet.forges.refs import View, head_ref, timeline_ref
from skill_fleet.forges.refusals import TITLE_LIMIT, check_text
from skill_fleet.forges.standing import Standing, merge_base
from skill_fleet.forges.timeline import Timeline
from skill_fleet.forges.writing import Attempts, Plan, Writer


def open_pull_request(
    writer: Writer, *, title: str, body: str, head: str, base: str, head_oid: str, draft: bool
) -> int:
    """Open one and return its number. The branch is created at `head_oid` if the truth has none of that name yet."""
    check_text(title, "title", limit=TITLE_LIMIT)
    check_text(body, "description", blank=True)
    if not writer.repo.is_branch_name(head):
        raise UserError(f"{head!r} cannot be the name of a branch.", "Choose another name.")
    event_id = writer.new_id()
    attempts = Attempts(writer.exchange)
    number = 0
    for view in writer.exchange.looks():
        if not view.online:
            raise attempts.unreachable()
        known = everything(writer, view)
        if (mine := next((at for at in known if at.timeline.holds(event_id)), None)) is not None:
            return mine.pull.number  # the last try arrived, and only the answer was lost
        refuse_rival(known, head)
        root, moves = _branch(writer, view, head, base, head_oid)
        number = 1 + max(view.numbers, default=0)
        facts = {"title": title, "body": body, "head": head, "base": base, "commit": head_oid, "draft": draft}
        planned = Plan("opened", {"repository": root, **facts})
        commit = writer.record(Timeline(number, (), ()), event_id, planned)
        updates = [Update(timeline_ref(number), commit, ABSENT), Update(head_ref(number), head_oid, ABSENT), *moves]
        try:
            writer.exchange.publish(view, number, updates)
            break
        except RefMoved:  # somebody took the number, or the branch moved
            continue
        except RemoteUnreachable as problem:
            attempts.failed(problem)
    return number


def everything(writer: Writer, view: View) -> list[Standing]:
    """Every pull request; one that cannot be read is named in the notes, and does not hide the others."""
    chains = writer.chains(view)
    found = []
    for number in view.numbers:
        if view.tips(number):
            try:
                found.append(writer.standing(view, number, chains))
            except UserError as problem:
                writer.exchange.note(problem.message)
    return found


def refuse_rival(known: list[Standing], head: str, but: int = 0) -> None:
    """UserError when a pull request other than `but` is open for the branch `head`."""
    for at in known:
        if at.pull.head == head and at.pull.number != but and at.state == "open":
            number = at.pull.number
            raise UserError(
                f"Pull request #{number} is already open for {head}.", f"See it: skill-fleet review show {number}"
            )


def _branch(writer: Writer, view: View, head: str, base: str, head_oid: str) -> tuple[str, list[Update]]:
    """The repository's id, and what has to hold of the branch."""
    repo, tip = writer.repo, view.branches.get(head)
    if (base_oid := view.branches.get(base)) is None:
        raise UserError(f"There is no branch {base} to merge into.", "Name the base: --base BRANCH")
    if repo.find(head_oid) is None:
        raise UserError(f"There is no commit {head_oid[:12]} here.", "Commit first.")
    if tip not in (None, head_oid):
        raise StaleHead(f"{head} is at {tip}, not at {head_oid}")
    if merge_base(repo, base_oid, head_oid) == head_oid:
        raise UserError(f"There are no commits between {base} and {head}.", "Commit to the branch first.")
    if repo.is_shallow:  # its first commit is not the first one
        raise UserError("This clone is shallow.", "Get the history: git fetch --unshallow")
    return repo.root_commit(base_oid), [Update(f"refs/heads/{head}", head_oid, tip or ABSENT)]
