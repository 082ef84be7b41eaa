"""Preview and validate: the person's turns are comments on the pull request, and the bot answers them as `review step`.

So a session is resumed from the pull request alone, and others may join it there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from skill_fleet import proposals, review
from skill_fleet.chat.agreement import NEEDS_MODEL
from skill_fleet.chat.terminal import OPTION, WORDS, Answer, Left, Terminal
from skill_fleet.checks import Finding
from skill_fleet.drafting import render_files
from skill_fleet.errors import UserError
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.forges import Item, Snapshot
from skill_fleet.markdown import read_front_matter

READY, DONE, LATER = "Go on: mark it ready for review", "Done: leave it to its reviewers", "Leave it here for now"
CHANGE = "Ask for a change: say what, or /describe TEXT, /move, /drop PATH"
_WAYS = "Without one: /describe TEXT, /move CATEGORY/NAME, /drop PATH, a suggestion, or a commit of your own on"
_LONGEST = 120  # lines of a diff; Git shows longer ones


@dataclass(frozen=True)
class State:
    """A pull request at some moment: its snapshot, the id and texts of its skill, its checkpoint, and the findings."""

    snapshot: Snapshot
    skill: str
    texts: Mapping[str, str]
    stage: str
    findings: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        """Whether a finding is an error."""
        return any(each.severity == "error" for each in self.findings)


@dataclass
class Rounds:
    """The rounds of one pull request. `person` writes the comments, `bot` answers them, with `reviser` for words."""

    terminal: Terminal
    person: proposals.AnyForge
    bot: proposals.AnyForge
    number: int
    reviser: proposals.ModelReviser | None
    seen: set[str] = field(default_factory=set)
    shown: Mapping[str, str] = field(default_factory=dict)
    shown_stage: str = ""

    def hold(self) -> State:
        """Hold rounds until the pull request is ready, closed or merged; return its state then.

        Left when the person leaves before that, EOFError when the answers end.
        """
        self.seen = {item.key for item in self.bot.snapshot(self.number).items}
        self._turn()
        while True:
            state = self._state()
            self._show(state)
            if state.stage not in ("preview", "validate"):
                return state
            done = READY if state.stage == "preview" else DONE
            try:
                said = self.terminal.read_answer((done, LATER), done, CHANGE)
            except EOFError:
                if state.stage == "validate":
                    return state  # it is for its reviewers now
                raise
            if said == Answer(OPTION, LATER):
                raise Left
            if said == Answer(OPTION, DONE):
                return state
            if body := self._comment(said, state.snapshot.head):
                self.seen.add(self.person.comment(self.number, body))
                self._turn()
                if not self.terminal.asks and (state := self._state()).snapshot.draft:
                    self._show(state)
                    return state  # refused, and nobody is there to fix it

    def _state(self) -> State:
        snapshot = self.bot.snapshot(self.number)
        session = review.read_session(snapshot)
        if session is None:
            raise UserError(f"#{self.number} is not a draft of the bot.", "List the drafts: skill-fleet review list")
        files = session.files
        findings = review.skill_findings(files) if files else ()
        return State(
            snapshot, session.skill, review.texts_of(files) if files else {}, review.stage(snapshot, files), findings
        )

    def _comment(self, said: Answer, branch: str) -> str:
        """The answer as a comment; '' when it cannot be one here, which is said."""
        if said.text == READY:
            return "/proceed"
        if said.command in (WORDS, "refine", "revise") and self.reviser is None:
            self.terminal.say(NEEDS_MODEL, f"{_WAYS} {branch}.")
            return ""
        return said.typed

    def _turn(self) -> None:
        """Let the bot answer. A model that fails leaves the request open, and the reply says so."""
        if self.reviser:
            self.reviser.failure = None
        proposals.take_turn(self.bot, self.number, self.reviser)
        if self.reviser and self.reviser.failure:
            self.terminal.say(f"{self.reviser.failure.message} {self.reviser.failure.tip}")

    def _show(self, state: State) -> None:
        """Show what is new since the last time."""
        for item in state.snapshot.items:
            if item.key not in self.seen and (found := _comment_panel(state.snapshot, item)):
                self.terminal.panel("said", *found)
            self.seen.add(item.key)
        texts = state.texts
        title = f"Preview: {state.skill}, pull request #{self.number}"
        if texts and not self.shown:
            self.terminal.panel("preview", title, [*_preview(state)])
        elif texts and texts != self.shown:
            rows = [*proposals.differences(self.shown, texts)]
            more = [f"... and {len(rows) - _LONGEST} more lines"] if len(rows) > _LONGEST else []
            self.terminal.panel("preview", f"{title}, changed", [*rows[:_LONGEST], *more], diff=True)
        is_new = (state.stage, texts) != (self.shown_stage, self.shown)
        if texts and is_new and (state.has_errors or state.stage == "validate"):
            kind = "failed" if state.has_errors else "passed"
            self.terminal.panel(kind, f"Validate: {state.skill}", [*_findings(state.findings)])
        self.shown_stage, self.shown = state.stage, texts


def _preview(state: State) -> Iterator[str]:
    """The files with their size, the description, and the open points."""
    yield from render_files(state.skill, state.texts)
    description = read_front_matter(state.texts.get(SKILL_FILE, "").encode()).value("description")
    yield from ("", f"Description: {description or ''}")
    if points := review.open_points(state.snapshot.body):
        yield from ("", "Open points:", *(f"- {point}" for point in points))


def _findings(found: Sequence[Finding]) -> Iterator[str]:
    """The number of errors and hints, then the errors."""
    errors = [each for each in found if each.severity == "error"]
    yield f"{review.pluralized(len(errors), 'error')}, {review.pluralized(len(found) - len(errors), 'hint')}."
    for each in errors:
        yield f"{each.path}:{each.line}  {each.rule}"
        yield f"  {each.message}"


def _comment_panel(snapshot: Snapshot, item: Item) -> tuple[str, list[str]] | None:
    """The title and the lines of a comment, without the bot's receipt; None for a status, which has a panel of its own."""
    receipt = review.read_receipt(snapshot, item)
    if receipt and receipt.outcome == "status":
        return None
    body = item.body.split("\n")[1 if receipt else 0 :]
    where = f" on {item.anchor.path}:{item.anchor.line}" if item.anchor else ""
    verdict = f" {item.verdict.replace('_', ' ')}" if item.verdict else ""
    return f"{item.author.name}{verdict}{where}", body
