"""The decision: a Snapshot in, a Plan out. Pure: no clock, no network, no disk, the same answer every time.

Requests are handled in a fixed order (cancel and drop, suggestions, descriptions, moves last), each in a commit of its
own on top of the one before, so that every answer can name the commit that handled it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from skill_fleet.forges import Action, AnswerAction, CommitAction, EditAction, FlagAction, Snapshot
from skill_fleet.markdown import as_code
from skill_fleet.review.commands import COMMANDS, MISSPELLED
from skill_fleet.review.edits import Refused
from skill_fleet.review.gates import standing_approvals
from skill_fleet.review.handlers import DONE, EDITS, Work, commit_for
from skill_fleet.review.markers import digest_of, receipts
from skill_fleet.review.notices import notes, nudge, pin_of, too_many
from skill_fleet.review.plan import NO_MODEL, Plan
from skill_fleet.review.requests import (
    ADOPT,
    CHANGES,
    SUGGESTION,
    WORDS,
    Request,
    adopted_requests,
    forgets,
    is_adoptable,
    named_by,
    read_requests,
    strangers,
)
from skill_fleet.review.scope import owed_label
from skill_fleet.review.session import CHECKS, Session, read_session
from skill_fleet.review.status import checks_trailer, failed_label, in_words, skill_findings, status_action


@dataclass
class Turn:
    """The bot's turn. `waiting` are the requests that it leaves open."""

    snapshot: Snapshot
    session: Session
    requests: tuple[Request, ...]
    work: Work
    actions: list[Action] = field(default_factory=list)
    waiting: list[Request] = field(default_factory=list)

    def answer(self, request: Request, outcome: str, text: str, commit: str = "", pin: str = "") -> None:
        """Answer a request; `commit` and `pin` as in AnswerAction."""
        digest = digest_of(request.item.body)
        said = request.credited(text)
        self.actions.append(AnswerAction(request.key, request.item.key, outcome, said, commit, digest, pin))  # type: ignore[arg-type]
        if outcome == "open":
            self.waiting.append(request)


def handle(turn: Turn, request: Request) -> None:
    """Decide about one request, after those that come before it."""
    _BY_COMMAND.get(request.command, _edit)(turn, request)


def obstacle(turn: Turn) -> str:
    """Why the draft cannot go on, '' when it can."""
    if turn.work.files is None:
        return "there is no skill here yet"
    if turn.session.frozen:
        return turn.session.frozen
    if turn.waiting or any(request.is_answered and request.is_open for request in turn.requests):
        return "a request is still open"
    errors = sum(finding.severity == "error" for finding in skill_findings(turn.work.files))
    return f"the checks find {errors} error{'s' if errors > 1 else ''}" if errors else ""


def _edit(turn: Turn, request: Request) -> None:
    """Carry out a request that needs no model, or say why not."""
    if turn.session.frozen:
        return turn.answer(request, "refused", f"Not done: {turn.session.frozen}, then `/retry`.")
    if turn.work.files is None:
        return turn.answer(request, "refused", "There is no skill here yet.")
    try:
        edit = EDITS[request.command](turn.work, request)
        if edit is None:  # a drop that only withdraws
            return turn.answer(request, "done", "Forgotten: nothing will be done about this thread.")
        checks = checks_trailer(edit.files)
        action = commit_for(turn.work, request, replace(edit, trailers=(*edit.trailers, *checks)))
    except Refused as reason:
        return turn.answer(request, "refused", f"Not done: {reason}")
    turn.actions.insert(_after_commits(turn.actions), action)
    turn.work.files = edit.files
    return turn.answer(request, "done", DONE[request.command] + in_words(dict(checks).get(CHECKS, "")), action.key)


def _after_commits(actions: list[Action]) -> int:
    """Commits come first, in their order: they go out in one push, and answers name them."""
    return sum(isinstance(action, CommitAction) for action in actions)


def _words(turn: Turn, request: Request) -> None:
    if request.command in ("revise", "refine") and not any(request.arguments):
        return turn.answer(request, "refused", f"Say what: `/{request.command} TEXT`.")
    if any(forgets(other, request) for other in turn.requests):
        return turn.answer(request, "done", "Forgotten, as `/drop` in this thread asks.")
    withdrawn = "Withdraw it (delete the comment; in a terminal, `skill-fleet review withdraw`)"
    way_out = "Resolve the thread" if request.item.thread else withdrawn
    text = f"{NO_MODEL}, so it stays open. {way_out}, or use a suggestion block or a command (`/help`)."
    return turn.answer(request, "open", text)


def _misspelt(turn: Turn, request: Request) -> None:
    pairs = [argument.partition(" ")[::2] for argument in request.arguments]
    guesses = " ".join(f"There is no `/{typed}`; did you mean `/{meant}`?" for typed, meant in pairs)
    turn.answer(request, "refused", f"{guesses} `/help` lists them all.")


def _changes(turn: Turn, request: Request) -> None:
    turn.answer(request, "notice", "What should change? Write it on the lines it is about, or as a command (`/help`).")


def _proceed(turn: Turn, request: Request) -> None:
    if why := obstacle(turn):
        return turn.answer(request, "refused", f"Not yet: {why}. `/proceed` again after that.")
    if turn.snapshot.draft:
        turn.actions.append(FlagAction("ready"))
    pin = pin_of(turn.snapshot)
    text = f"Ready for review: it can be merged when it is approved. The description is settled as it is now (`{pin}`)."
    return turn.answer(request, "done", text, pin=pin)


def _retry(turn: Turn, request: Request) -> None:
    mark = f"@{request.item.key.rpartition('/')[2]}"
    again = [other for other in turn.requests if other.key.endswith(mark)]
    if again:
        turn.answer(request, "done", f"Read again: {len(again)} request{'s' if len(again) > 1 else ''}.")
    elif any(other.tried and request.item.thread in ("", other.item.thread) for other in turn.requests):
        turn.answer(request, "done", "A second attempt is owed to what failed, and is made.")
    else:
        turn.answer(request, "refused", "There is nothing here that was refused, is waiting, or was edited.")


def _adopt(turn: Turn, request: Request) -> None:
    named = named_by(turn.snapshot, request.item)
    if not (any(request.arguments) or request.item.thread):
        return turn.answer(request, "refused", "Say which comment: `/adopt` with its link or number, or in its thread.")
    if not named:
        return turn.answer(request, "refused", "It names no comment here by somebody without write access.")
    if not all(is_adoptable(item, request.item) for item in named):
        text = "It was edited or hidden since, so some of it is not what you read. Look again, then `/adopt` again."
        return turn.answer(request, "refused", text)
    if not adopted_requests(turn.snapshot, request.item, {item.key: request.item for item in named}):
        return turn.answer(request, "refused", "Nothing that it names asks for a change of the skill.")
    names = ", ".join(dict.fromkeys(as_code(item.author.name) for item in named))
    return turn.answer(
        request, "done", f"Adopted as it stands: what {names} wrote. If it is edited, `/adopt` it again."
    )


def _help(turn: Turn, request: Request) -> None:
    rows = "\n".join(f"- `/{command}` {words}" for command, words in COMMANDS.items())
    turn.answer(request, "done", f"Each alone on a line:\n\n{rows}\n\nA suggestion block is applied to the letter.")


_BY_COMMAND: dict[str, Callable[[Turn, Request], None]] = {
    "revise": _words,
    "refine": _words,
    WORDS: _words,
    CHANGES: _changes,
    "proceed": _proceed,
    "retry": _retry,
    ADOPT: _adopt,
    "help": _help,
    MISSPELLED: _misspelt,
}


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
    MISSPELLED,
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
    for request in [request for request in pending if request.command == "cancel" and not _cancels(turn, request)]:
        turn.answer(request, "done", "It was closed for this, and then opened again.")
        pending.remove(request)
    if any(request.command == "cancel" for request in pending):
        turn.actions.append(FlagAction("close"))
        return _cancelled(turn, pending)
    for request in sorted(pending, key=lambda request: (ORDER.index(request.command), request.order)):
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
    return request.command == "cancel" and request.item.order > turn.snapshot.reopened


def _cancelled(turn: Turn, pending: list[Request]) -> None:
    """Answer everything as is right once it is closed; the same words whether this run closed it or one before."""
    for request in [request for request in pending if request.command == "cancel"]:
        turn.answer(request, "done", "Closed without merging. Nothing is lost: open it again to go on.")
    rest = [request for request in pending if request.command != "cancel"]
    _refuse_all(rest, turn, "The pull request was cancelled; open it again and write `/retry`.")


def _refuse_all(pending: list[Request], turn: Turn, reason: str) -> None:
    for request in pending:
        if request.command not in (WORDS, CHANGES):  # talk goes on after the end, and is owed nothing
            turn.answer(request, "refused", reason)


def _answer_what_was_committed(turn: Turn) -> None:
    for request in turn.requests:
        if not request.is_answered and (oid := turn.session.commits.get(request.key)):
            said = DONE.get(request.command, "") + in_words(turn.session.checks.get(request.key, ""))
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
