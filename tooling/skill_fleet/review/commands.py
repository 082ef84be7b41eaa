"""What a comment asks for: commands, suggestion blocks, free text.

CommonMark decides what is text. A command is alone on a line of an ordinary paragraph: not in code, a quote, a list, an
HTML comment or an HTML element such as `<details>`. What only resembles a command is answered with the one that was
probably meant. Everything here takes linear time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from skill_fleet.markdown import links_on, parser, without_code

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
    "eval": "measure what the pull request changes; only at the start of a comment",
    "help": "show this list",
}
MISSPELLED = "misspelt"  # a line that resembles a command; receipts contain this word, so it must not change
APPROVAL = "approve"  # no command here, but one of many other bots
_WITH_TEXT = frozenset({"revise", "refine", "describe", "move", "drop", "adopt"})
_ELSEWHERE = {  # commands of other bots
    **dict.fromkeys(("approve", "approved", "lgtm", "merge"), APPROVAL),
    "close": "cancel",
    "ready": "proceed",
    "rename": "move",
    "delete": "drop",
    "remove": "drop",
}

_COMMAND = re.compile(r"/([A-Za-z][A-Za-z-]*)(?:[ \t]+(.*))?")  # phones capitalize the first letter of a line
_NEAR = re.compile(r"(?:@[\w-]{1,39}[,:]?[ \t]+)?[`*_\\]{0,3}[/\uff0f] ?([A-Za-z][A-Za-z-]*)(?![\w/])(.*)")
_SUGGESTION = re.compile(r"suggestion(?::-([0-9]{1,3})\+([0-9]{1,3}))?", re.IGNORECASE)  # with the offsets of GitLab
_HTML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_ELEMENT = re.compile(  # elements whose text the page may fold away or show as a quote
    r"<(/?)(details|blockquote|pre|div|section|table|ul|ol|dl|template|textarea|script|style|figure)\b", re.IGNORECASE
)
_TAG_BEGINS = re.compile(r"<[A-Za-z/!?]")
_TAG = re.compile(r"""<[A-Za-z/][^<>"']*(?:(?:"[^"<>]*"|'[^'<>]*')[^<>"']*)*>""")
_WORDS = 3  # a line with more of them is a sentence, also if it begins like a command


@dataclass(frozen=True)
class Asked:
    """What one comment asks for: commands with their arguments, the text of each suggestion block, and free text.

    `reach` has, for each suggestion, the number of lines that it also replaces above and below those of the comment.
    """

    commands: tuple[tuple[str, str], ...]
    suggestions: tuple[str, ...]
    text: str
    reach: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class _Part:
    """A piece of a comment: the start or end of an element (or quote) `text`, a line, or a fence with its `info`. The info
    of a line in code is `code`.

    An element that `lasts` holds to the end of the comment if it is never closed. A line that is `sure` is plain text of
    a paragraph, so a command on it counts.
    """

    kind: Literal["open", "close", "line", "fence"]
    text: str
    info: str = ""
    lasts: bool = False
    sure: bool = False


def read_comment(body: str) -> Asked:
    """Read a comment. A line in the form of a command whose name resembles none is free text (a path, a joke)."""
    commands: list[tuple[str, str]] = []
    suggestions: list[tuple[str, int, int]] = []
    text: list[str] = []
    parts = [*_parts(body.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd"))]
    for part, is_hidden in zip(parts, _hidden(parts), strict=True):
        word = part.info.strip().split(" ")[0]
        if part.kind == "fence" and not is_hidden and (found := _SUGGESTION.fullmatch(word)):
            suggestions.append((part.text, int(found[1] or 0), int(found[2] or 0)))
        elif part.kind == "fence":
            if not is_hidden and word and get_close_matches(word.lower(), ["suggestion"], 1, 0.8):
                commands.append((MISSPELLED, f"```{word}"))
            text.append(part.text)
        elif part.kind == "line" and part.text.strip():
            line = part.text.strip()
            is_text = not is_hidden and part.info != "code"
            command = ((_command(line) if part.sure else None) or _near(line)) if is_text else None
            if command:
                commands.append(command)
            if not command or (command[0] == MISSPELLED and line.count(" ") > _WORDS):
                text.append(part.text)
    reach = tuple((above, below) for _, above, below in suggestions)
    return Asked(tuple(commands), tuple(each[0] for each in suggestions), "\n".join(text).strip(), reach)


def _parts(body: str) -> Iterator[_Part]:
    """Yield the pieces of a comment in order."""
    before = ""
    for token in parser().parse(body):
        if token.type == "fence":
            yield _Part("fence", token.content, token.info)
        elif token.type == "html_block":
            html = _HTML_COMMENT.sub("", token.content)
            lasts = "<summary" in html.lower() or not _TAG.sub("", html).strip()
            for line in html.split("\n"):
                yield from _elements(line, lasts)
                yield _Part("line", _TAG.sub("", line))
        elif token.type == "blockquote_open":
            yield _Part("open", ">")
        elif token.type == "blockquote_close":
            yield _Part("close", ">")
        elif token.type == "inline":
            yield from _lines(token.content, before == "paragraph_open" and token.level == 1)
        before = token.type


def _lines(content: str, sure: bool) -> Iterator[_Part]:
    """Yield the lines of a paragraph or heading, each before the elements that it opens and closes.

    No line is sure after one on which something begins that could hide it: an address with its title, an alternative text,
    the attributes of a tag. It need not be hidden, but only a slow parser could tell.
    """
    shown, plain = _without_comments(content, without_code(content))
    for line, bare in zip(shown.split("\n"), plain.split("\n"), strict=True):
        is_code = line.lstrip()[:1] == "/" != bare.lstrip()[:1]
        yield _Part("line", line, "code" if is_code else "", sure=sure and not is_code)
        yield from _elements(bare, lasts=False)
        links = [*links_on(bare)] if "](" in bare or "![" in bare else []
        sure &= bare.count("](") <= sum(link.at != (0, 0) for link in links)
        sure &= bare.count("![") <= sum(bare.startswith("!", link.start) for link in links if link.start >= 0)
        sure &= len(_TAG_BEGINS.findall(bare)) <= len(_TAG.findall(bare))


def _without_comments(content: str, plain: str) -> tuple[str, str]:
    """Return the text of a paragraph, and the same without code, without HTML comments. Their line ends stay."""
    pieces: list[tuple[str, str]] = []
    at, last = 0, plain.rfind("-->")
    while 0 <= (start := plain.find("<!--", at)) < last:
        end = plain.index("-->", start) + 3
        ends = "\n" * content.count("\n", start, end)
        pieces += [(content[at:start], plain[at:start]), (ends, ends)]
        at = end
    pieces.append((content[at:], plain[at:]))
    return "".join(piece[0] for piece in pieces), "".join(piece[1] for piece in pieces)


def _elements(html: str, lasts: bool) -> Iterator[_Part]:
    for slash, name in _ELEMENT.findall(html):
        yield _Part("close" if slash else "open", name.lower(), lasts=lasts)


def _hidden(parts: Sequence[_Part]) -> Iterator[bool]:
    """Yield whether each part is in a quote, or in an element that is closed later or that lasts.

    Any other element that is never closed is a word of a sentence, such as `The <table> is too wide.`
    """
    ends: dict[int, int] = {}
    opened: list[int] = []
    names: Counter[str] = Counter()
    for at, part in enumerate(parts):
        if part.kind == "open":
            opened.append(at)
            names[part.text] += 1
        while part.kind == "close" and names[part.text]:
            inner = opened.pop()
            names[parts[inner].text] -= 1
            is_meant = parts[inner].text == part.text
            if is_meant or parts[inner].lasts:
                ends[inner] = at
            if is_meant:
                break
    ends |= {at: len(parts) for at in opened if parts[at].lasts}
    until = -1
    for at in range(len(parts)):
        until = max(until, ends.get(at, -1))
        yield at < until


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
    if not found or (command := found[1].lower()) not in COMMANDS:
        return None
    argument = (found[2] or "").strip()
    return (command, argument) if not argument or command in _WITH_TEXT else None


def _near(line: str) -> tuple[str, str] | None:
    return (MISSPELLED, line) if meant_by(line) else None


def meant_by(typed: str) -> str:
    """Return the command, or the start of a suggestion, that was probably meant by a line; '' if it resembles none."""
    if typed.startswith("```"):
        return "```suggestion"
    if not (found := _NEAR.fullmatch(typed)):
        return ""
    name = found[1].lower()
    near = _ELSEWHERE.get(name) or next(iter(get_close_matches(name, COMMANDS, 1, 0.7)), "")
    argument = found[2].strip(" \t`*_:.,;!?") if near in _WITH_TEXT else ""
    return f"/{near} {argument}".strip() if near else ""
