"""What a comment asks for: command lines, suggestion blocks, and words.

CommonMark decides what is text: a command in a fence, a quote, a list or an HTML comment is none, nor is one inside an
HTML element such as `<details>`. A command stands alone on a line of an ordinary paragraph and begins it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from markdown_it import MarkdownIt

COMMANDS = {
    "proceed": "go on: agree to the brief, or mark the draft ready",
    "revise": "TEXT: change the brief before the skill is written",
    "refine": "TEXT: change the skill",
    "describe": "TEXT: set the description to TEXT, to the letter",
    "move": "CATEGORY[/NAME]: put the skill into another folder",
    "drop": "PATH: delete a file of the skill; alone in a thread: forget what the thread asks",
    "cancel": "close this pull request without merging",
    "retry": "read again what was refused, is waiting, or was edited; in a thread, only that thread",
    "adopt": "COMMENT: take up what somebody without write access wrote, by its link or number; in its thread, what stands before",
    "help": "show this list",
}

MISSPELLED = "misspelt"  # what a line is that nearly names a command; receipts of earlier versions have this word

TAKES_TEXT = frozenset({"revise", "refine", "describe", "move", "drop", "adopt"})

_COMMAND = re.compile(r"/([A-Za-z][A-Za-z-]*)(?:[ \t]+(.*))?")  # a telephone begins each line with a capital
_HTML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_CODE_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_MENTION = re.compile(r"(?<![\w@/.`-])@([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))(?![\w@/-]|\.\w)")
_ELEMENT = re.compile(  # those that hold other text; a page folds some of them away, or shows them as a quote
    r"<(/?)(details|blockquote|pre|div|section|table|ul|ol|dl|template|textarea|script|style|figure)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Asked:
    """What one comment asks for. `commands` are (command, argument), `suggestions` the text of each block, `mentions` the
    names it calls with @ in its own words (lower case): not in code, not in a quote."""

    commands: tuple[tuple[str, str], ...]
    suggestions: tuple[str, ...]
    words: str
    mentions: frozenset[str] = frozenset()


def read_comment(body: str) -> Asked:
    """Read a comment. What looks like a command with a name that is like none of ours is words (a path, a joke)."""
    commands: list[tuple[str, str]] = []
    suggestions: list[str] = []
    words: list[str] = []
    mentions: set[str] = set()
    inside: list[str] = []  # the HTML elements that are open
    before = ""
    for token in _parser().parse(body.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")):
        if token.type == "fence":
            if token.level == 0 and not inside and token.info.strip().split(" ")[0].lower() == "suggestion":
                suggestions.append(token.content)
            else:
                words.append(token.content)
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
                    words.append(line)
                said = _CODE_SPAN.sub("", line)
                if not inside:
                    mentions |= {name.lower() for name in _MENTION.findall(said)}
                _enter(inside, said)
        before = token.type
    return Asked(tuple(commands), tuple(suggestions), "\n".join(words).strip(), frozenset(mentions))


def _enter(inside: list[str], html: str) -> None:
    """Note which elements `html` opens and closes."""
    for slash, name in _ELEMENT.findall(html):
        if not slash:
            inside.append(name.lower())
        else:
            _leave(inside, name.lower())


def _leave(inside: list[str], name: str) -> None:
    """Close the innermost element of that name, and whatever was opened in it."""
    for at in reversed(range(len(inside))):
        if inside[at] == name:
            del inside[at:]
            return


def suggestion_block(text: str) -> str:
    """A suggestion block that proposes `text`, in a fence longer than any that the text holds."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}suggestion\n{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{fence}"


def _command(line: str) -> tuple[str, str] | None:
    found = _COMMAND.fullmatch(line)
    if not found:
        return None
    command = found[1].lower()
    if command not in COMMANDS:
        near = get_close_matches(command, COMMANDS, 1, 0.7)
        return (MISSPELLED, f"{found[1]} {near[0]}") if near else None
    argument = (found[2] or "").strip()
    return (command, argument) if not argument or command in TAKES_TEXT else None


@cache
def _parser() -> MarkdownIt:
    # blocks only: what stands in a line is not our concern, and hostile emphasis is slow to read
    return MarkdownIt("commonmark").disable(["inline", "text_join"])
