"""The snapshot of a pull request that lives in the repository."""

from __future__ import annotations

from dataclasses import replace

from skill_fleet.fleet.fleet import Fleet, read_fleet
from skill_fleet.fleet.tree import GitTree
from skill_fleet.forges.accounts import BOT, account, permissions
from skill_fleet.forges.history import conflicts_with, lost_commits
from skill_fleet.forges.position import Locator, moves
from skill_fleet.forges.standing import Standing
from skill_fleet.forges.touched import files_of, touched_skill
from skill_fleet.forges.types import ITEM_LIMIT, Actor, CommitFact, FleetFacts, Item, Snapshot


def take_snapshot(at: Standing, remote: str, now: str) -> Snapshot:
    """All of one pull request, from its timeline and the branches as one view shows them; `now` is the time there."""
    repo, pull = at.repo, at.pull
    commits = repo.commits(f"{at.base_oid}..{at.head_oid}")
    changed = tuple(sorted(repo.changed(at.merge_base, at.head_oid)))
    base, head = (read_fleet(GitTree(repo, oid)) for oid in (at.base_oid, at.head_oid))
    forked = base if at.merge_base == at.base_oid else read_fleet(GitTree(repo, at.merge_base))
    through = moves(commits)
    skill = touched_skill(head, forked, changed, through)
    locator = Locator(repo, at.head_oid, at.merge_base, through)
    too_many = len(pull.items) > ITEM_LIMIT
    shown = [item for item in pull.items.values() if not too_many or item.author.id == BOT.id]
    items = tuple(_located(item, at, locator) for item in shown)
    spoken = {item.thread for item in items}
    known = [*pull.heads, *(item.commit for item in items)]
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
        merge_base=at.merge_base,
        head=pull.head,
        head_oid=at.head_oid,
        head_exists=at.branch_tip is not None,
        draft_changed=pull.draft_changed,
        reopened=pull.reopened,
        labels=tuple(sorted(pull.labels)),
        items=items,
        threads=tuple(thread for thread in pull.threads.values() if thread.key in spoken),
        commits=tuple(CommitFact(each.oid, account(each.author), each.message) for each in commits),
        permissions=permissions(_speakers(pull.author, items), base.configuration.writers),
        changed=changed,
        files=files_of(skill) if skill else (),
        fleet=fleet_facts(base),
        lost=lost_commits(repo, known, at.head_oid, {each.oid for each in commits}) if is_open else (),
        conflicts=conflicts_with(repo, at.base_oid, at.merge_base, at.head_oid) if is_open else (),
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


def fleet_facts(base: Fleet) -> FleetFacts:
    """What of the base a decision has to know, on every forge."""
    return FleetFacts(
        categories=tuple(base.taxonomy.categories),
        ids=tuple(skill.id for skill in base.skills),
        former=tuple(sorted(base.former)),
        approvals=base.configuration.approvals,
        nudge_days=base.configuration.nudge_days,
    )


def _speakers(author: Actor, items: tuple[Item, ...]) -> list[Actor]:
    """Everybody whose words stand in the pull request: who wrote them, and who edited them since."""
    return [author, *(item.author for item in items), *(item.editor for item in items if item.editor)]
