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


def raised(was: str, now: str) -> bool:
    """Whether a line says with Markdown's marks what it said with another markup's: a heading, an item, a mark of code."""
    if re.fullmatch(r"```[\w+-]*", now):
        return re.fullmatch(r"-{4,}[ \t]*", was) is not None
    if was.startswith("# ") and now == f"1. {was[2:]}":
        return True
    if _HEADING.match(now) is None:
        return was.startswith(" ") and was.lstrip(" ") == now.lstrip(" ")
    said, given = ("".join(re.findall(r"\w", text.replace("_", "").casefold())) for text in (now, was))
    return bool(said) and said in given


def assert_accounted(draft: Draft, prepared: Sequence[Document]) -> None:
    """Every source line has one fate and every output line one origin, and placed lines say what the source says."""
    files = {path: text.split("\n")[:-1] for path, text in draft.files.items()}
    rewritten = any("given Markdown's marks" in point for point in draft.open_points)
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
                kept = was == now or words(was) == words(now) or (rewritten and raised(was, now))
                assert kept, (entry, step, was, now)
        assert [at for at, count in enumerate(fates, 1) if count != 1] == [], document.name
    for block in draft.generated:
        assert block.name
        for number in range(block.first, block.last + 1):
            origins[block.file][number - 1] += 1
    for path, counts in origins.items():
        assert [at for at, count in enumerate(counts, 1) if count != 1] == [], path
