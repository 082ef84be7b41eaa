"""Which of many parts is the main document, which belong to it, and which are set aside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from skill_fleet.drafting.pages.page import Part
from skill_fleet.drafting.sources.matter import read_matter
from skill_fleet.errors import UserError

_CODE = re.compile(
    r"\.(pyi?|ipynb|[mc]?[jt]sx?|vue|svelte|go|rs|java|kts?|swift|[ch](pp|c)?|cs|rb|php|lua|r|pl|scala|dart|exs?|clj|hs|lock)$",
    re.I,
)
_SETTINGS = re.compile(r"\.(ya?ml|toml|ini|cfg|conf|json|html?|css|sql|env|example|csv|xml)$", re.I)
_SCRIPTS = re.compile(r"\.(sh|bash|zsh|ps1)$", re.I)
_BARE = {"Dockerfile", "Makefile", "Procfile"}
_LEGAL = re.compile(r"(licen[cs]e|notice|copying)(\.(txt|md))?$", re.I)
_DECLARED = re.compile(r"#{1,3} (skill )?metadata\s*$", re.I)


def name_of(part: Part) -> str:
    """What a part is called: its path, else the document that it is."""
    return part.path or part.document


def is_prose(part: Part) -> bool:
    """Whether a part is a text to be divided, not code or settings to be kept as a file."""
    if part.drawn:
        return True
    path = PurePosixPath(name_of(part))
    known = any(kind.search(path.name) for kind in (_CODE, _SETTINGS, _SCRIPTS)) or path.name in _BARE
    return not known and not _LEGAL.match(path.name)


def is_script(part: Part) -> bool:
    """Whether a part is a program that is run as it stands."""
    path = PurePosixPath(name_of(part))
    runs = part.lines[0].startswith("#!") or any(line.startswith("if __name__ ==") for line in part.lines)
    return bool(_SCRIPTS.search(path.name)) or "scripts" in path.parts or runs


def is_template(part: Part) -> bool:
    """Whether a part is a file of settings or a page, which one copies and changes."""
    path = PurePosixPath(name_of(part))
    return bool(_SETTINGS.search(path.name)) or path.name in _BARE or bool(_LEGAL.match(path.name))


def matching(parts: Sequence[Part], globs: Sequence[str]) -> tuple[list[Part], list[tuple[Part, str]]]:
    """The parts whose path or file name fits one of the patterns; the others with the reason that they do not."""
    if not globs:
        return list(parts), []
    fits = [any(_fits(name_of(part), glob) for glob in globs) for part in parts]
    kept = [part for part, fit in zip(parts, fits, strict=True) if fit]
    if not kept:
        names = ", ".join(name_of(part) for part in parts[:8])
        raise UserError(f"No document matches {' or '.join(globs)}.", f"There are: {names}{', …' if parts[8:] else ''}")
    said = ", ".join(globs)
    return kept, [(p, f"does not match --only {said}") for p, fit in zip(parts, fits, strict=True) if not fit]


def _fits(name: str, glob: str) -> bool:
    return fnmatchcase(name, glob) or fnmatchcase(PurePosixPath(name).name, glob) or name == glob


def main_part(parts: Sequence[Part]) -> Part:
    """A SKILL.md, else the README or index nearest the root, else what declares itself a skill, else the largest."""

    def rank(part: Part) -> tuple[int, int, int]:
        path = PurePosixPath(name_of(part))
        depth = len(path.parts)
        if path.name.lower() == "skill.md":
            return (0, depth, 0)
        if path.stem.lower() in ("readme", "index") and len(parts) > 1:
            return (1, depth, 0)
        matter, _ = read_matter(part.lines)
        if {"name", "description"} <= set(matter) or any(_DECLARED.match(line) for line in part.lines):
            return (2, 0, -len(part.lines))
        return (3, 0, -sum(map(len, part.lines)))

    return min(parts, key=rank)


def belonging(main: Part, parts: Sequence[Part]) -> tuple[list[Part], list[tuple[Part, str]]]:
    """The other parts, without those of other skills and without fragments and code that are no use by themselves."""
    home = PurePosixPath(name_of(main)).parent
    skill = PurePosixPath(name_of(main)).name.lower() == "skill.md"
    foreign = {PurePosixPath(name_of(p)).parent for p in parts if PurePosixPath(name_of(p)).name.lower() == "skill.md"}
    kept: list[Part] = []
    aside: list[tuple[Part, str]] = []
    for part in parts:
        if part is main:
            continue
        path = PurePosixPath(name_of(part))
        other = next((folder for folder in path.parents if folder in foreign - {home}), None) if foreign else None
        if other is None and skill and len(home.parts) > 2 and not path.is_relative_to(home):
            fleet = PurePosixPath(*home.parts[:-2])
            if path.is_relative_to(fleet) and len(path.parts) > len(home.parts):
                other = PurePosixPath(*path.parts[: len(home.parts)])
        if other is not None:
            aside.append((part, f"belongs to another skill, {other}"))
        elif is_prose(part):
            kept.append(part)
        elif part.cut_head or part.cut_tail:
            aside.append((part, "a fragment of a file of code: it was cut off"))
        elif (skill and path.is_relative_to(home)) or is_script(part) or is_template(part):
            kept.append(part)
        else:
            aside.append((part, "source code, no document and no script"))
    return kept, aside
