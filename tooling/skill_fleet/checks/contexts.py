"""What a rule is given: a skill, a fleet or a change, each with the facts that several rules need."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from skill_fleet.checks.link_targets import LinkTarget, MarkdownFile, SkillFiles
from skill_fleet.checks.rule import Violation
from skill_fleet.fleet import SKILL_FILE, Configuration, Fleet, Skill, Taxonomy, TooLarge, Tree, by_folder, content_of
from skill_fleet.git import EXECUTABLE, REGULAR, SUBMODULE, Entry
from skill_fleet.markdown import Fault, FrontMatter, Link, Mapping, Markdown, Node, Scalar, read_front_matter

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_COMMENT = re.compile(r"[ \t]+(#.*)")
_HIDDEN = re.compile(r"(?:^|/)\.")
# After one of these faults there are no fields to check.
_UNREADABLE = ("missing", "unclosed", "syntax", "not-a-mapping")

TEXT = (
    *(".md", ".markdown", ".txt", ".py", ".sh", ".bash", ".js", ".ts", ".mjs", ".json", ".yaml", ".yml", ".toml"),
    *(".csv", ".html", ".css", ".xml", ".svg", ".rb", ".go", ".rs", ".java", ".sql", ".ps1", ".tex", ".ini", ".cfg"),
)
"""The endings of files that hold text."""

MAX_FILE = 5_000_000
"""The size in bytes up to which a file is read as text; layout/file-size reports larger ones."""


@dataclass(frozen=True, eq=False)  # it is a key of caches
class SkillContext:
    """One skill, and what was read of it."""

    skill: Skill

    @property
    def path(self) -> str:
        """The path of its SKILL.md in the tree."""
        return self.skill.inside(SKILL_FILE)

    @cached_property
    def is_readable(self) -> bool:
        """Whether its SKILL.md is a regular file with a text: no link, folder, submodule or Git LFS pointer."""
        file = self.skill.file
        return file is not None and file.mode in (REGULAR, EXECUTABLE) and not is_pointer(self.content)

    @cached_property
    def content(self) -> bytes:
        """The bytes of its SKILL.md."""
        return self.skill.content

    @cached_property
    def front_matter(self) -> FrontMatter | None:
        """Its front matter; None when SKILL.md is not a regular file."""
        return read_front_matter(self.content) if self.is_readable else None

    def faults(self, *kinds: str) -> Iterator[Fault]:
        """The faults of these kinds in its front matter."""
        faults = self.front_matter.faults if self.front_matter else ()
        return iter([fault for fault in faults if fault.what in kinds] if faults else ())

    @cached_property
    def fields(self) -> Mapping | None:
        """The fields of its front matter; None when they cannot be read."""
        return self.front_matter.mapping if self.front_matter and not any(self.faults(*_UNREADABLE)) else None

    def field(self, name: str) -> tuple[Scalar, Node] | None:
        """The key and the value of the first field `name`."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, tuple[Scalar, Node]]:
        """The first field of each name."""
        return {pair[0].text: pair for pair in reversed(self.fields.pairs)} if self.fields else {}

    def text_field(self, name: str) -> tuple[Scalar, Scalar] | None:
        """The key and the value of the field `name`; None when it is missing, a list or a mapping."""
        pair = self.field(name)
        return (pair[0], pair[1]) if pair and isinstance(pair[1], Scalar) else None

    def comment_after(self, scalar: Scalar) -> str:
        """The YAML comment right behind a plain scalar, '' if there is none."""
        if scalar.end is None or "#" not in self.head:
            return ""
        line, column = scalar.end
        comment = _COMMENT.match(self._lines[line - 1], column - 1)
        return comment[1].rstrip() if comment else ""

    @cached_property
    def head(self) -> str:
        """The text up to its body."""
        return self.front_matter.text[: self.front_matter.body_at] if self.front_matter else ""

    @cached_property
    def _lines(self) -> list[str]:
        """The lines of its front matter, as YAML counts them."""
        return _BREAK.split(self.head)

    @cached_property
    def body(self) -> Markdown:
        """The text below its front matter; all of it when there is none."""
        front = self.front_matter
        return Markdown(front.body, front.body_line) if front else Markdown("")

    @cached_property
    def files(self) -> SkillFiles:
        """Its files and folders."""
        return SkillFiles(self.skill)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The paths of its files, links and submodules, relative to its folder."""
        return tuple(self.skill.relative(entry.path) for entry in self.skill.entries)

    @cached_property
    def contents(self) -> tuple[tuple[str, bytes], ...]:
        """Its regular files: their paths relative to its folder, and their contents; without those that are too large."""
        return tuple((path, content) for path, content in self._read if isinstance(content, bytes))

    @property
    def too_large(self) -> tuple[tuple[str, int], ...]:
        """The paths and sizes of its files that are too large to be read."""
        return tuple((path, problem.size) for path, problem in self._read if isinstance(problem, TooLarge))

    @cached_property
    def _read(self) -> tuple[tuple[str, bytes | TooLarge], ...]:
        self.skill.tree.prefetch(entry for entry in self.skill.entries if entry.mode in (REGULAR, EXECUTABLE))
        placed = zip(self.paths, self.skill.entries, strict=True)
        return tuple((path, self._content(entry)) for path, entry in placed if entry.mode in (REGULAR, EXECUTABLE))

    def _content(self, entry: Entry) -> bytes | TooLarge:
        try:
            return self.content if entry is self.skill.file else self.skill.tree.read(entry)
        except TooLarge as problem:
            return problem

    @cached_property
    def all_text(self) -> bytes:
        """The contents of its text files, one after another: what is not in there is in none of them."""
        return b"\n".join(content for path, content in self.contents if is_text(path, content))

    @cached_property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Its text files, SKILL.md too, without empty ones: relative paths, and the decoded texts."""
        texts = ((path, content) for path, content in self.contents if content and is_text(path, content))
        return tuple((path, content.decode("utf-8", "replace")) for path, content in texts)

    @cached_property
    def documents(self) -> tuple[MarkdownFile, ...]:
        """Its Markdown files: the body of SKILL.md first, then the others that are not empty."""
        found = [MarkdownFile(SKILL_FILE, self.body, self.files, self.document)] if self.is_readable else []
        for path, content in self.contents:
            if content and path != SKILL_FILE and path.endswith((".md", ".markdown")) and len(content) <= MAX_FILE:
                text = content.decode("utf-8", "replace").removeprefix("\ufeff")
                found.append(MarkdownFile(path, Markdown(text), self.files, self.document))
        return tuple(found)

    @cached_property
    def broken_links(self) -> tuple[tuple[MarkdownFile, Link, LinkTarget], ...]:
        """The broken links of its Markdown files, without those in hidden folders, such as backups: no agent needs these."""
        texts = (each for each in self.documents if each.markdown.source and not _HIDDEN.search(each.path))
        return tuple((document, *each) for document in texts for each in document.broken_links)

    def document(self, path: str) -> MarkdownFile | None:
        """The Markdown file with that path relative to the skill's folder; None where that is empty, too."""
        return self._by_path.get(path)

    @cached_property
    def _by_path(self) -> dict[str, MarkdownFile]:
        return {document.path: document for document in self.documents}

    def forget(self) -> None:
        """Drop what was read: Markdown files find each other, so it would stay in memory until the next collection."""
        self.__dict__.pop("documents", None)
        self.__dict__.pop("_by_path", None)
        self.__dict__.pop("broken_links", None)

    def at(self, node: Node | None, message: str, fix: str, key: str = "", clients: Collection[str] = ()) -> Violation:
        """A violation in SKILL.md: at `node` of its front matter, or in line 1."""
        line, column = (node.line, node.column) if node else (1, 1)
        return Violation(self.path, line, message, fix, column, key=key, clients=frozenset(clients))

    def in_file(
        self,
        path: str,
        line: int,
        message: str,
        fix: str,
        column: int = 1,
        key: str = "",
        clients: Collection[str] = (),
    ) -> Violation:
        """A violation in the file at `path`, relative to the skill's folder."""
        return Violation(self.skill.inside(path), line, message, fix, column, key=key, clients=frozenset(clients))


def is_text(path: str, content: bytes) -> bool:
    """Whether a file is read as text: by its name or its first line, whatever is in it, or because it has no NUL byte."""
    return len(content) <= MAX_FILE and (has_text_name(path, content) or b"\0" not in content)


def has_text_name(path: str, content: bytes) -> bool:
    """Whether readers and programs take a file for text: by its extension, or because it begins as a script."""
    return path.lower().endswith(TEXT) or content.startswith(b"#!")


def is_pointer(content: bytes) -> bool:
    """Whether Git LFS keeps the content elsewhere, and this file only says which it is."""
    return content.startswith(_POINTER.encode())


_POINTER = "version https://git-lfs.github.com/spec/"


@dataclass(frozen=True)
class FleetContext:
    """One fleet, and the settings that it is checked against: those of the base, so no change loosens its own gate."""

    fleet: Fleet
    configuration: Configuration
    focus: frozenset[str] | None = None
    """The ids of the changed skills; a rule that compares skills compares only these with the others. None: all."""
    taxonomy: Taxonomy | None = None
    """The taxonomy of the base; None when there is no base."""
    candidates: frozenset[str] | None = None
    """The ids of the skills that a rule may compare at all. None: all."""
    near_duplicates: set[str] = field(default_factory=set, compare=False)
    """The ids of the near duplicates that were found: only these have to be compared again in the base."""
    _lines: dict[tuple[str, str], int] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def requires(self) -> dict[str, tuple[str, ...]]:
        """The ids in `metadata.requires`, by the id of the skill."""
        return {skill.id: skill.requires for skill in self.mentioning(b"requires") if skill.requires}

    @cached_property
    def formerly(self) -> dict[str, tuple[str, ...]]:
        """The ids in `metadata.formerly`, by the id of the skill."""
        return {skill.id: skill.formerly for skill in self.mentioning(b"formerly") if skill.formerly}

    @cached_property
    def successors(self) -> dict[str, list[str]]:
        """The ids of the skills that list an id in `metadata.formerly`, by that id."""
        found: dict[str, list[str]] = {}
        for skill, former in self.formerly.items():
            for old in dict.fromkeys(former):
                found.setdefault(old, []).append(skill)
        return found

    @cached_property
    def front_matters(self) -> dict[str, bytes]:
        """The raw front matter of each skill, by id; empty where SKILL.md is not a file."""
        found = {}
        for skill, content in self.contents(self.fleet.skills):
            end = content.find(b"\n---", 3)
            found[skill.id] = content if end < 0 else content[: end + 1]
        return found

    def contents(self, skills: Iterable[Skill]) -> Iterator[tuple[Skill, bytes]]:
        """Each skill with its SKILL.md, empty where that is not a file."""
        return ((skill, self.fleet.tree.read(skill.file) if skill.file else b"") for skill in skills)

    def mentioning(self, word: bytes) -> list[Skill]:
        """The skills whose front matter contains `word`. Parsing all front matter of a large fleet takes seconds."""
        return [skill for skill in self.fleet.skills if word in self.front_matters[skill.id]]

    def at(self, skill: Skill | str, message: str, fix: str, field: str = "", key: str = "") -> Violation:
        """A violation in a skill's SKILL.md: at a field of its front matter, or in line 1."""
        skill = self.fleet.by_id[skill] if isinstance(skill, str) else skill
        if (place := (skill.id, field)) not in self._lines:
            self._lines[place] = self._line(skill, field) if field else 1
        return Violation(skill.inside(SKILL_FILE), self._lines[place], message, fix, skill=skill.id, key=key)

    def _line(self, skill: Skill, field: str) -> int:
        """The line of a field: at the top level the first line that begins with it, which no YAML has to be read for."""
        raw = self.front_matters[skill.id]
        if (at := raw.find(f"\n{field}:".encode())) >= 0:
            return raw.count(b"\n", 0, at) + 2
        return read_front_matter(raw + b"---\n").line(field)  # not `Skill.front_matter`, which keeps the whole text


@dataclass(frozen=True)
class ChangeContext:
    """A base and a head. `paths` are the files that differ, each with Git's letter: A, D, M or T."""

    base: Fleet
    head: Fleet
    paths: dict[str, str]

    @cached_property
    def changed(self) -> tuple[Skill, ...]:
        """The skills of the head whose files differ from the base, in the order of their ids."""
        skills = [*self.base.skills, *self.head.skills]
        homes = {entry.path: skill.id for skill in skills for entry in skill.entries}
        ids = {homes.get(path) for path in self.paths}
        return tuple(skill for skill in self.head.skills if skill.id in ids)

    @cached_property
    def removed(self) -> tuple[Skill, ...]:
        """The skills of the base whose ids are not in the head."""
        return tuple(skill for skill in self.base.skills if skill.id not in self.head.by_id)

    def previous(self, skill: Skill) -> Skill | None:
        """Return what `skill` of the head was in the base; None when it is new.

        That is the skill with the same id, or with an id in `formerly`, or the one removed skill with the same name or
        the same text below the front matter.
        """
        if skill.id in self.base.by_id:
            return self.base.by_id[skill.id]
        for old in reversed(skill.formerly):
            if old in self.base.by_id and old not in self.head.by_id:
                return self.base.by_id[old]
        named = self._removed_by_folder.get(skill.folder, [])
        same = named if len(named) == 1 else self._removed_by_text.get(skill.front_matter.body, [])
        return same[0] if len(same) == 1 else None

    @cached_property
    def _removed_by_folder(self) -> dict[str, list[Skill]]:
        return by_folder(self.removed)

    @cached_property
    def _removed_by_text(self) -> dict[str, list[Skill]]:
        found: dict[str, list[Skill]] = defaultdict(list)
        for skill in self.removed:
            found[skill.front_matter.body].append(skill)
        return dict(found)

    def moved_from(self, skill: Skill) -> Skill | None:
        """Return what `skill` was in the base, if it had another id there."""
        return None if skill.id in self.base.by_id else self.previous(skill)

    def carried(self, skill: Skill) -> frozenset[str]:
        """Return the paths of the files that a moved skill took along unchanged."""
        before = self.moved_from(skill)
        known = {before.relative(entry.path): entry for entry in before.entries} if before else {}
        return frozenset(
            entry.path
            for entry in (skill.entries if known else ())
            if (old := known.get(skill.relative(entry.path))) and _equal(self.base.tree, old, self.head.tree, entry)
        )

    def in_file(self, skill: Skill, path: str, line: int, message: str, fix: str, column: int = 1) -> Violation:
        """A violation of a skill in the file at `path` of the tree."""
        return Violation(path, line, message, fix, column, skill=skill.id)

    def at(self, skill: Skill, message: str, fix: str, field: str = "", key: str = "") -> Violation:
        """A violation in a skill's SKILL.md: at a field of its front matter, or in line 1."""
        line = skill.front_matter.line(field) if field else 1
        return Violation(skill.inside(SKILL_FILE), line, message, fix, skill=skill.id, key=key)


def compare(base: Fleet, head: Fleet) -> ChangeContext:
    """Compare the trees of two fleets, all files of them."""
    # most entries are equal in both, and set aside at once
    known = set(base.tree.entries)
    same = known.intersection(entry for entry in head.tree.entries if entry.oid)
    before = {entry.path: entry for entry in base.tree.entries if entry not in same}
    after = {entry.path: entry for entry in head.tree.entries if entry not in same}
    paths = dict.fromkeys(before.keys() - after.keys(), "D") | dict.fromkeys(after.keys() - before.keys(), "A")
    for path in before.keys() & after.keys():
        old, new = before[path], after[path]
        if old.mode | 0o111 != new.mode | 0o111:
            paths[path] = "T"
        elif not _equal(base.tree, old, head.tree, new):
            paths[path] = "M"
    return ChangeContext(base, head, dict(sorted(paths.items())))


def _object_id(tree: Tree, entry: Entry, digits: int) -> str:
    """Git's id for the content of `entry`: as listed, or computed with the hash that has `digits` hexadecimal digits."""
    if entry.oid:
        return entry.oid
    import hashlib  # 3 ms, and most runs have nothing to compute

    content = content_of(tree, entry)
    algorithm = hashlib.sha256 if digits == 64 else hashlib.sha1
    return algorithm(b"blob %d\0" % len(content) + content).hexdigest()


def _equal(base: Tree, old: Entry, head: Tree, new: Entry) -> bool:
    if old.mode != new.mode:
        return False
    if old.mode == SUBMODULE:  # the commit of a submodule is unknown in a work tree
        return not (old.oid and new.oid) or old.oid == new.oid
    if not (old.oid or new.oid):
        return content_of(base, old) == content_of(head, new)
    digits = len(old.oid or new.oid)
    return _object_id(base, old, digits) == _object_id(head, new, digits)
