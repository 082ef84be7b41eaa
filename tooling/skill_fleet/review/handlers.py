"""One function for each request that changes files, and the commit that carries it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from skill_fleet.forges import Anchor, CommitAction, FileChange, Snapshot
from skill_fleet.git import REGULAR
from skill_fleet.markdown import as_code
from skill_fleet.review.edits import Files, Refused, describe, drop, lines_of, move, replace_lines
from skill_fleet.review.markers import credit
from skill_fleet.review.requests import SUGGESTION, WORDS, Request
from skill_fleet.review.session import ADDRESSES, MOVED, REQUESTED_BY, Session, path_now


@dataclass
class Work:
    """The skill's files while requests are carried out one after the other.

    `head` stays as it was read: positions of comments are positions there. `shifts` holds, for each file, the lines of
    the head that were replaced so far (first, last, how many lines more there are now).
    """

    snapshot: Snapshot
    session: Session
    files: Files | None = field(init=False)
    head: Files | None = field(init=False)
    shifts: dict[str, list[tuple[int, int, int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.files = self.head = self.session.files


@dataclass(frozen=True)
class Edit:
    """What carrying out a request comes to: the files after it, and what the commit says of it."""

    files: Files
    subject: str
    trailers: tuple[tuple[str, str], ...] = ()


def commit_for(work: Work, request: Request, edit: Edit) -> CommitAction:
    """The commit that carries `edit` out, with nothing in it that anybody else wrote but the files themselves."""
    before = work.files.contents if work.files else {}
    after = edit.files.contents
    changes = [FileChange(path, None) for path in sorted(before) if path not in after]
    changes += [
        FileChange(path, content.decode("latin-1"))
        for path, content in sorted(after.items())
        if before.get(path) != content
    ]
    folders = dict.fromkeys([*([work.files.folder] if work.files else []), edit.files.folder])
    author = request.author
    trailers = (
        ("Skill", edit.files.folder.partition("/")[2]),
        *edit.trailers,
        (REQUESTED_BY, credit(author.name, author.address)),
        (ADDRESSES, request.key),
    )
    return CommitAction(request.key, edit.subject, tuple(changes), tuple(folders), trailers)


def _suggestion(work: Work, request: Request) -> Edit:
    """Put a suggestion block in the place of the lines it is about, to the letter, if they still stand there."""
    files, head = _skill(work), work.head
    anchor = request.item.anchor
    if anchor is None or anchor.line < 1:
        raise Refused("A suggestion has to be made on lines of a file.")
    if anchor.side == "LEFT":
        raise Refused("It is on lines that are no longer there.")
    if len(request.arguments) > 1:
        raise Refused("One comment can carry one suggestion block; make a comment for each.")
    path = path_now(work.session, anchor.path)
    if head is None or path not in head.contents:
        raise Refused(f"{as_code(path)} is not a file of this skill.")
    if head.modes[path] != REGULAR:
        raise Refused(f"{as_code(path)} is not a plain text file.")
    if path not in files.contents:
        raise Refused(f"{as_code(path)} was deleted by another request.")
    start, end = _place(anchor, head.contents[path])
    shifts = work.shifts.setdefault(path, [])
    if any(start <= last and first <= end for first, last, _ in shifts):
        raise Refused("Another request has just changed these lines. `/retry` if it is still wanted.")
    offset = sum(more for first, _, more in shifts if first < start)
    before = files.contents[path]
    after = replace_lines(before, start + offset, end + offset, request.arguments[0])
    shifts.append((start, end, after.count(b"\n") - before.count(b"\n")))
    return Edit(files.with_file(path, after), "Apply a reviewer's suggestion")


def _place(anchor: Anchor, content: bytes) -> tuple[int, int]:
    """The lines at the head that the comment is about; refused unless their bytes are those it was made on."""
    wanted = anchor.original.encode("latin-1").removesuffix(b"\n")
    if not anchor.original:  # the commit it was made on is gone, so nobody can tell
        raise Refused("The lines it was made on cannot be read any more. Make it again on the new ones.")
    places = [(anchor.current_start or anchor.current_line, anchor.current_line), (anchor.start, anchor.line)]
    for start, end in places:
        if 0 < start <= end <= content.count(b"\n") + 1 and lines_of(content, start, end) == wanted:
            return start, end
    raise Refused("The lines have changed since the suggestion was made. Make it again on the new ones.")


def _describe(work: Work, request: Request) -> Edit:
    if len(request.arguments) > 1:
        raise Refused("The comment gives two descriptions.")
    files = describe(_skill(work), request.arguments[0])
    return Edit(files, "Change the description")


def _drop(work: Work, request: Request) -> Edit | None:
    if not any(request.arguments):
        if request.item.thread:
            return None
        raise Refused("Say which file: `/drop PATH`.")
    files = _skill(work)
    shifts = {name: list(spans) for name, spans in work.shifts.items()}
    for path in request.arguments:
        done = drop(files, path)
        for name in {files.skill_file, *done.unlinked}:
            lost = done.gone if name == files.skill_file else ()
            spans = shifts.setdefault(name, [])
            before = sorted(spans)
            for at, more in [*((n, -1) for n in lost), *((n, 0) for n in done.unlinked.get(name, ()))]:
                for first, _, shift in before:  # positions at the head: what earlier drops took out stands above it
                    at -= shift if first <= at else 0
                spans.append((at, at, more))
        files = done.files
    work.shifts.update(shifts)
    return Edit(files, "Drop what a reviewer asked to drop")


def _move(work: Work, request: Request) -> Edit:
    if len(request.arguments) > 1:
        raise Refused("The comment names two places.")
    files, facts = _skill(work), work.snapshot.fleet
    old = files.folder.partition("/")[2]
    moved = move(files, request.arguments[0], facts.categories, (*facts.ids, *facts.former), old in facts.ids)
    new = moved.folder.partition("/")[2]
    return Edit(moved, f"Move the skill to {new}", ((MOVED, f"{old} -> {new}"),))


def _skill(work: Work) -> Files:
    if work.files is None:
        raise Refused("There is no skill here yet.")
    return work.files


EDITS: dict[str, Callable[[Work, Request], Edit | None]] = {
    SUGGESTION: _suggestion,
    "describe": _describe,
    "drop": _drop,
    "move": _move,
}

# The words of an answer depend on the command alone, so that a run which finds the commit of one that was stopped gives
# the same answer as that would have given.
DONE = {
    SUGGESTION: "The suggestion is applied to the letter.",
    "describe": "The description is what you wrote.",
    "drop": "It is deleted, with the rows that pointed at it; links to it in the text are plain words now.",
    "move": "The skill has moved.",
    **dict.fromkeys((WORDS, "revise", "refine"), "It is changed as you asked."),
}
