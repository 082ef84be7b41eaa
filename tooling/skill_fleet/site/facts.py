"""What the pages say of a skill: read from its files, its history, its evidence and the rest of the fleet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import quote, unquote

from skill_fleet.catalog import Project, addresses, project_of, shelves
from skill_fleet.checks import readers
from skill_fleet.evals import Source, Status, verify_skills
from skill_fleet.fleet import SKILL_FILE, Fleet, Skill, TooLarge, device_in, is_name
from skill_fleet.git import EXECUTABLE, REGULAR, SYMLINK, Entry
from skill_fleet.markdown import PREFIX, estimated_tokens, visible
from skill_fleet.site.history import Step

_MOST_SHOWN = 100_000
"""The characters of one file that its page shows."""
_WEB = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_BEST = (Status.FRESH, Status.AGED, Status.STALE)


@dataclass(frozen=True)
class Evidence:
    """One measured effect: a verdict of a file of evidence that follows from its runs. `source` says who made these."""

    status: str
    source: str
    outcome: str
    lift: float
    interval: tuple[float, float]
    tasks: int
    model: str
    harness: str
    at: str


@dataclass(frozen=True)
class File:
    """A file of a skill as its page shows it; `text` is None for what is no text."""

    path: str
    note: str
    text: str | None


@dataclass(frozen=True)
class Listed:
    """A skill as lists show it. `address`, of its page, and `shelf`, of that of its category, are relative to the top."""

    id: str
    name: str
    address: str
    description: str
    category: str
    shelf: str
    tags: tuple[str, ...]
    status: str
    clients: tuple[str, ...]
    tokens: int
    updated: datetime
    number: str
    evidence: tuple[Evidence, ...]
    required_by: tuple[str, ...]

    @property
    def is_retired(self) -> bool:
        """Whether it is kept for those who have it alone."""
        return self.status == "retired"

    @property
    def is_measured(self) -> str:
        """What lists say of its evidence: the outcome and status of the best; "" without any."""
        return f"{self.evidence[0].outcome}, {self.evidence[0].status}" if self.evidence else ""


@dataclass(frozen=True)
class Site:
    """A fleet at a commit, as a site: what all pages need."""

    fleet: Fleet
    commit: str
    at: datetime
    history: Mapping[str, list[Step]]
    marketplace: str | None = None
    """The branch that has the marketplace file, "" for the default one; None if there is no such file."""
    published: tuple[Fleet, ...] = ()
    """The fleets that may have more evidence."""

    @cached_property
    def project(self) -> Project:
        """The fleet's name, description and repository."""
        return project_of(self.fleet)

    @property
    def name(self) -> str:
        """The fleet's name for people."""
        return self.project.name or "Skills"

    @cached_property
    def address(self) -> str:
        """Where it is published, with a slash at the end; "" when nobody says."""
        given = self.fleet.configuration.site
        return f"{given.rstrip('/')}/" if given else ""

    @cached_property
    def repository(self) -> str:
        """OWNER/NAME on GitHub; "" when nobody says."""
        pages = re.fullmatch(r"https://([\w-]+)\.github\.io/([\w.-]+)/", self.address)
        return self.project.repository or (f"{pages[1]}/{pages[2]}" if pages else "")

    @property
    def skills(self) -> dict[str, Skill]:
        """The skills by id."""
        return self.fleet.by_id

    @cached_property
    def addresses(self) -> dict[str, str]:
        """The page of each skill, by id. One at the top of a repository has its name for a path."""
        found = addresses({each.id: each.id if each.path else each.name for each in self.skills.values()})
        return {skill_id: f"skills/{path}/" for skill_id, path in found.items()}

    @cached_property
    def shelves(self) -> dict[str, str]:
        """The page of each category; that of "" is for skills without one."""
        top = "skills" if self.fleet.root else "categories"
        found = addresses({name: name.replace("/", "-") for name in self._categories.values() if name})
        return {"": f"{top}/index.html"} | {name: f"{top}/{path}/index.html" for name, path in found.items()}

    @cached_property
    def _categories(self) -> dict[str, str]:
        return shelves(self.fleet)

    @cached_property
    def required_by(self) -> dict[str, tuple[str, ...]]:
        """The ids of the skills that require a skill themselves, by its id."""
        found: dict[str, list[str]] = {}
        for each in self.skills.values():
            for other in each.requires:
                found.setdefault(other, []).append(each.id)
        return {skill_id: tuple(ids) for skill_id, ids in found.items()}

    @cached_property
    def redirects(self) -> dict[str, str]:
        """Former ids that nothing has now, each with the id that it leads to."""
        former = ((old, each.id) for each in self.skills.values() for old in each.formerly)
        pages = {path.removeprefix("skills/") for path in self.addresses.values()}
        taken = {path[:at] for path in pages for at, char in enumerate(path) if char == "/"}
        return {
            old: new
            for old, new in former
            if old not in taken
            and all(map(is_name, old.split("/")))
            and not device_in(old)
            and not old.startswith(tuple(pages))
        }

    @cached_property
    def listed(self) -> dict[str, Listed]:
        """All skills as lists show them, by id."""
        return {skill_id: self._listed(skill) for skill_id, skill in self.skills.items()}

    def _listed(self, skill: Skill) -> Listed:
        front, own, category = skill.front_matter, self.history.get(skill.id, []), self._categories[skill.id]
        names = [key.text for key, _ in front.mapping.pairs]
        return Listed(
            skill.id,
            skill.folder or skill.name,
            self.addresses[skill.id],
            " ".join(skill.description.split()),
            category,
            self.shelves[category],
            skill.tags,
            skill.status,
            tuple(sorted({row.client for name in names for row in readers(name)})),
            estimated_tokens(front.text),
            datetime.fromtimestamp(own[-1][0].at, UTC) if own else self.at,
            front.metadata("version") or front.value("version") or "",
            tuple(self._evidence(skill)),
            self.required_by.get(skill.id, ()),
        )

    def _evidence(self, skill: Skill) -> Iterator[Evidence]:
        """What its evidence says that is valid, the best first."""
        found_here = verify_skills(self.fleet, [skill], self.at, self.published)
        checked = [each for each in found_here if each.status in _BEST]
        for each in sorted(
            checked, key=lambda each: (_BEST.index(each.status), [*Source].index(each.source), each.path)
        ):
            if found := each.document["verdicts"].get("effect"):
                facts = each.document["metadata"]
                yield Evidence(
                    each.status.value,
                    each.source.value,
                    str(found["outcome"]),
                    100 * float(found["lift"]),
                    (100 * float(found["interval"][0]), 100 * float(found["interval"][1])),
                    int(found["tasks"]),
                    str(facts["executor_model"]),
                    str(facts["harness"]),
                    str(facts["timestamp"])[:10],
                )


def files_of(skill: Skill) -> list[File]:
    """The files of a skill for its page, SKILL.md first. What is no text, or too long, is described instead."""
    order = sorted(skill.entries, key=lambda entry: (skill.relative(entry.path) != SKILL_FILE, entry.path))
    return [_file(skill, entry) for entry in order]


def _file(skill: Skill, entry: Entry) -> File:
    path = skill.relative(entry.path)
    if entry.mode not in (REGULAR, EXECUTABLE):
        return File(path, "a link" if entry.mode == SYMLINK else "a submodule", None)
    try:
        content = skill.tree.read(entry)
    except TooLarge as problem:
        return File(path, f"{problem.size:,} bytes, too large to be read", None)
    note = f"{len(content):,} bytes{', executable' if entry.mode == EXECUTABLE else ''}"
    if b"\0" in content:
        return File(path, f"{note}, binary", None)
    text = content[: 4 * _MOST_SHOWN].decode("utf-8", "replace")
    if len(text) > _MOST_SHOWN:
        text, note = text[:_MOST_SHOWN], f"{note}, of which the first {_MOST_SHOWN:,} characters are shown"
    return File(path, note, visible(text))


def resolve(target: str, addresses: Mapping[str, str]) -> str | None:
    """The address for the target of a link in a SKILL.md: of the web, of this page, or of a file of the skill.

    None for anything else, such as another scheme, or a path that leads out of the skill.
    """
    if _WEB.match(target):
        return target
    if target.startswith("#"):
        return f"#{PREFIX}{quote(unquote(target[1:]).lower())}"
    parts: list[str] = []
    for part in unquote(target.partition("#")[0].partition("?")[0]).split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part != ".":
            parts.append(part)
    return addresses.get("/".join(parts))
