"""Moving branches: a push of the head, and the merge into the base. Each goes with its event, all or none."""

from __future__ import annotations

from skill_fleet.errors import UserError
from skill_fleet.fleet.git_write import Update, follow_branch, merge_trees, refuse_dirty, write_commit
from skill_fleet.forges.accounts import identity
from skill_fleet.forges.protocol import StaleHead
from skill_fleet.forges.standing import Standing
from skill_fleet.forges.writing import Plan, Writer


def push_head(writer: Writer, number: int, new: str, expected: str) -> None:
    """Move the head branch from `expected` to `new`; run again after a crash, it does what is left to do."""
    branch = ""

    def plan(at: Standing) -> Plan | None:
        nonlocal branch
        branch = at.pull.head
        refuse_dirty(at.repo, branch)
        at.require_open()
        if at.repo.find(new) is None:
            raise UserError(f"There is no commit {new[:12]} here.", "Commit first.")
        moved = Plan("pushed", {"old": expected, "new": new}, head=new)
        if at.branch_tip == new:
            return None if at.pull.heads[-1] == new else moved
        if at.branch_tip != expected:
            raise StaleHead(f"{branch} is at {at.branch_tip}, not at {expected}")
        return Plan(moved.type, moved.fields, [Update(f"refs/heads/{branch}", new, expected)], new)

    writer.write(number, plan)
    _follow(writer, branch, new)


def merge_head(writer: Writer, number: int, head_oid: str, message: str) -> str:
    """Merge it at `head_oid` and return the merge commit; once merged there, return that one again."""
    base = onto = commit = ""

    def plan(at: Standing) -> Plan | None:
        nonlocal base, onto, commit
        base = at.pull.base
        refuse_dirty(at.repo, base)
        if at.merge and at.head_oid == head_oid:
            commit = at.merge.commit or head_oid
            facts = {"commit": commit, "head": head_oid, "base": at.merge.base}
            return None if at.pull.merged else Plan("merged", facts, head=head_oid)
        at.require_open()
        if commit and at.repo.is_ancestor(commit, at.base_tip):
            # the work tree has it, and then another writer was faster: only the event is missing
            return Plan("merged", {"commit": commit, "head": head_oid, "base": onto}, head=head_oid)
        _refuse_merge(at, head_oid)
        onto = at.base_tip
        tree = merge_trees(at.repo, onto, head_oid)
        text = message.encode("utf-8", "replace").decode()
        commit = write_commit(at.repo, tree, [onto, head_oid], text, identity(writer.actor))
        pinned = Update(f"refs/heads/{at.pull.head}", head_oid, head_oid)
        moves = [Update(f"refs/heads/{base}", commit, onto), pinned]
        return Plan("merged", {"commit": commit, "head": head_oid, "base": onto}, moves, head_oid)

    writer.write(number, plan)
    _follow(writer, base, commit)
    return commit


def _refuse_merge(at: Standing, head_oid: str) -> None:
    number, head = at.pull.number, at.pull.head
    if at.branch_tip is None:
        raise UserError(f"The branch {head} of #{number} was deleted.", "Push it again, or close the pull request.")
    if at.head_oid != head_oid:
        raise StaleHead(f"{head} is at {at.head_oid}, not at {head_oid}")
    if at.pull.draft:
        raise UserError(f"Pull request #{number} is a draft.", "Make it ready first.")
    if at.merge_base == head_oid:
        raise UserError(f"There are no commits between {at.pull.base} and {head}.", "Close the pull request.")


def _follow(writer: Writer, branch: str, new: str) -> None:
    """Bring the person's own branch along; without a remote it moved already."""
    if writer.exchange.remote and (why := follow_branch(writer.repo, branch, new)):
        writer.exchange.note(why)
