"""Clarify and confirm: questions, then the brief, until the person agrees to it. Nothing is written before that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from skill_fleet import drafting, model, proposals
from skill_fleet.chat.memory import Memory
from skill_fleet.chat.questions import OTHER, reasons
from skill_fleet.chat.terminal import OPTION, WORDS, Answer, Left, Terminal
from skill_fleet.errors import UserError
from skill_fleet.fleet import split_id
from skill_fleet.review import DRAFT_BRANCHES

GO_ON, LATER = "Go on: write the skill", "Leave it here for now"
CHANGE = "Change it: say what, or /move CATEGORY/NAME"
MOVE_ONLY = "Another place: /move CATEGORY/NAME"
NEEDS_MODEL = "Free-form requests need a model, and none is configured here."
_MORE = "Now: /move CATEGORY/NAME. Once it is written: /describe TEXT, /drop PATH, and suggestions on lines."
_ONE_QUESTION = 2  # replies: the first, and the one to the second try

Check = Callable[[str], object]
"""Raises UserError for an answer that cannot be taken; the question is put again."""


@dataclass
class Dialogue:
    """The questions before the first commit. Remembered answers are taken again; `hurried` (by /proceed) takes defaults."""

    terminal: Terminal
    memory: Memory
    hurried: bool = False

    def ask(self, question: drafting.Question, title: str = "Clarify", other: str = OTHER, check: Check = len) -> str:
        """Put a question and return the answer: an option, or words. `other` is the label for words."""

        def allow(said: Answer) -> None:
            if said.command not in (OPTION, WORDS, "proceed"):
                raise UserError(f"/{said.command} comes later.", "Answer the question, or /proceed: take the defaults.")
            check(question.default if said.command == "proceed" else said.text)

        if self.hurried:
            check(question.default)
            return question.default
        rows = [question.text, *(f"  {row}" for row in reasons(question))]
        said = self._ask(question, other, allow, ("clarify", title, rows))
        self.hurried = said.command == "proceed"
        return question.default if self.hurried else said.text

    def confirm(self, brief: drafting.Brief, change: str, check: Callable[[Answer], object]) -> Answer | None:
        """Show a brief and return the change that is asked for, /move or words; None when the person agrees.

        `change` is the label for words and commands.
        """

        def allow(said: Answer) -> None:
            if said.text == LATER:
                raise Left
            if said.command == "proceed" or said.text == GO_ON:
                return
            if said.command != "move" and not (said.command in (WORDS, "revise", "refine") and said.text):
                raise UserError("There is no skill yet.", "Say what should change, /move CATEGORY/NAME, or /proceed.")
            check(said)

        rows = drafting.show_brief(brief).rstrip().split("\n")
        asked = drafting.Question("The brief", "", (GO_ON, LATER), GO_ON)
        said = self._ask(asked, change, allow, ("confirm", f"Confirm: {brief.path}", rows))
        return None if said.command == "proceed" or said.text == GO_ON else said

    def _ask(
        self, asked: drafting.Question, other: str, allow: Callable[[Answer], None], panel: tuple[str, str, list[str]]
    ) -> Answer:
        """The remembered answer, or else the first one to the panel that is allowed."""
        known = self.memory.recall(asked.text)
        if known is None:
            self.terminal.panel(*panel)
        while True:
            if known is None:
                said = self.terminal.read_answer(asked.options, asked.default, other)
            else:
                self.terminal.say(f"As before: {asked.text}  {known or asked.default}")
                said, known = Answer.read(known, asked.options), None
            if said.command == "cancel":
                self.memory.forget()
                raise Left(cancelled=True)
            try:
                allow(said)
            except UserError as problem:
                if not self.terminal.asks:
                    raise
                self.terminal.say(f"{problem.message} {problem.tip}")
                continue
            if self.terminal.asks:
                self.memory.keep(asked.text, said.typed)
            return said


@dataclass
class Agreement:
    """A person's way from a request to a draft. `further` are the other skills that the task asks for, in words."""

    dialogue: Dialogue
    job: proposals.Job
    further: tuple[str, ...] = ()
    _answers: dict[str, str] = field(default_factory=dict)  # by the question's text, '' for its default
    _said: list[str] = field(default_factory=list)
    _path: str | None = None

    def restructured(self) -> proposals.Proposal:
        """The draft without a model that the person agrees to, for which each answer changes the request.

        Raises Left if they leave, Covered if they would rather revise a skill. The session keeps the digest of the first
        request.
        """
        digest = self.job.request.digest
        categories, _ = proposals.resolve_path(self.job.request.path, self.job.fleet)
        self._choose_main()
        if self.job.request.path is None:
            question = proposals.category_question(self.job.request, categories, self.job.fleet)
            name = drafting.name_of(self.job.request.selection())
            path = self.dialogue.ask(question, check=lambda text: self._place(text, name))
            self._change(path=self._place(path, name))
        proposal = proposals.draft_of(self.job)
        open_keys = [point.subject for point in proposal.draft.points if point.kind is drafting.Kind.PLACEHOLDER]
        for key in open_keys[: drafting.MOST_QUESTIONS - 1]:
            if value := self.dialogue.ask(drafting.placeholder_question(key)):
                self._change(documents=drafting.fill(self.job.request.documents, {key: value}))
        proposal = proposals.propose(self.job.request, self.job.fleet)
        while said := self.dialogue.confirm(proposal.draft.brief, MOVE_ONLY, self._checks(proposal.skill)):
            self._change(path=self._place(said.text, proposal.draft.brief.name, proposal.skill))
            proposal = proposals.propose(self.job.request, self.job.fleet)
        return replace(proposal, digest=digest)

    def written(self) -> proposals.Proposal:
        """The draft by a model, of the brief that the person agrees to.

        ModelFailed, Left and Ctrl-C keep the memory of all that was said. Replies that were refused are not kept: they
        would be refused again for ever.
        """
        digest = self.job.request.digest
        self._choose_main()
        try:
            return replace(proposals.write(self.job, self._agree), digest=digest)
        except model.Refused:
            self.dialogue.memory.drop_replies(_ONE_QUESTION)
            raise
        except model.Unsafe:
            self.dialogue.memory.drop_replies()
            raise

    def _agree(self, drafter: model.DspyDrafter, understood: model.Understood) -> drafting.Brief:
        """The brief that was agreed to; Left when the person leaves."""
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
                self._path = self._place(said.text, brief.name, brief.path)
                brief = replace(brief, path=self._path)
            else:
                return replace(brief, agreed=(*brief.agreed, *brief.assumptions), assumptions=())
            self._said = [*brief.agreed, " ".join(said.text.split())]
            request = self.job.request
            understood = drafter.understand(request.task, request.documents, self._path, self._said)

    def _clarified(self, brief: drafting.Brief) -> drafting.Brief:
        """The brief with its questions answered, at most four in a session, and with what was said before."""
        new = [each for each in brief.questions if each.text not in self._answers]
        for number, question in enumerate(new[: drafting.MOST_QUESTIONS - len(self._answers)]):
            last = min(drafting.MOST_QUESTIONS, len(self._answers) + len(new) - number)
            answer = self.dialogue.ask(question, f"Clarify, {len(self._answers) + 1} of {last}")
            self._answers[question.text] = "" if answer == question.default else answer
        brief = proposals.with_given_answers(brief, [self._answers.get(each.text, "") for each in brief.questions])
        known = [row for row in self._said if row not in brief.agreed]
        return replace(brief, agreed=(*brief.agreed, *known), path=self._path or brief.path)

    def _choose_main(self) -> None:
        """Ask which document becomes SKILL.md, if nothing says so."""
        request = self.job.request
        if request.documents:
            try:
                request.selection()
            except drafting.Undecided as several:
                main = self.dialogue.ask(
                    proposals.main_question(several),
                    other="Another: its name, or a pattern",
                    check=lambda text: replace(request, main=text).selection(),
                )
                self._change(main=main)

    def _change(self, **changes: object) -> None:
        self.job = replace(self.job, request=replace(self.job.request, **changes))  # type: ignore[arg-type]

    def _place(self, typed: str, name: str, now: str = "") -> str:
        """The id that a category, or a whole id, names for the skill `name`, now at `now`; UserError if it cannot be had."""
        wanted = typed.strip("/").removeprefix("skills/")
        wanted = wanted if "/" in wanted else f"{wanted}/{name}"
        proposals.refuse_id(wanted, self.job.fleet)
        if wanted != now:
            proposals.refuse_taken(self.job.repo, self.job.where, f"{DRAFT_BRANCHES}{split_id(wanted)[1]}")
        return wanted

    def _checks(self, now: str) -> Callable[[Answer], object]:
        def check(said: Answer) -> None:
            if said.command == "move":
                self._place(said.text, split_id(now)[1], now)
            elif self.job.settings is None:
                raise UserError(NEEDS_MODEL, _MORE)

        return check
