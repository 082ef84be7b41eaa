"""Carry a Plan out: look again, commit, push once, then answer. The only part of a review that writes.

Every write can be the last one before the power goes: what was done is found by its receipt (a trailer in a commit,
the first line of a comment), what was not is decided again. So nothing here is undone, and nothing is done twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from skill_fleet.fleet.git import Identity, Repository
from skill_fleet.fleet.git_write import write_commit, write_tree
from skill_fleet.forges.types import (
    AnswerAction,
    CommitAction,
    EditAction,
    FlagAction,
    Forge,
    Snapshot,
    StaleHead,
    StatusAction,
)
from skill_fleet.review.markers import digest_of, read_receipt, receipts
from skill_fleet.review.plan import Plan, render_answer
from skill_fleet.review.scope import check_scope
from skill_fleet.review.trailers import write_message

WRITES_A_RUN = 20


@dataclass
class _Budget:
    """How many comments may still be written in this run: forges limit bursts, and a run that stops goes on later."""

    left: int = WRITES_A_RUN

    def take(self) -> bool:
        self.left -= 1
        return self.left >= 0


def apply(repo: Repository, forge: Forge, plan: Plan) -> tuple[str, ...]:
    """Carry out `plan` and say what was done, a line each.

    Raises StaleHead when the pull request is not what was decided on any more: decide again.
    """
    snapshot = forge.snapshot(plan.number)
    if not snapshot.complete or snapshot.repository != plan.repository:
        raise StaleHead("The pull request could not be read whole.")
    if (snapshot.head_oid, snapshot.state) != (plan.head_oid, plan.state):
        raise StaleHead("The pull request has changed since this was decided.")
    budget, log = _Budget(), []
    commits = [action for action in plan.actions if isinstance(action, CommitAction)]
    made = _push(repo, forge, snapshot, commits, plan) if commits else {}
    log += [f"committed {oid[:12]} {key}" for key, oid in made.items()]
    for flag in [action for action in plan.actions if isinstance(action, FlagAction)]:
        _flag(forge, snapshot, flag)
        log.append(" ".join(filter(None, ("set", flag.what, flag.value))))
    for action in plan.actions:
        if isinstance(action, AnswerAction):
            if _is_current(snapshot, action) and budget.take() and _answer(forge, snapshot, action, made):
                log.append(f"answered {action.key}: {action.outcome}")
        elif isinstance(action, EditAction) and budget.take():
            forge.edit(plan.number, action.target, action.body)
            log.append(f"edited {action.target}")
        elif isinstance(action, StatusAction) and budget.take():
            _status(forge, snapshot, action)
            log.append("wrote the status")
    return tuple(log)


def _push(
    repo: Repository, forge: Forge, snapshot: Snapshot, commits: list[CommitAction], plan: Plan
) -> dict[str, str]:
    """Make the chain of commits on exactly the decided head, and move the branch there in one leased push."""
    answers = {action.key: action for action in plan.actions if isinstance(action, AnswerAction)}
    if not all(action.key in answers and _is_current(snapshot, answers[action.key]) for action in commits):
        raise StaleHead("A request was edited, withdrawn or answered since this was decided.")
    tip, made = plan.head_oid, {}
    author = Identity(snapshot.bot.name, snapshot.bot.id)
    for action in commits:
        check_scope(action)
        changes = {
            change.path: None if change.content is None else change.content.encode("latin-1")
            for change in action.changes
        }
        tree = write_tree(repo, tip, changes)
        tip = write_commit(repo, tree, [tip], write_message(action.subject, "", action.trailers), author)
        made[action.key] = tip
    forge.push(plan.number, tip, plan.head_oid)
    return made


def _is_current(snapshot: Snapshot, action: AnswerAction) -> bool:
    """Whether the request still stands as it was read: there, with the same text, its author still allowed."""
    item = next((item for item in snapshot.items if item.key == action.target), None)
    if item is None or item.hidden:
        return False
    if action.outcome == "notice" and not action.digest:
        return True
    return digest_of(item.body) == action.digest and snapshot.permissions.get(item.author.id) == "write"


def _answer(forge: Forge, snapshot: Snapshot, action: AnswerAction, made: dict[str, str]) -> bool:
    """Answer once. The list is read again just before, and just after: of two equal answers the older one stays."""
    now = forge.snapshot(snapshot.number)
    oid = made.get(action.commit, action.commit)
    if action.key in receipts(now) or (oid and oid not in {commit.oid for commit in now.commits}):
        return False  # answered by another run, or what it would name was pushed away: the next turn decides anew
    body = render_answer(snapshot, action, oid)
    target = next(item for item in snapshot.items if item.key == action.target)
    if target.thread:
        forge.reply(snapshot.number, target.thread, body)
    else:
        forge.comment(snapshot.number, body)
    _keep_oldest(forge, snapshot.number, action.key)
    return True


def _keep_oldest(forge: Forge, number: int, key: str) -> None:
    now = forge.snapshot(number)
    mine = [item for item in now.items if (receipt := read_receipt(now, item)) and receipt.key == key]
    for item in sorted(mine, key=lambda item: item.order)[1:]:
        forge.delete(number, item.key)


def _status(forge: Forge, snapshot: Snapshot, action: StatusAction) -> None:
    key = f"status:pull/{snapshot.number}"
    now = receipts(forge.snapshot(snapshot.number)).get(key)
    if now is None:
        forge.comment(snapshot.number, action.body)
        _keep_oldest(forge, snapshot.number, key)
    elif now.item.body != action.body:
        forge.edit(snapshot.number, now.item.key, action.body)


def _flag(forge: Forge, snapshot: Snapshot, flag: FlagAction) -> None:
    """Set a flag that is not set yet."""
    number = snapshot.number
    if flag.what == "ready" and snapshot.draft:
        forge.set_draft(number, False)
    elif flag.what == "close" and snapshot.state == "open":
        forge.close(number)
    elif flag.what in ("label", "unlabel") and (flag.value in snapshot.labels) != (flag.what == "label"):
        forge.label(number, flag.value, flag.what == "label")
