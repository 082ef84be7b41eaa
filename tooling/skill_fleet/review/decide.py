"""The decision: a Snapshot in, a Plan out. Pure: no clock, no network, no disk, the same answer every time.

Requests are handled in a fixed order (cancel and drop, suggestions, descriptions, moves last), each in a commit of its
own on top of the one before, so that every answer can name the commit that handled it.
"""

from __future__ import annotations

from skill_fleet.forges.actions import Action, AnswerAction, CommitAction, EditAction, FlagAction
from skill_fleet.forges.types import Snapshot
from skill_fleet.review.answers import handle, obstacle
from skill_fleet.review.approvals import standing_approvals
from skill_fleet.review.commands import MISSPELT
from skill_fleet.review.failures import failed_label
from skill_fleet.review.handlers import DONE, Work
from skill_fleet.review.markers import digest_of, receipts
from skill_fleet.review.model_code import owed_label
from skill_fleet.review.notes import notes, too_many
from skill_fleet.review.nudge import nudge
from skill_fleet.review.people import ADOPT, strangers
from skill_fleet.review.plan import Plan
from skill_fleet.review.redness import in_words
from skill_fleet.review.requests import CHANGES, SUGGESTION, WORDS, Request, read_requests
from skill_fleet.review.session import read_session
from skill_fleet.review.status import status_action
from skill_fleet.review.turn import Turn

ORDER = (
    "cancel",
    "drop",
    SUGGESTION,
    "describe",
    "move",
    "revise",
    "refine",
    WORDS,
    CHANGES,
    "proceed",
    "retry",
    ADOPT,
    "help",
    MISSPELT,
)
EDITED = "\n\n_The request was edited since. `/retry` has it read again._"


def decide(snapshot: Snapshot) -> Plan:
    """What the bot does next on a pull request; deciding again after that was applied gives nothing."""

    def plan(actions: list[Action] | None = None, note: str = "") -> Plan:
        where = (snapshot.repository, snapshot.number, snapshot.base, snapshot.head_oid, snapshot.state)
        return Plan(*where, tuple(actions or ()), note)

    if not snapshot.complete and not snapshot.too_many:
        return plan(note="Part of the pull request could not be read, so nothing is done.")
    if (session := read_session(snapshot)) is None:
        return plan(note="This pull request is not one of the bot's drafts, so it keeps its hands off.")
    if snapshot.too_many:
        return plan([*too_many(snapshot)], note="It has more comments than are read, so nothing is done.")
    requests = read_requests(snapshot, session.commits)
    turn = Turn(snapshot, session, requests, Work(snapshot, session))
    if snapshot.state == "open":
        _decide_open(turn)
        turn.actions += [owed] if (owed := owed_label(snapshot)) else []
        turn.actions += [label] if (label := failed_label(snapshot, requests)) else []
    else:
        _decide_ended(turn)
    turn.actions += _edited(snapshot, requests)
    turn.actions += _notices(snapshot)
    if snapshot.state == "open":
        turn.actions += notes(snapshot)
        if not turn.actions and (reminder := nudge(snapshot, session, requests)):
            turn.actions.append(reminder)
    if status := status_action(snapshot, session, turn.work.files, requests, turn.actions):
        turn.actions.append(status)
    return plan(turn.actions)


def _decide_open(turn: Turn) -> None:
    if turn.session.commits:
        _answer_what_was_committed(turn)
    pending = _pending(turn)
    for request in [request for request in pending if request.verb == "cancel" and not _cancels(turn, request)]:
        turn.answer(request, "done", "It was closed for this, and then opened again.")
        pending.remove(request)
    if any(request.verb == "cancel" for request in pending):
        turn.actions.append(FlagAction("close"))
        return _cancelled(turn, pending)
    for request in sorted(pending, key=lambda request: (ORDER.index(request.verb), request.order)):
        handle(turn, request)
    return _approval(turn)


def _decide_ended(turn: Turn) -> None:
    """A pull request that is merged or closed gets the answers it is owed, and no commit."""
    _answer_what_was_committed(turn)
    if turn.snapshot.state == "closed" and any(_cancels(turn, request) for request in turn.requests):
        return _cancelled(turn, _pending(turn))
    reason = "is merged" if turn.snapshot.state == "merged" else "is closed; open it again and write `/retry`"
    return _refuse_all(_pending(turn), turn, f"The pull request {reason}.")


def _pending(turn: Turn) -> list[Request]:
    """The requests that nothing was done about yet."""
    return [request for request in turn.requests if not (request.is_answered or request.key in turn.session.commits)]


def _cancels(turn: Turn, request: Request) -> bool:
    """Whether this is why the pull request is closed, or will be: nobody opened it again since."""
    return request.verb == "cancel" and request.item.order > turn.snapshot.reopened


def _cancelled(turn: Turn, pending: list[Request]) -> None:
    """Answer everything as is right once it is closed; the same words whether this run closed it or one before."""
    for request in [request for request in pending if request.verb == "cancel"]:
        turn.answer(request, "done", "Closed without merging. Nothing is lost: open it again to go on.")
    rest = [request for request in pending if request.verb != "cancel"]
    _refuse_all(rest, turn, "The pull request was cancelled; open it again and write `/retry`.")


def _refuse_all(pending: list[Request], turn: Turn, reason: str) -> None:
    for request in pending:
        if request.verb not in (WORDS, CHANGES):  # talk goes on after the end, and is owed nothing
            turn.answer(request, "refused", reason)


def _answer_what_was_committed(turn: Turn) -> None:
    for request in turn.requests:
        if not request.is_answered and (oid := turn.session.commits.get(request.key)):
            said = DONE.get(request.verb, "") + in_words(turn.session.checks.get(request.key, ""))
            turn.answer(request, "done", said, oid)


def _approval(turn: Turn) -> None:
    """An approval of exactly this head is a word to go on: the draft is marked ready, once, and never undone."""
    snapshot = turn.snapshot
    commits = any(isinstance(action, CommitAction) for action in turn.actions)
    approvals = standing_approvals(snapshot)
    marked = any(isinstance(action, FlagAction) for action in turn.actions)
    if not snapshot.draft or commits or marked or not approvals or obstacle(turn):
        return
    if max(item.order for item in approvals) > snapshot.draft_changed:
        turn.actions.append(FlagAction("ready"))


def _edited(snapshot: Snapshot, requests: tuple[Request, ...]) -> list[EditAction]:
    """An answered request that was edited stays answered, and its answer says so."""
    found = []
    for request in requests:
        receipt = request.receipt
        if receipt and request.was_edited and not receipt.item.body.endswith(EDITED):
            found.append(EditAction(receipt.item.key, receipt.item.body + EDITED))
    return found


def _notices(snapshot: Snapshot) -> list[AnswerAction]:
    """One word, once, to each stranger who gives the bot orders."""
    answered = receipts(snapshot)
    found = []
    for item in strangers(snapshot):
        key = f"notice:person/{digest_of(item.author.id)}"
        if key not in answered:
            text = "Thank you. Only people with write access can ask the bot for this; one of them may take it up."
            found.append(AnswerAction(key, item.key, "notice", text))
    return found
