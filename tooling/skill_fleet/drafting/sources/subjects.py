"""Which documents of several are about one thing: by the words of their names, and by what they speak of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath

from skill_fleet.drafting.pages.page import Part
from skill_fleet.drafting.sources.shelf import name_of
from skill_fleet.drafting.wording.names import subject_title

ANOTHER = "it is on another subject"
_HUBS = ("readme", "index", "skill")
_KINDS = {
    "best", "chapter", "collection", "cookbook", "design", "documentation", "examples", "features", "getting", "guide",
    "handbook", "home", "information", "introduction", "manual", "notes", "overview", "page", "part", "patterns", "practices",
    "quick", "reference", "section", "skill", "start", "started", "summary", "tips", "tutorial", "using", "with", "your",
}  # fmt: skip
_TITLE = re.compile(r"#{1,2}\s+(\S.*)$")


def shared_word(names: Sequence[str]) -> tuple[str, list[str]]:
    """The word that the most of the files are named by, but not all, and those files; "" and none if no two share one."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        for word in set(re.split(r"[\W_]+", PurePosixPath(name).stem.lower())):
            if len(word) > 3 and not word.isdigit():
                groups[word].append(name)
    shared = [(len(group), len(word), word) for word, group in groups.items() if 1 < len(group) < len(names)]
    word = max(shared)[2] if shared else ""
    return word, groups[word] if word else []


def strangers(main: Part, others: Sequence[Part]) -> list[Part]:
    """The documents that are certainly not on the subject of `main`: files of its kind are named by a word that theirs do
    not have, and they are `apart` from it.

    A README or an index speaks for all that lies around it, and so does a SKILL.md.
    """
    if PurePosixPath(name_of(main)).stem.lower() in _HUBS:
        return []
    word, group = shared_word([name_of(part) for part in (main, *others)])
    if not word or name_of(main) not in group:
        return []
    return [part for part in others if name_of(part) not in group and apart(main, part)]


def apart(main: Part, other: Part) -> bool:
    """Whether a document never comes to speak of what is in the title of `main`, and neither names the other's file."""
    words = _subject(main)
    text = "\n".join(other.lines).lower()
    files = [PurePosixPath(name_of(part)).name.lower() for part in (main, other)]
    linked = files[0] in text or files[1] in "\n".join(main.lines).lower()
    return bool(words) and not linked and not any(len(re.findall(rf"\b{word}", text)) > 1 for word in words)


def _subject(main: Part) -> list[str]:
    """The words of a document's title that say what it is about."""
    found = next((match for line in main.lines if (match := _TITLE.match(line))), None)
    title = subject_title(found[1]) if found else PurePosixPath(name_of(main)).stem
    words = re.findall(r"[^\W\d_]{4,}", title.lower())
    return [word for word in dict.fromkeys(words) if word not in _KINDS]
