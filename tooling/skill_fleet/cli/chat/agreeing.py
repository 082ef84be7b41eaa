"""Clarify and confirm with a model: its questions, then the brief, which words change until the person agrees to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from skill_fleet.cli.chat.dialogue import Dialogue
from skill_fleet.cli.chat.said import Said
from skill_fleet.cli.questions import settled
from skill_fleet.drafting.briefs import MOST_QUESTIONS
from skill_fleet.drafting.types import Brief, Question

if TYPE_CHECKING:
    from skill_fleet.cli.drafting import Wish
    from skill_fleet.drafting.model.drafter import DspyDrafter
    from skill_fleet.drafting.model.understanding import Understood

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
