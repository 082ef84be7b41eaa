"""The brief that a skill was made from: in the history it was merged with, or where that was squashed, on the record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from skill_fleet.drafting.briefs import read_brief
from skill_fleet.drafting.pages.plain import shortened, tidy
from skill_fleet.drafting.types import Brief
from skill_fleet.fleet.fleet import ROOT
from skill_fleet.fleet.git import Commit, Repository
from skill_fleet.fleet.skill import Skill
from skill_fleet.review.harmless import visible
from skill_fleet.review.session import MOVED, SESSION
from skill_fleet.review.trailers import trailer

if TYPE_CHECKING:
    from skill_fleet.review.opening import Where

_BEGIN = "Begin the draft of "
_NUMBER = re.compile(r"#([1-9][0-9]{0,8})\b")
_MOVES = 8  # of one skill that are followed
_PULLS = 3  # that are looked at: it began with the oldest
_LINES, _LONGEST = 20, 400  # entries of a list, and characters of one: whoever wrote it, it is shown to a model


def made_from(repo: Repository, where: Where, skill: Skill, *, online: bool) -> Brief | None:
    """The task, audience, capabilities and agreements of the draft that `skill` once was; None when nothing says so.

    Only what the base contains is looked at, and a record only of a pull request that the base names; if `online`, it
    is fetched.
    """
    ids = list(dict.fromkeys((skill.id, *skill.formerly)))
    commits = _touching(repo, where.base_oid, ids)
    for _ in range(_MOVES):  # a move within the pull request is told by its commit alone
        moved = (trailer(commit.message, MOVED).partition(" -> ") for commit in commits)
        if not (new := [old for old, _, to in moved if to in ids and old not in ids]):
            break
        ids += dict.fromkeys(new)
        commits = _touching(repo, where.base_oid, ids)
    found = _in_history(repo, commits, ids) or _on_record(repo, commits, ids, where.remote, online)
    return _bounded(found, skill.id) if found and (found.task or found.capabilities) else None


def _touching(repo: Repository, base: str, ids: Sequence[str]) -> tuple[Commit, ...]:
    """The commits of the base that touched the folders of these skills, oldest first."""
    return repo.commits(base, "--", *(f":(top,literal){ROOT}/{one}" for one in ids))


def _in_history(repo: Repository, commits: Sequence[Commit], ids: Sequence[str]) -> Brief | None:
    """What the commit says that the first draft of it stands on."""
    for commit in commits:
        if trailer(commit.message, "Skill") in ids and trailer(commit.message, "Drafted-by") and commit.parents:
            (session,) = repo.commits(f"{commit.parents[0]}^!")
            if session.message.startswith(_BEGIN) and trailer(session.message, SESSION):
                text = session.message.strip().partition("\n\n")[2].rpartition("\n\n")[0]
                return read_brief(visible(text), "")
    return None


def _on_record(
    repo: Repository, commits: Sequence[Commit], ids: Sequence[str], remote: str | None, online: bool
) -> Brief | None:
    """What was kept of the pull request that a commit of the base names, of a draft of this skill."""
    from skill_fleet.drafting.model.records import fetch_record, kept_rows

    numbers = dict.fromkeys(int(number) for commit in commits for number in _named(commit.message))
    for number in list(numbers)[:_PULLS]:
        if remote and online:
            fetch_record(repo, remote, number)
        for row in kept_rows(repo, number, remote):
            brief = row.get("brief")
            if row.get("kind") == "draft" and row.get("skill") in ids and isinstance(brief, dict):
                return _read(brief)
    return None


def _named(message: str) -> Iterator[str]:
    yield from _NUMBER.findall(message.partition("\n")[0])
    yield from _NUMBER.findall(trailer(message, "Pull-request"))


def _read(brief: dict[str, Any]) -> Brief:
    """A brief of a record, which anybody who may push can have written: only texts where texts belong."""

    def text(name: str) -> str:
        return visible(value) if isinstance(value := brief.get(name), str) else ""

    def entries(name: str) -> tuple[str, ...]:
        value = brief.get(name)
        return tuple(visible(each) for each in value if isinstance(each, str)) if isinstance(value, list) else ()

    said = (entries("capabilities"), entries("triggers"), entries("non_goals"), entries("assumptions"))
    return Brief(text("task"), "", text("audience"), *said)


def _bounded(brief: Brief, path: str) -> Brief:
    def short(entries: Sequence[str]) -> tuple[str, ...]:
        return tuple(shortened(tidy(each), _LONGEST) for each in entries[:_LINES])

    return Brief(
        shortened(tidy(brief.task), 5 * _LONGEST),
        path,
        shortened(tidy(brief.audience), _LONGEST),
        short(brief.capabilities),
        short(brief.triggers),
        short(brief.non_goals),
        short(brief.assumptions),
    )
