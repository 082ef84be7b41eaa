"""The decision: a Snapshot in, a Plan out. Pure: no clock, no network, no disk, the same answer every time.

Requests are handled in a fixed order (cancel and drop, suggestions, descriptions, moves last), each in a commit of its
own on top of the one before, so that every answer can name the commit that handled it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from skill_fleet.forges.types import (
    Action,
    AnswerAction,
    CommitAction,
    EditAction,
    FlagAction,
    Snapshot,
)
from skill_fleet.review.approvals import standing_approvals
from skill_fleet.review.commands import MISSPELT, VERBS
from skill_fleet.review.edits import Refused
from skill_fleet.review.handlers import DONE, EDITS, Work, commit_for
from skill_fleet.review.markers import digest_of, receipts
from skill_fleet.review.model_code import owed_label
from skill_fleet.review.notes import notes, pin_of, too_many
from skill_fleet.review.nudge import nudge
from skill_fleet.review.plan import NO_MODEL, Plan
from skill_fleet.review.requests import CHANGES, SUGGESTION, WORDS, Request, forgets, read_requests, strangers
from skill_fleet.review.session import Session, read_session
from skill_fleet.review.status import skill_findings, status_action

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
    "help",
    MISSPELT,
)
EDITED = "\n\n_The request was edited since. `/retry` has it read again._"


@dataclass
class _Run:
    """One decision on its way: what has been decided so far."""

    snapshot: Snapshot
    session: Session
    requests: tuple[Request, ...]
    work: Work
    actions: list[Action] = field(default_factory=list)
    waiting: list[Request] = field(default_factory=list)

    def answer(self, request: Request, outcome: str, text: str, commit: str = "", pin: str = "") -> None:
        digest = digest_of(request.item.body)
        self.actions.append(AnswerAction(request.key, request.item.key, outcome, text, commit, digest, pin))  # type: ignore[arg-type]
        if outcome == "open":
            self.waiting.append(request)


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
    run = _Run(snapshot, session, requests, Work(snapshot, session))
    if snapshot.state == "open":
        _decide_open(run)
        run.actions += [owed] if (owed := owed_label(snapshot)) else []
    else:
        _decide_ended(run)
    run.actions += _edited(snapshot, requests)
    run.actions += _notices(snapshot)
    if snapshot.state == "open":
        run.actions += notes(snapshot)
        if not run.actions and (reminder := nudge(snapshot, session, requests)):
            run.actions.append(reminder)
    if status := status_action(snapshot, session, run.work.files, requests, run.actions):
        run.actions.append(status)
    return plan(run.actions)


def _decide_open(run: _Run) -> None:
    if run.session.commits:
        _answer_what_was_committed(run)
    pending = _pending(run)
    for request in [request for request in pending if request.verb == "cancel" and not _cancels(run, request)]:
        run.answer(request, "done", "It was closed for this, and then opened again.")
        pending.remove(request)
    if any(request.verb == "cancel" for request in pending):
        run.actions.append(FlagAction("close"))
        return _cancelled(run, pending)
    for request in sorted(pending, key=lambda request: (ORDER.index(request.verb), request.item.order)):
        _HANDLERS.get(request.verb, _edit)(run, request)
    return _approval(run)


def _decide_ended(run: _Run) -> None:
    """A pull request that is merged or closed gets the answers it is owed, and no commit."""
    _answer_what_was_committed(run)
    if run.snapshot.state == "closed" and any(_cancels(run, request) for request in run.requests):
        return _cancelled(run, _pending(run))
    reason = "is merged" if run.snapshot.state == "merged" else "is closed; open it again and write `/retry`"
    return _refuse_all(_pending(run), run, f"The pull request {reason}.")


def _pending(run: _Run) -> list[Request]:
    """The requests that nothing was done about yet."""
    return [request for request in run.requests if not (request.is_answered or request.key in run.session.commits)]


def _cancels(run: _Run, request: Request) -> bool:
    """Whether this is why the pull request is closed, or will be: nobody opened it again since."""
    return request.verb == "cancel" and request.item.order > run.snapshot.reopened


def _cancelled(run: _Run, pending: list[Request]) -> None:
    """Answer everything as is right once it is closed; the same words whether this run closed it or one before."""
    for request in [request for request in pending if request.verb == "cancel"]:
        run.answer(request, "done", "Closed without merging. Nothing is lost: open it again to go on.")
    rest = [request for request in pending if request.verb != "cancel"]
    _refuse_all(rest, run, "The pull request was cancelled; open it again and write `/retry`.")


def _refuse_all(pending: list[Request], run: _Run, reason: str) -> None:
    for request in pending:
        if request.verb not in (WORDS, CHANGES):  # talk goes on after the end, and is owed nothing
            run.answer(request, "refused", reason)


def _answer_what_was_committed(run: _Run) -> None:
    for request in run.requests:
        if not request.is_answered and (oid := run.session.commits.get(request.key)):
            run.answer(request, "done", DONE.get(request.verb, ""), oid)


def _edit(run: _Run, request: Request) -> None:
    """Carry out a request that needs no model, or say why not."""
    if run.session.frozen:
        return run.answer(request, "refused", f"Not done: {run.session.frozen}, then `/retry`.")
    if run.work.files is None:
        return run.answer(request, "refused", "There is no skill here yet.")
    try:
        edit = EDITS[request.verb](run.work, request)
        if edit is None:  # a drop that only withdraws
            return run.answer(request, "done", "Forgotten: nothing will be done about this thread.")
        action = commit_for(run.work, request, edit)
    except Refused as reason:
        return run.answer(request, "refused", f"Not done: {reason}")
    run.actions.insert(_after_commits(run.actions), action)
    run.work.files = edit.files
    return run.answer(request, "done", DONE[request.verb], action.key)


def _after_commits(actions: list[Action]) -> int:
    """Commits come first, in their order: they go out in one push, and answers name them."""
    return sum(isinstance(action, CommitAction) for action in actions)


def _words(run: _Run, request: Request) -> None:
    if request.verb in ("revise", "refine") and not any(request.arguments):
        return run.answer(request, "refused", f"Say what: `/{request.verb} TEXT`.")
    if any(forgets(other, request) for other in run.requests):
        return run.answer(request, "done", "Forgotten, as `/drop` in this thread asks.")
    way_out = "Resolve the thread" if request.item.thread else "Withdraw it"
    text = f"{NO_MODEL}, so it stays open. {way_out}, or use a suggestion block or a command (`/help`)."
    return run.answer(request, "open", text)


def _misspelt(run: _Run, request: Request) -> None:
    pairs = [argument.partition(" ")[::2] for argument in request.arguments]
    guesses = " ".join(f"There is no `/{typed}`; did you mean `/{meant}`?" for typed, meant in pairs)
    run.answer(request, "refused", f"{guesses} `/help` lists them all.")


def _changes(run: _Run, request: Request) -> None:
    run.answer(request, "notice", "What should change? Write it on the lines it is about, or as a command (`/help`).")


def _proceed(run: _Run, request: Request) -> None:
    if why := _obstacle(run):
        return run.answer(request, "refused", f"Not yet: {why}. `/proceed` again after that.")
    if run.snapshot.draft:
        run.actions.append(FlagAction("ready"))
    pin = pin_of(run.snapshot)
    text = f"Ready for review: it can be merged when it is approved. The description is settled as it is now (`{pin}`)."
    return run.answer(request, "done", text, pin=pin)


def _retry(run: _Run, request: Request) -> None:
    mark = f"@{request.item.key.rpartition('/')[2]}"
    again = [other for other in run.requests if other.key.endswith(mark)]
    if again:
        run.answer(request, "done", f"Read again: {len(again)} request{'s' if len(again) > 1 else ''}.")
    else:
        run.answer(request, "refused", "There is nothing here that was refused, is waiting, or was edited.")


def _help(run: _Run, request: Request) -> None:
    rows = "\n".join(f"- `/{verb}` {words}" for verb, words in VERBS.items())
    run.answer(request, "done", f"Each alone on a line:\n\n{rows}\n\nA suggestion block is applied to the letter.")


_HANDLERS: dict[str, Callable[[_Run, Request], None]] = {
    "revise": _words,
    "refine": _words,
    WORDS: _words,
    CHANGES: _changes,
    "proceed": _proceed,
    "retry": _retry,
    "help": _help,
    MISSPELT: _misspelt,
}


def _obstacle(run: _Run) -> str:
    """Why the draft cannot go on, '' when it can."""
    if run.work.files is None:
        return "there is no skill here yet"
    if run.session.frozen:
        return run.session.frozen
    if run.waiting or any(request.is_answered and request.is_open for request in run.requests):
        return "a request is still open"
    errors = sum(finding.severity == "error" for finding in skill_findings(run.work.files))
    return f"the checks find {errors} error{'s' if errors > 1 else ''}" if errors else ""


def _approval(run: _Run) -> None:
    """An approval of exactly this head is a word to go on: the draft is marked ready, once, and never undone."""
    snapshot = run.snapshot
    commits = any(isinstance(action, CommitAction) for action in run.actions)
    approvals = standing_approvals(snapshot)
    marked = any(isinstance(action, FlagAction) for action in run.actions)
    if not snapshot.draft or commits or marked or not approvals or _obstacle(run):
        return
    if max(item.order for item in approvals) > snapshot.draft_changed:
        run.actions.append(FlagAction("ready"))


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
