"""The two sides of a session in the terminal: panels and questions out, answers in. Plain text where there is no screen."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from skill_fleet.checks.visible import escaped
from skill_fleet.cli.chat.said import HERE, OPTION, QUIT, Left, Said, misspelt, read_said
from skill_fleet.cli.keyboard import has_arrow_keys, moves_a_cursor
from skill_fleet.cli.progress import Steps
from skill_fleet.cli.questions import pick

# The colours of the checkpoints; `passed` and `failed` are the two of validate, `said` is what others say.
COLOURS = {
    "clarify": "yellow",
    "confirm": "cyan",
    "preview": "blue",
    "passed": "green",
    "failed": "red",
    "said": "magenta",
}
_LINES = {"+": "green", "-": "red", "@": "cyan"}


class Talk:
    """One person at one terminal, or a file of answers. `asks` is false when every default is to be taken.

    `heard` is how many answers there were so far.
    """

    def __init__(self, *, asks: bool = True, aside: bool = False) -> None:
        self.stream = sys.stderr if aside else sys.stdout  # aside: standard output is for a program
        self.rich = moves_a_cursor(self.stream)
        self.asks = asks
        self.heard = 0
        self.console = Console(
            file=self.stream, force_terminal=self.rich, no_color=None if self.rich else True, highlight=False,
            markup=False, soft_wrap=not self.rich,
        )  # fmt: skip
        self.steps = Steps(self.console, self.rich)
        if self.rich and asks and not has_arrow_keys(self.stream):
            self.say("note: For the arrow keys: python -m pip install 'prompt-toolkit>=3.0.52'")

    def panel(self, kind: str, title: str, lines: Sequence[str], *, diff: bool = False) -> None:
        """Show `lines` under a title, in the colour of the checkpoint; `diff` colours what was added and removed."""
        self.steps.stop()
        rows = [escaped(line) for line in lines]
        if not self.rich:
            self._print("", f"== {escaped(title)} ==", *(f"  {row}".rstrip() for row in rows))
            return
        text = Text()
        for number, row in enumerate(rows):
            style = _LINES.get(row[:1], "") if diff else ""
            text.append(f"{row}{'' if number == len(rows) - 1 else chr(10)}", style=style)
        self.console.print()
        self.console.print(Panel(text, title=Text(escaped(title)), title_align="left", border_style=COLOURS[kind]))

    def say(self, *lines: str) -> None:
        """Show lines as they are."""
        self.steps.stop()
        self._print(*(escaped(line) for line in lines))

    def hear(self, options: Sequence[str], default: str, other: str) -> Said:
        """What the person answers; `default` when nobody is asked. Left when he goes, or is not there any more.

        `other` is what the way to his own words is called.
        """
        self.steps.stop()
        while self.asks:
            try:
                text = pick(options, default, self.stream, other, [f"/{verb}" for verb in HERE])
            except EOFError:
                raise Left("end") from None
            said = read_said(text, tuple(options))
            self.heard += 1
            if said.verb == QUIT:
                raise Left(QUIT)
            if said.verb == "help":
                self.panel("said", "Commands", [f"/{verb:<9} {words}" for verb, words in HERE.items()])
            elif wrong := misspelt(said):
                self.say(wrong)
            else:
                return said
        self.say(f"> {default}")
        return Said(OPTION, default)

    def _print(self, *lines: str) -> None:
        for line in lines:
            self.console.print(Text(line), soft_wrap=True)  # a command stays one line, to be copied
