"""What a person says in a session: a command as in a comment of a pull request, or words."""

from __future__ import annotations

from dataclasses import dataclass

from skill_fleet.review.commands import MISSPELT, VERBS, read_comment

QUIT, WORDS, OPTION = "quit", "words", "option"
HERE = {**VERBS, "help": "show this list", QUIT: "leave; the same command goes on from here"}


@dataclass(frozen=True)
class Said:
    """One answer. `verb` is a command's name, WORDS, or OPTION for one that was offered."""

    verb: str
    text: str

    @property
    def typed(self) -> str:
        """As it would be typed."""
        return self.text if self.verb in (WORDS, OPTION) else f"/{self.verb} {self.text}".rstrip()


class Left(Exception):
    """The person has left: by /quit, by /cancel, or because the input ended."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


def read_said(text: str, options: tuple[str, ...]) -> Said:
    """What an answer is. An option comes first, then a command that stands alone, and all else is words."""
    if text in options:
        return Said(OPTION, text)
    if text.strip() == f"/{QUIT}":
        return Said(QUIT, "")
    commands = read_comment(text).commands
    if len(commands) == 1:
        return Said(*commands[0])
    return Said(WORDS, text)


def misspelt(said: Said) -> str:
    """What to say of a command that nearly names one, '' when it is none."""
    typed, _, meant = said.text.partition(" ")
    return f"There is no /{typed}; did you mean /{meant}?" if said.verb == MISSPELT else ""
