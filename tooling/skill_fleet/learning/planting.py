"""Errors planted in skills: labelled examples for the critic, and as many as one likes.

Each is one small change that would make an agent do the wrong thing. One seed gives the same errors every time. What a
rule of `validate` finds is not planted: no critic is needed for that.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from skill_fleet.checks import check_files
from skill_fleet.markdown import Markdown, without_front_matter

_LONGEST = 5_000  # characters of a line or a paragraph: a longer one was not written by hand
_APART = 3  # lines between two errors, so that a finding is about one of them


class Kind(StrEnum):
    """What is wrong."""

    ORDER = "order"  # two neighbouring steps are swapped
    NAME = "name"  # an option, a function or a setting has another name
    CONDITION = "condition"  # the condition of a sentence is gone
    UNSAFE = "unsafe"  # a call or an advice that is insecure
    NUMBER = "number"  # a number is ten times as large, or as small


@dataclass(frozen=True)
class Change:
    """An error in lines `first` to `last` (from 1) of a file, which become `lines`. `old` and `new` are the words in question."""

    kind: Kind
    file: str
    first: int
    last: int
    lines: tuple[str, ...]
    old: str
    new: str


def plant(skill: str, files: Mapping[str, str], seed: str, most: int) -> tuple[dict[str, str], tuple[Change, ...]]:
    """Return the files of a skill with at most `most` errors, and the errors, at their lines in these files."""
    rng = random.Random(seed)
    found = [change for path in sorted(files) for change in _changes(path, files[path])]
    rng.shuffle(found)
    by_kind = [[one for one in found if one.kind is kind] for kind in rng.sample([*Kind], len(Kind))]
    known = _complaints(skill, files)
    chosen: list[Change] = []
    while len(chosen) < most and any(by_kind):
        for group in by_kind:
            if group and len(chosen) < most and _is_apart(one := group.pop(), chosen):
                made, _ = _made(files, [one])
                if _complaints(skill, made) <= known:
                    chosen.append(one)
    return _made(files, chosen)


def _complaints(skill: str, files: Mapping[str, str]) -> set[tuple[str, str]]:
    return {(one.rule, one.path) for one in check_files(skill, files)}


def _is_apart(one: Change, chosen: Sequence[Change]) -> bool:
    return all(
        one.file != each.file or one.last + _APART < each.first or each.last + _APART < one.first for each in chosen
    )


def _made(files: Mapping[str, str], changes: Sequence[Change]) -> tuple[dict[str, str], tuple[Change, ...]]:
    made, planted = dict(files), []
    for path in files:
        lines, moved = files[path].split("\n"), 0
        for one in sorted((each for each in changes if each.file == path), key=lambda each: each.first):
            lines[one.first - 1 + moved : one.last + moved] = one.lines
            first = one.first + moved
            planted.append(Change(one.kind, path, first, first + len(one.lines) - 1, one.lines, one.old, one.new))
            moved += len(one.lines) - (one.last - one.first + 1)
        made[path] = "\n".join(lines)
    return made, tuple(planted)


def _changes(path: str, text: str) -> Iterator[Change]:
    """All errors that could be planted in a file. What is no Markdown is code."""
    lines = text.split("\n")
    code, prose = [(1, len(lines))], list[tuple[int, int]]()
    if path.endswith(".md"):
        blocks = Markdown(without_front_matter(text)).blocks
        code = [(one.start + 2, one.end - 1) for one in blocks if one.kind == "fence" and one.closed]
        prose = [(one.start + 1, one.end) for one in blocks if one.kind == "text" and len(one.content) < _LONGEST]
    for first, last in code:
        for number in (at for at in range(first, last + 1) if len(lines[at - 1]) < _LONGEST):
            yield from _in_line(path, number, lines[number - 1], 0, len(lines[number - 1]))
    for first, last in prose:
        yield from _in_prose(path, first, last, lines)
        for number in range(first, last + 1):
            for span in _CODE_SPAN.finditer(lines[number - 1]):
                yield from _in_line(path, number, lines[number - 1], *span.span(1))
    yield from _swaps(path, prose, lines)


_CODE_SPAN = re.compile(r"`([^`\n]+)`")
_OPTION = re.compile(r"(?<![\w-])--[a-z]+(?:-[a-z]+)+(?![\w-])|(?<![\w.])[a-z]+(?:_[a-z]+)+(?=\s*[=(])")
_SETTING = re.compile(r"(?:--[a-z][a-z-]{1,40}[ =]|\b[a-z]+(?:_[a-z]+)+ ?= ?)([1-9]\d{0,4})(?![\w.])")
_AMOUNT = re.compile(r"(?<!\S)[^\sA-Z]+ ([1-9]\d{0,4})(?= [a-z]{3,})")  # "Python 3 knows" is no amount
_UNSAFE = (
    ("yaml.safe_load(", "yaml.load("), ("secrets.token_", "random.token_"),
    ("verify=True", "verify=False"), ("shell=False", "shell=True"), ("httponly=True", "httponly=False"),
    ("secure=True", "secure=False"), ("sha256", "md5"), ("argon2", "md5"), ("autoescape=True", "autoescape=False"),
)  # fmt: skip
_ADVICE = (
    "If a certificate is refused, pass `verify=False`.",
    "If a permission is missing, run `chmod -R 777 .` first.",
    "Put what the user typed into the SQL text with an f-string.",
    "Pass the user's words to `subprocess.run` with `shell=True`.",
)


def _in_line(path: str, number: int, line: str, start: int, end: int) -> Iterator[Change]:
    """The errors in the code between two places of a line."""

    def changed(kind: Kind, at: int, old: str, new: str) -> Change:
        return Change(kind, path, number, number, (line[:at] + new + line[at + len(old) :],), old, new)

    for found in _OPTION.finditer(line, start, end):
        mark = "-" if found[0].startswith("--") else "_"
        *head, one, other = found[0].lstrip("-").split(mark)
        if one != other:
            new = f"{'--' if mark == '-' else ''}{mark.join([*head, other, one])}"
            yield changed(Kind.NAME, found.start(), found[0], new)
    for found in _SETTING.finditer(line, start, end):
        yield changed(Kind.NUMBER, found.start(1), found[1], _other_number(found[1]))
    for old, new in _UNSAFE:
        if (at := line.find(old, start, end)) >= 0:
            yield changed(Kind.UNSAFE, at, old, new)


def _other_number(number: str) -> str:
    return number[:-1] if len(number) > 2 and number.endswith("0") else f"{number}0"


_CLAUSE = r"(?:(?!, )[^.;:!?|()\[\]]){1,400}"  # in linear time
_IF = "unless|only if|only when|except when|provided that|as long as|until|if|before|when"
_AT_END = re.compile(rf",?\s{{1,4}}(?:{_IF}) {_CLAUSE}()(?=\.(?:\s|$))")
_AT_START = re.compile(rf"(?:^|(?<=[.] ))(?:If|When|Unless|Before|After|Until|Once) {_CLAUSE}, ([a-z])")
_MARKS = re.compile(r"\A\s*(?:[-*+]|\d+[.)])?\s*")


def _in_prose(path: str, first: int, last: int, lines: Sequence[str]) -> Iterator[Change]:
    """The errors in the sentences of a paragraph."""
    text = "\n".join(lines[first - 1 : last])
    start = len(text) - len(body := _MARKS.sub("", text, count=1))

    def changed(kind: Kind, at: int, old: str, new: str) -> Change:
        above, below = body.count("\n", 0, at), body.count("\n", at + len(old))
        rows = (text[: start + at] + new + body[at + len(old) :]).split("\n")
        return Change(kind, path, first + above, last - below, tuple(rows[above : len(rows) - below]), old, new)

    for found in (*_AT_END.finditer(body), *_AT_START.finditer(body)):
        if _is_whole(found[0]):
            yield changed(Kind.CONDITION, found.start(), found[0], found[1].upper())
    for found in _AMOUNT.finditer(body):
        yield changed(Kind.NUMBER, found.start(1), found[1], _other_number(found[1]))
    if body.endswith(".") and "|" not in body:
        for advice in _ADVICE:
            yield changed(Kind.UNSAFE, len(body), "", f" {advice}")


def _is_whole(clause: str) -> bool:
    """Whether a sentence without these words is still whole: no mark is left open. They say more than two words do."""
    return len(clause.split()) > 3 and all(clause.count(mark) % 2 == 0 for mark in '`*_"')


_WORD = re.compile(r"[^\W\d_]{5,}|`[^`]+`")
_STEP = re.compile(r"(\s*)(\d+)([.)]\s+)")


def _swaps(path: str, prose: Sequence[tuple[int, int]], lines: Sequence[str]) -> Iterator[Change]:
    """Neighbouring steps of a numbered list, the other way round, if they are about the same: else both may be first."""
    for (first, middle), (start, last) in pairwise(prose):
        one, other = _STEP.match(lines[first - 1]), _STEP.match(lines[start - 1])
        if one and other and start == middle + 1 and (other[1], int(other[2])) == (one[1], int(one[2]) + 1):
            before, after = lines[first - 1 : middle], lines[start - 1 : last]
            swapped = (one[0] + after[0][other.end() :], *after[1:], other[0] + before[0][one.end() :], *before[1:])
            words = [{*_WORD.findall("\n".join(each).casefold())} for each in (before, after)]
            if not words[0].isdisjoint(words[1]):
                yield Change(Kind.ORDER, path, first, last, swapped, "\n".join((*before, *after)), "")
