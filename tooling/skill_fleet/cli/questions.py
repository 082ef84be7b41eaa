"""The questions of a brief, put to the person at the terminal: options with numbers, Enter for the default."""

from __future__ import annotations

from dataclasses import replace

import click

from skill_fleet.checks.visible import escaped
from skill_fleet.drafting.types import Brief, Question


def answered(brief: Brief) -> Brief:
    """The brief once its questions are answered. One that is left to its default stays in it, for the reviewer to see."""
    from skill_fleet.drafting.model.numbered import with_answers

    answers = [_ask(question) for question in brief.questions]
    left = tuple(question for question, answer in zip(brief.questions, answers, strict=True) if not answer)
    settled = replace(brief, questions=tuple(question for question in brief.questions if question not in left))
    return replace(with_answers(settled, [answer for answer in answers if answer]), questions=left)


def _ask(question: Question) -> str:
    """What the person answers, '' for the default. Anything but a number is an answer in his own words."""
    click.echo(f"\n{escaped(question.text)}", err=True)
    if question.why:
        click.echo(f"  {escaped(question.why)}", err=True)
    for number, option in enumerate(question.options, 1):
        mark = " (default)" if option == question.default else ""
        click.echo(f"  {number}. {escaped(option)}{mark}", err=True)
    said = str(click.prompt("Number, or your own words", default="", show_default=False, err=True)).strip()
    if said.isdecimal() and 0 < int(said) <= len(question.options):
        said = question.options[int(said) - 1]
    return "" if said == question.default else said
