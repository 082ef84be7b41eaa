"""The planners of everything that is one event and moves no branch."""

from __future__ import annotations

from collections.abc import Callable

from skill_fleet.errors import UserError
from skill_fleet.forges.accounts import identity
from skill_fleet.forges.local.standing import LABEL_LIMIT, Standing, check_text, known_item, known_thread, placed
from skill_fleet.forges.local.writing import Plan, Planner, Writer
from skill_fleet.forges.protocol import StaleHead
from skill_fleet.forges.snapshot import Actor, Anchor, Verdict
from skill_fleet.git import Update, follow_branch, merge_trees, refuse_dirty, write_commit


def comment(body: str) -> Planner:
    """Comment on the conversation; allowed also when it is closed or merged."""
    check_text(body, "comment")
    return lambda at: Plan("commented", {"body": body})


def comment_on(body: str, anchor: Anchor) -> Planner:
    """Begin a thread on lines."""
    check_text(body, "comment")

    def plan(at: Standing) -> Plan:
        place = placed(at, anchor)
        facts = {name: getattr(place, name) for name in ("path", "commit", "start", "line", "side")}
        return Plan("commented-on", {"body": body, "from": at.merge_base, **facts})

    return plan


def reply(thread: str, body: str) -> Planner:
    """Add to a thread."""
    check_text(body, "reply")
    return lambda at: Plan("replied", {"thread": known_thread(at, thread), "body": body})


def review(actor: Actor, verdict: Verdict, body: str) -> Planner:
    """Give a verdict on the head."""
    if verdict not in ("approved", "changes_requested", "commented"):
        raise UserError(f"A review cannot be {verdict!r}.", "Approve, request changes, or comment.")
    check_text(body, "review", blank=verdict != "commented")

    def plan(at: Standing) -> Plan:
        if verdict != "commented":
            at.require_open()
            if actor.id == at.pull.author.id:
                raise UserError(
                    f"You opened #{at.pull.number}, so you can neither approve it nor request changes.",
                    "Ask somebody else, or comment.",
                )
        return Plan("reviewed", {"verdict": verdict, "body": body, "commit": at.head_oid})

    return plan


def dismiss(key: str) -> Planner:
    """Take a verdict back."""

    def plan(at: Standing) -> Plan | None:
        verdict = known_item(at, key).verdict
        if verdict in (None, "commented"):
            raise UserError(f"{key} has no verdict to take back.", f"See: skill-fleet review show {at.pull.number}")
        return None if verdict == "dismissed" else Plan("dismissed", {"item": key})

    return plan


def edit(key: str, body: str) -> Planner:
    """Replace the text of an item."""
    check_text(body, "comment", blank=key.startswith("review/"))
    return lambda at: Plan("edited", {"item": known_item(at, key).key, "body": body})


def delete(key: str) -> Planner:
    """Remove an item."""

    def plan(at: Standing) -> Plan:
        if known_item(at, key).verdict:
            raise UserError("A review cannot be deleted.", "Take its verdict back: dismiss it.")
        return Plan("deleted", {"item": key})

    return plan


def resolve(thread: str, resolved: bool) -> Planner:
    """Mark a thread resolved, or open again."""

    def plan(at: Standing) -> Plan | None:
        if at.pull.threads[known_thread(at, thread)].resolved == resolved:
            return None
        return Plan("resolved", {"thread": thread, "resolved": resolved})

    return plan


def label(name: str, present: bool) -> Planner:
    """Set a label, or remove it."""
    check_text(name, "label", limit=LABEL_LIMIT)
    return lambda at: (
        None if (name in at.pull.labels) == present else Plan("labelled", {"label": name, "present": present})
    )


def set_draft(draft: bool) -> Planner:
    """Make it a draft, or ready."""

    def plan(at: Standing) -> Plan | None:
        at.require_open()
        return None if at.pull.draft == draft else Plan("drafted", {"draft": draft})

    return plan


def close(closed: bool, refuse_rival: Callable[[Standing], None]) -> Planner:
    """Close it, or open it again unless another one is open for the branch by now."""

    def plan(at: Standing) -> Plan | None:
        if at.state == "merged":
            at.require_open()
        if (at.state == "closed") == closed:
            return None
        if not closed:
            if at.branch_tip is None:
                raise UserError(f"The branch {at.pull.head} was deleted.", "Push it again, then open it again.")
            refuse_rival(at)
        return Plan("closed", {"closed": closed, "commit": at.head_oid if closed else at.branch_tip})

    return plan


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
