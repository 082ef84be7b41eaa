"""A skill reworked by a model for one task: the task is a request on the whole skill, triaged and edited like a review's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill_fleet.checks.visible import escaped
from skill_fleet.cli.revision import Revised
from skill_fleet.drafting.types import Brief
from skill_fleet.errors import UserError
from skill_fleet.fleet.skill import Skill
from skill_fleet.review.edits import Files
from skill_fleet.review.rounds import texts_of
from skill_fleet.review.write import with_texts

if TYPE_CHECKING:
    from skill_fleet.cli.drafting import Wish
    from skill_fleet.drafting.model.revise import Revision
    from skill_fleet.drafting.model.settings import ModelSettings
    from skill_fleet.drafting.model.tape import Tape

_FROM_SOURCES = (
    "Take over what the sources say on this skill's subject: what it lacks, and what it says otherwise. "
    "Leave alone what they do not concern."
)
_CHOOSE = "I cannot answer. Take the reading that you find most likely, and say in the reply which one you took."
_ROUNDS = 3  # of questions, after which it is said that the task is unclear


def rework(
    settings: ModelSettings,
    wish: Wish,
    skill: Skill,
    files: Files,
    origin: Brief | None = None,
    *,
    asks: bool,
    assumes: bool,
    record: Path | None,
    replay: Path | None,
) -> Revised:
    """What the model makes of the skill. Its question is put to the person if `asks`; if it `assumes`, to nobody.
    `origin` is the brief that the skill was once made from, where that is known.

    Raises UserError, with nothing changed, when it declines, has nothing to change, or its edits cannot be made.
    """
    from skill_fleet.cli.drafting import at_terminal
    from skill_fleet.drafting.model.learning import as_row
    from skill_fleet.drafting.model.tape import Tape

    tape = Tape(record, replay)  # one for all rounds: each takes what it finds, and adds to the same record

    said, spent = [("the requester", wish.task.strip() or _FROM_SOURCES)], list[str]()
    for _ in range(_ROUNDS):
        done = _asked(settings, wish, skill, files, origin, said, tape)
        one = done.handled[0]
        spent.append(done.spent.words())
        if one.outcome != "asked":
            break
        answer = _CHOOSE if assumes else _answer(one.reply) if asks and at_terminal() else ""
        if not answer:
            break
        said += [("the bot", one.reply), ("the requester", answer)]
        used = done.spent.prompt + done.spent.completion
        settings = replace(settings, calls=settings.calls - done.spent.calls, tokens=settings.tokens - used)
    _refuse(skill, one.outcome, one.reply)
    _, why = with_texts(files, done.files)
    if why:
        raise UserError(f"The revision by {done.model} cannot be committed: {why}", "Run again, or edit it by hand.")
    points = [f"Nowhere in the skill, the documents or the task: `{name}`." for name in one.unsourced]
    programs = ", ".join(dict.fromkeys(f"{call.step} {call.program}" for call in done.record.calls))
    notes = (f"Revised by {done.model}: {'; then '.join(spent)}.", f"Programs: {programs}.")
    if len(said) > 1:
        points.insert(0, f"The task left open: {' '.join(said[-2][1].split())} {' '.join(said[-1][1].split())}")
    return Revised(done.files, f"dspy {done.model}", one.reply, tuple(points), (), notes, as_row(done.record))


def _asked(
    settings: ModelSettings,
    wish: Wish,
    skill: Skill,
    files: Files,
    origin: Brief | None,
    said: list[tuple[str, str]],
    tape: Tape,
) -> Revision:
    from skill_fleet.cli.models import progress
    from skill_fleet.drafting.model.checking import checks_for
    from skill_fleet.drafting.model.revise import revise
    from skill_fleet.drafting.model.threads import Thread

    return revise(
        settings,
        texts_of(files),
        Brief("", skill.id),
        [Thread("task", "", 0, 0, "", tuple(said))],
        checks_for(skill.id),
        origin=origin,
        sources=wish.documents,
        only=wish.only,
        everything=wish.everything,
        tape=tape,
        progress=progress(),
    )


def _answer(question: str) -> str:
    click.echo(f"\n{escaped(question)}", err=True)
    return str(
        click.prompt("Your answer (Enter leaves it to the model)", default=_CHOOSE, show_default=False, err=True)
    )


def _refuse(skill: Skill, outcome: str, reply: str) -> None:
    """UserError when nothing came of it."""
    said = f"It says: {' '.join(reply.split())}"
    if outcome == "answered":
        raise UserError(f"The model finds nothing to change in {skill.id}.", f"{said} Say more closely what you want.")
    if outcome == "declined":
        raise UserError(f"The model declines to revise {skill.id} so.", f"{said} Say it otherwise, or edit it by hand.")
    if outcome == "asked":
        tip = f"{said} Answer in the task, or leave it open with --auto-approve."
        raise UserError(f"What is wanted of {skill.id} is not clear.", tip)
    if outcome == "open":
        why = " ".join(reply.split())
        raise UserError(f"No edit of {skill.id} could be made.", f"{why} Run again, or say it otherwise.")
