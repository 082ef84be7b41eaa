"""The snapshot of a pull request that lives in the repository."""

from __future__ import annotations

from dataclasses import replace

from skill_fleet.forges.accounts import BOT, account, permissions
from skill_fleet.forges.between import between
from skill_fleet.forges.position import Locator
from skill_fleet.forges.standing import Standing
from skill_fleet.forges.types import ITEM_LIMIT, Actor, CommitFact, Item, Snapshot


def take_snapshot(at: Standing, remote: str, now: str) -> Snapshot:
    """All of one pull request, from its timeline and the branches as one view shows them; `now` is the time there."""
    repo, pull = at.repo, at.pull
    found = between(repo, at.base_oid, at.head_oid)
    too_many = len(pull.items) > ITEM_LIMIT
    shown = [item for item in pull.items.values() if not too_many or item.author.id == BOT.id]
    items = tuple(_located(item, at, found.locator) for item in shown)
    spoken = {item.thread for item in items}
    is_open = at.state == "open"
    return Snapshot(
        repository=pull.repository,
        number=pull.number,
        bot=BOT,
        author=pull.author,
        title=pull.title,
        body=pull.body,
        state=at.state,
        draft=pull.draft,
        base=pull.base,
        base_oid=at.base_oid,
        merge_base=found.merge_base,
        head=pull.head,
        head_oid=at.head_oid,
        head_exists=at.branch_tip is not None,
        draft_changed=pull.draft_changed,
        reopened=pull.reopened,
        labels=tuple(sorted(pull.labels)),
        items=items,
        threads=tuple(thread for thread in pull.threads.values() if thread.key in spoken),
        commits=tuple(CommitFact(each.oid, account(each.author), each.message) for each in found.commits),
        permissions=permissions(_speakers(pull.author, items), found.configuration.writers),
        changed=found.changed,
        files=found.files,
        fleet=found.fleet,
        lost=found.lost(repo, [*pull.heads, *(item.commit for item in items)]) if is_open else (),
        conflicts=found.conflicts if is_open else (),
        remote=remote,
        updated=max((event["at"] for event in at.timeline.events), default=""),
        fetched=now,
        too_many=len(pull.items) if too_many else 0,
        complete=not too_many,
    )


def _located(item: Item, at: Standing, locator: Locator) -> Item:
    if item.anchor is None:
        return item
    return replace(item, anchor=locator.locate(item.anchor, at.pull.left[item.thread]))


def _speakers(author: Actor, items: tuple[Item, ...]) -> list[Actor]:
    """Everybody whose words stand in the pull request: who wrote them, and who edited them since."""
    return [author, *(item.author for item in items), *(item.editor for item in items if item.editor)]
