"""The edits that need no model, as pure functions of a skill's files. Each gives new files or says why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from skill_fleet.checks import SkillFiles
from skill_fleet.fleet import SKILL_FILE, MemoryTree, Skill, is_name
from skill_fleet.git import REGULAR
from skill_fleet.markdown import (
    DEFINITION,
    CannotEdit,
    Markdown,
    as_code,
    links_on,
    quote,
    read_front_matter,
    set_value,
)

Leads = Callable[[str], bool]


@dataclass(frozen=True)
class Unlinked:
    """A file without the links: its new bytes, and the lines (from 1) that are others now. It has as many as before."""

    content: bytes
    lines: tuple[int, ...]


def unlink(skill: Skill, gone: str) -> dict[str, Unlinked]:
    """The other Markdown files of a skill that link to its file `gone` (relative to its folder), by their paths in it."""
    ground, found = SkillFiles(skill), {}
    for entry in skill.entries:
        path = skill.relative(entry.path)
        if path == gone or not path.endswith(".md") or entry.mode != REGULAR:
            continue
        content = skill.tree.read(entry)
        if gone.rpartition("/")[2] not in unquote(content.decode("utf-8", "surrogateescape"), errors="surrogateescape"):
            continue
        done = _without(content, _leads(ground, path.rpartition("/")[0], gone))
        if done.lines:
            found[path] = done
    return found


def _leads(ground: SkillFiles, folder: str, gone: str) -> Leads:
    def leads(address: str) -> bool:
        target = ground.resolve(address, folder)
        return target.verdict == "ok" and target.path == gone

    return leads


def _without(content: bytes, leads: Leads) -> Unlinked:
    text = content.decode("utf-8", "surrogateescape")
    if "\r" in text.replace("\r\n", ""):  # CommonMark ends a line there, Git does not
        return Unlinked(content, ())
    lines = text.split("\n")
    front = read_front_matter(content)
    first = front.body_line - 1
    markdown = Markdown("\n".join(lines[first:]))
    blocks = markdown.blocks
    literal = {n for block in blocks if block.kind not in ("text", "heading") for n in range(block.start, block.end)}
    defined = [*_definitions(lines[first:], literal, leads)]
    meant = {label: ours for label, _, ours in reversed(defined)}  # of two of a name CommonMark takes the first
    labels = {label for label, ours in meant.items() if ours}
    changed = {first + n: "\r" * lines[first + n].endswith("\r") for _, n, ours in defined if ours}
    for block in blocks:
        if block.kind in ("text", "heading"):
            start, end = first + block.start, first + block.end
            rows = _unlinked("\n".join(lines[start:end]), leads, labels).split("\n")
            changed |= {n: row for n, row in enumerate(rows, start) if n not in changed and row != lines[n]}
    after = [changed.get(number, line) for number, line in enumerate(lines)]
    return Unlinked(
        "\n".join(after).encode("utf-8", "surrogateescape"), tuple(number + 1 for number in sorted(changed))
    )


def _definitions(lines: list[str], literal: set[int], leads: Leads) -> Iterator[tuple[str, int, bool]]:
    """Each label that is defined, on which line, and whether as the file that goes."""
    for number, line in enumerate(lines):
        if "]:" in line and number not in literal and (found := DEFINITION.match(line)):
            yield _label(found["label"]), number, leads(found["to"].strip("<>"))


def _unlinked(text: str, leads: Leads, labels: Iterable[str]) -> str:
    """A paragraph whose links to the file are their text; it keeps its line ends."""
    cuts = []
    for link in links_on(text):
        if link.start >= 0 and (_label(link.label) in labels if link.label else leads(link.to)):
            cuts += [(link.start, text.index("[", link.start) + 1), (link.close, link.end)]
    pieces, at = [], 0
    for start, end in sorted(cuts):
        pieces += [text[at:start], re.sub(r"[^\n]", "", text[start:end])]
        at = end
    return "".join([*pieces, text[at:]])


def _label(text: str) -> str:
    return " ".join(text.split()).casefold()


_KEY = re.compile(rb"[A-Za-z][\w-]*[ \t]*:(?:\s|$)")
_COLON = re.compile(rb":(?:\s|$)")
_OTHER = re.compile(rb"['\"]?(?:name|license|compatibility|metadata|allowed-tools)\b")


def rebuild(content: bytes, key: str, value: str) -> bytes | None:
    """The bytes of a SKILL.md with the field `key` set to `value`; None when it is not certain which lines held it.

    It is when one line at the margin begins with its name, or none does and one alone there has no key at all, and the
    whole reads without a fault, with every other key, once those lines are replaced. No other byte changes.
    """
    lines = content.split(b"\n")
    end = read_front_matter(content).body_line - 2  # the closing dashes, from 0
    if end < 1:
        return None
    ending = b"\r" if lines[0].endswith(b"\r") else b""
    written = f"{key}: {quote(value)}".encode() + ending
    found = {
        b"\n".join([*lines[:start], written, *lines[stop:]]): (*lines[1:start], *lines[stop:end])
        for start, stop in _places(lines, key.encode(), end)
    }
    good = [changed for changed, others in found.items() if _reads(changed, key, value, others)]
    return good[0] if len(good) == 1 else None


def _places(lines: list[bytes], key: bytes, end: int) -> Iterator[tuple[int, int]]:
    """The lines (from 0, half open) that may be the field: with what is deeper, and with the lines without a key below."""
    margin = {n for n in range(1, end) if lines[n].strip() and lines[n][:1] not in b" \t#"}
    named = [n for n in margin if re.match(rb"['\"]?" + re.escape(key) + rb"(?![\w-])", lines[n])]
    keyless = {n for n in margin if not _COLON.search(lines[n])}
    if len(starts := named or [n for n in keyless if not _OTHER.match(lines[n])]) != 1:
        return
    start = starts[0]
    for below in (set[int](), keyless):
        stop = start + 1
        while stop < end and (stop not in margin or stop in below):
            stop += 1
        yield start, stop


def _reads(changed: bytes, key: str, value: str, others: tuple[bytes, ...]) -> bool:
    """Whether it reads without a fault, has the value, and each key that stands at the margin of the other lines."""
    after = read_front_matter(changed)
    keys = {line.partition(b":")[0].strip().decode() for line in others if _KEY.match(line)}
    return (
        not after.faults
        and after.value(key) == value
        and {name.text for name, _ in after.mapping.pairs} == {*keys, key}
    )


MAX_DESCRIPTION = 1024
SHOWN = 10
_ROW = re.compile(rb"[ \t]*(?:\||[-*+][ \t]|[0-9]{1,9}[.)][ \t])")


class Refused(Exception):
    """The request cannot be carried out; the message is the reason, in words for the person who asked."""


@dataclass(frozen=True)
class Files:
    """The files of one skill as they stand at some moment: bytes and modes by path in the repository."""

    folder: str
    contents: Mapping[str, bytes]
    modes: Mapping[str, int]

    @property
    def skill_file(self) -> str:
        """The path of its SKILL.md."""
        return f"{self.folder}/{SKILL_FILE}"

    def with_file(self, path: str, content: bytes) -> Files:
        """The same with one file replaced."""
        return Files(self.folder, {**self.contents, path: content}, {**self.modes, path: REGULAR})

    def without(self, path: str) -> Files:
        """The same with one file gone."""
        kept = {name: content for name, content in self.contents.items() if name != path}
        return Files(self.folder, kept, {name: mode for name, mode in self.modes.items() if name != path})


def replace_lines(content: bytes, start: int, end: int, suggestion: str) -> bytes:
    """The file with lines `start` to `end` (from 1, inclusive) replaced to the letter, in the file's own line ends."""
    lines = content.split(b"\n")
    crlf = b"\r\n" in content
    try:
        new = suggestion.replace("\r\n", "\n").encode("utf-8")
    except UnicodeEncodeError as problem:
        raise Refused("The suggestion has a character that no text file can hold.") from problem
    rows = new.removesuffix(b"\n").split(b"\n") if new else []
    if not rows and start > 1 and lines[end:] == []:
        rows = [b""]  # the last line goes, and the one before keeps the line end it has
        crlf = False
    if crlf:
        rows = [row + b"\r" for row in rows]
        if end == len(lines) and rows:  # the last line has no end of its own
            rows[-1] = rows[-1].removesuffix(b"\r")
    changed = b"\n".join([*lines[: start - 1], *rows, *lines[end:]])
    if changed == content:
        raise Refused("The suggestion is what already stands there.")
    return changed


def lines_of(content: bytes, start: int, end: int) -> bytes:
    """Lines `start` to `end` of a file as Git counts them, without the last line end."""
    return b"\n".join(content.split(b"\n")[start - 1 : end])


def describe(files: Files, text: str) -> Files:
    """The skill with another description."""
    if not text:
        raise Refused("Write the new description behind the command: `/describe TEXT`.")
    if len(text) > MAX_DESCRIPTION:
        raise Refused(f"A description has at most {MAX_DESCRIPTION} characters; this one has {len(text)}.")
    try:
        return _set(files, "description", text)
    except Refused as reason:
        content = files.contents.get(files.skill_file, b"")
        if not read_front_matter(content).faults:
            raise
        if (changed := rebuild(content, "description", text)) is None:
            raise Refused(f"{reason} Fix it there by a suggestion or a push, then `/retry`.") from reason
        return files.with_file(files.skill_file, changed)


@dataclass(frozen=True)
class Dropped:
    """The skill without a file: the lines of SKILL.md (table rows, list items) that went with it, and for each file the
    lines that had a link to it in their text and have none now. Both are numbers before the drop."""

    files: Files
    gone: tuple[int, ...]
    unlinked: Mapping[str, tuple[int, ...]]


def drop(files: Files, path: str) -> Dropped:
    """Take a file out, with the rows that point at it and the links to it in the text."""
    inner = path.strip("`").removeprefix(f"{files.folder}/")
    target = f"{files.folder}/{inner}"
    if target == files.skill_file:
        raise Refused("A skill cannot be without its SKILL.md; `/cancel` closes the pull request.")
    if target not in files.contents:
        names = [as_code(name.removeprefix(f"{files.folder}/")) for name in sorted(files.contents)]
        more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        raise Refused(f"There is no such file in the skill. It has: {', '.join(names[:SHOWN])}{more}.")
    lines = files.contents.get(files.skill_file, b"").split(b"\n")
    link = re.compile(rb"\]\((?:\./)?" + re.escape(inner.encode("utf-8", "surrogateescape")) + rb"(?:#[^)]*)?\)")
    gone = tuple(n for n, line in enumerate(lines, 1) if _ROW.match(line) and link.search(line))
    tree = MemoryTree(files.contents, files.modes)
    skill = Skill(files.folder.partition("/")[2], files.folder, tree.entries, tree)
    left, unlinked = files.without(target), {}
    for name, done in unlink(skill, inner).items():
        left = left.with_file(f"{files.folder}/{name}", done.content)
        unlinked[f"{files.folder}/{name}"] = tuple(
            line for line in done.lines if name != SKILL_FILE or line not in gone
        )
    if gone:
        lines = left.contents[files.skill_file].split(b"\n")
        kept = b"\n".join(line for n, line in enumerate(lines, 1) if n not in gone)
        left = left.with_file(files.skill_file, kept)
    return Dropped(left, gone, unlinked)


def move(files: Files, target: str, categories: tuple[str, ...], taken: tuple[str, ...], on_base: bool) -> Files:
    """The skill in another folder. `taken` are the ids, present and former, that belong to other skills."""
    old = files.folder.partition("/")[2]
    wanted = target.strip("`").strip("/").removeprefix("skills/")
    new = f"{wanted}/{old.rpartition('/')[2]}" if wanted in categories else wanted
    category, _, rest = new.partition("/")
    if category not in categories:
        raise Refused(f"There is no such category. There are: {', '.join(map(as_code, categories))}.")
    if not rest or not all(is_name(part) for part in rest.split("/")):
        raise Refused(
            "A name has lower-case letters, digits and single hyphens: `/move CATEGORY` or `/move CATEGORY/NAME`."
        )
    name = new.rpartition("/")[2]
    if new == old:
        raise Refused("It is already there.")
    own = (read_front_matter(files.contents.get(files.skill_file, b"")).metadata("formerly") or "").split()
    others = [one for one in taken if one not in (old, *own)]
    if clash := next((one for one in others if one.rpartition("/")[2] == name), None):
        raise Refused(
            f"The name `{name}` is taken, or was once, by {as_code(clash)}; a name is never used for something else."
        )
    if odd := next((path for path, mode in files.modes.items() if mode != REGULAR), None):
        by_hand = as_code(f"skill-fleet move {old} {new}")
        raise Refused(f"{as_code(odd)} is not a plain file; move the skill by hand: {by_hand}.")
    folder = f"{files.folder.partition('/')[0]}/{new}"
    contents = {f"{folder}{path.removeprefix(files.folder)}": content for path, content in files.contents.items()}
    moved = Files(folder, contents, dict.fromkeys(contents, REGULAR))
    if name != old.rpartition("/")[2]:
        moved = _set(moved, "name", name)
    former = [*(one for one in own if one != new), *([old] if on_base else [])]
    if former != own:
        moved = _set(moved, "metadata.formerly", " ".join(former))
    return moved


def _set(files: Files, key: str, value: str) -> Files:
    try:
        changed = set_value(files.contents[files.skill_file], key, value)
    except (CannotEdit, KeyError) as problem:
        raise Refused(f"SKILL.md could not be edited: {as_code(str(problem))}.") from problem
    if changed == files.contents[files.skill_file]:
        raise Refused("That is what already stands there.")
    return files.with_file(files.skill_file, changed)
