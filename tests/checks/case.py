"""Reads a case (see cases/README.md) and lays it out as a tree."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from pathlib import Path

from skill_fleet.checks import Finding, check_change, check_fleet, select
from skill_fleet.fleet import Fleet, MemoryTree, skills_in
from skill_fleet.git import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK

CASES = Path(__file__).parent / "cases"
TAXONOMY = b"categories:\n  python:\n    description: The language and its tools.\n"
EVERY = select(["all"])
_MODES = {
    "file": REGULAR,
    "escaped": REGULAR,
    "zeros": REGULAR,
    "script": EXECUTABLE,
    "link": SYMLINK,
    "submodule": SUBMODULE,
}


@dataclass
class Side:
    """The files of one tree with their modes."""

    files: dict[str, bytes] = field(default_factory=dict)
    modes: dict[str, int] = field(default_factory=dict)
    anywhere: bool = False

    @property
    def fleet(self) -> Fleet:
        """The fleet of that tree, or the skills in it if it is that of any repository."""
        return skills_in(MemoryTree(self.files, self.modes), is_ours=not self.anywhere)


@dataclass
class Case:
    """One case: what it shows, the trees, and what is to be found."""

    path: Path
    shows: str = ""
    expect: list[str] = field(default_factory=list)
    base: Side | None = None
    head: Side = field(default_factory=Side)

    @property
    def rule(self) -> str:
        """The rule it is about."""
        return self.path.parent.relative_to(CASES).as_posix()

    @property
    def is_good(self) -> bool:
        """Whether the rule has to keep quiet."""
        return self.path.name.startswith("good-")

    def findings(self) -> tuple[Finding, ...]:
        """What the checks say of it."""
        if self.base is None:
            return check_fleet(self.head.fleet, EVERY)
        return check_change(self.base.fleet, self.head.fleet, EVERY).findings


def all_cases() -> list[Case]:
    """Every case there is, in the order of their paths."""
    return [read_case(path) for path in sorted(CASES.rglob("*.txt"))]


def read_case(path: Path) -> Case:
    """Read one case; ValueError when it is not written as the README says."""
    case = Case(path)
    both, sides = Side(), [case.head]
    current: tuple[str, list[str]] | None = None
    lines: list[str] = []
    sections: list[tuple[str, list[str]]] = []
    for line in path.read_bytes().decode("utf-8").split("\n"):
        if line.startswith("@@ "):
            current = (line[3:], [])
            sections.append(current)
        elif current:
            current[1].append(line)
        else:
            lines.append(line)
    case.shows = " ".join(lines).strip()
    bare = False
    for words, content in sections:
        what, _, place = words.partition(" ")
        if what == "expect":
            case.expect = [line for line in content if line.strip()]
        elif what in ("bare", "anywhere"):
            bare = True
            both.anywhere = case.head.anywhere = what == "anywhere"
        elif what in ("base", "head"):
            if case.base is None:
                both, case.base, case.head = case.head, Side(), Side()
                for side in (case.base, case.head):
                    side.files, side.modes = dict(both.files), dict(both.modes)
            sides = [case.base if what == "base" else case.head]
        else:
            _put(sides[0], what, place, "\n".join(content))
    for side in (case.base, case.head):
        if side is not None and not bare:
            side.files.setdefault("skills/taxonomy.yaml", TAXONOMY)
    if not case.shows:
        raise ValueError(f"{path} does not say what it shows")
    return case


def _put(side: Side, what: str, place: str, text: str) -> None:
    place, _, more = place.partition(" ") if what in ("link", "zeros") else (place, "", "")
    content = {
        "escaped": lambda: _bytes(text),
        "link": lambda: more.encode(),
        "zeros": lambda: bytes(int(more)),
    }.get(what, text.encode)()
    path = _bytes(place).decode("utf-8", "surrogateescape")
    side.files[path] = content
    side.modes[path] = _MODES[what]


def _bytes(text: str) -> bytes:
    """The bytes of a text in which `\\xNN` is one byte."""
    return codecs.escape_decode(text.encode())[0]  # type: ignore[attr-defined,no-any-return]
