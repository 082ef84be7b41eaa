"""Drafts of the bot in real repositories: a bare origin with two clones, or a repository alone.

A scene is made once a session and copied for each test; ids and times are counted, so that two runs can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import gitbed
from skill_fleet.drafting import Brief, Draft
from skill_fleet.forges import BOT, Actor, Anchor, account
from skill_fleet.forges.local import LocalForge
from skill_fleet.git import Identity, Repository, fetch
from skill_fleet.proposals import Texts, Where, open_pull_request, put_branch
from skill_fleet.review import step

ADA, GRACE, MALLORY = account(gitbed.PERSON), account(gitbed.REVIEWER), account(gitbed.STRANGER)

FOLDER = "skills/web/x"
SKILL = f"{FOLDER}/SKILL.md"
NOTES = f"{FOLDER}/references/notes.md"
DRAFT = Draft(
    Brief("Write about x", "web/x"), {"SKILL.md": gitbed.skill("x"), "references/notes.md": "one\ntwo\nthree"}
)
TEXTS = Texts("Draft web/x", "The brief.", "All placed.", "The **brief**.")
SUGGESTION = "```suggestion\ndescription: Another one. Use it when asked.\n```"


@dataclass(frozen=True)
class Scene:
    """A folder with `repo`, or with `origin.git`, `clone` and `second`."""

    folder: Path

    @property
    def is_shared(self) -> bool:
        """Whether there is a remote."""
        return (self.folder / "origin.git").exists()

    @property
    def beds(self) -> tuple[gitbed.Bed, ...]:
        """Its repositories, the one that people work in last."""
        names = ("origin.git", "clone") if self.is_shared else ("repo",)
        return tuple(gitbed.Bed(self.folder / name) for name in names)

    @property
    def truth(self) -> gitbed.Bed:
        """The repository whose branches are the truth."""
        return self.beds[0]

    def forge(
        self, actor: Actor = BOT, repo: Repository | None = None, ids: str = "b", where: str = "clone"
    ) -> LocalForge:
        """The forge as `actor` sees it; `ids` begins the ids of what is written (one hexadecimal digit a process)."""
        repo = repo or Repository(self.folder / (where if self.is_shared else "repo"))
        numbers = count(1)
        return LocalForge(
            repo,
            actor,
            "origin" if self.is_shared else None,
            clock=lambda: datetime(2026, 1, 1, tzinfo=UTC),
            new_id=lambda: f"{ids}{next(numbers):015x}",
        )

    def copy(self, folder: Path) -> Scene:
        """The same somewhere else."""
        gitbed.copy_folder(self.folder, folder)
        return Scene(folder)


def where(scene: Scene, repo: Repository) -> Where:
    """Where a draft starts from, after a fetch, as the commands do."""
    if scene.is_shared:
        fetch(repo, "origin", ["+refs/heads/*:refs/remotes/origin/*"], prune=True)
        return Where("origin", "main", repo.resolve("refs/remotes/origin/main"))
    return Where(None, "main", repo.resolve("refs/heads/main"))


def open_draft(scene: Scene, forge: LocalForge) -> int:
    """Put the draft on its branch and open its pull request, or go on where that was stopped."""
    who = [Identity(actor.name, actor.id) for actor in (ADA, BOT)]
    at = where(scene, forge.repo)
    tip, _ = put_branch(forge.repo, at, DRAFT, TEXTS, "5e55", *who)
    return open_pull_request(forge, at, DRAFT, TEXTS, tip)


def suggest(scene: Scene, body: str = SUGGESTION, line: int = 3, path: str = SKILL, ids: str = "1") -> str:
    """Grace suggests something on a line."""
    return scene.forge(GRACE, ids=ids).comment_on(1, body, Anchor(path, "", line, line))


def _edits(scene: Scene) -> None:
    suggest(scene)
    grace = scene.forge(GRACE, ids="2")
    for body in ("/move testing", "/help"):
        grace.comment(1, body)


def _cancel(scene: Scene) -> None:
    ada = scene.forge(ADA, ids="1")
    for body in ("/describe New. Use it when asked.", "/cancel"):
        ada.comment(1, body)


def _approved(scene: Scene) -> None:
    scene.forge(GRACE, ids="1").review(1, "approved", "Fine.")


def _troubled(scene: Scene) -> None:
    """The base has gone another way, and a request that was answered is forced off the branch."""
    start = scene.truth.tip("draft/x")
    scene.forge(GRACE, ids="1").comment(1, "/describe Quite another. Use it when asked.")
    forge = scene.forge(ids="2")
    step(forge.repo, forge, 1)
    scene.truth.git("update-ref", "refs/heads/draft/x", start)
    scene.truth.commit("Go another way", {SKILL: gitbed.skill("x", "Mine. Use it when it is mine.")})


STORIES: dict[str, Callable[[Scene], object]] = {
    "opened": lambda scene: None,
    "suggestion": suggest,
    "edits": _edits,
    "cancel": _cancel,
    "approved": _approved,
    "troubled": _troubled,
}


def make_scene(kind: str, story: str, folder: Path) -> Scene:
    """A draft, and what people say about it; `bare` is a fleet without a draft."""
    if kind == "lone":
        gitbed.make_repo(folder / "repo")
    else:
        origin, _ = gitbed.make_origin_and_clone(folder)
        gitbed.clone(origin, folder / "second")
    scene = Scene(folder)
    if story != "bare":
        open_draft(scene, scene.forge(ids="0"))
        STORIES[story](scene)
    for bed in scene.beds:
        bed.pack()
    return scene


def commits_of(scene: Scene) -> Iterator[tuple[str, str]]:
    """Every commit of the draft's branch with its message, the oldest first."""
    for oid in scene.truth.git("rev-list", "--reverse", "main..draft/x").split():
        yield oid, scene.truth.git("log", "-1", "--format=%B", oid)
