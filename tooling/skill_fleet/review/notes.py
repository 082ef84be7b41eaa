"""What the bot says without being asked: one comment for each cause, ever, which is edited when the cause changes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from skill_fleet.forges.actions import FlagAction, NoteAction
from skill_fleet.forges.types import ITEM_LIMIT, Snapshot
from skill_fleet.review.markers import digest_of, receipts, render_receipt
from skill_fleet.review.plain import as_code

TOO_LONG = (
    "too-long"  # the label by which it is known that the notice was given: nobody reads ten thousand comments for it
)
SHOWN = 10


def note(snapshot: Snapshot, key: str, text: str) -> NoteAction | None:
    """Have `text` stand in the comment `key`; None when it does."""
    body = f"{render_receipt(snapshot, key, 'notice')}\n{text}"
    there = receipts(snapshot).get(key)
    return None if there and there.item.body == body else NoteAction(key, body)


def notes(snapshot: Snapshot) -> list[NoteAction]:
    """Every note that is owed on an open draft."""
    number = snapshot.number
    wanted = [
        (f"force-push:pull/{number}", force_push(snapshot)),
        (f"conflict:pull/{number}", conflict(snapshot)),
        (f"description:pull/{number}", description(snapshot)),
    ]
    found = [note(snapshot, key, text) for key, text in wanted if text]
    return [each for each in found if each]


def force_push(snapshot: Snapshot) -> str:
    """What follows from commits that were pushed away, '' when there are none."""
    if not snapshot.lost:
        return ""
    named = [oid for oid in snapshot.lost if any(oid in receipt.item.body for receipt in receipts(snapshot).values())]
    lines = [
        "The branch was force-pushed, and what is on it now is what counts. What was answered stays answered, and "
        "nothing is put back by itself; what was not answered yet is looked at anew. An approval of a commit that is "
        "gone does not count."
    ]
    if named:
        lines.append(f"Answered with commits that are gone: {_list(named)}. Ask again for what should still be done.")
    return "\n\n".join(lines)


def conflict(snapshot: Snapshot) -> str:
    """How to refresh a draft that conflicts with its base; '' when there never was anything to refresh."""
    if not snapshot.conflicts:
        there = f"conflict:pull/{snapshot.number}" in receipts(snapshot)
        return f"It can be merged into {as_code(snapshot.base)} again." if there else ""
    paths = _list([as_code(path) for path in snapshot.conflicts])
    return (
        f"This draft conflicts with {as_code(snapshot.base)} in {paths}. The bot does not rebase, and pushes no merge. "
        f"To refresh it:\n\n{_fenced(_refresh(snapshot))}"
    )


def description(snapshot: Snapshot) -> str:
    """What follows from a description that is another one than what `/proceed` settled; '' when it is not."""
    settled = [each for each in receipts(snapshot).values() if each.pin and each.outcome == "done"]
    last = max(settled, key=lambda receipt: receipt.item.order, default=None)
    if last is None or last.pin == pin_of(snapshot):
        return ""
    return (
        f"The description was edited after `/proceed` settled it as it was then (`{last.pin}`). The edit is ignored: to "
        "change the skill, comment on its lines, or write `/refine TEXT`; another `/proceed` settles the description as "
        "it is."
    )


def pin_of(snapshot: Snapshot) -> str:
    """The digest of the description as it is; how its lines end makes no difference."""
    return digest_of(re.sub(r"[ \t]*\r?\n", "\n", snapshot.body).strip())


def too_many(snapshot: Snapshot) -> list[NoteAction | FlagAction]:
    """The one notice on a pull request that is too long to be read, and the label that says it was given."""
    if TOO_LONG in snapshot.labels:
        return []
    said = note(
        snapshot,
        f"too-many:pull/{snapshot.number}",
        f"There are more than {ITEM_LIMIT:,} comments and reviews here, more than the bot reads. It does nothing on this "
        "pull request from now on. Close it, and open another for the same branch: what is committed stays.",
    )
    return [*([said] if said else []), FlagAction("label", TOO_LONG)]


def _refresh(snapshot: Snapshot) -> Iterator[str]:
    """The commands, to be pasted into a shell: names of branches are whatever somebody called them."""
    remote, head = snapshot.remote, _word(snapshot.head)
    if remote:
        yield f"git fetch {remote}"
    yield f"git switch {head}"
    if remote:
        yield f"git merge --ff-only {_word(f'{remote}/{snapshot.head}')}"
    yield f"git merge {_word(f'{remote}/{snapshot.base}' if remote else snapshot.base)}"
    yield "# mend each file that Git names, then:"
    yield "git add --update"
    yield "git commit --no-edit"
    if remote:
        yield f"git push {remote} {head}"


def _word(name: str) -> str:
    """A name as one word of a shell, in which no HTML comment begins."""
    return shlex.quote(name).replace("<!--", "<!''--")


def _fenced(lines: Iterator[str]) -> str:
    text = "\n".join(lines)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}sh\n{text}\n{fence}"


def _list(words: list[str]) -> str:
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return f"{', '.join(words[:SHOWN])}{more}"
