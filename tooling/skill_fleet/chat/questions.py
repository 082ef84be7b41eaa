"""Questions put to a person: picked with the arrow keys where the terminal has them, by number or words elsewhere."""

from __future__ import annotations

import os
import string
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, TextIO

import click
from rich.console import Console as RichConsole
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from skill_fleet.drafting import Question
from skill_fleet.markdown import escaped
from skill_fleet.proposals import Console

if TYPE_CHECKING:
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

_NO_CURSOR = ("", "dumb", "unknown")


def moves_a_cursor(stream: TextIO) -> bool:
    """Whether standard input and `stream` are a terminal that can move its cursor."""
    return sys.stdin.isatty() and stream.isatty() and os.environ.get("TERM", "") not in _NO_CURSOR


def has_arrow_keys(stream: TextIO) -> bool:
    """Whether `menu` and `line` work here: such a terminal, and the library."""
    return moves_a_cursor(stream) and find_spec("prompt_toolkit") is not None


def menu(options: Sequence[str], start: int, stream: TextIO) -> int | str:
    """Show a menu and return the number of the picked option (from 0), or the first characters of other words.

    Arrow keys and digits move, Enter picks. KeyboardInterrupt on Ctrl-C, EOFError on Ctrl-D. The menu is erased at the
    end.
    """
    from prompt_toolkit.application import Application
    from prompt_toolkit.filters import to_filter
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.keys import Keys
    from prompt_toolkit.layout import Layout
    from prompt_toolkit.styles import Style
    from prompt_toolkit.widgets import RadioList

    listed = RadioList(
        list(enumerate(options)), default=start, select_on_focus=True, select_character=">", open_character="",
        close_character="", checked_style="class:picked", show_cursor=False, show_numbers=True, show_scrollbar=False,
    )  # fmt: skip
    listed.window.wrap_lines = to_filter(True)
    keys = KeyBindings()

    @keys.add("enter", eager=True)
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=listed.current_value)

    @keys.add("c-c")
    @keys.add("<sigint>")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=KeyboardInterrupt())

    @keys.add("c-d")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=EOFError())

    def typed(event: KeyPressEvent) -> None:
        event.app.exit(result=event.data)

    for letter in (*string.ascii_letters, *string.punctuation, Keys.BracketedPaste):
        keys.add(letter, eager=True)(typed)  # eager: the list itself would jump to an option that begins so
    with _on(stream):
        shown: Application[int | str] = Application(
            layout=Layout(listed), key_bindings=keys, style=Style.from_dict({"picked": "bold"}), erase_when_done=True
        )
        return shown.run()


def line(prompt: str, start: str, words: Sequence[str], stream: TextIO) -> str:
    """A typed line that begins with `start`; Tab completes to one of `words`. Raises what `menu` raises."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter

    with _on(stream):
        session: PromptSession[str] = PromptSession(
            completer=WordCompleter(list(words), sentence=True), complete_while_typing=False
        )
        return session.prompt(prompt, default=start).strip()


@contextmanager
def _on(stream: TextIO) -> Iterator[None]:
    """Show on `stream`, also when standard output is a pipe."""
    from prompt_toolkit.application import create_app_session
    from prompt_toolkit.output import create_output

    with create_app_session(output=create_output(stdout=stream)):
        yield


OTHER = "Other: in your own words"


def reasons(question: Question) -> list[str]:
    """Why the question is asked, and what the answer changes."""
    changes = f"It changes {question.changes}." if question.changes else ""
    return [text for text in (question.why, changes) if text]


def pick(options: Sequence[str], default: str, stream: TextIO, other: str = OTHER, commands: Sequence[str] = ()) -> str:
    """The option that a person picks, or other words; `default` for Enter alone.

    `other` is the label for other words, '' when only an option will do. Tab completes `commands`. Raises EOFError when
    the input ends, KeyboardInterrupt on Ctrl-C.
    """
    listed = [*options, *([other] if other else [])]
    if has_arrow_keys(stream):
        while True:
            start = options.index(default) if default in options else 0
            picked = menu([_marked(option, default) for option in listed], start, stream) if options else ""
            if isinstance(picked, int) and picked < len(options):
                _show(f"> {options[picked]}", stream)  # the menu itself is erased
                return options[picked]
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


def console(*, asks: bool = True) -> Console:
    """The console of a command that puts single questions: answers from a terminal, everything else on standard error."""
    return Console(
        ask if asks and sys.stdin.isatty() else None,
        lambda text: click.echo(f"note: {escaped(text)}", err=True),
        step_lines(always=True),
    )


def ask(question: Question) -> str:
    """Put a question on standard error; the answer, '' for the default. Raises click.Abort when the input ends."""
    stream = sys.stderr
    _show("", stream)
    for text in (question.text, *(f"  {row}" for row in reasons(question))):
        _show(text, stream)
    try:
        said = pick(question.options, question.default, stream)
    except EOFError:
        raise click.Abort from None
    return "" if said == question.default else said


def step_lines(*, always: bool = False) -> Callable[[str, float, int], None] | None:
    """Return the function that shows the steps of a model on standard error: a display on a terminal, else, if `always`, a
    note each. None when nobody watches."""
    if sys.stderr.isatty():
        return step_display(RichConsole(stderr=True))
    return _step_note if always else None


def _step_note(step: str, seconds: float, left: int) -> None:
    if step:
        click.echo(f"note: {step_line(step, seconds, left)}", err=True)


def step_line(step: str, seconds: float, left: int) -> str:
    """The line that shows that a step of a model begins: `seconds` after the first one, with `left` tokens left."""
    return f"{seconds:.0f} s  {step}  ({left:,} tokens left)"


def step_display(console: RichConsole) -> Callable[[str, float, int], None]:
    """Return the function that shows the steps of a model on a terminal: name, elapsed time, tokens that are left."""
    bar = Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console)

    def show(step: str, seconds: float, left: int) -> None:
        for task in bar.task_ids:
            bar.update(task, completed=1)
        if step:
            bar.start()
            bar.add_task(f"{step} ({left:,} tokens left)", total=1)
            return
        bar.stop()
        for task in bar.task_ids:  # what was shown stays; the next step begins below it
            bar.remove_task(task)

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
