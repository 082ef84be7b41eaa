"""Questions whose answers are remembered: one at a time, asked again until the answer is one, never asked twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from skill_fleet.cli.chat.memory import Memory
from skill_fleet.cli.chat.said import OPTION, QUIT, WORDS, Left, Said, read_said
from skill_fleet.cli.chat.talk import Talk
from skill_fleet.cli.questions import OTHER, about
from skill_fleet.drafting.briefs import render_brief
from skill_fleet.drafting.types import Brief, Question
from skill_fleet.errors import UserError

NEW = "Write a new skill all the same"
GO_ON, LATER = "Go on: write the skill", "Leave it here for now"

Taken = Callable[[Said], None]
"""Does what an answer says; UserError says why it cannot."""


@dataclass
class Dialogue:
    """The talk before the first commit. `hurried` is set by /proceed: the defaults answer what is left."""

    talk: Talk
    memory: Memory
    hurried: bool = False

    def question(self, question: Question, taken: Taken, title: str = "Clarify", other: str = OTHER) -> None:
        """Put one question; `taken` is given the answer, an option or words, and the default when that is the answer.

        `other` is what the way to words is called, '' when only an option will do.
        """
        if self.hurried:
            return taken(Said(OPTION, question.default))

        def show() -> None:
            self.talk.panel("clarify", title, [question.text, *(f"  {row}" for row in about(question))])

        def take(said: Said) -> None:
            if said.verb == "proceed":
                self.hurried = True
                said = Said(OPTION, question.default)
            if said.verb == WORDS and not other:
                raise UserError("That is none of them.", "Pick one.")
            if said.verb not in (OPTION, WORDS):
                raise UserError(f"/{said.verb} comes later.", "Answer the question, or /proceed: take the defaults.")
            taken(said)

        return self._hear(question.text, question.options, question.default, other, take, show)

    def offer(self, skill: str, why: str) -> None:
        """A skill that is there `why` (as a clause): revising that one is the other way, and Left when it is taken."""
        instead = f"Leave, and revise {skill}"
        reason = "Two skills for one task compete for it, and agents load either."

        def take(said: Said) -> None:
            if said.text == instead:
                raise Left(f"revise {skill}")

        self.question(Question(f"{skill} {why}. A new one?", reason, (NEW, instead), NEW), take, other="")

    def confirm(self, brief: Brief, change: str, revise: Taken, move: Taken) -> bool:
        """Show a brief and let it be agreed to (true), revised in words, or moved to another place (false: look again).

        `change` is what the way to words and commands is called.
        """
        agreed = False

        def show() -> None:
            self.talk.panel("confirm", f"Confirm: {brief.path}", render_brief(brief).rstrip().split("\n"))

        def take(said: Said) -> None:
            nonlocal agreed
            if said.verb == "proceed" or said.text == GO_ON:
                agreed = True
            elif said.text == LATER:
                raise Left(QUIT)
            elif said.verb == "move":
                move(said)
            elif said.verb in (WORDS, "revise", "refine") and said.text:
                revise(said)
            else:
                raise UserError("There is no skill yet.", "Say what should change, /move CATEGORY/NAME, or /proceed.")

        self._hear("The brief", (GO_ON, LATER), GO_ON, change, take, show)
        return agreed

    def _hear(
        self, asked: str, options: Sequence[str], default: str, other: str, take: Taken, show: Callable[[], None]
    ) -> None:
        """Take the answer that is remembered; else show what is asked, take an answer that will do, and remember that."""
        if (known := self.memory.recall(asked)) is not None:
            self.talk.say(f"As before: {asked}  {known or default}")
            try:
                return take(read_said(known, tuple(options)))
            except UserError as problem:
                self.talk.say(f"{problem.message} {problem.tip}")
                self.memory.unsay()
        show()
        while True:
            said = self.talk.hear(options, default, other)
            if said.verb == "cancel":
                self.memory.forget()
                raise Left("cancel")
            try:
                take(said)
            except UserError as problem:
                if not self.talk.asks:
                    raise
                self.talk.say(f"{problem.message} {problem.tip}")
                continue
            if self.talk.asks:
                self.memory.keep(asked, said.typed)
            return None
