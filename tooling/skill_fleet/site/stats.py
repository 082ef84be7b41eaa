"""What Git and the files say about a fleet as a whole: ages, sizes, reviews, owners; and what could be done about it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from statistics import median

from skill_fleet.checks import Selection, check_fleet
from skill_fleet.evals import Status, published_fleets
from skill_fleet.fleet import Fleet
from skill_fleet.git import Landing, Repository
from skill_fleet.site.facts import Listed, Site
from skill_fleet.site.history import steps

_MERGES = 200
_DAY = 86_400
_ID = re.compile(r"[a-z0-9-]+(?:/[a-z0-9-]+)+")
_DUPLICATES = Selection(frozenset({"fleet/near-duplicate"}))


@dataclass(frozen=True)
class Counted:
    """A skill in numbers. The days are those since it came in, and since its last change; `tokens` are of SKILL.md.

    `evidence` is the status of its best evidence, "" without any.
    """

    id: str
    category: str
    status: str
    age: int
    quiet: int
    changes: int
    tokens: int
    required_by: int
    evidence: str


@dataclass(frozen=True)
class Reviews:
    """The last merges of branches: medians of the days from a branch's first commit to its merge, and of its commits."""

    merges: int
    days: float
    commits: float


class Advice(StrEnum):
    """What could be done."""

    MERGE = "merge duplicates"
    REQUIRE = "declare what it requires"
    SPLIT = "split the category"
    LOOK = "look at it again"
    MEASURE = "measure it again"
    OWN = "find another owner"


@dataclass(frozen=True)
class Recommendation:
    """A piece of advice: about which skill, category or owner, and why."""

    advice: Advice
    about: str
    why: str


@dataclass(frozen=True)
class Stats:
    """A fleet in numbers, and what could be done about them."""

    skills: tuple[Counted, ...]
    reviews: Reviews | None
    recommendations: tuple[Recommendation, ...]


def count(repo: Repository, fleet: Fleet, commit: str, now: datetime) -> Stats:
    """Count what there is at a commit, whose fleet is `fleet`, with all of its history."""
    history = steps(repo, commit, fleet.skills, fleet.root)
    site = Site(fleet, commit, now, history, published=published_fleets(repo, fleet.skills))
    first = {skill_id: own[0][0].at for skill_id, own in history.items()}
    counted = tuple(_counted(each, first, len(history.get(each.id, ())), now) for each in site.listed.values())
    landings = {landing.oid: landing for own in history.values() for landing, _ in own}
    found = (*_advice(site, counted), *_owners(repo, fleet, commit, now))
    return Stats(counted, _reviews(repo, [*landings.values()]), found)


def _counted(one: Listed, first: dict[str, int], changes: int, now: datetime) -> Counted:
    born = datetime.fromtimestamp(first[one.id], UTC) if one.id in first else now
    age, quiet = (now - born).days, (now - one.updated).days
    evidence = one.evidence[0].status if one.evidence else ""
    return Counted(one.id, one.category, one.status, age, quiet, changes, one.tokens, len(one.required_by), evidence)


def _reviews(repo: Repository, landings: list[Landing]) -> Reviews | None:
    """How the last merges went; None when there is none."""
    merges = sorted((each for each in landings if len(each.parents) == 2), key=lambda each: each.at)[-_MERGES:]
    branches = []
    for each in merges:
        times = repo.text("log", "--format=%at", f"{each.parents[0]}..{each.parents[1]}", "--").split()
        if times:
            branches.append(((each.at - min(map(int, times))) / _DAY, len(times)))
    if not branches:
        return None
    return Reviews(len(branches), round(median(day for day, _ in branches), 1), median(size for _, size in branches))


def _advice(site: Site, counted: tuple[Counted, ...]) -> Iterator[Recommendation]:
    for finding in check_fleet(site.fleet, _DUPLICATES):
        yield Recommendation(Advice.MERGE, finding.skill, finding.message)
    for skill in site.skills.values():
        named = {*_ID.findall(skill.front_matter.text)} & site.skills.keys() - {skill.id, *skill.requires}
        if named and skill.status == "active":
            why = f"It names {', '.join(sorted(named))}, which it does not require."
            yield Recommendation(Advice.REQUIRE, skill.id, why)
    for category, size in Counter(each.category for each in counted if each.status != "retired").items():
        if size > site.fleet.configuration.category_size:
            yield Recommendation(Advice.SPLIT, category, f"It has {size} skills; nobody reads a list of that length.")
    for each in counted:
        if each.status == "active" and each.quiet > site.fleet.configuration.quiet_days and not each.required_by:
            why = f"Nobody has changed it for {each.quiet} days, and no skill requires it."
            yield Recommendation(Advice.LOOK, each.id, why)
        if each.evidence == Status.STALE:
            yield Recommendation(Advice.MEASURE, each.id, "Its evidence is about an earlier state of it.")


def _owners(repo: Repository, fleet: Fleet, commit: str, now: datetime) -> Iterator[Recommendation]:
    """Owners who have written nothing for long. Of those who never wrote anything, and of teams, Git knows nothing."""
    seen: dict[str, int] = {}
    for row in repo.text("log", "--use-mailmap", "--format=%at %aE", commit, "--").splitlines():
        at, _, address = row.partition(" ")
        login = re.sub(r"^(\d+\+)?(.*)@users\.noreply\.github\.com$", r"\2", address.casefold())
        seen[login] = max(seen.get(login, 0), int(at))
    kinds = fleet.taxonomy.categories.values()
    for owner in dict.fromkeys((*fleet.taxonomy.owners, *(name for each in kinds for name in each.owners))):
        last = seen.get(owner.removeprefix("@").casefold())
        gone = (now - datetime.fromtimestamp(last, UTC)).days if last else 0
        if gone > fleet.configuration.quiet_days:
            why = f"The last commit of this owner is {gone} days old."
            yield Recommendation(Advice.OWN, owner, why)
