"""Clarify and confirm: questions, then the brief, until the person agrees to it. Nothing is written before that."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from skill_fleet import model, proposals
from skill_fleet.chat.memory import Memory
from skill_fleet.chat.questions import OTHER, reasons
from skill_fleet.chat.terminal import OPTION, WORDS, Answer, Left, Terminal, Way
from skill_fleet.checks import near_duplicate_of
from skill_fleet.drafting import (
    MOST_QUESTIONS,
    Brief,
    Kind,
    Question,
    Undecided,
    fill,
    name_of,
    placeholder_question,
    show_brief,
)
from skill_fleet.errors import UserError
from skill_fleet.fleet import split_id
from skill_fleet.review import DRAFT_BRANCHES

T = TypeVar("T")

NEW = "Write a new skill all the same"
GO_ON, LATER = "Go on: write the skill", "Leave it here for now"


@dataclass
class Dialogue:
    """The questions before the first commit. Remembered answers are taken again; `hurried` (by /proceed) takes defaults."""

    terminal: Terminal
    memory: Memory
    hurried: bool = False

    def question(
        self, question: Question, title: str = "Clarify", other: str = OTHER, check: Callable[[str], object] = len
    ) -> str:
        """Put a question and return the answer: an option, or words. `check` raises UserError to ask again.

        `other` is the label for other words, '' when only an option will do.
        """

        def show() -> None:
            self.terminal.panel("clarify", title, [question.text, *(f"  {row}" for row in reasons(question))])

        def take(said: Answer) -> str:
            if said.command == "proceed":
                self.hurried = True
                said = Answer(OPTION, question.default)
            if said.command == WORDS and not other:
                raise UserError("That is none of the options.", "Pick one.")
            if said.command not in (OPTION, WORDS):
                raise UserError(f"/{said.command} comes later.", "Answer the question, or /proceed: take the defaults.")
            check(said.text)
            return said.text

        if self.hurried:
            return take(Answer(OPTION, question.default))
        return self._ask(question.text, question.options, question.default, other, take, show)

    def offer(self, skills: Sequence[str], overlap: proposals.Overlap) -> None:
        """Offer to revise a skill that exists. Raises Left when the person accepts."""
        instead = {f"Leave, and revise {skill}": skill for skill in skills}
        reason = "Two skills for one task compete for it, and agents load either."

        def check(text: str) -> None:
            if text in instead:  # here, so that it is not remembered
                raise Left(Way.REVISE, instead[text])

        text = f"{' and '.join(skills)} {overlap}. A new one?"
        self.question(Question(text, reason, (NEW, *instead), NEW), other="", check=check)

    def confirm(self, brief: Brief, change: str, check: Callable[[Answer], object]) -> Answer | None:
        """Show a brief and return the change that is asked for, /move or words; None when the person agrees.

        `change` is the label for words and commands; `check` raises UserError to ask again.
        """

        def show() -> None:
            self.terminal.panel("confirm", f"Confirm: {brief.path}", show_brief(brief).rstrip().split("\n"))

        def take(said: Answer) -> Answer | None:
            if said.command == "proceed" or said.text == GO_ON:
                return None
            if said.text == LATER:
                raise Left(Way.QUIT)
            if said.command != "move" and not (said.command in (WORDS, "revise", "refine") and said.text):
                raise UserError("There is no skill yet.", "Say what should change, /move CATEGORY/NAME, or /proceed.")
            check(said)
            return said

        return self._ask("The brief", (GO_ON, LATER), GO_ON, change, take, show)

    def _ask(
        self, asked: str, options: Sequence[str], default: str, other: str, take: Callable[[Answer], T],
        show: Callable[[], None],
    ) -> T:  # fmt: skip
        """Take the remembered answer; else show what is asked, and remember the first answer that can be taken."""
        if (known := self.memory.recall(asked)) is not None:
            self.terminal.say(f"As before: {asked}  {known or default}")
            try:
                return take(Answer.read(known, options))
            except UserError as problem:
                self.terminal.say(f"{problem.message} {problem.tip}")
                self.memory.drop_last()
        show()
        while True:
            said = self.terminal.read_answer(options, default, other)
            if said.command == "cancel":
                self.memory.forget()
                raise Left(Way.CANCEL)
            try:
                found = take(said)
            except UserError as problem:
                if not self.terminal.asks:
                    raise
                self.terminal.say(f"{problem.message} {problem.tip}")
                continue
            if self.terminal.asks:
                self.memory.keep(asked, said.typed)
            return found


CHANGE = "Change it: say what, or /move CATEGORY/NAME"
MOVE_ONLY = "Another place: /move CATEGORY/NAME"
NEEDS_MODEL = "Free-form requests need a model, and none is configured here."
_MORE = "Now: /move CATEGORY/NAME. Once it is written: /describe TEXT, /drop PATH, and suggestions on lines."
OFTEN = 20.0  # seconds; whoever kills the process loses at most the replies of that time
_ONE_QUESTION = 2  # replies: the first, and the one to the second try


@dataclass
class Agreement:
    """A person's way from a request to a draft. `further` are the other skills that the task asks for, in words."""

    dialogue: Dialogue
    job: proposals.Job
    further: tuple[str, ...] = ()
    _answers: dict[str, str] = field(default_factory=dict)  # by the question's text, '' for its default
    _said: list[str] = field(default_factory=list)
    _path: str | None = None
    _saved: float = 0.0

    def restructured(self) -> proposals.Proposal:
        """The draft without a model that the person agrees to, for which each answer changes the request.

        Raises Left if they leave. The session keeps the digest of the first request.
        """
        digest = self.job.request.digest
        categories, _ = proposals.resolve_path(self.job.request.path, self.job.fleet)
        self._choose_main()
        if self.job.request.path is None:
            question = proposals.category_question(self.job.request, categories, self.job.fleet)
            name = name_of(self.job.request.selection())
            path = self.dialogue.question(question, check=lambda text: self._place(text, f"{text}/{name}"))
            self._change(path=self._place(path, f"{path}/{name}"))
        proposal = proposals.propose(self.job.request, self.job.fleet)
        if twin := near_duplicate_of(proposal.draft.files, self.job.fleet):
            self.dialogue.offer([twin], proposals.Overlap.TEXT)
        open_keys = [point.subject for point in proposal.draft.points if point.kind is Kind.PLACEHOLDER]
        for key in open_keys[: MOST_QUESTIONS - 1]:
            if value := self.dialogue.question(placeholder_question(key)):
                self._change(documents=fill(self.job.request.documents, {key: value}))
        proposal = proposals.propose(self.job.request, self.job.fleet)
        while said := self.dialogue.confirm(proposal.draft.brief, MOVE_ONLY, self._checks(proposal.skill)):
            self._change(path=self._place(said.text, proposal.skill))
            proposal = proposals.propose(self.job.request, self.job.fleet)
        return replace(proposal, digest=digest)

    def written(self) -> proposals.Proposal:
        """The draft by a model, of the brief that the person agrees to.

        ModelFailed, Left and Ctrl-C keep the memory of all that was said. Replies that were refused are not kept: they
        would be refused again for ever.
        """
        digest = self.job.request.digest
        self._choose_main()
        console, memory = replace(self.job.console, progress=self._progress), self.dialogue.memory
        refused = 0
        try:
            offer = lambda skills: self.dialogue.offer(skills, proposals.Overlap.TASK)  # noqa: E731
            return replace(proposals.write(replace(self.job, console=console), self._agree, offer), digest=digest)
        except model.Refused:
            refused = _ONE_QUESTION
            raise
        except model.Unsafe:
            refused = memory.replies()
            raise
        finally:
            memory.save(refused)

    def _agree(self, drafter: model.DspyDrafter, understood: model.Understood) -> Brief:
        """The brief that was agreed to; Left when the person leaves, or would rather revise a skill that exists."""
        self.further, self._path = understood.other_tasks, self.job.request.path
        if self.further:
            rows = [f"- {each}" for each in self.further]
            head = "These are skills of their own. Ask for each of them separately:"
            self.dialogue.terminal.panel("clarify", "More than one skill", [head, *rows])
        while True:
            brief = self._clarified(understood.brief)
            while said := self.dialogue.confirm(brief, CHANGE, self._checks(brief.path)):
                if said.command != "move":
                    break
                self._path = self._place(said.text, brief.path)
                brief = replace(brief, path=self._path)
            else:
                return replace(brief, agreed=(*brief.agreed, *brief.assumptions), assumptions=())
            self._said = [*brief.agreed, " ".join(said.text.split())]
            request = self.job.request
            understood = drafter.understand(request.task, request.documents, self._path, self._said)

    def _clarified(self, brief: Brief) -> Brief:
        """The brief with its questions answered, at most four in a session, and with what was said before."""
        new = [each for each in brief.questions if each.text not in self._answers]
        for number, question in enumerate(new[: MOST_QUESTIONS - len(self._answers)]):
            last = min(MOST_QUESTIONS, len(self._answers) + len(new) - number)
            answer = self.dialogue.question(question, f"Clarify, {len(self._answers) + 1} of {last}")
            self._answers[question.text] = "" if answer == question.default else answer
        brief = proposals.with_given_answers(brief, [self._answers.get(each.text, "") for each in brief.questions])
        known = [row for row in self._said if row not in brief.agreed]
        return replace(brief, agreed=(*brief.agreed, *known), path=self._path or brief.path)

    def _choose_main(self) -> None:
        """Ask which document becomes SKILL.md, if nothing says so."""
        if self.job.request.documents:
            try:
                self.job.request.selection()
            except Undecided as several:
                label = "Another: its name, or a pattern"
                check = lambda text: self._with(main=text).selection()  # noqa: E731
                self._change(main=self.dialogue.question(proposals.main_question(several), other=label, check=check))

    def _with(self, **changes: object) -> proposals.Request:
        return replace(self.job.request, **changes)  # type: ignore[arg-type]

    def _change(self, **changes: object) -> None:
        self.job = replace(self.job, request=self._with(**changes))

    def _place(self, typed: str, now: str) -> str:
        """The id that a category, or a whole id, names for the skill that is `now`; UserError if it cannot be had."""
        wanted = typed.strip("/").removeprefix("skills/")
        wanted = wanted if "/" in wanted else f"{wanted}/{split_id(now)[1]}"
        proposals.refuse_id(wanted, self.job.fleet)
        if wanted != now:
            proposals.refuse_taken(self.job.repo, self.job.where, f"{DRAFT_BRANCHES}{split_id(wanted)[1]}")
        return wanted

    def _checks(self, now: str) -> Callable[[Answer], object]:
        def check(said: Answer) -> None:
            if said.command == "move":
                self._place(said.text, now)
            elif self.job.settings is None:
                raise UserError(NEEDS_MODEL, _MORE)

        return check

    def _progress(self, step: str, seconds: float, left: int) -> None:
        if time.monotonic() - self._saved > OFTEN:
            self._saved = time.monotonic()
            self.dialogue.memory.save()
        self.dialogue.terminal.step(step, seconds, left)
