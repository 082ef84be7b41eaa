"""What a comment asks for: commands, suggestion blocks, free text.

CommonMark decides what is text. A command is alone on a line of an ordinary paragraph: not in a fence, a quote, a
list, an HTML comment or an HTML element such as `<details>`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from skill_fleet.markdown import parser

COMMANDS = {
    "proceed": "agree to the brief, or mark the draft ready for review",
    "revise": "TEXT: change the brief before the skill is written",
    "refine": "TEXT: change the skill",
    "describe": "TEXT: replace the description with TEXT",
    "move": "CATEGORY[/NAME]: move or rename the skill",
    "drop": "PATH: delete a file of the skill; without PATH, in a thread: withdraw what the thread asks",
    "cancel": "close the pull request without merging it",
    "retry": "retry requests that were refused, are open, or were edited; in a thread, only those of the thread",
    "adopt": "COMMENT: apply a comment by somebody without write access, by its link or number; in its thread, without COMMENT",
    "help": "show this list",
}
MISSPELLED = "misspelt"  # a line that resembles a command; receipts contain this word, so it must not change
_WITH_TEXT = frozenset({"revise", "refine", "describe", "move", "drop", "adopt"})

_COMMAND = re.compile(r"/([A-Za-z][A-Za-z-]*)(?:[ \t]+(.*))?")  # phones capitalize the first letter of a line
_HTML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_CODE_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_ELEMENT = re.compile(  # elements whose text the page may fold away or show as a quote
    r"<(/?)(details|blockquote|pre|div|section|table|ul|ol|dl|template|textarea|script|style|figure)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Asked:
    """What one comment asks for: commands with their arguments, the text of each suggestion block, and free text."""

    commands: tuple[tuple[str, str], ...]
    suggestions: tuple[str, ...]
    text: str


def read_comment(body: str) -> Asked:
    """Read a comment. A line in the form of a command whose name resembles none is free text (a path, a joke)."""
    commands: list[tuple[str, str]] = []
    suggestions: list[str] = []
    text: list[str] = []
    inside: list[str] = []  # the HTML elements that are open
    before = ""
    for token in parser().parse(body.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")):
        if token.type == "fence":
            if token.level == 0 and not inside and token.info.strip().split(" ")[0].lower() == "suggestion":
                suggestions.append(token.content)
            else:
                text.append(token.content)
        elif token.type == "html_block":
            _enter(inside, _HTML_COMMENT.sub("", token.content))
        elif token.type == "blockquote_open":
            inside.append(">")
        elif token.type == "blockquote_close":
            _leave(inside, ">")
        elif token.type == "inline":
            plain = before == "paragraph_open" and token.level == 1
            for line in _HTML_COMMENT.sub("", token.content).split("\n"):
                command = _command(line.strip()) if plain and not inside else None
                if command:
                    commands.append(command)
                    continue
                if line.strip():
                    text.append(line)
                _enter(inside, _CODE_SPAN.sub("", line))
        before = token.type
    return Asked(tuple(commands), tuple(suggestions), "\n".join(text).strip())


def _enter(inside: list[str], html: str) -> None:
    """Track the elements that `html` opens and closes."""
    for slash, name in _ELEMENT.findall(html):
        if not slash:
            inside.append(name.lower())
        else:
            _leave(inside, name.lower())


def _leave(inside: list[str], name: str) -> None:
    """Close the innermost element `name` and everything opened in it."""
    for at in reversed(range(len(inside))):
        if inside[at] == name:
            del inside[at:]
            return


def suggestion_block(text: str) -> str:
    """Return a suggestion block for `text`."""
    return fenced(text if not text or text.endswith("\n") else f"{text}\n", "suggestion")


def fenced(text: str, info: str) -> str:
    """Return a code block with a fence longer than any run of backticks in `text`, which ends with a line end."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{info}\n{text}{fence}"


def _command(line: str) -> tuple[str, str] | None:
    found = _COMMAND.fullmatch(line)
    if not found:
        return None
    command = found[1].lower()
    if command not in COMMANDS:
        return (MISSPELLED, found[1]) if nearest_command(command) else None
    argument = (found[2] or "").strip()
    return (command, argument) if not argument or command in _WITH_TEXT else None


def nearest_command(typed: str) -> str:
    """Return the command that was probably meant, '' if none is similar."""
    return next(iter(get_close_matches(typed.lower(), COMMANDS, 1, 0.7)), "")
