"""Rebuild sources from the files and the ledger of a draft, independently of how they were written."""

from __future__ import annotations

import re
from collections import Counter

from skill_fleet.drafting import Document, Draft, Fate


def faults(draft: Draft, documents: tuple[Document, ...]) -> list[str]:
    """Lines without exactly one fate, placed lines that differ by more than heading and links, unexplained output."""
    found: list[str] = []
    origins: Counter[tuple[str, int]] = Counter()
    for document in documents:
        lines = document.text.split("\n")
        count = len(lines) - (not lines[-1])
        fates: Counter[int] = Counter()
        for entry in draft.ledger:
            if entry.document != document.name:
                continue
            for number in range(entry.first, entry.last + 1):
                fates[number] += 1
                source = lines[number - 1]
                if entry.fate is Fate.PLACED:
                    line = entry.line + number - entry.first
                    origins[entry.file, line] += 1
                    written = draft.files[entry.file].split("\n")[line - 1]
                    if words(written) != words(source):
                        found.append(f"{document.name}:{number}: {source!r} became {written!r}")
                elif "blank" in entry.reason and source.strip():
                    found.append(f"{document.name}:{number}: {source!r} is lost")
        found += [f"{document.name}:{n}: {fates[n]} fates" for n in range(1, count + 1) if fates[n] != 1]
    for block in draft.generated:
        origins.update((block.file, line) for line in range(block.first, block.last + 1))
    for file, text in draft.files.items():
        found += [
            f"{file}:{n}: {origins[file, n]} origins" for n in range(1, text.count("\n") + 1) if origins[file, n] != 1
        ]
    return found


def words(line: str) -> str:
    """What is left of a line without heading marks, link targets and anchors, and of tags the text of an image."""
    line = re.sub(r"</?(?:a|img|source|video|audio)\b(?:[^<>]*\salt=[\"']([^<>\"']*)[\"'])?[^<>]*>", r"\1", line)
    line = re.sub(r"^ {0,3}#+|^=+$|^-+$", "", line)
    line = re.sub(r"(?<=\]:) .*| ?\(`[^`]*`\)|\{ ?#[^{}]*\}|\]\([^()]*\)|\]\[[^\[\]]*\]", "", line)
    return re.sub(r"[\W_]+", "", line)
