"""Files of its own that a skill names and does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from skill_fleet.drafting.names import skill_name
from skill_fleet.drafting.page import Page

_OWN = re.compile(r"(?<![\w/.-])(?:\./)?((?:references|scripts|assets)/[\w./-]*\w\.\w{1,5})\b")
_BARE = re.compile(r"(?<![\w/.-])([a-z][\w-]*\.md)\b")
_TREE = re.compile(r"[\s\u2500-\u257f|`+-]*[\u2500-\u257f][\s\u2500-\u257f-]*(?P<name>[\w.-]+/?)")
_OTHER = re.compile(r"\b([a-z0-9]+(?:-[a-z0-9]+)+)\s+skill\b")
_FEW = 6


def missing_files(pages: Sequence[Page], title: str, files: Mapping[str, str]) -> Iterator[str]:
    """Files of its own that a skill names and does not have."""
    own = {skill_name(title), *(path.rsplit("/", 1)[-1] for path in files)}
    named: dict[str, None] = {}
    bare: dict[str, None] = {}
    for page in pages:
        folder = ""
        for line in page.lines:
            named |= dict.fromkeys(_OWN.findall(line))
            tree_line = _TREE.match(line) if "\u2500" in line else None
            if tree_line:
                name = tree_line["name"]
                folder = name.strip("/") if name.endswith("/") else folder
                if "." in name.strip(".") and folder in ("references", "scripts", "assets"):
                    bare[name] = None
            elif not any(other not in _own_names(title) for other in _OTHER.findall(line)):
                bare |= dict.fromkeys(_BARE.findall(line))
    if not named:
        return
    known = {path.rsplit("/", 1)[-1] for path in named}
    gone = [path for path in named if path not in files]
    gone += [name for name in bare if name not in known and name not in own]
    if gone:
        some = ", ".join(f"`{path}`" for path in gone[:_FEW])
        more = f" and {len(gone) - _FEW} more" if len(gone) > _FEW else ""
        one = "a file" if len(gone) == 1 else f"{len(gone)} files"
        yield f"The text names {one} of its own that do not exist: {some}{more}. Supply with `--from DIR`, or drop."


def _own_names(title: str) -> set[str]:
    words = skill_name(title).split("-")
    return {"-".join(words[:end]) for end in range(1, len(words) + 1)}
