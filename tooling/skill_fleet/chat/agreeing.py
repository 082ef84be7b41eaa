"""Clarify and confirm with a model: its questions, then the brief, which words change until the person agrees to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from skill_fleet.chat.memory import Memory
from skill_fleet.chat.questions import OTHER, about
from skill_fleet.chat.talk import OPTION, QUIT, WORDS, Left, Said, Talk, read_said
from skill_fleet.checks import near_duplicate_of
from skill_fleet.drafting import MOST_QUESTIONS, Brief, Question, Undecided, fill, name_of, select, show_brief
from skill_fleet.errors import UserError
from skill_fleet.fleet import Fleet
from skill_fleet.git import Repository
from skill_fleet.markdown import PLACEHOLDER
from skill_fleet.proposals import (
    Proposal,
    Where,
    Wish,
    category_question,
    ground,
    main_question,
    propose,
    selection_text,
    settled,
    write,
)

if TYPE_CHECKING:
    from skill_fleet.model import DspyDrafter, ModelSettings, Understood
    from skill_fleet.proposals import Wish

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
            if said.command == "proceed":
                self.hurried = True
                said = Said(OPTION, question.default)
            if said.command == WORDS and not other:
                raise UserError("That is none of them.", "Pick one.")
            if said.command not in (OPTION, WORDS):
                raise UserError(f"/{said.command} comes later.", "Answer the question, or /proceed: take the defaults.")
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
            self.talk.panel("confirm", f"Confirm: {brief.path}", show_brief(brief).rstrip().split("\n"))

        def take(said: Said) -> None:
            nonlocal agreed
            if said.command == "proceed" or said.text == GO_ON:
                agreed = True
            elif said.text == LATER:
                raise Left(QUIT)
            elif said.command == "move":
                move(said)
            elif said.command in (WORDS, "revise", "refine") and said.text:
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
            if said.command == "cancel":
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


CHANGE = "Change it: say what, or /move CATEGORY/NAME"


class Agreement:
    """What a person and a model agree on. `further` are the other skills that the task asks for, in words.

    `place` gives the id that a `/move` names, or raises UserError.
    """

    def __init__(self, dialogue: Dialogue, wish: Wish, place: Callable[[str, str], str]) -> None:
        self.dialogue, self.wish, self.place = dialogue, wish, place
        self.further: tuple[str, ...] = ()
        self._answers: dict[str, str] = {}  # by the question's text, '' for its default
        self._said: list[str] = []
        self._revision = ""
        self._path, self._now = wish.path, ""

    def __call__(self, drafter: DspyDrafter, understood: Understood) -> Brief:
        """The brief that was agreed on; Left when the person leaves, or would rather revise what is there."""
        self.further = understood.other_tasks
        if self.further:
            rows = [
                "These are skills of their own, each to be asked for by itself:",
                *(f"- {each}" for each in self.further),
            ]
            self.dialogue.talk.panel("clarify", "More than one skill", rows)
        if understood.covered_by:
            self.dialogue.offer(understood.covered_by, "may cover this already")
        while True:
            brief = self._clarified(understood.brief)
            while True:
                self._revision, self._now = "", brief.path
                if self.dialogue.confirm(brief, CHANGE, self._revise, self._move):
                    return brief
                if self._revision:
                    break
                brief = replace(brief, path=self._path or brief.path)
            self._said = [*(row for row in brief.assumptions if row not in understood.brief.assumptions)]
            self._said.append(self._revision)
            understood = drafter.understand(self.wish.task, self.wish.documents, self._path, self._said)

    def _clarified(self, brief: Brief) -> Brief:
        """The brief with the questions answered, at most four in a session, and what was said before in it."""
        new = [each for each in brief.questions if each.text not in self._answers]
        for question in new[: MOST_QUESTIONS - len(self._answers)]:
            last = min(MOST_QUESTIONS, len(self._answers) + len(new) - new.index(question))
            self._ask(question, f"Clarify, {len(self._answers) + 1} of {last}")
        answers = [self._answers.get(each.text, "") for each in brief.questions]
        brief = settled(brief, answers)
        known = [row for row in self._said if row not in brief.assumptions]
        return replace(brief, assumptions=(*brief.assumptions, *known), path=self._path or brief.path)

    def _ask(self, question: Question, title: str) -> None:
        def take(said: Said) -> None:
            self._answers[question.text] = "" if said.text == question.default else said.text

        self.dialogue.question(question, take, title)

    def _revise(self, said: Said) -> None:
        self._revision = " ".join(said.text.split())

    def _move(self, said: Said) -> None:
        self._path = self.place(said.text, self._now)


MOVE_ONLY = "Another place: /move CATEGORY/NAME"
NEEDS_MODEL = "Free-form requests need a model, and none is configured here."
_MORE = "Now: /move CATEGORY/NAME. Once it is written: /describe TEXT, /drop PATH, and suggestions on lines."


@dataclass
class Restructuring:
    """One session without a model: each answer changes the wish, and the draft is made anew from it.

    `place` gives the id that a `/move` names, and raises UserError if the skill cannot have it.
    """

    dialogue: Dialogue
    wish: Wish
    fleet: Fleet
    place: Callable[[str, str], str]

    def agreed(self) -> Proposal:
        """The draft that the person agrees to; Left if they leave. The session has the name of the first wish."""
        session = self.wish.digest
        self._choose()
        proposal = propose(self.wish, self.fleet)
        if twin := near_duplicate_of(proposal.draft.files, self.fleet):
            self.dialogue.offer(twin, "has nearly the same text or description")
        asked: set[str] = set()
        while open_ := [key for key in _placeholders(proposal) if key not in asked][: MOST_QUESTIONS - 1 - len(asked)]:
            asked.add(open_[0])
            self._fill(open_[0], proposal)
            proposal = propose(self.wish, self.fleet)
        while not self.dialogue.confirm(proposal.draft.brief, MOVE_ONLY, _words, self._move):
            proposal = propose(self.wish, self.fleet)
        return replace(proposal, digest=session)

    def _choose(self) -> None:
        """Ask which document becomes SKILL.md, and for the category, if nothing says so."""
        categories, _ = ground(self.wish.path, self.fleet)
        try:
            selection = select(self.wish.documents, self.wish.only, self.wish.main, self.wish.anyway)
        except Undecided as several:
            self.dialogue.question(main_question(several), self._main, other="Another: its name, or a pattern")
            selection = select(self.wish.documents, self.wish.only, self.wish.main, self.wish.anyway)
        if self.wish.path is None:
            name = name_of(selection)
            question = category_question(selection_text(self.wish.documents), name, categories, self.fleet)

            def put(said: Said) -> None:
                self.wish = replace(self.wish, path=self.place(said.text, f"{said.text}/{name}"))

            self.dialogue.question(question, put)

    def _main(self, said: Said) -> None:
        self.wish = replace(self.wish, main=said.text)

    def _move(self, said: Said) -> None:
        now = propose(self.wish, self.fleet).draft.brief.path
        self.wish = replace(self.wish, path=self.place(said.text, now))

    def _fill(self, key: str, proposal: Proposal) -> None:
        """Ask for a value of a placeholder; without one it stays, and the draft stays red."""

        def take(said: Said) -> None:
            if said.text:
                self.wish = replace(self.wish, documents=fill(self.wish.documents, {key: said.text}))

        self.dialogue.question(_placeholders(proposal)[key], take)


def _placeholders(proposal: Proposal) -> dict[str, Question]:
    """The questions of the brief about a placeholder, by its key."""
    asked = proposal.draft.brief.questions
    return {found[1]: each for each in asked if (found := PLACEHOLDER.search(each.text)) and not each.options}


def _words(_: Said) -> None:
    raise UserError(NEEDS_MODEL, _MORE)


OFTEN = 20.0  # seconds; whoever kills the process loses at most the replies of that time
_ONE_QUESTION = 2  # replies: the first, and the one to the second try


@dataclass
class Writing:
    """One run of a model in a session. `before` is how many replies there were when the brief was agreed on."""

    talk: Talk
    memory: Memory
    agreement: Agreement
    settings: ModelSettings
    record: Path | None
    replay: Path | None
    before: int = 0
    saved: float = 0.0

    def write(self, wish: Wish, fleet: Fleet, repo: Repository, where: Where) -> Proposal:
        """The draft of the brief that is agreed on. ModelFailed, Left and Ctrl-C leave everything said remembered.

        Replies that were refused are not: played again, they would be refused for ever.
        """
        from skill_fleet.model import Refused, Unsafe

        refused = 0
        try:
            return write(
                self.settings, wish, fleet, repo, where, None, record=self.record, replay=self.replay,
                agree=self._agree, told=self._told,
            )  # fmt: skip
        except Refused:
            refused = _ONE_QUESTION
            raise
        except Unsafe:
            refused = self.memory.replies() - self.before
            raise
        finally:
            self.talk.steps.stop()
            self.memory.save(refused)

    def _agree(self, drafter: DspyDrafter, understood: Understood) -> Brief:
        brief = self.agreement(drafter, understood)
        self.before = self.memory.replies()
        return brief

    def _told(self, step: str, seconds: float, left: int) -> None:
        if time.monotonic() - self.saved > OFTEN:
            self.saved = time.monotonic()
            self.memory.save()
        self.talk.steps(step, seconds, left)
