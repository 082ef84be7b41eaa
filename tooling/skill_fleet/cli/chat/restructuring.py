"""Clarify and confirm without a model: where the skill goes, which documents it takes, what stands for placeholders."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace

from skill_fleet.checks.rules.fleet_duplicates import twin_of
from skill_fleet.cli.chat.dialogue import Dialogue
from skill_fleet.cli.chat.said import Said
from skill_fleet.cli.drafting import Wish
from skill_fleet.cli.propose import Proposal, propose
from skill_fleet.drafting.briefs import MOST_QUESTIONS
from skill_fleet.drafting.sources.placeholders import PLACEHOLDER, fill
from skill_fleet.drafting.types import Question
from skill_fleet.errors import UserError
from skill_fleet.fleet.fleet import Fleet
from skill_fleet.fleet.names import split_id

CHANGE = "Another place: /move CATEGORY/NAME"
NEEDS_MODEL = "Words need a model, and none is set up here."
_MORE = "Now: /move CATEGORY/NAME. Once it is written: /describe TEXT, /drop PATH, and suggestions on lines."


@dataclass
class Restructuring:
    """One session without a model: each answer changes the wish, and the draft is made anew from it.

    `place` gives the id that a `/move` names, `proposal` is the draft as the answers have it so far. The session keeps
    the name that the first one gave it, so that the same command finds it again.
    """

    dialogue: Dialogue
    wish: Wish
    fleet: Fleet
    place: Callable[[str, str], str]
    proposal: Proposal
    later: tuple[str, ...] = ()

    def agreed(self) -> Proposal:
        """The draft that the person agrees to; Left when he leaves."""
        session = self.proposal.digest
        if self.wish.path is None and (twin := twin_of(self.proposal.draft.files, self.fleet)):
            self.dialogue.offer(twin, "has nearly the same text or description")
        for question in self.proposal.draft.brief.questions:
            if any(map(_glob, question.options)):  # first, as the name and the placeholders are those of what is taken
                self._documents(question)
        if self.wish.path is None:
            self.dialogue.question(self._category(), self._put)
        asked: set[str] = set()
        while open_ := [key for key in self._placeholders() if key not in asked][: MOST_QUESTIONS - 1 - len(asked)]:
            asked.add(open_[0])
            self._fill(open_[0])
        brief = self.proposal.draft.brief
        while not self.dialogue.confirm(brief, CHANGE, _words, self._move):
            brief = self.proposal.draft.brief
        return replace(self.proposal, digest=session)

    def _category(self) -> Question:
        brief = self.proposal.draft.brief
        category, name = split_id(brief.path)
        others = [each for each in self.fleet.taxonomy.categories if each != category]
        why = next((row.partition("; `--path")[0] for row in brief.assumptions if row.startswith("Category ")), "")
        return Question(
            f"Which category should {name} go to?", why, (category, *others), category, "where its readers find it"
        )

    def _put(self, said: Said) -> None:
        """A category, or a whole id in words."""
        category, name = split_id(self.proposal.draft.brief.path)
        wanted = self.place(said.text, f"{category}/{name}")
        if wanted != f"{category}/{name}":
            self._take(replace(self.wish, path=wanted))

    def _move(self, said: Said) -> None:
        self._take(replace(self.wish, path=self.place(said.text, self.proposal.draft.brief.path)))

    def _placeholders(self) -> dict[str, Question]:
        """The questions of the brief that ask what stands for one, by its key."""
        asked = self.proposal.draft.brief.questions
        return {found[1]: each for each in asked if (found := PLACEHOLDER.search(each.text)) and not each.options}

    def _fill(self, key: str) -> None:
        """A value for a placeholder; none leaves it as it is, and the draft red."""

        def take(said: Said) -> None:
            if said.text:
                self._take(replace(self.wish, documents=fill(self.wish.documents, {key: said.text})))

        self.dialogue.question(self._placeholders()[key], take)

    def _documents(self, question: Question) -> None:
        """Which of several documents: those of this subject or of another, those that a pattern in words names, or all."""
        subjects = {f"Only {glob} for now": glob for each in question.options if (glob := _glob(each))}
        options = (*(each for each in question.options if not _glob(each)), *subjects)
        aside = any("--all" in each for each in question.options)

        def take(said: Said) -> None:
            if said.text == question.default:
                self.later = tuple(subjects.values()) if aside else ()
                return
            if "--all" in said.text:
                self._take(replace(self.wish, everything=True))
                return
            wanted = subjects.get(said.text, said.text)
            self._take(replace(self.wish, only=(wanted,)))
            self.later = tuple(glob for glob in subjects.values() if glob != wanted)

        self.dialogue.question(replace(question, options=options), take, other="Others: their names, or a pattern")

    def _take(self, wish: Wish) -> None:
        self.proposal = drafted(wish, self.fleet)
        self.wish = wish


def _glob(option: str) -> str:
    """The pattern of the command that an option shows, '' when it shows none."""
    words = shlex.split(found[1]) if (found := re.search(r"`(.+)`", option)) else []
    return next((words[at + 1] for at, word in enumerate(words[:-1]) if word == "--only"), "")


def drafted(wish: Wish, fleet: Fleet) -> Proposal:
    """What comes of a wish without a model."""
    return propose(wish.task, wish.documents, wish.path, fleet, wish.only, wish.everything)


def _words(_: Said) -> None:
    raise UserError(NEEDS_MODEL, _MORE)
