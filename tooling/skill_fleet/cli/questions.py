"""Questions put to a person: picked with the arrow keys where the terminal has them, by number or words elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TextIO

import click

from skill_fleet.checks.visible import escaped
from skill_fleet.cli.keyboard import has_arrow_keys, line, menu
from skill_fleet.drafting.types import Brief, Question

OTHER = "Other: in your own words"


def answered(brief: Brief) -> Brief:
    """The brief once its questions are answered, on standard error. Raises click.Abort when the input ends."""
    try:
        return settled(brief, [_ask(question) for question in brief.questions])
    except EOFError:
        raise click.Abort from None


def settled(brief: Brief, answers: Sequence[str]) -> Brief:
    """The brief with an answer to each question. One that is left to its default ('') stays in it, for the reviewer."""
    from skill_fleet.drafting.model.numbered import with_answers

    said = list(zip(brief.questions, answers, strict=True))
    left = tuple(question for question, answer in said if not answer)
    given = replace(brief, questions=tuple(question for question, answer in said if answer))
    return replace(with_answers(given, [answer for _, answer in said if answer]), questions=left)


def about(question: Question) -> list[str]:
    """What a person has to know to answer it, besides the question itself."""
    changes = f"It changes {question.changes}." if question.changes else ""
    return [text for text in (question.why, changes) if text]


def pick(options: Sequence[str], default: str, stream: TextIO, other: str = OTHER, commands: Sequence[str] = ()) -> str:
    """The option that a person picks, or what he says instead; `default` when he only presses Enter.

    `other` is what the way to his own words is called; '' when only an option will do. `commands` are what Tab
    completes. Raises EOFError when nobody is there to answer (any more), KeyboardInterrupt on Ctrl-C.
    """
    listed = [*options, *([other] if other else [])]
    if has_arrow_keys(stream):
        while True:
            start = options.index(default) if default in options else 0
            picked = menu([_marked(option, default) for option in listed], start, stream) if options else ""
            if isinstance(picked, int) and picked < len(options):
                return _echoed(options[picked], stream)
            said = line("> ", picked if isinstance(picked, str) else "", commands, stream)
            if said or not options:
                return said or default
    for number, option in enumerate(options, 1):
        _show(f"  {number}. {_marked(option, default)}", stream)
    if options and other:
        _show(f"  or: {other}", stream)
    said = _typed("> ", stream)
    if said.isdecimal() and 0 < int(said) <= len(options):
        return options[int(said) - 1]
    return said or default


def _ask(question: Question) -> str:
    """What the person answers, '' for the default."""
    stream = sys.stderr
    _show("", stream)
    for text in (question.text, *(f"  {row}" for row in about(question))):
        _show(text, stream)
    said = pick(question.options, question.default, stream)
    return "" if said == question.default else said


def _marked(option: str, default: str) -> str:
    return f"{escaped(option)}{' (default)' if option == default and default else ''}"


def _echoed(option: str, stream: TextIO) -> str:
    """The menu is gone from the screen once it has done its work; what was picked stays."""
    _show(f"> {option}", stream)
    return option


def _typed(prompt: str, stream: TextIO) -> str:
    """A line of standard input, whatever that is; it is shown again where nobody saw it typed."""
    stream.write(prompt)
    stream.flush()
    said = sys.stdin.buffer.readline()
    if not said:
        _show("", stream)
        raise EOFError
    text = said.decode("utf-8", "replace").strip()
    if not sys.stdin.isatty():
        _show(text, stream)
    return text


def _show(text: str, stream: TextIO) -> None:
    click.echo(escaped(text), file=stream)
