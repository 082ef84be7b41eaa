"""What GitHub refuses, so that every forge does: said in one sentence, before anything is written."""

from __future__ import annotations

from dataclasses import replace

from skill_fleet.errors import UserError
from skill_fleet.fleet.git import SUBMODULE, Hunk
from skill_fleet.forges.position import count_lines
from skill_fleet.forges.standing import Standing
from skill_fleet.forges.types import BODY_LIMIT, Anchor, Item

TITLE_LIMIT, LABEL_LIMIT = 256, 50
CONTEXT = 3  # the unchanged lines around a change that belong to the diff


def check_text(text: str, what: str, *, limit: int = BODY_LIMIT, blank: bool = False) -> None:
    """UserError when a text is longer than allowed, or blank though it may not be."""
    if len(text) > limit:
        raise UserError(f"The {what} has {len(text):,} characters; {limit:,} are allowed.", "Make it shorter.")
    if not blank and not text.strip():
        raise UserError(f"The {what} is empty.", "Write something.")


def known_item(at: Standing, key: str) -> Item:
    """The item of that key; UserError when there is none (any more)."""
    if item := at.pull.items.get(key):
        return item
    raise UserError(
        f"Pull request #{at.pull.number} has no item {key!r}.",
        f"See its items: skill-fleet review show {at.pull.number}",
    )


def known_thread(at: Standing, key: str) -> str:
    """`key` again; UserError when no thread of that key is left."""
    if any(item.thread == key for item in at.pull.items.values()):
        return key
    raise UserError(
        f"Pull request #{at.pull.number} has no thread {key!r}.",
        f"See its threads: skill-fleet review show {at.pull.number}",
    )


def placed(at: Standing, anchor: Anchor) -> Anchor:
    """The anchor made whole (its commit is the head, if it names none); UserError when it is not in the diff."""
    commit = anchor.commit or at.head_oid
    if commit != at.head_oid and commit not in {each.oid for each in at.repo.commits(f"{at.base_oid}..{at.head_oid}")}:
        raise UserError(f"The commit {commit[:12]} is not in #{at.pull.number}.", "Comment on its head.")
    if anchor.path not in at.repo.changed(at.merge_base, commit):
        raise UserError(f"#{at.pull.number} does not change {anchor.path!r}.", "Comment on a file that it changes.")
    anchor = replace(anchor, commit=commit, start=anchor.start or anchor.line)
    if anchor.line and not _in_diff(at, anchor):
        raise UserError(
            f"Lines {anchor.start} to {anchor.line} of {anchor.path} are not in the diff of #{at.pull.number}.",
            f"See it: git diff {at.pull.base}...{at.pull.head} -- {anchor.path}",
        )
    return anchor


def _in_diff(at: Standing, anchor: Anchor) -> bool:
    def wanted(first: int, count: int) -> bool:
        return first <= anchor.start <= anchor.line < first + count

    right = anchor.side == "RIGHT"
    return any(
        wanted(hunk.new, hunk.new_count) if right else wanted(hunk.old, hunk.old_count) for hunk in _hunks(at, anchor)
    )


def _hunks(at: Standing, anchor: Anchor) -> tuple[Hunk, ...]:
    old, new = (
        {entry.path: entry for entry in at.repo.entries(commit, anchor.path) if entry.mode != SUBMODULE}.get(
            anchor.path
        )
        for commit in (at.merge_base, anchor.commit)
    )
    if old and new:
        return at.repo.hunks(old.oid, new.oid, CONTEXT)
    if there := old or new:  # added or deleted: all of it is in the diff
        lines = count_lines(at.repo.blobs([there.oid])[there.oid])
        return (Hunk(1, lines if old else 0, 1, lines if new else 0),)
    return ()
