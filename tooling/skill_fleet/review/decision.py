"""The decision: a Snapshot goes in, a Plan comes out. Pure: no clock, no network, no disk.

First the facts: the session, its requests, what is already committed. Then one ladder over the requests, in a fixed
order; each edit is a commit of its own on top of the one before, so that every answer can name its commit.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from skill_fleet.forges import Action, AnswerAction, CommitAction, EditAction, FlagAction, Snapshot
from skill_fleet.markdown import as_code
from skill_fleet.review.commands import COMMANDS, MISSPELLED, nearest_command
from skill_fleet.review.edits import EDITS, Work, carry_out
from skill_fleet.review.gates import current_approvals
from skill_fleet.review.markers import EDITED, digest_of, receipts
from skill_fleet.review.notices import notes, pin_of, reminder, too_many
from skill_fleet.review.plan import Plan
from skill_fleet.review.refusals import Reason, Refusal
from skill_fleet.review.requests import (
    ADOPT,
    CHANGES,
    COMMENT,
    FREE_FORM,
    SUGGESTION,
    Request,
    adopted_requests,
    id_of,
    is_adoptable,
    is_withdrawn,
    named_by,
    read_requests,
    strangers,
)
from skill_fleet.review.scope import code_label
from skill_fleet.review.session import CHECKS, Files, Session, checks_sentence, count, errors_in, read_session
from skill_fleet.review.status import failed_label, status_action

ORDER = (
    "cancel", "drop", SUGGESTION, "describe", "move", "revise", "refine", COMMENT, CHANGES, "proceed", "retry", ADOPT,
    "help", MISSPELLED,
)  # fmt: skip
# An answer depends on the command alone, so that a run which finds the commit of a stopped one gives the same answer.
DONE = {
    SUGGESTION: "Applied the suggestion.",
    "describe": "Changed the description.",
    "drop": "Deleted the file and the rows that link to it. Other links to it are plain text now.",
    "move": "Moved the skill.",
    **dict.fromkeys(FREE_FORM, "Changed as requested."),
}
QUOTED = 60  # characters of a request that its refusal quotes


def decide(snapshot: Snapshot) -> Plan:
    """Return what the bot does next on a pull request. Once that is applied, the next decision is empty."""
    if not snapshot.complete and not snapshot.too_many:
        return _plan(snapshot, note="Part of the pull request could not be read, so nothing was done.")
    if (session := read_session(snapshot)) is None:
        return _plan(snapshot, note="Not a draft of the bot: nothing to do.")
    if snapshot.too_many:
        return _plan(snapshot, *too_many(snapshot), note="The pull request has too many comments to be read.")
    is_open = snapshot.state == "open"
    decision = _Decision(snapshot, session, read_requests(snapshot, session.commits))
    decision.answer_committed()
    if is_open:
        decision.handle_requests()
        decision.actions += filter(None, [code_label(snapshot), failed_label(snapshot, decision.requests)])
    else:
        decision.refuse_rest()
    actions = [*decision.commits, *decision.actions, *_edit_notes(decision.requests), *_stranger_notices(snapshot)]
    if is_open:
        actions += notes(snapshot)
        if not actions and (due := reminder(snapshot, session, decision.requests)):
            actions.append(due)
    if status := status_action(snapshot, session, decision.files, decision.requests, actions):
        actions.append(status)
    return _plan(snapshot, *actions)


def _plan(snapshot: Snapshot, *actions: Action, note: str = "") -> Plan:
    where = (snapshot.repository, snapshot.number, snapshot.base, snapshot.head_oid, snapshot.state)
    return Plan(*where, actions, note)


@dataclass
class _Decision:
    """The facts about a pull request, and what is decided so far. All commits go out in one push, before all else."""

    snapshot: Snapshot
    session: Session
    requests: tuple[Request, ...]
    work: Work | None = field(init=False)
    commits: list[CommitAction] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    leaves_open: bool = False
    """Whether an answer leaves its request open."""

    def __post_init__(self) -> None:
        files = self.session.files
        self.work = Work(self.session, self.snapshot.fleet, files) if files else None
        commits = self.session.commits
        self.pending = [each for each in self.requests if not each.is_answered and each.key not in commits]

    @property
    def files(self) -> Files | None:
        """The files of the skill after the commits so far."""
        return self.work.files if self.work else None

    def answer(self, request: Request, outcome: str, text: str, commit: str = "", pin: str = "") -> None:
        """Answer a request; `commit` and `pin` as in AnswerAction."""
        digest, text = digest_of(request.item.body), request.credited(text)
        self.actions.append(AnswerAction(request.key, request.item.key, outcome, text, commit, digest, pin))  # type: ignore[arg-type]
        self.leaves_open |= outcome == "open"

    def refuse(self, request: Request, refusal: Refusal, then: str = "") -> None:
        """Refuse a request with the reason, and with what to do once the reason is gone."""
        self.answer(request, "refused", quoting(request, refusal.text + then))

    def answer_committed(self) -> None:
        """Answer the requests that a commit handles, made by a run that was stopped before its answers."""
        for request in self.requests:
            if not request.is_answered and (oid := self.session.commits.get(request.key)):
                checks = checks_sentence(self.session.checks.get(request.key, ""))
                self.answer(request, "done", DONE.get(request.command, "") + checks, oid)

    def handle_requests(self) -> None:
        """Handle what is asked on an open pull request, in order."""
        cancels = [request for request in self.pending if request.command == "cancel"]
        for request in cancels:
            if not self._is_in_force(request):
                self.answer(request, "done", "The pull request was closed for this, and reopened since.")
                self.pending.remove(request)
        if any(self._is_in_force(request) for request in cancels):
            self.actions.append(FlagAction("close"))
            return self._refuse_cancelled()
        for request in sorted(self.pending, key=lambda request: (ORDER.index(request.command), request.order)):
            try:
                self._handle(request)
            except Refusal as refusal:
                then = " Then write `/retry`." if refusal is self.session.frozen else ""
                self.refuse(request, refusal, " Then write `/proceed` again." if request.command == "proceed" else then)
        return self._mark_ready_if_approved()

    def refuse_rest(self) -> None:
        """Refuse what is still asked on a pull request that was merged or closed."""
        cancelled = any(request.command == "cancel" and self._is_in_force(request) for request in self.requests)
        if cancelled and self.snapshot.state == "closed":
            return self._refuse_cancelled()
        return self._refuse_all(Refusal(Reason.MERGED if self.snapshot.state == "merged" else Reason.CLOSED))

    def _is_in_force(self, cancel: Request) -> bool:
        """Whether nobody reopened the pull request after this `/cancel`."""
        return cancel.item.order > self.snapshot.reopened

    def _refuse_cancelled(self) -> None:
        """Answer everything as is right once it is closed, whether by this run or an earlier one."""
        for request in [request for request in self.pending if request.command == "cancel"]:
            self.answer(request, "done", "Closed without merging. Nothing is lost: reopen it to continue.")
            self.pending.remove(request)
        self._refuse_all(Refusal(Reason.CANCELLED))

    def _refuse_all(self, refusal: Refusal) -> None:
        for request in self.pending:
            if request.command not in (COMMENT, CHANGES):  # a conversation may go on after the end
                self.refuse(request, refusal)

    def _handle(self, request: Request) -> None:
        """Handle one request after those before it. Raises Refusal."""
        command, is_bare = request.command, not any(request.arguments)
        if command in EDITS:
            if self.session.frozen:
                raise self.session.frozen
            if self.work is None:
                raise Refusal(Reason.NO_SKILL)
            if command == "drop" and is_bare and request.item.thread:
                return self.answer(request, "done", "Withdrawn: nothing will be done about this thread.")
            commit = carry_out(self.work, request)
            self.commits.append(commit)
            text = DONE[command] + checks_sentence(dict(commit.trailers).get(CHECKS, ""))
            return self.answer(request, "done", text, commit.key)
        if command in FREE_FORM:
            if is_bare:
                raise Refusal(Reason.NO_TEXT, command=command)
            if is_withdrawn(request, self.requests):
                return self.answer(request, "done", "Withdrawn by `/drop` in this thread.")
            way = "resolve the thread" if request.item.thread else "delete the comment"
            return self.answer(request, "open", quoting(request, Refusal(Reason.NO_MODEL, withdraw=way).text))
        if command == CHANGES:
            return self.answer(
                request, "notice", "What should change? Comment on the lines, or use a command (`/help`)."
            )
        if command == "proceed":
            return self._proceed(request)
        if command == "retry":
            return self._retry(request)
        if command == ADOPT:
            return self._adopt(request)
        if command == "help":
            rows = "\n".join(f"- `/{name}` {meaning}" for name, meaning in COMMANDS.items())
            text = f"Write a command alone on a line:\n\n{rows}\n\nA suggestion block is applied as it is."
            return self.answer(request, "done", text)
        meant = dict.fromkeys(f"`/{nearest_command(typed)}`" for typed in request.arguments)
        raise Refusal(Reason.MISSPELLED, meant=" or ".join(meant))

    def _obstacle(self) -> Refusal | None:
        """Return why the draft cannot be marked ready, None if it can."""
        if self.files is None:
            return Refusal(Reason.NO_SKILL)
        if self.session.frozen:
            return self.session.frozen
        if self.leaves_open or any(request.is_answered and request.is_open for request in self.requests):
            return Refusal(Reason.OPEN_REQUESTS)
        errors = len(errors_in(self.files))
        return Refusal(Reason.CHECKS_FAIL, errors=count(errors, "error")) if errors else None

    def _proceed(self, request: Request) -> None:
        if obstacle := self._obstacle():
            raise obstacle
        if self.snapshot.draft:
            self.actions.append(FlagAction("ready"))
        pin = pin_of(self.snapshot)
        text = f"Ready for review; it can be merged once approved. The description is settled as it is now (`{pin}`)."
        self.answer(request, "done", text, pin=pin)

    def _retry(self, request: Request) -> None:
        again = sum(other.again == id_of(request.item) for other in self.requests)
        if again:
            return self.answer(request, "done", f"Retried {count(again, 'request')}.")
        if any(other.tried and request.item.thread in ("", other.item.thread) for other in self.requests):
            return self.answer(request, "done", "The second attempt is made now.")
        raise Refusal(Reason.NOTHING_TO_RETRY)

    def _adopt(self, request: Request) -> None:
        order, named = request.item, named_by(self.snapshot, request.item)
        if not (any(request.arguments) or order.thread):
            raise Refusal(Reason.WHICH_COMMENT)
        if not named:
            raise Refusal(Reason.NO_SUCH_COMMENT)
        if not all(is_adoptable(item, order) for item in named):
            raise Refusal(Reason.COMMENT_CHANGED)
        if not adopted_requests(self.snapshot, order, {item.key: order for item in named}):
            raise Refusal(Reason.NOTHING_TO_ADOPT)
        names = ", ".join(dict.fromkeys(as_code(item.author.name) for item in named))
        text = f"Adopted what {names} wrote, as it is now. If it is edited, write `/adopt` again."
        self.answer(request, "done", text)

    def _mark_ready_if_approved(self) -> None:
        """Mark the draft ready once for an approval of exactly this head, unless a person made it a draft since."""
        approvals = current_approvals(self.snapshot)
        marked = any(isinstance(action, FlagAction) for action in self.actions)
        if not self.snapshot.draft or self.commits or marked or not approvals or self._obstacle():
            return
        if max(item.order for item in approvals) > self.snapshot.draft_changed:
            self.actions.append(FlagAction("ready"))


def quoting(request: Request, text: str) -> str:
    """Return `text` behind what it answers, as code; a suggestion or comment in a thread needs no quote."""
    if request.command == SUGGESTION or (request.command == COMMENT and request.item.thread):
        return text
    asked = " ".join(request.arguments)
    if request.command != COMMENT:
        asked = f"/{asked}" if request.command == MISSPELLED else f"/{request.command} {asked}"
    return f"{as_code(asked, QUOTED)}: {text}"


def _edit_notes(requests: tuple[Request, ...]) -> list[EditAction]:
    """Add a note to the answers of requests that were edited since; they stay answered."""
    return [
        EditAction(request.receipt.item.key, request.receipt.item.body + EDITED)
        for request in requests
        if request.receipt and request.was_edited and not request.receipt.item.body.endswith(EDITED)
    ]


def _stranger_notices(snapshot: Snapshot) -> list[AnswerAction]:
    """Tell each person without write access who gives commands, once, who may."""
    answered = receipts(snapshot)
    text = "Thank you. Only people with write access can use commands here; one of them can `/adopt` your comment."
    keys = {f"notice:person/{digest_of(item.author.id)}": item for item in strangers(snapshot)}
    return [AnswerAction(key, item.key, "notice", text) for key, item in keys.items() if key not in answered]
