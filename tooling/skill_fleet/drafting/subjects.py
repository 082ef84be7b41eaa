"""Which documents of several are about one thing, by the words of their names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath


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
