"""The origin of a skill: the brief of the draft that it once was, from the history of the base or from the record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from skill_fleet.drafting import Brief, brief_from_json, read_brief
from skill_fleet.fleet import ROOT, Skill
from skill_fleet.git import Commit, Repository
from skill_fleet.markdown import shortened, tidy
from skill_fleet.proposals.recording import fetch_record, kept_rows
from skill_fleet.proposals.start import Job
from skill_fleet.review import MOVED, SESSION, message_body, trailer, visible

_NUMBER = re.compile(r"#([1-9][0-9]{0,8})\b")
_MOVES = 8  # of one skill that are followed
_PULLS = 3  # that are read: a skill began with the oldest
_LINES, _LONGEST = 20, 400  # entries of a list, and characters of one: whoever wrote it, it is shown to a model


def origin_of(job: Job, skill: Skill) -> Brief | None:
    """The task, audience, capabilities and agreements of the draft that `skill` once was; None if nothing has them.

    Only what the base contains is read, and a record only of a pull request that the base names; it is fetched only if
    something may be written.
    """
    repo, base = job.repo, job.where.base_oid
    ids = list(dict.fromkeys((skill.id, *skill.formerly)))
    commits = commits_on(repo, base, ids)
    for _ in range(_MOVES):  # only its commit tells of a move within the pull request
        moved = (trailer(commit.message, MOVED).partition(" -> ") for commit in commits)
        if not (new := [old for old, _, to in moved if to in ids and old not in ids]):
            break
        ids += dict.fromkeys(new)
        commits = commits_on(repo, base, ids)
    remote = job.where.remote
    found = _in_history(repo, commits, ids) or _on_record(repo, commits, ids, remote, online=job.bot is not None)
    return _bounded(found, skill.id) if found and (found.task or found.capabilities) else None


def commits_on(repo: Repository, base: str, ids: Sequence[str]) -> tuple[Commit, ...]:
    """The commits of the base that touched the folders of these skills, oldest first."""
    return repo.commits(base, "--", *(f":(top,literal){ROOT}/{one}" for one in ids))


def _in_history(repo: Repository, commits: Sequence[Commit], ids: Sequence[str]) -> Brief | None:
    """The brief that the parent of the first draft's commit holds: of the commit that made the folder."""
    for commit in commits:
        skill = trailer(commit.message, "Skill")
        if skill in ids and trailer(commit.message, "Drafted-by") and commit.parents:
            (session,) = repo.commits(f"{commit.parents[0]}^!")
            if trailer(session.message, SESSION) and not repo.entries(session.oid, f"{ROOT}/{skill}"):
                return read_brief(message_body(session.message), "")
    return None


def _on_record(
    repo: Repository, commits: Sequence[Commit], ids: Sequence[str], remote: str | None, *, online: bool
) -> Brief | None:
    """The brief on the record of the pull request that a commit of the base names, of a draft of this skill."""
    numbers = dict.fromkeys(int(number) for commit in commits for number in _named(commit.message))
    for number in list(numbers)[:_PULLS]:
        if remote and online:
            fetch_record(repo, remote, number)
        for row in kept_rows(repo, number, remote):
            brief = row.get("brief")
            if row.get("kind") == "draft" and row.get("skill") in ids and isinstance(brief, dict):
                return brief_from_json(brief)
    return None


def _named(message: str) -> Iterator[str]:
    yield from _NUMBER.findall(message.partition("\n")[0])
    yield from _NUMBER.findall(trailer(message, "Pull-request"))


def _bounded(brief: Brief, path: str) -> Brief:
    """The brief in bounds and without invisible characters: anybody who may push can have written it."""

    def one(text: str, most: int = _LONGEST) -> str:
        return shortened(tidy(visible(text)), most)

    def some(entries: Sequence[str]) -> tuple[str, ...]:
        return tuple(map(one, entries[:_LINES]))

    said = some(brief.capabilities), some(brief.triggers), some(brief.non_goals), some(brief.assumptions)
    return Brief(one(brief.task, 5 * _LONGEST), path, one(brief.audience), *said, agreed=some(brief.agreed))
