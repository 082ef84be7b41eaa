"""The two sides of a session in the terminal: panels and questions out, answers in. Plain text where there is no screen."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from skill_fleet.chat.questions import moves_a_cursor, pick, step_lines
from skill_fleet.markdown import escaped
from skill_fleet.review import COMMANDS, MISSPELLED, meant_by, read_comment

QUIT, WORDS, OPTION = "quit", "words", "option"
HERE = {**COMMANDS, "help": "show this list", QUIT: "leave; the same command resumes the session"}


@dataclass(frozen=True)
class Answer:
    """One answer. `command` is a command's name, WORDS, or OPTION for one that was offered."""

    command: str
    text: str

    @property
    def typed(self) -> str:
        """The answer as it would be typed."""
        return self.text if self.command in (WORDS, OPTION) else f"/{self.command} {self.text}".rstrip()

    @classmethod
    def read(cls, text: str, options: Sequence[str]) -> Answer:
        """An answer from its text. An option comes first, then a command on its own; all else is words."""
        if text in options:
            return cls(OPTION, text)
        if text.strip() == f"/{QUIT}":
            return cls(QUIT, "")
        commands = read_comment(text).commands
        return cls(*commands[0]) if len(commands) == 1 else cls(WORDS, text)


class Left(Exception):
    """The person has left; `cancelled` if for good."""

    def __init__(self, *, cancelled: bool = False) -> None:
        super().__init__()
        self.cancelled = cancelled


# The colours of the checkpoints; `passed` and `failed` are the two of validate, `said` is for comments.
COLOURS = {
    "clarify": "yellow",
    "confirm": "cyan",
    "preview": "blue",
    "passed": "green",
    "failed": "red",
    "said": "magenta",
}
_LINES = {"+": "green", "-": "red", "@": "cyan"}


class Terminal:
    """One person at one terminal, or a file of answers. `asks` is false if every default is to be taken.

    `answers` is how many there were so far, `words` the command that resumes the session, and `pull` the number of its
    pull request, if it has one yet.
    """

    def __init__(self, words: tuple[str, ...], *, asks: bool = True, aside: bool = False) -> None:
        self.words = words
        self.pull: int | None = None
        self.asks = asks
        self.answers = 0
        self.stream = sys.stderr if aside else sys.stdout  # aside: standard output is for a program
        self.rich = moves_a_cursor(self.stream)
        self.console = Console(
            file=self.stream, force_terminal=self.rich, no_color=None if self.rich else True, highlight=False,
            markup=False, soft_wrap=not self.rich,
        )  # fmt: skip
        self.step = step_lines(self.console)

    @property
    def resuming(self) -> str:
        """The command that resumes the session."""
        return shlex.join(self.words)

    def panel(self, kind: str, title: str, lines: Sequence[str], *, diff: bool = False) -> None:
        """Show `lines` under a title, in the colour of the checkpoint; `diff` colours what was added and removed."""
        rows = [escaped(line) for line in lines]
        if not self.rich:
            self._print("", f"== {escaped(title)} ==", *(f"  {row}".rstrip() for row in rows))
            return
        text = Text("\n").join(Text(row, _LINES.get(row[:1], "") if diff else "") for row in rows)
        self.console.print()
        self.console.print(Panel(text, title=Text(escaped(title)), title_align="left", border_style=COLOURS[kind]))

    def say(self, *lines: str) -> None:
        """Show lines as they are."""
        self._print(*(escaped(line) for line in lines))

    def read_answer(self, options: Sequence[str], default: str, other: str) -> Answer:
        """The person's answer; `default` when nobody is asked. Left when the person leaves, EOFError when the input ends.

        `other` is the label for other words.
        """
        while self.asks:
            said = Answer.read(pick(options, default, self.stream, other, [f"/{each}" for each in HERE]), options)
            self.answers += 1
            if said.command == QUIT:
                raise Left
            if said.command == "help":
                self.panel("said", "Commands", [f"/{command:<9} {words}" for command, words in HERE.items()])
            elif said.command == MISSPELLED:
                meant = meant_by(said.text)
                hint = f"did you mean {meant}?" if meant[1:].partition(" ")[0] in HERE else "/help lists them."
                self.say(f"{said.text} is not a command; {hint}")
            else:
                return said
        self.say(f"> {default}")
        return Answer(OPTION, default)

    def _print(self, *lines: str) -> None:
        for line in lines:
            self.console.print(Text(line), soft_wrap=True)  # a command stays one line, to be copied
