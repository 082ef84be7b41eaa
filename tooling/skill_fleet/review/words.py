"""The words of a plan as a value of their own: what the job that has the model hands to the one that may write.

There is nothing in it but new texts of files and a reply to each open answer of the plan, by its number; and, for the
record alone, what the model was asked and said. Which pull request, which commit, whom it answers: all of that is the
plan's.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass

from skill_fleet.errors import UserError
from skill_fleet.forges import AnswerAction, Snapshot, StaleHead
from skill_fleet.review.plan import Plan, encode
from skill_fleet.review.rounds import Reply, Revised, Reviser, Round
from skill_fleet.review.writing import Heard, replies_of, write

_BY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+ -]{0,150}")
_OUTCOMES = ("changed", "answered", "declined", "asked", "open")


@dataclass(frozen=True)
class Word:
    """A reply to open answer number `item` of the plan, from 1."""

    item: int
    outcome: str
    text: str


@dataclass(frozen=True)
class Words:
    """What was written for the plan whose digest is `plan`, by `by`. `replies` is None when nobody was there to write."""

    plan: str
    by: str
    files: dict[str, str]
    replies: tuple[Word, ...] | None
    calls: tuple[Heard, ...] = ()


def take_words(snapshot: Snapshot, plan: Plan, reviser: Reviser | None) -> Words:
    """Have the open answers of a plan written, and keep only what was written."""
    if reviser is None:
        return Words(plan_digest(plan), "", {}, None)
    told: list[tuple[Round, Revised]] = []

    def listen(given: Round) -> Revised:
        told.append((given, reviser(given)))
        return told[-1][1]

    write(snapshot, plan, listen)
    if not told:  # there is nothing to write, or not before the plan's own commits are there
        return Words(plan_digest(plan), "", {}, ())
    (given, made), numbers = told[0], {key: number for number, key in _open(plan).items()}
    replies = replies_of(made, [each.key for each in given.wanted])
    files = {path: text for path, text in made.files.items() if given.files.get(path) != text}
    return Words(
        plan_digest(plan),
        made.by,
        files,
        tuple(Word(numbers[reply.key], reply.outcome, reply.text) for reply in replies if reply.key in numbers),
    )


def reader_of(plan: Plan, words: Words) -> Reviser | None:
    """The words as a reviser that gives them again; None when nobody wrote any. UserError when they fit no such plan.

    It raises StaleHead when something was changed for a request that is not there any more.
    """
    keys = _open(plan)
    replies = words.replies or ()
    known = all(word.item in keys and word.outcome in _OUTCOMES for word in replies)
    if words.plan != plan_digest(plan) or not known or (words.by and not _BY.fullmatch(words.by)):
        raise UserError("These words were written for another plan.", "Give those that `write` made of this plan.")
    if words.replies is None:
        return None

    def read(given: Round) -> Revised:
        wanted = {each.key for each in given.wanted}
        if any(word.outcome == "changed" and keys[word.item] not in wanted for word in replies):
            raise StaleHead("A request was edited, withdrawn or answered since this was written.")
        said = tuple(Reply(keys[word.item], word.outcome, word.text) for word in replies)
        return Revised({**given.files, **words.files}, said, words.by)

    return read


def unwritten(given: Round) -> Revised:
    """A reviser for when somebody was to write and nothing came of it."""
    return Revised(given.files, (), "", "The job that asks the model did not end well.")


def plan_digest(plan: Plan) -> str:
    """By which words and their plan are known to belong together."""
    return hashlib.sha256(json.dumps(encode(plan), sort_keys=True).encode()).hexdigest()


def _open(plan: Plan) -> dict[int, str]:
    """The keys of the plan's open answers, by number."""
    answers = [action for action in plan.actions if isinstance(action, AnswerAction) and action.outcome == "open"]
    return {number: answer.key for number, answer in enumerate(answers, 1)}
