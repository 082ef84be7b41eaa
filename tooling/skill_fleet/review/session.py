"""What a pull request is to the bot: is it one of its own, which skill is it about, who asked for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from skill_fleet.fleet import ROOT, SKILL_FILE
from skill_fleet.forges import Snapshot
from skill_fleet.markdown import as_code
from skill_fleet.review.edits import Files
from skill_fleet.review.markers import read_trailers, trailer
from skill_fleet.review.scope import is_odd

LEDGER_HEADING = "## Where the source went"  # of a pull request's body
DRAFT_BRANCHES = "draft/"
SESSION, REQUESTED_BY, ADDRESSES, MOVED, CHECKS = "Session", "Requested-by", "Addresses", "Moved", "Checks"


@dataclass(frozen=True)
class Session:
    """A draft of the bot. `files` is None until there is a skill; `frozen` says why the bot may not commit."""

    requester: str
    files: Files | None
    frozen: str
    commits: dict[str, str]
    """The commits by the key of the request that they address."""
    checks: dict[str, str]
    """What those commits say that the checks find in them, by the same key, where they say anything."""
    moves: tuple[tuple[str, str], ...]
    """Folders the skill had in this pull request, each with the one it went to, oldest first."""

    @property
    def skill(self) -> str:
        """The id of the skill, '' when there is none yet."""
        return self.files.folder.partition("/")[2] if self.files else ""


def read_session(snapshot: Snapshot) -> Session | None:
    """The session that a pull request is, or None when it is somebody's own and the bot keeps its hands off.

    Its own: opened by the bot, from a `draft/` branch, with a session commit.
    """
    opening = next((commit for commit in snapshot.commits if trailer(commit.message, SESSION)), None)
    if snapshot.author.id != snapshot.bot.id or not snapshot.head.startswith(DRAFT_BRANCHES) or opening is None:
        return None
    commits: dict[str, str] = {}
    checks: dict[str, str] = {}
    moves = []
    for commit in snapshot.commits:
        addressed = [key for name, key in read_trailers(commit.message) if name == ADDRESSES]
        commits |= dict.fromkeys(addressed, commit.oid)
        checks |= dict.fromkeys(addressed, trailer(commit.message, CHECKS))
        old, _, new = trailer(commit.message, MOVED).partition(" -> ")
        if "/" in old and "/" in new:  # ids of skills: a trailer that names a category would let in all of it
            moves.append((f"{ROOT}/{old}", f"{ROOT}/{new}"))
    files = _files(snapshot)
    requester = _account(trailer(opening.message, REQUESTED_BY))
    return Session(requester, files, _frozen(snapshot, files, moves), commits, checks, tuple(moves))


def _account(credited: str) -> str:
    """The id of the account that a trailer credits: GitHub's number out of its no-reply address, else the address."""
    address = credited.rpartition("<")[2].removesuffix(">").lower()
    found = re.match(r"([1-9][0-9]*)\+[^@]+@users\.noreply\.", address)
    return found[1] if found else address


def _files(snapshot: Snapshot) -> Files | None:
    folders = [
        file.path.removesuffix(f"/{SKILL_FILE}") for file in snapshot.files if file.path.endswith(f"/{SKILL_FILE}")
    ]
    if not folders:
        return None
    folder = min(folders, key=len)
    contents = {file.path: file.content.encode("latin-1") for file in snapshot.files}
    return Files(folder, contents, {file.path: file.mode for file in snapshot.files})


def _frozen(snapshot: Snapshot, files: Files | None, moves: list[tuple[str, str]]) -> str:
    """Why the bot may only talk, and what would change that: the branch is gone, or it has more than its one skill."""
    if not snapshot.head_exists:
        return f"the branch {as_code(snapshot.head)} was deleted; push it again"
    allowed = [f"{files.folder}/"] if files else []
    allowed += [f"{old}/" for old, _ in moves]
    if odd := [path for path in sorted(snapshot.changed) if is_odd(path)]:
        return f"it has the path {as_code(odd[0])}, which could lead out of its folder; take that out"
    others = [path for path in sorted(snapshot.changed) if not any(path.startswith(folder) for folder in allowed)]
    return f"it also changes {as_code(others[0])}, which is not part of its one skill; take that out" if others else ""


def path_now(session: Session, path: str) -> str:
    """Where a file stands after the moves of this pull request that came since it was commented on."""
    for old, new in session.moves:
        if path.startswith(f"{old}/"):
            path = f"{new}{path.removeprefix(old)}"
    return path
