"""The parts of a document that are mostly the text of SKILL.md, worked into it as far as that takes no words."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from skill_fleet.drafting.adding.insertion import insert
from skill_fleet.fleet import SKILL_FILE

SHOWN, WORDS = 8, 80  # lines that a point names, and characters of each


@dataclass(frozen=True)
class Worked:
    """SKILL.md with what was only added to its text: `at` are those lines, `now` says by part where each line of it
    stands, `left` are the lines that would change it, by part."""

    text: str
    at: tuple[int, ...]
    now: Mapping[str, Mapping[int, int]]
    left: Mapping[str, tuple[str, ...]]

    def points(self) -> Iterator[str]:
        """What a reviewer decides about it."""
        if self.at:
            lines = ", ".join(map(str, self.at[:SHOWN])) + (", ..." if self.at[SHOWN:] else "")
            how = f"{len(self.at)} new line{'s' * (len(self.at) != 1)}"
            yield f"{SKILL_FILE} has {how} where the document has them, the rest as it was: {lines}."
        for path, left in self.left.items():
            yield f"{SKILL_FILE} has other words in the place of {counted(left, path)}; work in by hand what is right."


def work_in(files: Mapping[str, str], inside: Mapping[str, str], known: Collection[str]) -> Worked:
    """Put the parts that are mostly the text of SKILL.md into it; `known` are the files that their links may lead to."""
    text, at, now, left = files.get(SKILL_FILE, ""), tuple[int, ...](), dict[str, Mapping[int, int]](), {}
    for path, part in inside.items():
        done = insert(text, _seen_from_above(path, part, known))
        count = len(done.placed)
        at = (*(line + sum(one <= line for one in done.placed) for line in at), *done.placed) if count else at
        text, now[path] = done.text, done.now
        if done.left:
            left[path] = tuple(done.left.values())
    return Worked(text, tuple(sorted(at)), now, left)


def _seen_from_above(path: str, text: str, known: Collection[str]) -> str:
    """The text of a file with its links to others of the skill as SKILL.md would write them."""

    def link(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[1]))
        return f"]({target}" if target in known else match[0]

    return re.sub(r"\]\(([^()\s#]+)", link, text)


def counted(left: Sequence[str], path: str) -> str:
    """How many lines of a document are new, and which: the first of them by their words."""
    shown = "; ".join(_quoted(line) for line in left[:SHOWN]) + ("; ..." if left[SHOWN:] else "")
    return f"{len(left)} line{'s' * (len(left) != 1)} of {PurePosixPath(path).name} ({shown})"


def _quoted(line: str) -> str:
    words = line.replace("`", "'")
    return f"`{words[:WORDS]}{'...' if words[WORDS:] else ''}`"
