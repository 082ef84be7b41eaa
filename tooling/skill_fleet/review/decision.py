"""The decision: a Snapshot goes in, a Plan comes out. Pure: no clock, no network, no disk.

First the facts: the session, its requests, what is already committed. Then one ladder over the requests, in a fixed
order; each edit is a commit of its own on top of the one before, so that every answer can name its commit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from skill_fleet.fleet import ROOT
from skill_fleet.forges import TITLE_LIMIT, Action, AnswerAction, CommitAction, FlagAction, Snapshot
from skill_fleet.markdown import as_code
from skill_fleet.review.amendments import amendments
from skill_fleet.review.commands import APPROVAL, COMMANDS, MISSPELLED, meant_by
from skill_fleet.review.edits import EDITS, Work, carry_out
from skill_fleet.review.gates import approved_gate, current_approvals, is_current, objections
from skill_fleet.review.markers import digest_of, receipts
from skill_fleet.review.notices import due_notes, foreign_notes, pin_of, reminder, too_many_comments, waits_for_author
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
    differing,
    id_of,
    is_adoptable,
    named_by,
    read_requests,
    strangers,
)
from skill_fleet.review.scope import code_label
from skill_fleet.review.session import (
    CHECKS,
    MOVED,
    Files,
    Session,
    checks_sentence,
    errors_in,
    pluralized,
    read_session,
)
from skill_fleet.review.status import failed_label, status_action

# What ends or withdraws comes first, then what is to the letter, then what a model writes. `proceed` comes after all of
# them, because it is refused while one is open. A test holds that every command is here.
PRECEDENCE = (
    "cancel", "drop", SUGGESTION, "describe", "move", "revise", "refine", COMMENT, CHANGES, "proceed", "retry", ADOPT,
    "eval", "help", MISSPELLED,
)  # fmt: skip
# What is said of a commit. The text depends only on the command and its checks, so a run that resumes after an interrupted one gives the same
# answer. Commits for free-form requests are made in `writing`; here are those whose run did not get to its answers.
DONE = {
    SUGGESTION: "Applied the suggestion.",
    "describe": "Changed the description.",
    "drop": "Deleted the file and the rows that link to it. Other links to it are now plain text.",
    "move": "Moved the skill.",
    **dict.fromkeys(FREE_FORM, "Changed as requested."),
}
_WHOLE = r"(?<![\w/-])(?:{})(?![\w/-])"
Outcome = Literal["done", "refused", "open", "asked", "notice"]  # the others are those of a model's attempt


def decide(snapshot: Snapshot) -> Plan:
    """Return what the bot does next on a pull request. Once that is applied, the next decision is empty."""
    if not snapshot.complete and not snapshot.too_many:
        return _plan(snapshot, note="Part of the pull request could not be read, so nothing was done.")
    if (session := read_session(snapshot)) is None:
        return _plan(snapshot, *foreign_notes(snapshot), note="Not a draft opened by the bot: nothing to do.")
    if snapshot.too_many:
        return _plan(snapshot, *too_many_comments(snapshot), note="The pull request has too many comments to be read.")
    is_open = snapshot.state == "open"
    decision = _Decision(snapshot, session, read_requests(snapshot, session.commits))
    decision.answer_committed()
    if is_open:
        decision.handle_requests()
        flags = [_title(snapshot, session, decision.commits), code_label(snapshot)]
        decision.actions += filter(None, [*flags, failed_label(snapshot, decision.requests)])
    else:
        decision.answer_rest()
    amended = amendments(snapshot, session, decision.requests)
    actions = [*decision.commits, *decision.actions, *amended, *_stranger_notices(snapshot)]
    if is_open:
        actions += due_notes(snapshot)
        if not actions:
            actions += reminder(snapshot, session, decision.requests)
    if status := status_action(snapshot, session, decision.files, decision.requests, actions):
        actions.append(status)
    return replace(_plan(snapshot, *actions), remarks=tuple(decision.remarks))


def _title(snapshot: Snapshot, session: Session, commits: Iterable[CommitAction]) -> FlagAction | None:
    """Change a title that has only a former id of the skill, from before a move in this pull request."""
    rows = [dict(commit.trailers).get(MOVED, "").partition(" -> ") for commit in commits]
    moves = [*session.moves, *((f"{ROOT}/{old}", f"{ROOT}/{new}") for old, _, new in rows if new)]
    former = "|".join(re.escape(old.partition("/")[2]) for old, _ in moves)
    now = moves[-1][1].partition("/")[2] if moves else ""
    if not moves or re.search(_WHOLE.format(re.escape(now)), snapshot.title):
        return None
    title = re.sub(_WHOLE.format(former), now, snapshot.title)[:TITLE_LIMIT]
    return FlagAction("title", title) if title != snapshot.title else None


class Turn(StrEnum):
    """Who has to act next on a pull request."""

    BOT = "bot"
    REQUESTER = "requester"
    REVIEWERS = "reviewers"
    MERGE = "merge"  # anybody who may
    NOBODY = "nobody"


def whose_turn(snapshot: Snapshot) -> tuple[Turn, str]:
    """Return whose turn it is, and what that person has to do, as a sentence; '' if that goes without saying."""
    if snapshot.state != "open":
        return Turn.NOBODY, ""
    session = read_session(snapshot)
    if session and decide(snapshot).actions:
        return Turn.BOT, ""
    requests = read_requests(snapshot, session.commits) if session else ()
    if session and (why := waits_for_author(snapshot, session, requests)):
        return Turn.REQUESTER, why
    if against := [item.author.name for item in objections(snapshot) if is_current(snapshot, item)]:
        return Turn.REQUESTER, f"{as_code(against[0])} requested changes."
    gate = approved_gate(snapshot)
    is_over = gate.met and not snapshot.draft and not objections(snapshot)
    return (Turn.MERGE, "") if is_over else (Turn.REVIEWERS, "" if gate.met else f"{gate.missing}.")


def _plan(snapshot: Snapshot, *actions: Action, note: str = "") -> Plan:
    facts = (snapshot.repository, snapshot.number, snapshot.base, snapshot.head_oid, snapshot.state)
    return Plan(*facts, actions, note=note)


@dataclass
class _Decision:
    """The facts about a pull request, and what is decided so far. Commits go out in one push, before anything else."""

    snapshot: Snapshot
    session: Session
    requests: tuple[Request, ...]
    work: Work | None = field(init=False)
    pending: list[Request] = field(init=False)
    """The requests that neither an answer nor a commit has handled."""
    commits: list[CommitAction] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    remarks: list[AnswerAction] = field(default_factory=list)
    """Answers that only a model can give, to words that need not ask for anything."""
    has_open_answer: bool = False
    """Whether one of the answers so far leaves its request open."""

    def __post_init__(self) -> None:
        files = self.session.files
        self.work = Work(self.session, self.snapshot.fleet, files) if files else None
        commits = self.session.commits
        self.pending = [each for each in self.requests if not each.is_answered and each.key not in commits]

    @property
    def files(self) -> Files | None:
        """The files of the skill after the commits so far."""
        return self.work.files if self.work else None

    def answer(self, request: Request, outcome: Outcome, text: str, commit: str = "", pin: str = "") -> None:
        """Answer a request; `commit` and `pin` as in AnswerAction."""
        digest, text = digest_of(request.item.body), request.credited(text)
        self.actions.append(AnswerAction(request.key, request.item.key, outcome, text, commit, digest, pin))
        self.has_open_answer |= outcome in ("open", "asked")

    def answer_committed(self) -> None:
        """Answer the requests that a commit handles, made by a run that was interrupted before its answers."""
        for request in self.requests:
            if not request.is_answered and (oid := self.session.commits.get(request.key)):
                checks = checks_sentence(self.session.checks.get(request.key, ""))
                said = DONE.get(request.command, "")  # a person's commit may claim any key
                said = request.quoting(said) if request.command in FREE_FORM else said
                self.answer(request, "done", said + checks, oid)

    def handle_requests(self) -> None:
        """Handle the pending requests of an open pull request, in order of precedence."""
        if self._has_cancel(self.pending):
            self.actions.append(FlagAction("close"))
            self._answer_closed(Reason.CANCELLED)
            return
        for request in sorted(self.pending, key=lambda request: (PRECEDENCE.index(request.command), request.order)):
            try:
                self._handle(request)
            except Refusal as refusal:
                then, frozen = "", self.session.frozen
                if request.command == "proceed":
                    then = " Then write `/proceed` again."
                elif frozen and refusal.reason is frozen.reason:
                    then = " Then write `/retry`."
                self.answer(request, "refused", request.quoting(refusal.text + then))
        self._mark_ready_if_approved()

    def answer_rest(self) -> None:
        """Answer the pending requests of a pull request that was merged or closed."""
        if self.snapshot.state == "merged":
            self._answer_closed(Reason.MERGED)
        else:
            self._answer_closed(Reason.CANCELLED if self._has_cancel(self.requests) else Reason.CLOSED)

    def _has_cancel(self, requests: Iterable[Request]) -> bool:
        """Whether one of `requests` is a `/cancel` that is newer than the last reopening."""
        return any(request.command == "cancel" and request.item.order > self.snapshot.reopened for request in requests)

    def _answer_closed(self, reason: Reason) -> None:
        """Answer all pending requests, whether this run or an earlier one closes the pull request."""
        for request in sorted(self.pending, key=lambda request: request.command != "cancel"):
            if request.command == "cancel" and reason is Reason.CANCELLED:
                self.answer(request, "done", "Closed without merging. Nothing is lost: reopen it to continue.")
            elif request.command not in (COMMENT, CHANGES):  # a conversation may go on after the end
                self.answer(request, "refused", request.quoting(reason.value))

    def _handle(self, request: Request) -> None:
        """Handle one request after those before it. Raises Refusal."""
        command = request.command
        if command in EDITS:
            self._edit(request)
        elif command in FREE_FORM:
            self._leave_open(request)
        elif command == CHANGES:
            text = "What should change? Comment on the lines concerned, or use a command (`/help`)."
            self.answer(request, "notice", text)
        elif command == "cancel":
            self.answer(request, "done", "This closed the pull request; it has since been reopened.")
        elif command == "proceed":
            self._proceed(request)
        elif command == "retry":
            self.answer(request, "done", self._retried(request))
        elif command == ADOPT:
            self.answer(request, "done", self._adopted(request))
        elif command == "eval":
            text = "At the start of a comment, `/eval` starts the workflow `eval`, if that is enabled. The results come in another comment."
            self.answer(request, "done", request.quoting(text))
        elif command == "help":
            rows = "\n".join(f"- `/{name}` {meaning}" for name, meaning in COMMANDS.items())
            text = f"Write a command alone on a line:\n\n{rows}\n\nA suggestion block is applied as is."
            self.answer(request, "done", text)
        else:
            assert command == MISSPELLED, command
            meant = dict.fromkeys(meant_by(typed) for typed in request.arguments)
            if f"/{APPROVAL}" in meant:
                raise Refusal(Reason.NO_APPROVAL, number=self.snapshot.number)
            raise Refusal(Reason.MISSPELLED, meant=" or ".join(map(as_code, meant)))

    def _edit(self, request: Request) -> None:
        if self.session.frozen:
            raise self.session.frozen
        if self.work is None:
            raise Refusal(Reason.NO_SKILL)
        if request.command == "drop" and request.item.thread and not any(request.arguments):
            self.answer(request, "done", "Withdrawn: nothing will be done about this thread.")
            return
        if rivals := self._rivals(request):
            names = ", ".join(dict.fromkeys(as_code(each.author.name) for each in rivals))
            self.answer(request, "asked", Reason.CONTRADICTS.value.format(names=names))
            return
        commit = carry_out(self.work, request)
        self.commits.append(commit)
        checks = checks_sentence(dict(commit.trailers).get(CHECKS, ""))
        self.answer(request, "done", DONE[request.command] + checks, commit.key)

    def _rivals(self, request: Request) -> list[Request]:
        """Return the suggestions that differ from `request` and wait like it; one that was chosen has only chosen ones."""
        others = [each for each in self.pending if each.again] if request.again else self.requests
        return [each for each in differing(request, others) if each.is_open] if request.command == SUGGESTION else []

    def _leave_open(self, request: Request) -> None:
        """Leave a free-form request to the model; the answer is for the case that there is none."""
        if request.is_remark:
            digest = digest_of(request.item.body)
            self.remarks.append(AnswerAction(request.key, request.item.key, "open", "", digest=digest))
            return
        if not any(request.arguments):
            raise Refusal(Reason.NO_TEXT, command=request.command)
        way = "resolve the thread" if request.item.thread else "delete the comment"
        self.answer(request, "open", request.quoting(Reason.NO_MODEL.value.format(withdraw=way)))

    def _obstacle(self) -> Refusal | None:
        """Return why the draft cannot be marked ready, None if it can."""
        if self.files is None:
            return Refusal(Reason.NO_SKILL)
        if self.session.frozen:
            return self.session.frozen
        if self.has_open_answer or any(request.is_answered and request.is_open for request in self.requests):
            return Refusal(Reason.OPEN_REQUESTS)
        errors = errors_in(self.files)
        return Refusal(Reason.CHECKS_FAIL, errors=pluralized(len(errors), "error")) if errors else None

    def _proceed(self, request: Request) -> None:
        if obstacle := self._obstacle():
            raise obstacle
        if self.snapshot.draft:
            self.actions.append(FlagAction("ready"))
        pin = pin_of(self.snapshot)
        text = f"Ready for review; it can be merged once approved. The description is now fixed (`{pin}`)."
        self.answer(request, "done", text, pin=pin)

    def _retried(self, request: Request) -> str:
        """Return the answer to a `/retry`: `read_requests` has already made the retried requests pending again."""
        if retried := sum(other.again == id_of(request.item) for other in self.requests):
            return f"Retried {pluralized(retried, 'request')}."
        if any(other.tried and request.item.thread in ("", other.item.thread) for other in self.requests):
            return "Trying again now."
        raise Refusal(Reason.NOTHING_TO_RETRY)

    def _adopted(self, request: Request) -> str:
        """Return the answer to an `/adopt`: `read_requests` has already added the requests of the adopted comments."""
        adoption, named = request.item, named_by(self.snapshot, request.item)
        if not (any(request.arguments) or adoption.thread):
            raise Refusal(Reason.WHICH_COMMENT)
        if not named:
            raise Refusal(Reason.NO_SUCH_COMMENT)
        if not all(is_adoptable(item, adoption) for item in named):
            raise Refusal(Reason.COMMENT_CHANGED)
        if not adopted_requests(self.snapshot, adoption, named):
            raise Refusal(Reason.NOTHING_TO_ADOPT)
        names = ", ".join(dict.fromkeys(as_code(item.author.name) for item in named))
        return f"Adopted what {names} wrote, as it is now. If it is edited, write `/adopt` again."

    def _mark_ready_if_approved(self) -> None:
        """Mark the draft ready once for an approval of this head, unless a person then made it a draft again."""
        approvals = current_approvals(self.snapshot)
        marked = any(isinstance(action, FlagAction) for action in self.actions)
        if not self.snapshot.draft or self.commits or marked or not approvals or self._obstacle():
            return
        if max(item.order for item in approvals) > self.snapshot.draft_changed:
            self.actions.append(FlagAction("ready"))


def _stranger_notices(snapshot: Snapshot) -> list[AnswerAction]:
    """Tell each commenter without write access, once, who may use commands."""
    answered = receipts(snapshot)
    text = "Thank you. Only people with write access can use commands here; one of them can `/adopt` your comment."
    keys = {f"notice:person/{digest_of(item.author.id)}": item for item in strangers(snapshot)}
    return [AnswerAction(key, item.key, "notice", text) for key, item in keys.items() if key not in answered]
