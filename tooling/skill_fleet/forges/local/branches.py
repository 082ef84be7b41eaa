"""What moves branches: opening a pull request, pushing to it, merging it. Each is safe to repeat after a crash."""

from __future__ import annotations

from skill_fleet.errors import UserError
from skill_fleet.forges.accounts import identity
from skill_fleet.forges.local.exchange import View, head_ref, timeline_ref
from skill_fleet.forges.local.pull_state import PullState
from skill_fleet.forges.local.timeline import Timeline
from skill_fleet.forges.local.writing import NewEvent, Writer
from skill_fleet.forges.refusals import check_merge, check_opening, check_range, no_commit, refuse_rival, stale
from skill_fleet.git import (
    ABSENT,
    RefMoved,
    RemoteUnreachable,
    Repository,
    Update,
    follow_branch,
    merge_trees,
    refuse_dirty,
    write_commit,
)


def open_pull_request(
    writer: Writer, *, title: str, body: str, head: str, base: str, head_oid: str, draft: bool
) -> int:
    """Open one and return its number. The branch is created at `head_oid` if it does not exist."""
    check_opening(writer.repo, title, body, head)
    event_id = writer.new_id()
    failed = False
    for view in writer.exchange.views():
        if not view.online:
            raise writer.exchange.unreachable()
        states = writer.states(view)
        if (mine := next((at for at in states if at.timeline.holds(event_id)), None)) is not None:
            return mine.number  # the last attempt arrived, and only the answer was lost
        refuse_rival((at.row for at in states if at.pull.head == head), head)
        root, branch = _new_branch(writer.repo, view, head, base, head_oid)
        number = 1 + max(view.numbers, default=0)
        facts = {"title": title, "body": body, "head": head, "base": base, "commit": head_oid, "draft": draft}
        commit = writer.record(Timeline(number, (), ()), event_id, NewEvent("opened", {"repository": root, **facts}))
        updates = [Update(timeline_ref(number), commit, ABSENT), Update(head_ref(number), head_oid, ABSENT), branch]
        try:
            writer.exchange.publish(view, number, updates)
            return number
        except RefMoved:  # somebody took the number, or the branch moved
            continue
        except RemoteUnreachable as problem:
            if failed:
                raise writer.exchange.unreachable(problem.reason) from problem
            failed = True
    raise AssertionError("unreachable")


def _new_branch(repo: Repository, view: View, head: str, base: str, head_oid: str) -> tuple[str, Update]:
    """Return the repository's id (the first commit of the base), and the update that creates or pins the branch."""
    base_oid, tip = view.branches.get(base), view.branches.get(head)
    check_range(repo, base, base_oid, head, head_oid)
    if tip not in (None, head_oid):
        raise stale(head, tip, head_oid)
    if repo.is_shallow:  # its first commit is not the first one
        raise UserError("This clone is shallow.", "Run: git fetch --unshallow")
    return repo.root_commit(base_oid or ""), Update(f"refs/heads/{head}", head_oid, tip or ABSENT)


def push_head(writer: Writer, number: int, new: str, expected: str) -> None:
    """Move the head branch from `expected` to `new`, and the person's own branch of that name with it."""
    branch = ""

    def compose(at: PullState) -> NewEvent | None:
        nonlocal branch
        branch = at.pull.head
        refuse_dirty(at.repo, branch)
        at.require_open()
        if at.repo.find(new) is None:
            raise no_commit(new)
        facts = {"old": expected, "new": new}
        if at.branch_tip == new:
            return None if at.pull.heads[-1] == new else NewEvent("pushed", facts, head=new)
        if at.branch_tip != expected:
            raise stale(branch, at.branch_tip, expected)
        return NewEvent("pushed", facts, [Update(f"refs/heads/{branch}", new, expected)], new)

    writer.write(number, compose)
    _follow(writer, branch, new)


def merge_head(writer: Writer, number: int, head_oid: str, message: str) -> str:
    """Merge at `head_oid` and return the merge commit; if it was merged there before, return that commit."""
    base = onto = commit = ""

    def compose(at: PullState) -> NewEvent | None:
        nonlocal base, onto, commit
        base = at.pull.base
        refuse_dirty(at.repo, base)
        if at.merge and at.head_oid == head_oid:
            commit = at.merge.commit or head_oid
            return None if at.pull.merged else _merged(commit, head_oid, at.merge.base)
        at.require_open()
        if commit and at.repo.is_ancestor(commit, at.base_tip):
            # the work tree has it, and then another writer was faster: only the event is missing
            return _merged(commit, head_oid, onto)
        if at.branch_tip is None:
            raise UserError(
                f"The branch {at.pull.head} of #{number} was deleted.", "Push it again, or close the pull request."
            )
        check_merge(number, at.pull.head, at.head_oid, head_oid, draft=at.pull.draft)
        onto = at.base_tip
        check_range(at.repo, base, onto, at.pull.head, head_oid)
        tree = merge_trees(at.repo, onto, head_oid)
        text = message.encode("utf-8", "replace").decode()
        commit = write_commit(at.repo, tree, [onto, head_oid], text, identity(writer.actor))
        pinned = Update(f"refs/heads/{at.pull.head}", head_oid, head_oid)
        return _merged(commit, head_oid, onto, Update(f"refs/heads/{base}", commit, onto), pinned)

    writer.write(number, compose)
    _follow(writer, base, commit)
    return commit


def _merged(commit: str, head: str, base: str, *moves: Update) -> NewEvent:
    return NewEvent("merged", {"commit": commit, "head": head, "base": base}, moves, head)


def _follow(writer: Writer, branch: str, new: str) -> None:
    """Move the person's own branch too; without a remote it is the one that moved."""
    if writer.exchange.remote and (why := follow_branch(writer.repo, branch, new)):
        writer.exchange.note(why)
