"""Questions put to a person: picked with the arrow keys where the terminal has them, by number or words elsewhere."""

from __future__ import annotations

import os
import shutil
import string
import sys
import textwrap
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TextIO

import click
from rich.console import Console as RichConsole
from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn

from skill_fleet.drafting import Question
from skill_fleet.markdown import escaped
from skill_fleet.proposals import Console

OTHER = "Other: in your own words"
_NO_CURSOR = ("", "dumb", "unknown")


def moves_a_cursor(stream: TextIO) -> bool:
    """Whether standard input and `stream` are a terminal that can move its cursor."""
    return sys.stdin.isatty() and stream.isatty() and os.environ.get("TERM", "") not in _NO_CURSOR


def has_arrow_keys(stream: TextIO) -> bool:
    """Whether options are picked with the arrow keys here: such a terminal, and the library."""
    return moves_a_cursor(stream) and find_spec("prompt_toolkit") is not None


def reasons(question: Question) -> list[str]:
    """Why the question is asked, and what the answer changes."""
    changes = f"It changes {question.changes}." if question.changes else ""
    return [text for text in (question.why, changes) if text]


def pick(options: Sequence[str], default: str, stream: TextIO, other: str = OTHER, commands: Sequence[str] = ()) -> str:
    """The option that a person picks, or other words; `default` for Enter alone.

    `other` is the label for other words, '' when only an option will do. Tab completes `commands`. Raises EOFError when
    the input ends, KeyboardInterrupt on Ctrl-C.
    """
    if has_arrow_keys(stream):
        return _pick_by_keys(options, default, other, commands)
    for number, option in enumerate(options, 1):
        _show(f"  {number}. {_marked(option, default)}", stream)
    if options and other:
        _show(f"  or: {other}", stream)
    said = _typed("> ", stream)
    if said.isdecimal() and 0 < int(said) <= len(options):
        return options[int(said) - 1]
    return said or default


def _pick_by_keys(options: Sequence[str], default: str, other: str, commands: Sequence[str]) -> str:
    from prompt_toolkit.application import create_app_session_from_tty
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.shortcuts import choice, prompt

    keys = KeyBindings()
    for letter in (*string.ascii_letters, *string.punctuation):  # other words can be typed at once
        keys.add(letter, eager=True)(lambda event: event.app.exit(result=event.data))

    width = shutil.get_terminal_size().columns - 12
    rows = [
        (option, textwrap.fill(_marked(option, default), width)) for option in (*options, *([other] if other else []))
    ]
    completer = WordCompleter(list(commands), sentence=True)
    with create_app_session_from_tty():
        while True:
            picked = choice("", options=rows, default=default, key_bindings=keys) if options else other
            if picked in options:
                return picked
            start = "" if picked == other else picked
            said = prompt("> ", default=start, completer=completer, complete_while_typing=False).strip()
            if said or not options:
                return said or default


def console(*, asks: bool = True) -> Console:
    """The console of a command that puts single questions: answers from a terminal, everything else on standard error."""
    return Console(
        ask if asks and sys.stdin.isatty() else None,
        lambda text: click.echo(f"note: {escaped(text)}", err=True),
        step_lines(),
    )


def ask(question: Question) -> str:
    """Put a question on standard error; the answer, '' for the default. Raises click.Abort when the input ends."""
    stream = sys.stderr
    for text in ("", question.text, *(f"  {row}" for row in reasons(question))):
        _show(text, stream)
    try:
        said = pick(question.options, question.default, stream)
    except EOFError:
        raise click.Abort from None
    return "" if said == question.default else said


def step_lines(console: RichConsole | None = None) -> Callable[[str, float, int], None]:
    """Return the function that shows on a console (default: standard error) that a step of a model begins: its name, the
    seconds since the first one, and the tokens used so far. On a terminal, a clock runs below. "" is the end."""
    shown = console or RichConsole(stderr=True)
    is_live = shown.is_terminal and not shown.is_dumb_terminal
    clock = Progress(SpinnerColumn(), TimeElapsedColumn(), console=shown, transient=True, disable=not is_live)
    task = clock.add_task("", total=None)

    def show(step: str, seconds: float, used: int) -> None:
        clock.stop()
        if step:
            line = f"{seconds:.0f} s  {step}  ({used:,} tokens so far)"
            shown.print(line, soft_wrap=True, markup=False, highlight=False)
            clock.reset(task)
            clock.start()

    return show


def _marked(option: str, default: str) -> str:
    return f"{escaped(option)}{' (default)' if option == default and default else ''}"


def _typed(prompt: str, stream: TextIO) -> str:
    """A line of standard input; it is shown if that is not a terminal."""
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
