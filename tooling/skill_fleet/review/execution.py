"""Carry a Plan out: look again, commit, push once, then answer. The only part of a review that writes.

Every write can be the last one before the power goes: what was done is found by its receipt (a trailer in the commit,
the first line of a comment), what was not is decided again. So nothing here is undone, and nothing is done twice.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from skill_fleet.errors import UserError
from skill_fleet.forges import (
    AnswerAction,
    CommitAction,
    EditAction,
    FlagAction,
    Forge,
    NoteAction,
    Snapshot,
    StaleHead,
    StatusAction,
)
from skill_fleet.git import GitFailure, Identity, Repository, write_commit, write_tree
from skill_fleet.markdown import one_line
from skill_fleet.review.decision import decide
from skill_fleet.review.markers import receipts, write_message
from skill_fleet.review.plan import Plan, render_answer
from skill_fleet.review.requests import FAILING, clear_doubles, read_requests
from skill_fleet.review.rounds import Reviser
from skill_fleet.review.scope import check_scope
from skill_fleet.review.session import ADDRESSES, read_session
from skill_fleet.review.status import failed_label
from skill_fleet.review.writing import guarded, own_secrets, write

WRITES_A_RUN = 20


@dataclass
class Budget:
    """How many comments may still be written in this run: forges limit bursts, and the next run writes the rest."""

    left: int = WRITES_A_RUN


def apply(repo: Repository, forge: Forge, plan: Plan, budget: Budget | None = None) -> tuple[str, ...]:
    """Carry out what is still right of `plan` and say what was done, a line each.

    Raises StaleHead when the pull request is not what was decided on any more: decide again.
    """
    budget = budget or Budget()
    snapshot = forge.snapshot(plan.number)
    require_same(snapshot, plan)
    clear_doubles(forge, snapshot)
    right = decide(snapshot).actions  # what words a model added to the plan changes nothing of what is compared here
    asked = {(action.key, action.digest) for action in right if isinstance(action, AnswerAction)}
    commits = [action for action in plan.actions if isinstance(action, CommitAction)]
    made = _push(repo, forge, snapshot, commits, plan, asked) if commits else {}
    log = [f"committed {oid[:12]} {key}" for key, oid in made.items()]
    flags = [action for action in plan.actions if isinstance(action, FlagAction) and action in right]
    log += _set(forge, snapshot, [flag for flag in flags if flag.what in ("ready", "close")])
    now = forge.snapshot(plan.number) if log else snapshot
    for action in plan.actions:
        if budget.left <= 0:
            break
        did = ""
        if isinstance(action, AnswerAction) and (action.key, action.digest) in asked:
            did = _answer(forge, now, action, made)
        elif isinstance(action, EditAction) and action in right:
            forge.edit(plan.number, action.target, action.body)
            did = f"edited {action.target}"
        elif isinstance(action, NoteAction) and action in right:
            did = f"noted {action.key}" if _keep(forge, now, action.key, action.body) else ""
        elif isinstance(action, StatusAction):
            did = "wrote the status" if _keep(forge, now, f"status:pull/{now.number}", action.body) else ""
        if did:
            log.append(did)
            budget.left -= 1
            now = _look(forge, plan.number)
    # a label can be what says that a comment was written: so it comes after that, and what it says is true
    labels = [flag for flag in flags if flag.what in ("label", "unlabel")]
    labels += [flag for flag in _failed_now(now) if flag not in labels]
    return (*log, *_set(forge, now, labels))


def _failed_now(now: Snapshot) -> list[FlagAction]:
    """The label, where words have failed in this very run: decided before them, the plan cannot know."""
    session = read_session(now) if now.state == "open" and now.complete else None
    flag = failed_label(now, read_requests(now, session.commits)) if session else None
    return [flag] if flag else []


def require_same(snapshot: Snapshot, plan: Plan) -> None:
    """StaleHead when the pull request is not what was decided on any more."""
    if not (snapshot.complete or snapshot.too_many) or snapshot.repository != plan.repository:
        raise StaleHead("The pull request could not be read whole.")
    if (snapshot.base, snapshot.head_oid, snapshot.state) != (plan.base, plan.head_oid, plan.state):
        raise StaleHead("The pull request has changed since this was decided.")


def _look(forge: Forge, number: int) -> Snapshot:
    """Read it again after a comment: of two equal answers only the older one stays."""
    now = forge.snapshot(number)
    return forge.snapshot(number) if clear_doubles(forge, now) else now


def _push(
    repo: Repository,
    forge: Forge,
    snapshot: Snapshot,
    commits: list[CommitAction],
    plan: Plan,
    asked: set[tuple[str, str]],
) -> dict[str, str]:
    """Make the chain of commits on exactly the decided head, and move the branch there in one leased push."""
    answers = [action for action in plan.actions if isinstance(action, AnswerAction)]
    current = {answer.key for answer in answers if (answer.key, answer.digest) in asked}
    addressed = {key for action in commits for name, key in action.trailers if name == ADDRESSES}
    if not snapshot.head_exists or not {*addressed, *(action.key for action in commits)} <= current:
        raise StaleHead("A request was edited, withdrawn or answered since this was decided.")
    tip, made = plan.head_oid, {}
    author = Identity(snapshot.bot.name, snapshot.bot.address)
    for action in commits:
        check_scope(action)
        changes = {
            change.path: None if change.content is None else change.content.encode("latin-1")
            for change in action.changes
        }
        try:
            tree = write_tree(repo, tip, changes)
        except GitFailure as problem:
            raise UserError(f"Git refuses these files: {problem.stderr}", "Look at the plan.") from problem
        tip = write_commit(repo, tree, [tip], write_message(action.subject, "", action.trailers), author)
        made[action.key] = tip
    forge.push(plan.number, tip, plan.head_oid)
    return made


def _answer(forge: Forge, now: Snapshot, action: AnswerAction, made: dict[str, str]) -> str:
    """Answer, unless another run was first, or the comment or the commit went away: the next turn decides anew."""
    oid = made.get(action.commit, action.commit)
    target = next((item for item in now.items if item.key == action.target), None)
    there = receipts(now).get(action.key)
    is_over = there and (there.outcome != FAILING or action.outcome == FAILING)
    if is_over or target is None or (oid and oid not in {commit.oid for commit in now.commits}):
        return ""
    body = render_answer(now, action, oid)
    if there:  # it says that a first attempt came to nothing
        forge.edit(now.number, there.item.key, body)
    elif target.thread:
        forge.reply(now.number, target.thread, body)
    else:
        forge.comment(now.number, body)
    why = f" ({one_line(action.text)})" if action.outcome not in ("done", "notice") else ""
    return f"answered {action.key}: {action.outcome}{why}"


def _keep(forge: Forge, now: Snapshot, key: str, body: str) -> bool:
    """Have `body` stand in the one comment `key`, and say whether that took a write."""
    there = receipts(now).get(key)
    if there is None:
        forge.comment(now.number, body)
    elif there.item.body != body:
        forge.edit(now.number, there.item.key, body)
    return there is None or there.item.body != body


def _set(forge: Forge, snapshot: Snapshot, flags: list[FlagAction]) -> list[str]:
    for flag in flags:
        _flag(forge, snapshot, flag)
    return [" ".join(filter(None, ("set", flag.what, flag.value))) for flag in flags]


def _flag(forge: Forge, snapshot: Snapshot, flag: FlagAction) -> None:
    """Set a flag that is not set yet."""
    number = snapshot.number
    if flag.what == "ready" and snapshot.draft:
        forge.set_draft(number, False)
    elif flag.what == "close" and snapshot.state == "open":
        forge.close(number)
    elif flag.what in ("label", "unlabel") and (flag.value in snapshot.labels) != (flag.what == "label"):
        forge.label(number, flag.value, flag.what == "label")


TURNS = 50


def step(
    repo: Repository,
    forge: Forge,
    number: int,
    reviser: Reviser | None = None,
    seen: Callable[[Snapshot], None] | None = None,
) -> tuple[str, ...]:
    """Do what pull request `number` asks for and say what was done, a line each.

    What only words can answer goes to `reviser`, if there is one; else it is answered with that, and stays open. When
    something was done, `seen` gets the pull request as it is after that.

    Safe to stop anywhere and to run again, also while another runs. One run writes at most twenty comments and says
    when more are owed. Raises UserError when others keep changing the pull request faster than it can be answered.
    """
    done: list[str] = []
    budget = Budget()
    reviser = guarded(reviser, own_secrets(os.environ)) if reviser else None
    for _ in range(TURNS):
        snapshot = forge.snapshot(number)
        plan = decide(snapshot)
        if reviser and budget.left > 0:
            plan = write(snapshot, plan, reviser)
        if not plan.actions:
            if not plan.note and clear_doubles(forge, snapshot):
                continue
            if done and seen:
                seen(snapshot)
            return (*done, plan.note) if plan.note else tuple(done)
        if budget.left <= 0:
            if seen:
                seen(snapshot)
            return (*done, f"More is owed: one run writes {WRITES_A_RUN} comments. Run it again.")
        try:
            done += apply(repo, forge, plan, budget)
        except StaleHead as stale:
            done.append(f"read again: {stale}")
    raise UserError(f"Pull request #{number} keeps changing.", "Run the same command again when it has settled.")
