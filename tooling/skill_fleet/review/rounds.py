"""What somebody who writes is given of a review: the skill's files and each request in words, and what he gives back.

Only what people with write said or adopted is in it, and the bot's own answers, without what nobody sees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from skill_fleet.forges import Item, Snapshot
from skill_fleet.git import REGULAR
from skill_fleet.review.commands import read_comment
from skill_fleet.review.edits import Files
from skill_fleet.review.markers import receipts, trailer
from skill_fleet.review.requests import WORDS, Request, adoptions, may_decide
from skill_fleet.review.sanitize import visible
from skill_fleet.review.session import SESSION, Session, path_now


@dataclass(frozen=True)
class Wanted:
    """One request: where it stands (path in the skill's folder, '' for all of it; lines at the head, 0 for the whole
    file), the lines as they were, and who said what, oldest first."""

    key: str
    path: str
    first: int
    last: int
    quoted: str
    conversation: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Round:
    """The requests that wait for words, what was agreed on when the skill was begun, as its commit says it, what the draft
    left open, which people refer to, and the text files of the skill by their path in its folder."""

    skill: str
    brief: str
    files: dict[str, str]
    wanted: tuple[Wanted, ...]
    points: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    """What became of one request: changed, answered, declined, asked or open, and what its author is told."""

    key: str
    outcome: str
    text: str


@dataclass(frozen=True)
class Revised:
    """The files after a round and a reply to each request. `failed` says why there is nothing of either."""

    files: dict[str, str]
    replies: tuple[Reply, ...]
    by: str
    failed: str = ""


Reviser = Callable[[Round], Revised]


def round_of(snapshot: Snapshot, session: Session, files: Files, requests: Sequence[Request]) -> Round:
    """What a reviser is given of these requests."""
    opening = next((commit.message for commit in snapshot.commits if trailer(commit.message, SESSION)), "")
    brief = opening.partition("\n\n")[2].rpartition("\n\n")[0]  # between the subject and the trailers
    wanted = tuple(_wanted(snapshot, session, files, request) for request in requests)
    return Round(session.skill, visible(brief).strip(), texts_of(files), wanted, _points(snapshot))


def _points(snapshot: Snapshot) -> tuple[str, ...]:
    """The open points of the draft, from its commit."""
    head = "\n## Open points\n"
    drafted = next((commit.message for commit in snapshot.commits if head in commit.message), "")
    section = drafted.partition(head)[2].partition("\n## ")[0]
    return tuple(visible(line.removeprefix("- ")).strip() for line in section.split("\n") if line.startswith("- "))


def texts_of(files: Files) -> dict[str, str]:
    """The plain text files, by their path in the skill's folder: nothing else can be rewritten."""
    found = {}
    for path, content in sorted(files.contents.items()):
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if files.modes[path] == REGULAR and path.startswith(f"{files.folder}/") and "\0" not in text:
            found[path.removeprefix(f"{files.folder}/")] = text
    return found


def _wanted(snapshot: Snapshot, session: Session, files: Files, request: Request) -> Wanted:
    said = _conversation(snapshot, request)
    anchor = request.item.anchor
    path = path_now(session, anchor.path) if anchor else ""
    if anchor is None or path not in files.contents or not path.startswith(f"{files.folder}/"):
        return Wanted(request.key, "", 0, 0, "", said)
    inside = path.removeprefix(f"{files.folder}/")
    last = anchor.current_line if anchor.side == "RIGHT" else 0
    quoted = anchor.original.encode("latin-1").decode("utf-8", "replace")
    return Wanted(request.key, inside, (anchor.current_start or last) if last else 0, last, visible(quoted), said)


def _conversation(snapshot: Snapshot, request: Request) -> tuple[tuple[str, str], ...]:
    """What was said in the thread of a request by those who may decide, what they adopted, and by the bot; without a thread, the request."""
    if not request.item.thread:
        return ((request.item.author.name, _asked(request)),)
    adopted = adoptions(snapshot)
    ours = {receipt.item.key for receipt in receipts(snapshot).values()}
    said = []
    for item in sorted(snapshot.items, key=lambda item: item.order):
        if item.thread != request.item.thread or item.hidden:
            continue
        if item.key == request.item.key:
            said.append((item.author.name, _asked(request)))
        elif item.key in ours:
            said.append((item.author.name, visible(item.body.partition("\n")[2]).strip()))
        elif (item.key in adopted or may_decide(snapshot, item)) and (words := _words(item)):
            said.append((item.author.name, words))
    return tuple(said)


def _asked(request: Request) -> str:
    return visible("\n".join(request.arguments)).strip() if request.command != WORDS else _words(request.item)


def _words(item: Item) -> str:
    return visible(read_comment(item.body).words).strip()
