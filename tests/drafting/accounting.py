"""Rebuilds the sources from a draft's files and ledger: nothing lost, nothing doubled, nothing made up."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skill_fleet.drafting.types import Document, Draft

_HEADING = re.compile(r"^ {0,3}#{1,6}(?=[ \t]|$)")
_TARGET = re.compile(r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(\s+\"[^\"]*\")?\)|\]\[[^\[\]]*\]")

_DEFINED = re.compile(r"^( {0,3}\[[^\[\]]+\]:)\s*\S+")
_UNLINKED = re.compile(r" \(`[^`]*`\)")


def lines_of(text: str) -> list[str]:
    """The lines of a source as the ledger counts them."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def words(line: str) -> str:
    """A line without what may change: the depth of a heading, the target of a link."""
    line = _DEFINED.sub(r"\1", _HEADING.sub("#", line))
    if re.fullmatch(r" {0,3}(=+|-+)[ \t]*", line):
        return "underline"
    return _UNLINKED.sub("", _TARGET.sub("", line)).replace("[", "").replace("]", "").replace("!", "")


def assert_accounted(draft: Draft, prepared: Sequence[Document]) -> None:
    """Every source line has one fate and every output line one origin, and placed lines say what the source says."""
    files = {path: text.split("\n")[:-1] for path, text in draft.files.items()}
    origins: dict[str, list[int]] = {path: [0] * len(lines) for path, lines in files.items()}
    for document in prepared:
        source = lines_of(document.text)
        fates = [0] * len(source)
        for entry in (one for one in draft.ledger if one.document == document.name):
            assert 1 <= entry.first <= entry.last <= len(source), entry
            for number in range(entry.first, entry.last + 1):
                fates[number - 1] += 1
            if entry.fate != "placed":
                assert entry.reason, entry
                continue
            for step in range(entry.last - entry.first + 1):
                was, now = source[entry.first - 1 + step], files[entry.file][entry.line - 1 + step]
                origins[entry.file][entry.line - 1 + step] += 1
                assert was == now or words(was) == words(now), (entry, step, was, now)
        assert [at for at, count in enumerate(fates, 1) if count != 1] == [], document.name
    for block in draft.generated:
        assert block.name
        for number in range(block.first, block.last + 1):
            origins[block.file][number - 1] += 1
    for path, counts in origins.items():
        assert [at for at, count in enumerate(counts, 1) if count != 1] == [], path
