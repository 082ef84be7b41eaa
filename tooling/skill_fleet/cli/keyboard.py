"""A menu for the arrow keys and a line to type in, for terminals that have keys; the library for it is an extra."""

from __future__ import annotations

import os
import string
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

_NO_CURSOR = ("", "dumb", "unknown")


def moves_a_cursor(stream: TextIO) -> bool:
    """Whether a person sits at a terminal that can move its cursor, with `stream` as its screen."""
    return sys.stdin.isatty() and stream.isatty() and os.environ.get("TERM", "") not in _NO_CURSOR


def has_arrow_keys(stream: TextIO) -> bool:
    """Whether `menu` and `line` work here: such a terminal, and the library."""
    return moves_a_cursor(stream) and find_spec("prompt_toolkit") is not None


def menu(options: Sequence[str], start: int, stream: TextIO) -> int | str:
    """The number of the option that is picked (from 0); or the first characters of a person who types instead.

    Arrow keys and digits move, Enter picks. KeyboardInterrupt on Ctrl-C, EOFError on Ctrl-D. The menu is gone after it.
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
    """What a person types, beginning with `start`; Tab completes to one of `words`. As `menu`, what ends it is raised."""
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
