"""The requests that change files without a model: suggestions, `/describe`, `/drop`, `/move`.

Pure functions from the files of a skill to other files. They raise Refusal if that is not possible.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from skill_fleet.checks import SkillFiles
from skill_fleet.fleet import Skill, device_in, is_name
from skill_fleet.forges import Anchor, CommitAction, FileChange, FleetFacts
from skill_fleet.markdown import CannotEdit, Markdown, as_code, links_on, quote, read_front_matter, set_value
from skill_fleet.review.markers import credit
from skill_fleet.review.refusals import Reason, Refusal
from skill_fleet.review.requests import SUGGESTION, Request, asked_in
from skill_fleet.review.session import (
    ADDRESSES,
    MOVED,
    PLAIN,
    REQUESTED_BY,
    Files,
    Session,
    checks_trailer,
    enumeration,
    path_in,
)

MAX_DESCRIPTION = 1024


@dataclass
class Work:
    """The skill while requests are carried out one after another.

    `head` is the skill at the head, to which the lines of comments refer. `lines` has, for each changed file, the number of
    each line at the head, 0 for new and changed lines.
    """

    session: Session
    fleet: FleetFacts
    head: Files
    files: Files = field(init=False)
    lines: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.files = self.head

    def lines_of(self, path: str) -> list[int]:
        """Return the number of each line of a file at the head."""
        return self.lines.get(path) or [*range(1, self.files.contents[path].count(b"\n") + 2)]


@dataclass(frozen=True)
class Edit:
    """The files after an edit, the subject and more trailers of its commit, and the changed values of `Work.lines`."""

    files: Files
    subject: str
    trailers: tuple[tuple[str, str], ...] = ()
    lines: Mapping[str, list[int]] = field(default_factory=dict)


def carry_out(work: Work, request: Request) -> CommitAction:
    """Edit the files in `work` as a request asks, and return the commit. Raises Refusal, and then changes nothing."""
    if len(request.arguments) > 1 and request.command in ("describe", "move"):
        raise Refusal(Reason.TWO_TEXTS, command=request.command)
    edit = EDITS[request.command](work, request)
    before, after = work.files.contents, edit.files.contents
    changes = [FileChange(path, None) for path in sorted(before) if path not in after]
    old, now = work.files.folder, edit.files.folder
    changes += [
        FileChange(path, new.decode("latin-1"), f"{old}{path.removeprefix(now)}" if old != now else "")
        for path, new in sorted(after.items())
        if before.get(path) != new
    ]
    trailers = (
        ("Skill", edit.files.id),
        *edit.trailers,
        *checks_trailer(edit.files),
        (REQUESTED_BY, credit(request.author.name, request.author.address)),
        (ADDRESSES, request.key),
    )
    folders = tuple(dict.fromkeys([work.files.folder, edit.files.folder]))
    work.files = edit.files
    work.lines |= edit.lines
    return CommitAction(request.key, edit.subject, tuple(changes), folders, trailers)


def _suggestion(work: Work, request: Request) -> Edit:
    anchor = request.item.anchor
    if anchor is None or anchor.line < 1:
        raise Refusal(Reason.NOT_ON_LINES)
    if anchor.side == "LEFT":
        raise Refusal(Reason.ON_DELETED_LINES)
    if len(request.arguments) > 1:
        raise Refusal(Reason.TWO_BLOCKS)
    path = work.session.path_now(anchor)
    if path not in work.head.contents:
        raise Refusal(Reason.NOT_IN_SKILL, path=as_code(path))
    if work.head.modes[path] not in PLAIN:
        raise Refusal(Reason.NOT_TEXT_FILE, path=as_code(path))
    if path not in work.files.contents:
        raise Refusal(Reason.FILE_DROPPED, path=as_code(path))
    if not is_text(work.head.contents[path]):
        raise Refusal(Reason.NOT_UTF_8_FILE, path=as_code(path))
    start, end = _reach(work, request, *_place(anchor, work.head.contents[path]))
    lines, wanted = work.lines_of(path), [*range(start, end + 1)]
    at = lines.index(start) if start in lines else 0
    if lines[at : at + len(wanted)] != wanted:
        raise Refusal(Reason.LINES_TAKEN)
    before = work.files.contents[path]
    after = replace_lines(before, at + 1, at + len(wanted), request.arguments[0])
    new = len(wanted) + after.count(b"\n") - before.count(b"\n")
    lines = [*lines[:at], *[0] * new, *lines[at + len(wanted) :]]
    return Edit(work.files.with_file(path, after), "Apply a reviewer's suggestion", lines={path: lines})


def _place(anchor: Anchor, content: bytes) -> tuple[int, int]:
    """Return the first and last line at the head whose bytes are those of the lines that the comment was made on."""
    if not anchor.original:
        raise Refusal(Reason.LINES_LOST)
    wanted = anchor.original.encode("latin-1").removesuffix(b"\n")
    places = [(anchor.current_start or anchor.current_line, anchor.current_line), (anchor.start, anchor.line)]
    lines = content.split(b"\n")
    for start, end in places:
        if 0 < start <= end <= len(lines) and b"\n".join(lines[start - 1 : end]) == wanted:
            return start, end
    raise Refusal(Reason.LINES_CHANGED)


def _reach(work: Work, request: Request, start: int, end: int) -> tuple[int, int]:
    """Return the lines that a suggestion replaces: also those above and below that it names.

    Only the bytes of the commented lines are known, so no commit may have touched the others since.
    """
    ((above, below),) = asked_in(request.item.body).reach
    anchor = request.item.anchor
    if anchor and (above > anchor.above or below > anchor.below):
        raise Refusal(Reason.LINES_CHANGED)
    content = work.head.contents[work.session.path_now(anchor)] if anchor else b""
    return max(1, start - above), min(end + below, content.count(b"\n") + (not content.endswith(b"\n")))


def is_text(content: bytes) -> bool:
    """Whether a file is text in UTF-8, so that an edit of one line leaves all others as they are."""
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _describe(work: Work, request: Request) -> Edit:
    return Edit(describe(work.files, request.arguments[0]), "Change the description")


def _drop(work: Work, request: Request) -> Edit:
    if not any(request.arguments):
        raise Refusal(Reason.NO_PATH)
    files, changed = work.files, dict(work.lines)
    for path in request.arguments:
        files, lines = drop(files, path)
        for name, numbers in lines.items():
            before = changed.get(name) or work.lines_of(name)
            changed[name] = [before[number - 1] if number else 0 for number in numbers]
    return Edit(files, "Delete files as a reviewer asked", lines=changed)


def _move(work: Work, request: Request) -> Edit:
    old, fleet = work.files.id, work.fleet
    moved = move(work.files, request.arguments[0], fleet.categories, (*fleet.ids, *fleet.former), old in fleet.ids)
    return Edit(moved, f"Move the skill to {moved.id}", ((MOVED, f"{old} -> {moved.id}"),))


EDITS: dict[str, Callable[[Work, Request], Edit]] = {
    SUGGESTION: _suggestion,
    "describe": _describe,
    "drop": _drop,
    "move": _move,
}


def replace_lines(content: bytes, start: int, end: int, suggestion: str) -> bytes:
    """Return the file with lines `start` to `end` (from 1, inclusive) replaced.

    Each new line ends as the one that it replaces, or as the last of them. A byte order mark stays.
    """
    bom = BOM_UTF8 if content.startswith(BOM_UTF8) else b""
    lines = content[len(bom) :].split(b"\n")
    try:
        new = suggestion.replace("\r\n", "\n").removeprefix("\ufeff").encode("utf-8")
    except UnicodeEncodeError as problem:
        raise Refusal(Reason.NOT_UTF_8) from problem
    rows = new.removesuffix(b"\n").split(b"\n") if new else []
    if rows:
        ended = (
            lines[start - 1 : min(end, len(lines) - 1)] or lines[:-1][-1:]
        )  # the last line of a file has no line end
        ends = [b"\r" * line.endswith(b"\r") for line in ended] or [b""]
        rows = [row + ends[min(at, len(ends) - 1)] for at, row in enumerate(rows)]
        if end == len(lines):
            rows[-1] = rows[-1].removesuffix(b"\r")
    elif start > 1 and lines[end:] == []:
        rows = [b""]  # the last line is removed, and the one before it keeps its line end
    changed = bom + b"\n".join([*lines[: start - 1], *rows, *lines[end:]])
    if changed == content:
        raise Refusal(Reason.NO_CHANGE)
    return changed


def describe(files: Files, text: str) -> Files:
    """Return the skill with another description."""
    if not text:
        raise Refusal(Reason.NO_TEXT, command="describe")
    if len(text) > MAX_DESCRIPTION:
        raise Refusal(Reason.TOO_LONG, most=MAX_DESCRIPTION, length=len(text))
    content = files.contents.get(files.skill_file, b"")
    if (changed := rebuild(content, text)) is not None:
        return files.with_file(files.skill_file, changed)
    return _set(files, "description", text)


def rebuild(content: bytes, description: str) -> bytes | None:
    """Return the SKILL.md with the line of the description replaced, in front matter that a suggestion broke.

    None if the front matter is valid, or would still be invalid.
    """
    read, lines = read_front_matter(content), content.split(b"\n")
    found = [n for n in range(1, read.body_line - 2) if lines[n].startswith(b"description")]
    if not read.faults or len(found) != 1:
        return None
    lines[found[0]] = f"description: {quote(description)}".encode() + b"\r" * lines[0].endswith(b"\r")
    changed = b"\n".join(lines)
    after = read_front_matter(changed)
    return changed if not after.faults and after.value("description") == description else None


_ROW = re.compile(rb"[ \t]*(?:\||[-*+][ \t]|[0-9]{1,9}[.)][ \t])")


def drop(files: Files, path: str) -> tuple[Files, dict[str, list[int]]]:
    """Delete a file, the rows of SKILL.md (of tables and lists) that link to it, and the links to it in text.

    Returns the skill without it and, by path, the numbers that the lines of the changed files had before, 0 for a line
    that lost a link.
    """
    typed = f"{files.folder}/{path.strip('`').removeprefix(f'{files.folder}/')}"
    target = path_in(files.contents, typed)
    inner = target.removeprefix(f"{files.folder}/")
    if target == files.skill_file:
        raise Refusal(Reason.SKILL_FILE)
    if not target:
        names = [as_code(name.removeprefix(f"{files.folder}/")) for name in sorted(files.contents)]
        raise Refusal(Reason.NO_SUCH_FILE, files=enumeration(names))
    lines = files.contents.get(files.skill_file, b"").split(b"\n")
    link = re.compile(rb"\]\((?:\./)?" + re.escape(inner.encode("utf-8", "surrogateescape")) + rb"(?:#[^)]*)?\)")
    gone = tuple(n for n, line in enumerate(lines, 1) if _ROW.match(line) and link.search(line))
    left, numbers = files.without(target), {files.skill_file: [*range(1, len(lines) + 1)]}
    for name, content, changed in _unlink(files.skill, inner):
        left = left.with_file(f"{files.folder}/{name}", content)
        rows = range(1, content.count(b"\n") + 2)
        numbers[f"{files.folder}/{name}"] = [0 if number in changed else number for number in rows]
    if gone:
        lines = left.contents[files.skill_file].split(b"\n")
        left = left.with_file(files.skill_file, b"\n".join(line for n, line in enumerate(lines, 1) if n not in gone))
        numbers[files.skill_file] = [was for n, was in enumerate(numbers[files.skill_file], 1) if n not in gone]
    return left, numbers


def move(files: Files, target: str, categories: tuple[str, ...], taken: tuple[str, ...], on_base: bool) -> Files:
    """Return the skill in another folder. `taken` are the present and former ids of all skills."""
    old = files.id
    wanted = target.strip("`").strip("/").removeprefix("skills/")
    new = f"{wanted}/{old.rpartition('/')[2]}" if wanted in categories else wanted
    category, _, rest = new.partition("/")
    if category not in categories:
        raise Refusal(Reason.NO_SUCH_CATEGORY, categories=", ".join(map(as_code, categories)))
    if not rest or device_in(rest) or not all(is_name(part) for part in rest.split("/")):
        raise Refusal(Reason.INVALID_NAME)
    if new == old:
        raise Refusal(Reason.SAME_PLACE)
    name = new.rpartition("/")[2]
    own = (read_front_matter(files.contents.get(files.skill_file, b"")).metadata("formerly") or "").split()
    for other in taken:
        if other not in (old, *own) and other.rpartition("/")[2] == name:
            raise Refusal(Reason.NAME_TAKEN, name=as_code(name), skill=as_code(other))
    for path, mode in files.modes.items():
        if mode not in PLAIN:
            command = as_code(f"skill-fleet move {old} {new}")
            raise Refusal(Reason.NOT_REGULAR, path=as_code(path), command=command)
    folder = f"{files.folder.partition('/')[0]}/{new}"
    contents = {f"{folder}{path.removeprefix(files.folder)}": content for path, content in files.contents.items()}
    modes = {f"{folder}{path.removeprefix(files.folder)}": mode for path, mode in files.modes.items()}
    moved = Files(folder, contents, modes)
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
        raise Refusal(Reason.BROKEN_FRONT_MATTER, problem=as_code(str(problem))) from problem
    if changed == files.contents[files.skill_file]:
        raise Refusal(Reason.NO_CHANGE)
    return files.with_file(files.skill_file, changed)


IsTarget = Callable[[str], bool]  # whether an address leads to the file that is dropped


def _unlink(skill: Skill, gone: str) -> Iterator[tuple[str, bytes, tuple[int, ...]]]:
    """Yield the other Markdown files that link to the file `gone`: path in the skill's folder, bytes without these links,
    and the lines (from 1) that changed. The number of lines stays the same."""
    files, name = SkillFiles(skill), gone.rpartition("/")[2]
    for entry in skill.entries:
        path = skill.relative(entry.path)
        if path == gone or not path.endswith(".md") or entry.mode not in PLAIN:
            continue
        content = skill.tree.read(entry)
        text = content.decode("utf-8", "surrogateescape")
        # a lone CR ends a line in CommonMark, but not in Git
        if name not in unquote(text, errors="surrogateescape") or "\r" in text.replace("\r\n", ""):
            continue

        def is_target(address: str, folder: str = path.rpartition("/")[0]) -> bool:
            target = files.resolve(address, folder)
            return target.verdict == "ok" and target.path == gone

        lines = text.split("\n")
        changed = _unlinked_lines(lines, read_front_matter(content).body_line - 1, is_target)
        if changed:
            after = "\n".join(changed.get(number, line) for number, line in enumerate(lines))
            yield path, after.encode("utf-8", "surrogateescape"), tuple(number + 1 for number in sorted(changed))


def _unlinked_lines(lines: list[str], first: int, is_target: IsTarget) -> dict[int, str]:
    """Return the lines from `first` on that change without the links, by number (from 0)."""
    changed: dict[int, str] = {}
    for block in Markdown("\n".join(lines[first:])).blocks:
        if block.kind in ("text", "heading"):
            start, end = first + block.start, first + block.end
            rows = _unlinked("\n".join(lines[start:end]), is_target).split("\n")
            changed |= {n: row for n, row in enumerate(rows, start) if row != lines[n]}
    return changed


def _unlinked(text: str, is_target: IsTarget) -> str:
    """Return a paragraph with its links to the target replaced by their text; line ends stay."""
    cuts = []
    for link in links_on(text):
        if link.start >= 0 and not link.label and is_target(link.to):
            cuts += [(link.start, text.index("[", link.start) + 1), (link.close, link.end)]
    pieces, at = [], 0
    for start, end in sorted(cuts):
        pieces += [text[at:start], re.sub(r"[^\n]", "", text[start:end])]
        at = end
    return "".join([*pieces, text[at:]])
