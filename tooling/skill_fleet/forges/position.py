"""The current place of commented lines, followed through the hunks of Git's diff and through moves of the folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from skill_fleet.forges.types import Anchor
from skill_fleet.git import SUBMODULE, Commit, Entry, Hunk, Repository

Move = tuple[str, str]

ALL = 1_000_000

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")  # as Git counts them; splitlines() would also break at a lone \r
_MOVED = re.compile(r"Moved: (\S+) -> (\S+)\Z")
_TRAILER = re.compile(r"[A-Za-z0-9-]+: ")


def moves(commits: Iterable[Commit]) -> tuple[Move, ...]:
    """Return the folders that commits moved, by their trailers `Moved: <old> -> <new>` (ids or paths), in order."""
    found = []
    for commit in commits:
        above, _, last = commit.message.rstrip().rpartition("\n\n")
        lines = last.split("\n")
        if above and all(_TRAILER.match(line) for line in lines):  # Git too ignores trailers with prose between
            found += [match.groups() for line in lines if (match := _MOVED.match(line))]
    return tuple((_folder(old), _folder(new)) for old, new in found)


def moved(path: str, through: Iterable[Move]) -> str:
    """Return the path of a file or folder after these moves."""
    for old, new in through:
        if path == old or path.startswith(f"{old}/"):
            path = new + path.removeprefix(old)
    return path


def follow(start: int, line: int, hunks: Sequence[Hunk]) -> tuple[int, int]:
    """Return the place of lines `start` to `line` after a diff without context; (0, 0) if it touched them."""
    offset = 0
    for hunk in hunks:
        # without old lines, the new ones come after line `old`
        first, last = (hunk.old, hunk.old + hunk.old_count - 1) if hunk.old_count else (hunk.old + 1, hunk.old)
        if first > line:
            break
        if last >= start:
            return 0, 0
        offset += hunk.new_count - hunk.old_count
    return start + offset, line + offset


def untouched(start: int, line: int, hunks: Sequence[Hunk]) -> tuple[int, int]:
    """Return the numbers of lines above and below lines `start` to `line`, which a diff without context did not touch,
    that it did not touch either; ALL if no hunk is there."""
    above = below = ALL
    for hunk in hunks:
        if hunk.old + max(1, hunk.old_count) - 1 < start:
            above = start - hunk.old - max(1, hunk.old_count)
        else:
            below = hunk.old - 1 - line + (hunk.old_count == 0)
            break
    return above, below


def where(line: int, hunks: Sequence[Hunk]) -> int:
    """Return the line that is, after a diff without context, where line `line` was, also if the diff touched it."""
    offset = 0
    for hunk in hunks:
        if line < hunk.old + (hunk.old_count == 0):
            break
        if line < hunk.old + hunk.old_count:
            return max(1, hunk.new + min(line - hunk.old, max(0, hunk.new_count - 1)))
        offset += hunk.new_count - hunk.old_count
    return line + offset


def lines_of(content: bytes, start: int, line: int) -> bytes:
    """Return lines `start` to `line` of a file with their line ends; fewer if it has fewer."""
    return b"".join(_LINE.findall(content)[start - 1 : line])


def count_lines(content: bytes) -> int:
    """Count the lines of a file."""
    return len(_LINE.findall(content))


@dataclass
class Locator:
    """Finds the anchors of one pull request; reads each tree, blob and diff once."""

    repo: Repository
    head: str
    merge_base: str
    moves: tuple[Move, ...]
    _trees: dict[str, Mapping[str, Entry]] = field(default_factory=dict)
    _blobs: dict[str, bytes] = field(default_factory=dict)
    _hunks: dict[tuple[str, str], tuple[Hunk, ...]] = field(default_factory=dict)
    _renames: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def locate(self, anchor: Anchor, left: str) -> Anchor:
        """Return the anchor with its bytes and current lines. `left` is the commit that the left side showed."""
        if not anchor.line:
            return anchor
        then, now = (anchor.commit, self.head) if anchor.side == "RIGHT" else (left, self.merge_base)
        old = self._tree(then).get(anchor.path)
        if old is None or old.mode == SUBMODULE:
            return anchor
        original = lines_of(self._content(old.oid), anchor.start, anchor.line).decode("latin-1")
        path = self._path(anchor.path, then, now, follow_moves=anchor.side == "RIGHT")
        new = self._tree(now).get(path)
        if new is None or new.mode == SUBMODULE:
            return replace(anchor, original=original)
        hunks = self._hunks_of(old.oid, new.oid)
        start, line = follow(anchor.start, anchor.line, hunks)
        found = replace(anchor, original=original, current_start=start, current_line=line, current_path=path)
        if not line:
            return replace(found, near=where(anchor.start, hunks))
        above, below = untouched(anchor.start, anchor.line, hunks)
        return replace(found, above=above, below=below)

    def _path(self, path: str, then: str, now: str, *, follow_moves: bool) -> str:
        """Return the path of a file in another commit: the same, or in a folder that moved, or as Git finds renames."""
        tree, after = self._tree(now), moved(path, self.moves) if follow_moves else path
        if path in tree or after in tree:
            return path if path in tree else after
        if (then, now) not in self._renames:
            self._renames[then, now] = self.repo.renames(then, now)
        return self._renames[then, now].get(path, path)

    def _hunks_of(self, old: str, new: str) -> tuple[Hunk, ...]:
        if (old, new) not in self._hunks:
            self._hunks[old, new] = () if old == new else self.repo.hunks(old, new)
        return self._hunks[old, new]

    def _tree(self, commit: str) -> Mapping[str, Entry]:
        if commit not in self._trees:
            # a commit that a force-push made unreachable may be gone, or never have come here
            found = self.repo.find(commit)
            self._trees[commit] = {entry.path: entry for entry in self.repo.entries(found)} if found else {}
        return self._trees[commit]

    def _content(self, oid: str) -> bytes:
        if oid not in self._blobs:
            self._blobs |= self.repo.blobs([oid])
        return self._blobs[oid]


def _folder(word: str) -> str:
    return word if word.startswith("skills/") else f"skills/{word}"
