"""The files that a new fleet starts with.

Most are this repository's own: it is a fleet, too. Their parts that are about the tool stand between two lines that
say "only here", and are left out. The installed package carries copies; a checkout reads them where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parents[2]

FIRST_SKILL = "skills/practices/skill-review"

# What this repository has for the tool alone, or what each fleet has its own of.
_OURS = re.compile(r"\.github/(CODEOWNERS|workflows/release\.yml)|(.*/)?__pycache__/.*")
_LOCAL = re.compile(
    r"^[^\n]*only here: begin\b.*?only here: end[^\n]*\n|^[^\n]*# only here\n", re.DOTALL | re.MULTILINE
)


def without_local(text: str) -> str:
    """`text` without the parts that are marked "only here"."""
    return _LOCAL.sub("", text)


def shared_files() -> dict[str, str]:
    """The files that a fleet has from this repository, by their path in it; among them its first skill."""
    return {path: without_local(file.read_text(encoding="utf-8")) for path, file in sorted(_sources())}


def own_files(name: str) -> dict[str, str]:
    """The files that are written for a fleet called `name`; their names here have no leading dot."""
    found = {}
    for file in sorted((_PACKAGE / "templates").iterdir()):
        path = f".{file.name.removeprefix('dot-')}" if file.name.startswith("dot-") else file.name
        found[path] = file.read_text(encoding="utf-8").replace("@NAME@", name)
    return found


def tested_versions() -> str:
    """The versions of other packages that the tool was tested with, as a file for pip."""
    return _source("constraints.txt", _CHECKOUT / "constraints.txt").read_text(encoding="utf-8")


def _sources() -> Iterator[tuple[str, Path]]:
    folders = {
        ".github": _source("github", _CHECKOUT / ".github"),
        FIRST_SKILL: _source("first-skill", _CHECKOUT / FIRST_SKILL),
    }
    for start, folder in folders.items():
        for file in folder.rglob("*"):
            path = f"{start}/{file.relative_to(folder).as_posix()}"
            if file.is_file() and not _OURS.fullmatch(path):
                yield path, file
    yield "skills/taxonomy.yaml", _source("taxonomy.yaml", _CHECKOUT / "skills" / "taxonomy.yaml")


def _source(inside: str, checkout: Path) -> Path:
    """Where it lies in an installed package; in a checkout, where it belongs."""
    return found if (found := _PACKAGE / inside).exists() else checkout
