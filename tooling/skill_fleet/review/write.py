"""Add words to a plan: requests that nothing but words can answer are given to a reviser, as one round in one commit.

Pure but for the reviser. It is whoever can write, and nothing it returns is trusted: only the text files of the skill
can come out changed, no new fault of safety gets in, and every answer is made harmless.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from skill_fleet.errors import UserError
from skill_fleet.forges.actions import Action, AnswerAction, CommitAction, FileChange, StatusAction
from skill_fleet.forges.types import Snapshot
from skill_fleet.review.edits import Files
from skill_fleet.review.harmless import harmless
from skill_fleet.review.model_code import code_trailers, model_written_code
from skill_fleet.review.plan import Plan
from skill_fleet.review.requests import FAILING, WORDS, Request, read_requests
from skill_fleet.review.rounds import Reply, Revised, Reviser, round_of, texts_of
from skill_fleet.review.scope import check_scope
from skill_fleet.review.session import ADDRESSES, REQUESTED_BY, Session, read_session
from skill_fleet.review.status import skill_findings, status_action
from skill_fleet.review.trailers import credit

MOST = 15  # requests of a round: their answers have to fit into what one run may write
_NEVER = ("safety/", "layout/")
_AGAIN = " `/retry` asks again."
_NOTHING = "Nothing was changed for this."


def write(snapshot: Snapshot, plan: Plan, reviser: Reviser) -> Plan:
    """`plan` with its open answers replaced by what the reviser made of them; unchanged when there is nothing to write.

    A plan that has commits of its own goes first: the open requests are left out of it, and wait for the next turn.
    """
    session = read_session(snapshot)
    if session is None or session.files is None or session.frozen or plan.state != "open":
        return plan
    requests = read_requests(snapshot, session.commits)
    by_key = {request.key: request for request in requests if request.verb in (WORDS, "refine", "revise")}
    waiting = [action for action in plan.actions if isinstance(action, AnswerAction) and action.outcome == "open"]
    waiting = [action for action in waiting if action.key in by_key]
    if not waiting:
        return plan
    now = [] if any(isinstance(action, CommitAction) for action in plan.actions) else waiting[:MOST]
    kept = [action for action in plan.actions if action not in waiting and not _comes_after(action)]
    files = session.files
    written: list[Action] = []
    if now:
        wanted = [by_key[action.key] for action in now]
        made = reviser(round_of(snapshot, session, files, wanted))
        written, files = _written(session, files, wanted, now, made)
    commits = [action for action in written if isinstance(action, CommitAction)]
    actions: list[Action] = [*commits, *kept, *(action for action in written if action not in commits)]
    if status := status_action(snapshot, session, files, requests, actions) if now else None:
        actions.append(status)
    return replace(plan, actions=tuple(actions))


def _comes_after(action: Action) -> bool:
    """What was decided as if the requests stayed open: the next turn decides it anew."""
    is_proceed = isinstance(action, AnswerAction) and action.key.startswith("proceed:")
    return isinstance(action, StatusAction) or is_proceed


def _written(
    session: Session, files: Files, wanted: Sequence[Request], answers: Sequence[AnswerAction], made: Revised
) -> tuple[list[Action], Files]:
    """The commit and the answers of a round, and the files after it."""
    replies = {reply.key: reply for reply in replies_of(made, [request.key for request in wanted])}
    changed = [request for request in wanted if request.key in replies and replies[request.key].outcome == "changed"]
    after, why = with_texts(files, made.files) if changed else (files, "")
    commit = _commit(session, files, after, changed, made.by) if changed and not why else None
    try:
        if commit:
            check_scope(commit)
    except UserError as outside:
        commit, why = None, outside.message
    found: list[Action] = [commit] if commit else []
    for request, answer in zip(wanted, answers, strict=True):
        reply = replies.get(answer.key) or Reply(answer.key, "open", "There was no answer to this.")
        if reply.outcome == "changed" and commit is None:
            reply = Reply(answer.key, "open", why or _NOTHING)
        found.append(_answer(request, answer, reply, commit))
    return found, after if commit else files


def replies_of(made: Revised, keys: Sequence[str]) -> tuple[Reply, ...]:
    """What is replied to each request; the one reason why nothing came of the round, when that is so."""
    return (
        tuple(Reply(key, "open", f"This was not done: {made.failed}") for key in keys) if made.failed else made.replies
    )


def _answer(request: Request, answer: AnswerAction, reply: Reply, commit: CommitAction | None) -> AnswerAction:
    """The answer that a reply comes to. What only stays open is an attempt that failed, and the second is the last."""
    text = harmless(reply.text)
    if reply.outcome == "changed" and commit:
        return replace(answer, outcome="done", text=request.credited(text), commit=commit.key)
    if reply.outcome == "answered":
        return replace(answer, outcome="done", text=request.credited(text))
    if reply.outcome == "declined":
        return replace(answer, outcome="refused", text=f"{text}{_AGAIN}")
    if reply.outcome == "asked":
        return replace(answer, outcome="open", text=f"{text} Answer here, then `/retry`.")
    if request.tried:
        return replace(answer, outcome="failed", text=f"{text} That was the second attempt; it stays open.{_AGAIN}")
    return replace(answer, outcome=FAILING, text=f"{text} It stays open, and the bot tries it once more.")


def with_texts(files: Files, texts: dict[str, str]) -> tuple[Files, str]:
    """The files with the new texts in place, and why that must not be; '' when it may."""
    before, after = texts_of(files), files
    for path, text in texts.items():
        place = f"{files.folder}/{path}"
        if before.get(path) == text:
            continue
        if path not in before and place in files.contents:
            return files, f"{path} is no text file that could be rewritten."
        after = after.with_file(place, text.encode("utf-8", "replace"))
    if after == files:
        return files, _NOTHING
    old = {(each.rule, each.message) for each in skill_findings(files)}
    new = [each for each in skill_findings(after) if each.severity == "error" and each.rule.startswith(_NEVER)]
    bad = [each.message for each in new if (each.rule, each.message) not in old]
    return (files, f"The change is not safe to commit: {bad[0]}") if bad else (after, "")


def _commit(session: Session, files: Files, after: Files, changed: Sequence[Request], by: str) -> CommitAction:
    changes = tuple(
        FileChange(path, content.decode("latin-1"))
        for path, content in sorted(after.contents.items())
        if files.contents.get(path) != content
    )
    people = dict.fromkeys(credit(each.author.name, each.author.address) for each in changed)
    trailers = [("Skill", session.skill), ("Drafted-by", by)]
    trailers += [(REQUESTED_BY, person) for person in people]
    trailers += [(ADDRESSES, request.key) for request in changed]
    trailers += code_trailers(model_written_code(texts_of(after), texts_of(files)))
    subject = (
        "Change what a reviewer asked for" if len(changed) == 1 else f"Change what {len(changed)} comments ask for"
    )
    return CommitAction(changed[0].key, subject, changes, (files.folder,), tuple(trailers))
