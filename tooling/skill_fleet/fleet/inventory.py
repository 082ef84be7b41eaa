"""The skills of a repository that nobody laid out for this tool: which folders are sources, copies, links or neither.

A skill is a source, which is checked, unless its folder says otherwise: in a client's folder, it is a copy of the source
of the same name; a link is an alias; the skills of tests, examples, templates, backups, vendored and generated folders are
listed and left out.
"""

from __future__ import annotations

import os
import posixpath
import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from itertools import islice

from skill_fleet.errors import UserError
from skill_fleet.fleet.fleet import ROOT, Fleet, is_below, is_in, read_fleet
from skill_fleet.fleet.skill import SKILL_FILE, Copy, Skill
from skill_fleet.fleet.tree import Tree
from skill_fleet.git import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK, Entry
from skill_fleet.markdown import read_front_matter


class Kind(StrEnum):
    """What a folder of skills is."""

    SOURCE = "source"
    COPY = "copy"
    LINK = "link"
    FIXTURE = "fixture"
    GENERATED = "generated"


@dataclass(frozen=True)
class Root:
    """A folder with skills. `of` are the folders that copies and links have as their sources."""

    path: str
    kind: Kind
    skills: int
    of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unseen:
    """A path that may hold skills and was not looked at; what it is, and what to do."""

    path: str
    what: str
    fix: str

    def __str__(self) -> str:
        return f"Not checked: this is {self.what}. {self.fix}"


_FIXTURES = re.compile(
    r"_?(?:tests?|__tests__|test-?data|fixtures?|examples?|samples?|templates?|backups?|bak|archived?|vendor(?:ed)?|"
    r"third[-_]party|external)"
)
_GENERATED = re.compile(r"_?(?:build|dist|out|output|target|generated|gen|site|public)")
_TEMPLATES = ("template", "_template", "skill-template", "template-skill")
_PLUGIN_FILES = ("plugin.json", "gemini-extension.json")
_PLUGIN_FOLDERS = (".claude-plugin", ".codex-plugin", ".cursor-plugin")
_MAX_LINKS = 8
_MAX_TARGET = 1000
"""The longest chain of links, and the longest target in bytes, that are followed."""
_MAX_COMPARED = 20
"""The number of skills of one name that a copy is compared with."""


def root_of(path: str) -> str:
    """The folder that clients search for a skill: the last one called `skills` above it, or else its parent."""
    parts = path.split("/")[:-1]
    end = max((at + 1 for at, part in enumerate(parts) if part == ROOT), default=len(parts))
    return "/".join(parts[:end])


def _kind(path: str) -> Kind:
    *above, last = path.split("/")
    if last in _TEMPLATES or any(map(_FIXTURES.fullmatch, above)):
        return Kind.FIXTURE
    return Kind.GENERATED if any(map(_GENERATED.fullmatch, root_of(path).split("/"))) else Kind.SOURCE


def _client_folder(path: str) -> str | None:
    """What is above the hidden folder of a client that a skill is in: "" for `.claude/skills/x`; None when in none."""
    parts = root_of(path).split("/")
    at = next((at for at, part in enumerate(parts) if part.startswith(".")), None)
    return None if at is None else "/".join(parts[:at])


def _left_out_folder(path: str) -> str:
    """The folder for whose name a skill is left out: its own, if none above it is the reason."""
    odd = (
        each
        for each in _places(path)
        if _FIXTURES.fullmatch(name := posixpath.basename(each)) or _GENERATED.fullmatch(name)
    )
    return next(odd, path)


def read_repository(tree: Tree, everything: bool, names: Mapping[str, str]) -> Fleet:
    """Find the skills of a tree. With `everything`, no folder is left out for its name."""
    links = _Links(tree)
    if links.followed:
        tree = _Followed(tree, links.followed)
    found = read_fleet(tree, "", names)
    sources: list[Skill] = []
    left_out: list[tuple[str, str]] = []
    for skill in found.skills:
        kind = (
            Kind.LINK if skill.inside(SKILL_FILE) in links.aliases else Kind.SOURCE if everything else _kind(skill.path)
        )
        if kind is Kind.SOURCE:
            sources.append(skill)
        else:
            left_out.append((skill.path, kind))
    homes = {place for skill in found.skills for place in _places(skill.path)}
    left_out += [
        (entry.path, Kind.LINK) for entry in found.stray if entry.mode == SYMLINK and links.target(entry.path) in homes
    ]
    copies = tuple(_copies(sources))
    also = {each.skill.path for each in copies}
    kept = tuple(skill for skill in sources if skill.path not in also)
    return replace(found, skills=kept, is_ours=False, copies=copies, left_out=tuple(left_out))


class _Links:
    """The symbolic links of a tree."""

    def __init__(self, tree: Tree) -> None:
        links = [entry for entry in tree.entries if entry.mode == SYMLINK]
        tree.prefetch(links)
        self.targets = {entry.path: os.fsdecode(tree.read(entry)[:_MAX_TARGET]) for entry in links}
        self.aliases: set[str] = set()
        """The links called SKILL.md that lead to the SKILL.md of another folder, and have nothing but links beside them."""
        self.followed: dict[str, Entry] = {}
        """The other links called SKILL.md that lead to a file of the tree, each with that."""
        named = {path for path in self.targets if posixpath.basename(path) == SKILL_FILE}
        if not named:
            return
        files = {entry.path: entry for entry in tree.entries if entry.mode in (REGULAR, EXECUTABLE)}
        beside = {place for path in files for place in _places(posixpath.dirname(path))}
        for path in named:
            target = self.target(path)
            if target in files:
                if posixpath.basename(target) == SKILL_FILE and posixpath.dirname(path) not in beside:
                    self.aliases.add(path)
                else:
                    self.followed[path] = files[target]

    def target(self, path: str) -> str | None:
        """Where a path leads, through all links; None when that is out of the tree."""
        for _ in range(_MAX_LINKS if self.targets else 0):
            link = next((place for place in _places(path) if place in self.targets), None)
            if link is None:
                return path
            path = posixpath.normpath(posixpath.join(posixpath.dirname(link), self.targets[link] + path[len(link) :]))
            if path.startswith(("/", "../")) or path == "..":
                return None
        return None if self.targets else path


class _Followed:
    """A tree in which some links are the files that they lead to."""

    def __init__(self, tree: Tree, real: Mapping[str, Entry]) -> None:
        self._tree, self.real = tree, real
        self.entries = tuple(
            each._replace(mode=real[each.path].mode, oid=real[each.path].oid) if each.path in real else each
            for each in tree.entries
        )

    def read(self, entry: Entry) -> bytes:
        """The content of `entry`."""
        return self._tree.read(self.real.get(entry.path, entry))

    def prefetch(self, entries: Iterable[Entry]) -> None:
        """Announce that these will be read."""
        self._tree.prefetch(self.real.get(entry.path, entry) for entry in entries)

    def release(self, entries: Iterable[Entry]) -> None:
        """Announce that these will not be read again soon."""
        self._tree.release(self.real.get(entry.path, entry) for entry in entries)

    def ignored(self) -> list[str]:
        """What Git ignores."""
        return self._tree.ignored()


def _places(path: str) -> Iterator[str]:
    """The path and the folders above it, the highest first."""
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)
    yield path


def _copies(sources: Iterable[Skill]) -> Iterator[Copy]:
    """The skills that are in another root as well.

    That is, under the same name, with the same files; or, for one in the folder of a client, with any files beside that
    folder or below what is beside it, or else in the folder of another client, `.agents` before others.
    """
    named: dict[str, list[Skill]] = defaultdict(list)
    for skill in sorted(sources, key=lambda skill: ("/.agents/" not in f"/{skill.path}", skill.path)):
        named[skill.folder].append(skill)
    for skills in named.values():
        tops = {skill.path: _client_folder(skill.path) for skill in skills} if len(skills) > 1 else {}
        plain: dict[str, Skill] = {}  # the first of each root
        first: dict[str, Skill] = {}
        for skill in sorted(skills, key=lambda skill: tops.get(skill.path) is not None):
            root, top = root_of(skill.path), tops.get(skill.path)
            beside = (other for place, other in plain.items() if place != root and is_below(other.path, top or ""))
            others = [Copy(skill, other) for other in islice(beside, _MAX_COMPARED)]
            if top is not None and not others and root_of(first.setdefault(top, skill).path) != root:
                others = [Copy(skill, first[top])]
            copy = next((each for each in others if each.is_exact), others[0] if others and top is not None else None)
            if copy is not None:
                yield copy
            elif top is None:
                plain.setdefault(root, skill)


def linked_elsewhere(fleet: Fleet) -> set[str]:
    """Where the links of a part of a repository lead, if that is in another part."""
    links = _Links(fleet.tree)
    ends = {target for path in links.targets if (target := links.target(path))}
    there = {place for entry in fleet.tree.entries for place in _places(entry.path)} if ends else set()
    return {end.removesuffix(f"/{SKILL_FILE}") for end in ends - there}


def linked_from(fleet: Fleet, within: Sequence[str]) -> tuple[str, ...]:
    """The skills that links below these folders lead to."""
    links = _Links(fleet.tree)
    found = (path for path, kind in fleet.left_out if kind == Kind.LINK and is_in(path, within))
    return tuple(target for path in found if (target := _source(path, links)))


def _source(path: str, links: _Links) -> str:
    """Where a link leads that is the folder of a skill or of skills, or has a link in it; "" when out of the tree."""
    target = links.target(path if path in links.targets else f"{path}/{SKILL_FILE}") or ""
    return target.removesuffix(f"/{SKILL_FILE}")


def real_paths(fleet: Fleet) -> Mapping[str, str]:
    """The files that were read in place of links, by the paths of the links."""
    return {path: entry.path for path, entry in fleet.tree.real.items()} if isinstance(fleet.tree, _Followed) else {}


def inventory(fleet: Fleet) -> tuple[Root, ...]:
    """Every folder with skills, and what it is."""
    counts: dict[tuple[str, Kind], int] = defaultdict(int)
    of: dict[tuple[str, Kind], set[str]] = defaultdict(set)
    for skill in fleet.skills:
        counts[root_of(skill.path), Kind.SOURCE] += 1
    for copy in fleet.copies:
        key = root_of(copy.skill.path), Kind.COPY
        counts[key] += 1
        of[key].add(root_of(copy.source.path))
    links = _Links(fleet.tree)
    homes = {skill.path for skill in fleet.skills}
    for path, kind in fleet.left_out:
        key = (root_of(path) if kind == Kind.LINK else _left_out_folder(path)), Kind(kind)
        number = 1
        if kind == Kind.LINK:
            target = _source(path, links)
            if target not in homes:  # a whole folder of skills
                key, number = (path, Kind.LINK), sum(each.startswith(f"{target}/") for each in homes)
            of[key].add(root_of(target) if target in homes else target)
        counts[key] += number
    return tuple(Root(path, kind, counts[path, kind], tuple(sorted(of[path, kind]))) for path, kind in sorted(counts))


def _stands_for_skills(entry: Entry) -> bool:
    """Whether a link or a file is where skills usually are."""
    *above, name = entry.path.split("/")
    is_there = name in (ROOT, SKILL_FILE) or above[-1:] == [ROOT]
    return is_there and (entry.mode == SYMLINK or "." not in name)


_NEARLY = re.compile(r"skills?(?:\.md|\.markdown|\.mdx|\.txt)*", re.IGNORECASE)
_LONGEST = 10


def is_nearly_skill_file(name: str) -> bool:
    """Whether the name of a file is like SKILL.md: `skill.md`, `SKILLS.md`, `SKIL.md`."""
    letters = "".join(filter(str.isalpha, name.lower()))
    is_long = len(letters) > _LONGEST or "k" not in letters
    return bool(_NEARLY.fullmatch(name)) or (not is_long and bool(get_close_matches(letters, ["skillmd"], 1, 0.8)))


def _meant_for(fleet: Fleet, entry: Entry) -> str:
    """The folder of the skill that a file may be meant for: `skills/x.md`, or `skills/x/y.md` with the name x; else ""."""
    *_, top, folder, name = ("", "", *entry.path.split("/"))
    # a name that is nearly SKILL.md is reported by layout/skill-file-case
    if entry.mode != REGULAR or ROOT not in (top, folder) or not name.endswith(".md") or is_nearly_skill_file(name):
        return ""
    fields = read_front_matter(fleet.tree.read(entry))
    if not fields.value("name") or not fields.value("description"):
        return ""
    if folder == ROOT:
        return entry.path.removesuffix(".md")
    return posixpath.dirname(entry.path) if fields.value("name") == folder else ""


def unseen(fleet: Fleet) -> Iterator[Unseen]:
    """What may hold skills, or a part of one, and was not looked at."""
    links = _Links(fleet.tree)
    suspects = [entry for entry in fleet.stray if entry.mode == SUBMODULE or _stands_for_skills(entry)]
    below: set[str] = {place for entry in fleet.tree.entries for place in _places(entry.path)} if suspects else set()
    for entry in suspects:
        if entry.mode == SUBMODULE:
            yield Unseen(
                entry.path,
                "a submodule or another repository",
                f"Fetch it, and check it there: skill-fleet -C {shlex.quote(entry.path)} validate",
            )
        elif entry.mode == SYMLINK and links.target(entry.path) not in below:
            yield Unseen(
                entry.path,
                "a link that leads to nothing in the repository",
                "Put the files in its place.",
            )
        elif entry.mode == REGULAR:
            text = fleet.tree.read(entry)[:1000].strip()
            if (
                posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), os.fsdecode(text))) in below
                and b"\n" not in text
            ):
                yield Unseen(
                    entry.path,
                    "a text file with the target of a link",
                    "Check it out with links: git config core.symlinks true && git checkout HEAD -- .",
                )
    for entry in fleet.stray:
        if folder := _meant_for(fleet, entry):
            command = shlex.join(["git", "mv", entry.path, f"{folder}/{SKILL_FILE}"])
            yield Unseen(
                entry.path, f"a skill that is not FOLDER/{SKILL_FILE}, so few clients find it", f"Move it: {command}"
            )
    for entry in fleet.tree.entries if fleet.is_ours else ():
        folder, _, name = entry.path.rpartition("/")
        if name == SKILL_FILE and not is_below(folder, fleet.root) and _kind(folder) is Kind.SOURCE:
            tip = f"Move it, or check it by itself: skill-fleet validate {shlex.quote(folder or '.')}"
            yield Unseen(entry.path, f"a skill outside {fleet.root}/", tip)
    yield from _ignored(fleet)


def notes(fleet: Fleet, within: Sequence[str] = ("",)) -> tuple[tuple[str, str], ...]:
    """What was not looked at below the folders `within`: paths, each with a sentence."""
    found = [(each.path, str(each)) for each in unseen(fleet)]
    for each in inventory(fleet) if fleet.left_out else ():
        if each.kind in (Kind.FIXTURE, Kind.GENERATED):
            number = f"{each.skills} skill{'s' * (each.skills != 1)}"
            tip = f"Check: skill-fleet validate {shlex.quote(each.path)}"
            found.append((each.path, f"{number} left out ({each.kind}). {tip}"))
    skills = (*fleet.skills, *(copy.skill for copy in fleet.copies))
    seen = [*(skill.path for skill in skills), *dict(fleet.left_out)]
    empty = [place for place in within if place and not any(is_below(path, place) for path in seen)]
    kept = (each for each in found if is_in(each[0], within))
    return (*kept, *((place, "There is no skill in it.") for place in empty))


def _ignored(fleet: Fleet) -> Iterator[Unseen]:
    """What Git ignores in a skill, and the skills that it ignores."""
    homes = {skill.path for skill in fleet.skills if skill.path}
    for path in fleet.tree.ignored():
        name = posixpath.basename(path.rstrip("/"))
        if name == SKILL_FILE:
            what = "a skill that Git ignores, so no clone has it"
        elif not homes.isdisjoint(_places(path)) and not name.startswith(".") and not name.endswith((".pyc", ".log")):
            what = "a part of a skill that Git ignores, so no clone has it"
        else:
            continue
        yield Unseen(path.rstrip("/"), what, f"See why: git check-ignore -v {shlex.quote(path)}")


def no_skill(fleet: Fleet, places: Sequence[str] = (), within: Sequence[str] = ("",)) -> UserError:
    """The error for places (as a person typed them, or none) without a skill, with what was not looked at there.

    These are the folders `within` of the fleet.
    """
    where = ", ".join("this folder" if each == "." else each for each in places) or "this repository"
    for each in unseen(fleet):
        if is_in(each.path, within):
            return UserError(f"No skill was checked in {where}: {each.path} is {each.what}.", each.fix)
    for path, kind in fleet.left_out:
        if is_in(path, within):
            return UserError(
                f"No skill was checked in {where}: {path} is left out ({kind}).",
                f"Name it: skill-fleet validate {shlex.quote(path)}",
            )
    odd = next((each.path for each in fleet.stray if each.path.rpartition("/")[2].lower() == SKILL_FILE.lower()), None)
    tip = f"Rename {odd}: skill-fleet fix {shlex.quote(odd.rpartition('/')[0] or '.')}" if odd else ""
    return UserError(f"There is no skill in {where}.", tip or f"A skill is a folder with a {SKILL_FILE} in it.")


def _plugins(fleet: Fleet) -> set[str]:
    """The folders that are plugins, below the top."""
    files = (entry.path for entry in fleet.tree.entries if entry.path.endswith(_PLUGIN_FILES))
    folders = (posixpath.dirname(path) for path in files if posixpath.basename(path) in _PLUGIN_FILES)
    found = (posixpath.dirname(each) if posixpath.basename(each) in _PLUGIN_FOLDERS else each for each in folders)
    return {each for each in found if each}


def _plugin(path: str, plugins: set[str]) -> str:
    """The innermost plugin that a skill is in; "" when it is in none."""
    places = [*_places(path)][:-1]
    return next(
        (
            each
            for each in reversed(places)
            if each in plugins or posixpath.basename(posixpath.dirname(each)) == "plugins"
        ),
        "",
    )


def namespaces(fleet: Fleet) -> dict[str, list[Skill]]:
    """The skills whose names have to be unique among each other: those of a plugin, or of a root; of a fleet, all."""
    plugins = set() if fleet.is_ours else _plugins(fleet)
    found: dict[str, list[Skill]] = defaultdict(list)
    for skill in fleet.skills:
        found["" if fleet.is_ours else _plugin(skill.path, plugins) or root_of(skill.path)].append(skill)
    return dict(found)


def categories(fleet: Fleet, skills: Iterable[Skill] | None = None) -> dict[str, str]:
    """The category of each skill (or of these), by id: in other repositories the plugin, the folder between, or the root."""
    asked = fleet.skills if skills is None else skills
    if fleet.is_ours or fleet.root:
        return {skill.id: skill.id.partition("/")[0] for skill in asked}
    plugins = _plugins(fleet)
    return {skill.id: _category(skill.path, plugins) for skill in asked}


def _category(path: str, plugins: set[str]) -> str:
    root = root_of(path)
    between = path[len(root) :].strip("/").rpartition("/")[0]
    return posixpath.basename(_plugin(path, plugins)) or between or root or "."
