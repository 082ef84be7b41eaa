"""Applying a plan: read again, commit, push once, then answer. The only part of a review that writes.

A run may be interrupted after any write. The next one finds what was done by its receipt (a trailer of a commit, the first
line of a comment) and decides the rest again; so nothing is undone, and nothing is done twice.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace

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
from skill_fleet.git import EXECUTABLE, GitFailure, Identity, Repository, write_commit, write_tree
from skill_fleet.markdown import one_line
from skill_fleet.review.decision import decide
from skill_fleet.review.markers import duplicates, receipts, render_answer, status_key, write_message
from skill_fleet.review.plan import Plan
from skill_fleet.review.preview import previewed
from skill_fleet.review.requests import FAILING, read_requests
from skill_fleet.review.scope import check_scope
from skill_fleet.review.session import ADDRESSES, read_session
from skill_fleet.review.status import failed_label
from skill_fleet.review.writing import Reviser, guarded, own_secrets, write

WRITES_A_RUN = 20
MOST_DECISIONS = 50  # in one `step`


@dataclass
class Budget:
    """The number of comments that a run may still write. Forges limit bursts; the next run writes the rest."""

    left: int = WRITES_A_RUN


def apply(repo: Repository, forge: Forge, plan: Plan, budget: Budget | None = None) -> tuple[str, ...]:
    """Carry out the actions of `plan` that are still valid, and return what was done, one line each.

    Raises StaleHead if the pull request has changed since the decision.
    """
    budget = budget or Budget()
    snapshot = previewed(repo, forge.snapshot(plan.number))
    require_same(snapshot, plan)
    delete_duplicates(forge, snapshot)
    decided = decide(snapshot)
    valid = decided.actions
    asked = {(each.key, each.digest) for each in (*valid, *decided.remarks) if isinstance(each, AnswerAction)}
    made = _push(repo, forge, snapshot, plan, asked)
    log = [f"committed {oid[:12]} {key}" for key, oid in made.items()]
    flags = [action for action in plan.actions if isinstance(action, FlagAction) and action in valid]
    # labels come after the comments that they refer to, but for those that the preview remembers as set
    labels = [flag for flag in flags if flag.what in ("label", "unlabel") and not snapshot.preview]
    log += _set(forge, snapshot, [flag for flag in flags if flag not in labels])
    now = forge.snapshot(plan.number) if log else snapshot
    for action in plan.actions:
        if budget.left <= 0:
            break
        did = ""
        if isinstance(action, AnswerAction) and (action.key, action.digest) in asked:
            did = _answer(forge, now, action, made)
        elif isinstance(action, EditAction) and action in valid:
            if action.target:
                forge.edit(plan.number, action.target, action.body)
            else:
                forge.describe(plan.number, action.body)
            did = f"edited {action.target or 'the description'}"
        elif isinstance(action, NoteAction) and action in valid:
            did = f"noted {action.key}" if _keep(forge, now, action.key, action.body) else ""
        elif isinstance(action, StatusAction):
            did = "wrote the status" if _keep(forge, now, status_key(now), action.body) else ""
        if did:
            log.append(did)
            budget.left -= 1
            now = forge.snapshot(plan.number)
            now = forge.snapshot(plan.number) if delete_duplicates(forge, now) else now
    labels += [flag for flag in _failed_now(now) if flag not in labels]
    return (*log, *_set(forge, now, labels))


def require_same(snapshot: Snapshot, plan: Plan) -> None:
    """Raise StaleHead if the pull request has changed since the decision."""
    if not (snapshot.complete or snapshot.too_many) or snapshot.repository != plan.repository:
        raise StaleHead("Part of the pull request could not be read.")
    if (snapshot.base, snapshot.head_oid, snapshot.state) != (plan.base, plan.head_oid, plan.state):
        raise StaleHead("The pull request has changed since this was decided.")


def delete_duplicates(forge: Forge, snapshot: Snapshot) -> bool:
    """Delete answers that an older comment also gives, and return whether there were any.

    Two runs write such answers if they run at once, or offline in two clones. Both may also delete them at once.
    """
    found = duplicates(snapshot)
    for item in found:
        try:
            forge.delete(snapshot.number, item.key)
        except UserError:
            if any(other.key == item.key for other in forge.snapshot(snapshot.number).items):
                raise
    return bool(found)


def _failed_now(now: Snapshot) -> list[FlagAction]:
    """Return the label for requests that a model has failed on in this run, which the plan cannot know."""
    session = read_session(now) if now.state == "open" and now.complete else None
    flag = failed_label(now, read_requests(now, session.commits)) if session else None
    return [flag] if flag else []


def _push(
    repo: Repository, forge: Forge, snapshot: Snapshot, plan: Plan, asked: set[tuple[str, str]]
) -> dict[str, str]:
    """Make the commits of a plan on exactly the decided head, push them with a lease, and return their ids by key."""
    commits = [action for action in plan.actions if isinstance(action, CommitAction)]
    if not commits:
        return {}
    answers = [action for action in plan.actions if isinstance(action, AnswerAction)]
    current = {answer.key for answer in answers if (answer.key, answer.digest) in asked}
    addressed = {key for action in commits for name, key in action.trailers if name == ADDRESSES}
    if not snapshot.head_exists or not {*addressed, *(action.key for action in commits)} <= current:
        raise StaleHead("A request was edited, withdrawn or answered since this was decided.")
    tip, made = plan.head_oid, {}
    author = Identity(snapshot.bot.name, snapshot.bot.address)
    executable = {file.path for file in snapshot.files if file.mode == EXECUTABLE}
    for action in commits:
        check_scope(action)
        changes = {
            each.path: each.content.encode("latin-1") if each.content is not None else None for each in action.changes
        }
        executable |= {each.path for each in action.changes if each.was in executable}
        try:
            tree = write_tree(repo, tip, changes, executable)
        except GitFailure as problem:
            raise UserError(f"Git refuses these files: {problem.stderr}", "Check the plan.") from problem
        tip = write_commit(repo, tree, [tip], write_message(action.subject, "", action.trailers), author)
        made[action.key] = tip
    forge.push(plan.number, tip, plan.head_oid)
    return made


def _answer(forge: Forge, now: Snapshot, action: AnswerAction, made: dict[str, str]) -> str:
    """Answer a request, unless another run has, or its comment or commit is gone; then the next decision differs.

    Returns what was done, '' if nothing.
    """
    oid = made.get(action.commit, action.commit)
    target = next((item for item in now.items if item.key == action.target), None)
    there = receipts(now).get(action.key)
    if action.outcome == "noted":
        return ""
    is_over = there and (there.outcome != FAILING or action.outcome == FAILING)
    if is_over or target is None or (oid and oid not in {commit.oid for commit in now.commits}):
        return ""
    body = render_answer(now, action, oid)
    if there:  # the answer to a failed first attempt
        forge.edit(now.number, there.item.key, body)
    elif target.thread:
        forge.reply(now.number, target.thread, body)
    else:
        forge.comment(now.number, body)
    why = f" ({one_line(action.text)})" if action.outcome not in ("done", "notice") else ""
    return f"answered {action.key}: {action.outcome}{why}"


def _keep(forge: Forge, now: Snapshot, key: str, body: str) -> bool:
    """Write `body` into the comment `key`, and return whether that changed anything."""
    there = receipts(now).get(key)
    if there is None:
        forge.comment(now.number, body)
    elif there.item.body != body:
        forge.edit(now.number, there.item.key, body)
    return there is None or there.item.body != body


def _set(forge: Forge, snapshot: Snapshot, flags: list[FlagAction]) -> list[str]:
    """Set the flags that are not set yet."""
    number = snapshot.number
    for flag in flags:
        if flag.what == "ready" and snapshot.draft:
            forge.set_draft(number, False)
        elif flag.what == "close" and snapshot.state == "open":
            forge.close(number)
        elif flag.what == "title" and snapshot.title != flag.value:
            forge.retitle(number, flag.value)
        elif flag.what == "unresolve" and any(
            thread.resolved for thread in snapshot.threads if thread.key == flag.value
        ):
            forge.resolve(number, flag.value, False)
        elif flag.what in ("label", "unlabel") and (flag.value in snapshot.labels) != (flag.what == "label"):
            forge.label(number, flag.value, flag.what == "label")
    return [" ".join(filter(None, ("set", flag.what, flag.value))) for flag in flags]


def step(
    repo: Repository,
    forge: Forge,
    number: int,
    reviser: Reviser | None = None,
    seen: Callable[[Snapshot], None] | None = None,
) -> tuple[str, ...]:
    """Do what pull request `number` asks for, and return what was done, one line each.

    Free-form requests go to `reviser`; without one they are answered and stay open. After something was done, `seen` is
    called with the pull request; in the repository itself always, since a run may have been stopped before that. It is safe to interrupt this anywhere, to run it again, and to run it twice at once. One
    run writes a limited number of comments. Raises UserError if others keep changing the pull request.
    """
    done: list[str] = []
    budget = Budget()
    reviser = guarded(reviser, own_secrets(os.environ)) if reviser else None
    labels: set[FlagAction] = set()
    """What was tried: a label that does not exist, and that the bot may not create, is not set by trying again."""
    for _ in range(MOST_DECISIONS):
        snapshot = previewed(repo, forge.snapshot(number))
        plan = decide(snapshot)
        if reviser and budget.left > 0:
            plan = write(snapshot, plan, reviser)
        plan = replace(plan, actions=tuple(action for action in plan.actions if action not in labels))
        if not plan.actions and not plan.note and delete_duplicates(forge, snapshot):
            continue
        if not plan.actions or budget.left <= 0:
            if seen and (
                done or plan.actions or forge.name == "local"
            ):  # what a run that was stopped there did not see
                seen(snapshot)
            limit = f"Not everything is done: one run writes {WRITES_A_RUN} comments. Run it again."
            note = limit if plan.actions else plan.note
            return (*done, note) if note else tuple(done)
        try:
            done += apply(repo, forge, plan, budget)
            labels |= {
                each for each in plan.actions if isinstance(each, FlagAction) and each.what in ("label", "unlabel")
            }
        except StaleHead as stale:
            done.append(f"read again: {stale}")
    raise UserError(f"Pull request #{number} keeps changing.", "Run the same command again later.")
