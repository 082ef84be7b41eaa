"""The session in a pull request: its skill, who requested it, what was committed, and whether the bot may commit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from skill_fleet.checks import Finding, check_skill
from skill_fleet.fleet import ROOT, SKILL_FILE, MemoryTree, Skill
from skill_fleet.forges import Anchor, Snapshot
from skill_fleet.git import EXECUTABLE, REGULAR
from skill_fleet.markdown import as_code
from skill_fleet.review.markers import read_trailers, trailer
from skill_fleet.review.refusals import Reason, Refusal
from skill_fleet.review.scope import is_unsafe

PLAIN = (REGULAR, EXECUTABLE)  # modes of files that can be edited; each file keeps its own
LEDGER_HEADING = "## Where the source went"  # of a pull request's body
DRAFT_BRANCHES = "draft/"
SESSION, REQUESTED_BY, ADDRESSES, MOVED, CHECKS = "Session", "Requested-by", "Addresses", "Moved", "Checks"
SETTLES = "Settles"  # marks of the assumptions and open points that a round decided
WROTE = "Wrote"  # the key of a request, and marks of the lines that were written for it
# A path that does not match is left out of the trailer: it might be read back differently.
_PLACE = re.compile(r"[\x21-\x7e]{1,300}:[0-9]+")
_ERRORS = re.compile(rf"([1-9][0-9]{{0,5}}) ([a-z]+/[a-z0-9-]+)(?: ({_PLACE.pattern}))?")
_NO_REPLY = re.compile(r"([1-9][0-9]*)\+[^@]+@users\.noreply\.")


@dataclass(frozen=True)
class Files:
    """The files of one skill: bytes and modes by path in the repository."""

    folder: str
    contents: Mapping[str, bytes]
    modes: Mapping[str, int]

    @property
    def skill_file(self) -> str:
        """The path of its SKILL.md."""
        return f"{self.folder}/{SKILL_FILE}"

    @property
    def id(self) -> str:
        """The id of the skill."""
        return self.folder.partition("/")[2]

    @property
    def skill(self) -> Skill:
        """The skill, for the checks."""
        tree = MemoryTree(self.contents, self.modes)
        return Skill(self.id, self.folder, tree.entries, tree)

    def with_file(self, path: str, content: bytes) -> Files:
        """The same with one file replaced, which keeps its mode, or added."""
        return Files(self.folder, {**self.contents, path: content}, {path: REGULAR, **self.modes})

    def without(self, path: str) -> Files:
        """The same without one file."""
        kept = {name: content for name, content in self.contents.items() if name != path}
        return Files(self.folder, kept, {name: mode for name, mode in self.modes.items() if name != path})


@dataclass(frozen=True)
class Session:
    """A draft opened by the bot. `files` is None until there is a skill; `frozen` says why the bot may not commit."""

    requester: str
    files: Files | None
    frozen: Refusal | None
    commits: dict[str, str]
    """The commits by the key of the request that they address."""
    checks: dict[str, str]
    """The `Checks` trailer of those commits, '' without one, by the same key."""
    wrote: dict[str, frozenset[str]]
    """The marks of the `Wrote` trailer, by the same key."""
    settled: frozenset[str]
    """The marks of all `Settles` trailers."""
    moves: tuple[tuple[str, str], ...]
    """The moves of the skill in this pull request, as pairs of folders, oldest first."""

    @property
    def skill(self) -> str:
        """The id of the skill, '' when there is none yet."""
        return self.files.id if self.files else ""

    def path_now(self, anchor: Anchor) -> str:
        """The present path of the file that a comment is on, after the moves of this pull request."""
        if anchor.current_path:
            return anchor.current_path
        path = anchor.path
        for old, new in self.moves:
            if path.startswith(f"{old}/"):
                path = f"{new}{path.removeprefix(old)}"
        return path


def read_session(snapshot: Snapshot) -> Session | None:
    """Return the session; None if the bot did not open the pull request from a `draft/` branch with a session commit."""
    opened = any(trailer(commit.message, SESSION) for commit in snapshot.commits)
    if snapshot.author.id != snapshot.bot.id or not snapshot.head.startswith(DRAFT_BRANCHES) or not opened:
        return None
    commits: dict[str, str] = {}
    checks: dict[str, str] = {}
    wrote: dict[str, frozenset[str]] = {}
    moves, settled = [], set[str]()
    for commit in snapshot.commits:
        trailers = read_trailers(commit.message)
        settled.update(mark for name, value in trailers if name == SETTLES for mark in value.split(" "))
        addressed = [key for name, key in trailers if name == ADDRESSES]
        rows = [value.split(" ") for name, value in trailers if name == WROTE]
        wrote |= {key: frozenset(marks) for key, *marks in rows}
        commits |= dict.fromkeys(addressed, commit.oid)
        checks |= dict.fromkeys(addressed, trailer(commit.message, CHECKS))
        old, _, new = trailer(commit.message, MOVED).partition(" -> ")
        if "/" in old and "/" in new:  # ids of skills: a forged trailer that names a category would let in all of it
            moves.append((f"{ROOT}/{old}", f"{ROOT}/{new}"))
    files = _files(snapshot)
    requester = account_of(requested_by(snapshot) or "")
    frozen = _frozen(snapshot, files, moves)
    return Session(requester, files, frozen, commits, checks, wrote, frozenset(settled), tuple(moves))


def requested_by(snapshot: Snapshot) -> str | None:
    """Who requested the draft, as a trailer credits that person: '' if nobody is named, None if that is unknown.

    What it was opened with counts. Later commits may claim anything; if that is gone, or they mix another session in,
    nobody knows any more.
    """
    opening = [commit.message for commit in snapshot.opened_with or snapshot.commits]
    named = {trailer(message, REQUESTED_BY) for message in opening if trailer(message, SESSION)}
    return None if snapshot.opening_lost or len(named) > 1 else next(iter(named), "")


def account_of(credited: str) -> str:
    """The id of the account that a trailer credits: the number in GitHub's no-reply address, else the address."""
    address = address_in(credited)
    found = _NO_REPLY.match(address)
    return found[1] if found else address


def address_in(credited: str) -> str:
    """The address in a trailer that credits a person."""
    return credited.rpartition("<")[2].removesuffix(">").lower()


def _files(snapshot: Snapshot) -> Files | None:
    ending = f"/{SKILL_FILE}"
    folders = [file.path.removesuffix(ending) for file in snapshot.files if file.path.endswith(ending)]
    if not folders:
        return None
    contents = {file.path: file.content.encode("latin-1") for file in snapshot.files}
    return Files(min(folders, key=len), contents, {file.path: file.mode for file in snapshot.files})


def _frozen(snapshot: Snapshot, files: Files | None, moves: list[tuple[str, str]]) -> Refusal | None:
    if not snapshot.head_exists:
        return Refusal(Reason.BRANCH_DELETED, branch=as_code(snapshot.head))
    for path in (paths := sorted(snapshot.changed)):
        if is_unsafe(path):
            return Refusal(Reason.UNSAFE_PATH, path=as_code(path))
    folders = (*([files.folder] if files else []), *(old for old, _ in moves))
    for path in paths:
        if not any(path.startswith(f"{folder}/") for folder in folders):
            return Refusal(Reason.OTHER_FILES, path=as_code(path))
    return None


def path_in(paths: Iterable[str], typed: str) -> str:
    """The path that a person means by `typed`, '' if there is none: Unicode has two forms of `é`, which look the same."""
    known = list(paths)
    same = [path for path in known if normalize("NFC", path) == normalize("NFC", typed)]
    return typed if typed in known else same[0] if len(same) == 1 else ""


def skill_findings(files: Files) -> tuple[Finding, ...]:
    """The findings of the checks in these files."""
    return tuple(check_skill(files.skill))


def errors_in(files: Files) -> tuple[Finding, ...]:
    """The findings of severity error."""
    return tuple(finding for finding in skill_findings(files) if finding.severity == "error")


def checks_trailer(files: Files) -> tuple[tuple[str, str], ...]:
    """The trailer of a commit after which the skill has these files: number of errors, and the first; none if valid."""
    if not (errors := errors_in(files)):
        return ()
    place = f"{errors[0].path}:{errors[0].line}"
    return ((CHECKS, f"{len(errors)} {errors[0].rule}" + (f" {place}" if _PLACE.fullmatch(place) else "")),)


def checks_sentence(value: str) -> str:
    """The sentence about such a trailer for an answer; '' for any other text, which the bot did not write."""
    if (found := _ERRORS.fullmatch(value)) is None:
        return ""
    number, rule, place = found.groups()
    what = "an error" if number == "1" else f"{number} errors, the first"
    return f" The checks now find {what}: {rule}" + (f" at {as_code(place)}." if place else ".")


def enumeration(words: Sequence[str], most: int = 10) -> str:
    """The first words of a list, and how many more there are."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return f"{', '.join(words[:most])}{more}"


def pluralized(number: int, noun: str) -> str:
    """A number with its noun: `1 error`, `2 errors`."""
    return f"{number} {noun}{'s' * (number != 1)}"
