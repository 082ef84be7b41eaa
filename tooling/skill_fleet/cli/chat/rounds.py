"""Preview and validate: the person's turns are comments on the pull request, the answers are what `review step` does.

So a session that was stopped goes on from the pull request alone, and others may join it there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from skill_fleet.checks.finding import Finding
from skill_fleet.cli.chat import panels
from skill_fleet.cli.chat.restructuring import NEEDS_MODEL
from skill_fleet.cli.chat.said import OPTION, QUIT, WORDS, Left, Said
from skill_fleet.cli.chat.talk import Talk
from skill_fleet.cli.recording import take_turn
from skill_fleet.errors import UserError
from skill_fleet.forges.types import Snapshot
from skill_fleet.review.session import read_session
from skill_fleet.review.status import skill_findings, stage

if TYPE_CHECKING:
    from skill_fleet.cli.forge import AnyForge
    from skill_fleet.cli.revising import ModelReviser

READY, DONE, LATER = "Go on: mark it ready for review", "Done: leave it to its reviewers", "Leave it here for now"
CHANGE = "Ask for a change: say what, or /describe TEXT, /move, /drop PATH"
_WAYS = "Without one: /describe TEXT, /move CATEGORY/NAME, /drop PATH, a suggestion, or a commit of your own on"


@dataclass
class Rounds:
    """The talk on one pull request. `person` writes the comments, `bot` answers them, with `reviser` for words."""

    talk: Talk
    person: AnyForge
    bot: AnyForge
    number: int
    reviser: ModelReviser | None
    seen: set[str] = field(default_factory=set)
    shown: dict[str, str] = field(default_factory=dict)
    told: str = ""
    """The checkpoint that was shown last."""

    def hold(self) -> tuple[Snapshot, str, tuple[Finding, ...]]:
        """Talk until the pull request is ready, closed or merged; how it is then, its checkpoint, and its findings.

        Left when the person leaves before that.
        """
        self.seen = {item.key for item in self.bot.snapshot(self.number).items}
        self._turn()
        while True:
            snapshot = self.bot.snapshot(self.number)
            session = read_session(snapshot)
            if session is None:
                raise UserError(f"#{self.number} is not a draft of the bot.", "See: skill-fleet review list")
            now = stage(snapshot, session.files)
            found = skill_findings(session.files) if session.files else ()
            self._show(snapshot, session.skill, now, found)
            if now not in ("preview", "validate"):
                return snapshot, now, found
            done = READY if now == "preview" else DONE
            try:
                said = self.talk.hear((done, LATER), done, CHANGE)
            except Left as left:
                if left.how == "end" and now == "validate":
                    return snapshot, now, found  # it is for its reviewers now, so nothing more has to be said
                raise
            if said.text == LATER and said.verb == OPTION:
                raise Left(QUIT)
            if said.text == DONE and said.verb == OPTION:
                return snapshot, now, found
            if body := self._comment(said, snapshot.head):
                self.seen.add(self.person.comment(self.number, body))
                self._turn()
                if not self.talk.asks and self.bot.snapshot(self.number).draft:
                    self._show(self.bot.snapshot(self.number), session.skill, now, found)
                    return snapshot, now, found  # refused, and nobody is there to mend what is in the way

    def _comment(self, said: Said, branch: str) -> str:
        """What the answer is as a comment; '' when it can be none here, which is said."""
        if said.text == READY:
            return "/proceed"
        words = said.verb in (WORDS, "refine", "revise")
        if words and self.reviser is None:
            self.talk.say(NEEDS_MODEL, f"{_WAYS} {branch}.")
            return ""
        return f"@skill-fleet {said.text}" if said.verb == WORDS else said.typed

    def _turn(self) -> None:
        """The bot's turn. A model that fails leaves the request open, which its answer says."""
        if self.reviser:
            self.reviser.failure = None
        take_turn(self.bot, self.number, self.reviser)
        self.talk.steps.stop()
        if self.reviser and self.reviser.failure:
            self.talk.say(f"{self.reviser.failure.message} {self.reviser.failure.tip}")

    def _show(self, snapshot: Snapshot, skill: str, now: str, found: tuple[Finding, ...]) -> None:
        """What is new since it was shown last."""
        for item in snapshot.items:
            if item.key not in self.seen and (said := panels.remark(snapshot, item)):
                self.talk.panel("said", *said)
            self.seen.add(item.key)
        texts = panels.texts_at(snapshot)
        if texts != self.shown and texts:
            title = f"Preview: {skill}, pull request #{self.number}"
            if not self.shown:
                self.talk.panel("preview", title, [*panels.preview(snapshot, skill)])
            else:
                self.talk.panel("preview", f"{title}, changed", [*panels.difference(self.shown, texts)], diff=True)
        errors = any(each.severity == "error" for each in found)
        if texts and (errors or now == "validate") and (now, texts) != (self.told, self.shown):
            self.talk.panel("failed" if errors else "passed", f"Validate: {skill}", [*panels.findings(found)])
        self.told, self.shown = now, texts
