"""The two sides of a session in the terminal: panels and questions out, answers in. Plain text where there is no screen."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff

import yaml
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from skill_fleet.chat.progress import Steps
from skill_fleet.chat.questions import has_arrow_keys, moves_a_cursor, pick
from skill_fleet.checks import Finding
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.forges import Item, Snapshot
from skill_fleet.markdown import escaped
from skill_fleet.review import COMMANDS, MISSPELLED, read_comment, read_receipt, read_session, texts_of

LONGEST = 120  # lines of a diff; what is longer is looked at in Git
_POINTS = re.compile(r"^## Open points\n+(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def texts_at(snapshot: Snapshot) -> dict[str, str]:
    """The text files of the skill at the head, by their path in its folder; none when there is no skill."""
    session = read_session(snapshot)
    return texts_of(session.files) if session and session.files else {}


def preview(snapshot: Snapshot, skill: str) -> Iterator[str]:
    """The tree with its price in tokens (of four characters), the description, and what is open."""
    texts = texts_at(snapshot)
    yield f"skills/{skill}/"
    width = max(map(len, texts), default=0)
    for path, text in sorted(texts.items(), key=lambda one: (one[0] != SKILL_FILE, one[0])):
        yield f"  {path:<{width}}  {text.count(chr(10)):>5} lines  {-(-len(text) // 4):>7,} tokens"
    yield from ("", _description(texts.get(SKILL_FILE, "")))
    if points := _POINTS.search(snapshot.body):
        yield from ("", "Open points:", *points[1].strip().split("\n"))


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """What has changed between two states of the files, as a diff with two lines around each change."""
    rows: list[str] = []
    for path in sorted({*before, *after}):
        old, new = before.get(path, "").splitlines(), after.get(path, "").splitlines()
        if path not in after:
            rows.append(f"- {path} is deleted, {_many(len(old), 'line')}")
            continue
        named = (path, path) if path in before else ("nothing", path)
        rows += (row.rstrip("\n") for row in unified_diff(old, new, *named, n=2, lineterm=""))
    yield from rows[:LONGEST]
    if len(rows) > LONGEST:
        yield f"... and {len(rows) - LONGEST} more lines"


def findings(found: Sequence[Finding]) -> Iterator[str]:
    """The errors a line each, then how many hints there are."""
    errors = [each for each in found if each.severity == "error"]
    yield f"{_many(len(errors), 'error')}, {_many(len(found) - len(errors), 'hint')}."
    for each in errors:
        yield f"{each.path}:{each.line}  {each.rule}"
        yield f"  {each.message}"


def remark(snapshot: Snapshot, item: Item) -> tuple[str, list[str]] | None:
    """Who says what, and where, without the bot's bookkeeping; None for what a panel of its own shows."""
    receipt = read_receipt(snapshot, item)
    if receipt and receipt.outcome == "status":
        return None
    body = item.body.split("\n")[1 if receipt else 0 :]
    where = f" on {item.anchor.path}:{item.anchor.line}" if item.anchor else ""
    verdict = f" {item.verdict.replace('_', ' ')}" if item.verdict else ""
    return f"{item.author.name}{verdict}{where}", body


def _description(text: str) -> str:
    """What the front matter says it is; '' when it cannot be read, which the checks say better."""
    try:
        front = yaml.safe_load(text.split("---", 2)[1])
    except (IndexError, yaml.YAMLError):
        return ""
    return f"Description: {front.get('description', '')}" if isinstance(front, dict) else ""


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


QUIT, WORDS, OPTION = "quit", "words", "option"
HERE = {**COMMANDS, "help": "show this list", QUIT: "leave; the same command goes on from here"}


@dataclass(frozen=True)
class Said:
    """One answer. `command` is a command's name, WORDS, or OPTION for one that was offered."""

    command: str
    text: str

    @property
    def typed(self) -> str:
        """As it would be typed."""
        return self.text if self.command in (WORDS, OPTION) else f"/{self.command} {self.text}".rstrip()


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


def misspelled(said: Said) -> str:
    """What to say of a command that nearly names one, '' when it is none."""
    typed, _, meant = said.text.partition(" ")
    return f"There is no /{typed}; did you mean /{meant}?" if said.command == MISSPELLED else ""


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
                text = pick(options, default, self.stream, other, [f"/{command}" for command in HERE])
            except EOFError:
                raise Left("end") from None
            said = read_said(text, tuple(options))
            self.heard += 1
            if said.command == QUIT:
                raise Left(QUIT)
            if said.command == "help":
                self.panel("said", "Commands", [f"/{command:<9} {words}" for command, words in HERE.items()])
            elif wrong := misspelled(said):
                self.say(wrong)
            else:
                return said
        self.say(f"> {default}")
        return Said(OPTION, default)

    def _print(self, *lines: str) -> None:
        for line in lines:
            self.console.print(Text(line), soft_wrap=True)  # a command stays one line, to be copied
