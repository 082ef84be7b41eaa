"""Preview and validate: the person's turns are comments on the pull request, and the bot answers them as `review step`.

So a session is resumed from the pull request alone, and others may join it there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from skill_fleet import proposals
from skill_fleet.chat import panels
from skill_fleet.chat.agreement import NEEDS_MODEL
from skill_fleet.chat.terminal import OPTION, WORDS, Answer, Left, Terminal, Way
from skill_fleet.checks import Finding
from skill_fleet.errors import UserError
from skill_fleet.forges import Snapshot
from skill_fleet.review import read_session, skill_findings, stage

READY, DONE, LATER = "Go on: mark it ready for review", "Done: leave it to its reviewers", "Leave it here for now"
CHANGE = "Ask for a change: say what, or /describe TEXT, /move, /drop PATH"
_WAYS = "Without one: /describe TEXT, /move CATEGORY/NAME, /drop PATH, a suggestion, or a commit of your own on"


@dataclass(frozen=True)
class State:
    """A pull request at some moment: its snapshot, the id of its skill, its checkpoint, and the findings in the skill."""

    snapshot: Snapshot
    skill: str
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
    shown: dict[str, str] = field(default_factory=dict)
    shown_stage: str = ""

    def hold(self) -> State:
        """Hold rounds until the pull request is ready, closed or merged; return its state then.

        Left when the person leaves before that.
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
            except Left as left:
                if left.way is Way.END and state.stage == "validate":
                    return state  # it is for its reviewers now
                raise
            if said == Answer(OPTION, LATER):
                raise Left(Way.QUIT)
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
        session = read_session(snapshot)
        if session is None:
            raise UserError(f"#{self.number} is not a draft of the bot.", "List the drafts: skill-fleet review list")
        findings = skill_findings(session.files) if session.files else ()
        return State(snapshot, session.skill, stage(snapshot, session.files), findings)

    def _comment(self, said: Answer, branch: str) -> str:
        """The answer as a comment; '' when it cannot be one here, which is said."""
        if said.text == READY:
            return "/proceed"
        if said.command in (WORDS, "refine", "revise") and self.reviser is None:
            self.terminal.say(NEEDS_MODEL, f"{_WAYS} {branch}.")
            return ""
        return said.text if said.command == WORDS else said.typed

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
            if item.key not in self.seen and (found := panels.comment(state.snapshot, item)):
                self.terminal.panel("said", *found)
            self.seen.add(item.key)
        texts = panels.texts_at(state.snapshot)
        title = f"Preview: {state.skill}, pull request #{self.number}"
        if texts and not self.shown:
            self.terminal.panel("preview", title, [*panels.preview(state.snapshot, state.skill)])
        elif texts and texts != self.shown:
            self.terminal.panel("preview", f"{title}, changed", [*panels.difference(self.shown, texts)], diff=True)
        is_new = (state.stage, texts) != (self.shown_stage, self.shown)
        if texts and is_new and (state.has_errors or state.stage == "validate"):
            kind = "failed" if state.has_errors else "passed"
            self.terminal.panel(kind, f"Validate: {state.skill}", [*panels.findings(state.findings)])
        self.shown_stage, self.shown = state.stage, texts
