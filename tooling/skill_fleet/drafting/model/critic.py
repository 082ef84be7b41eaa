"""What a critic has against a file, each with words that stand somewhere: in the file, or in what it should have told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from skill_fleet.drafting.model.ask import NONE, Asker
from skill_fleet.drafting.model.compose import outline
from skill_fleet.drafting.model.faults import Fault, line_of
from skill_fleet.drafting.model.headings import headings_of
from skill_fleet.drafting.model.replacing import numbered
from skill_fleet.drafting.model.shapes import Problem

MOST_PROBLEMS = 10
_SHORTEST = 8  # characters of a quote from elsewhere: shorter ones stand in any text
_NUMBER = re.compile(r"\s*S\d+:\d+\|\s?")
_AGREED = re.compile(r"(?:K\d+|Not for|Agreed): ")


def faults_of_critic(
    asker: Asker, brief: str, files: Mapping[str, str], path: str, passages: str, known: Sequence[Fault]
) -> tuple[Fault, ...]:
    """What the critic finds in a file. A problem whose quote stands nowhere is dropped: it is about another text."""
    problems = asker.ask(
        "critique",
        lambda _: "",
        brief=brief,
        outline=outline({name: headings_of(name, each) for name, each in files.items()}, {}),
        path=path,
        text=numbered(files[path]),
        passages=passages or NONE,
        findings="\n".join(f"line {fault.line}: {fault.why}" for fault in known if not fault.told) or NONE,
    )
    found = (_fault(one, path, files[path], brief, passages) for one in problems[:MOST_PROBLEMS])
    return tuple(fault for fault in found if fault)


def _fault(one: Problem, path: str, text: str, brief: str, passages: str) -> Fault | None:
    if not one.quote.strip():
        return None
    if one.quote in text:
        return Fault(path, line_of(text, one.quote, one.line), one.why, quote=one.quote, told=one.rule == "source")
    words = _bare(one.quote).strip()
    may_be_elsewhere = one.rule in ("missing", "passages", "brief") and len(words) >= _SHORTEST
    if not may_be_elsewhere or not any(words in line for line in _lines(brief, passages)):
        return None
    return Fault(path, min(max(one.line, 1), text.count("\n") or 1), one.why, quote=words, missing=True)


def _lines(brief: str, passages: str) -> Iterator[str]:
    """What a file can be held to: the lines of its passages, and what people agreed on."""
    yield from (_bare(line) for line in passages.split("\n") if _NUMBER.match(line))
    yield from (line[found.end() :] for line in brief.split("\n") if (found := _AGREED.match(line)))


def _bare(line: str) -> str:
    found = _NUMBER.match(line)
    return line[found.end() :] if found else line
