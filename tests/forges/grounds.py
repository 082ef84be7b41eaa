"""Grounds to try a forge on: each has one pull request, #1, that Ada opened for the branch draft/x.

A new forge passes the contract by adding a factory to `FACTORIES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import gitbed
from skill_fleet.forges import BOT, Actor, Forge, account
from skill_fleet.forges.local import LocalForge, open_local_forge
from skill_fleet.git import Identity, write_commit, write_tree

ADA, GRACE, MALLORY = account(gitbed.PERSON), account(gitbed.REVIEWER), account(gitbed.STRANGER)

FOLDER = "skills/web/x"
SKILL = f"{FOLDER}/SKILL.md"
NOTES = f"{FOLDER}/references/notes.md"
FILES = {SKILL: gitbed.skill("x"), NOTES: "".join(f"note {number}\n" for number in range(1, 31))}


@dataclass
class Ground:
    """A forge as three accounts, and from elsewhere; the repository at hand, and the one whose branches are the truth."""

    author: Forge
    reviewer: Forge
    bot: Forge
    elsewhere: Forge
    bed: gitbed.Bed
    truth: gitbed.Bed
    number: int = 1

    @property
    def head(self) -> str:
        """Where draft/x is."""
        return self.truth.tip("draft/x")

    def commit(
        self,
        parent: str,
        files: Mapping[str, gitbed.Content],
        message: str = "Change",
        author: Identity = gitbed.PERSON,
    ) -> str:
        """A commit on top of another; no branch has it yet."""
        changes = {path: each.encode() if isinstance(each, str) else each for path, each in files.items()}
        return write_commit(self.bed.repo, write_tree(self.bed.repo, parent, changes), [parent], message, author)

    def place(self, branch: str, commit: str) -> str:
        """Put a branch there by hand, whatever it was."""
        if self.truth is self.bed:
            self.bed.git("update-ref", f"refs/heads/{branch}", commit)
            self.bed.git("reset", "--quiet", "--hard")
        else:
            self.bed.git("push", "--quiet", "--force", "origin", f"{commit}:refs/heads/{branch}")
        return commit

    def branch(self, name: str, files: Mapping[str, gitbed.Content], start: str = "main") -> str:
        """A branch with one commit."""
        self.bed.git("fetch", "--quiet", str(self.truth.path), f"refs/heads/{start}")
        return self.place(name, self.commit(self.truth.tip(start), files))

    def grow(self, files: Mapping[str, gitbed.Content], message: str = "Change") -> str:
        """Push one more commit to draft/x by hand."""
        return self.place("draft/x", self.commit(self.head, files, message))

    def open(self, branch: str = "draft/y", draft: bool = False) -> int:
        """Open one more pull request, which adds a skill."""
        name = branch.rpartition("/")[2]
        head = self.branch(branch, {f"skills/web/{name}/SKILL.md": gitbed.skill(name)})
        return self.author.open(title=f"Add {name}", body="", head=branch, base="main", head_oid=head, draft=draft)


def _accounts(forge: LocalForge) -> tuple[LocalForge, LocalForge, LocalForge]:
    return forge, forge.acting_as(GRACE), forge.acting_as(BOT)


def prepare_lone(folder: Path) -> None:
    """Make a repository without a remote, with its pull request."""
    bed = gitbed.make_repo(folder / "repo")
    head = bed.commit_to("draft/x", FILES, "Draft web/x")
    _open_first(open_local_forge(bed.repo, ADA), head)


def prepare_shared(folder: Path) -> None:
    """Make a bare repository and two clones, with a pull request."""
    origin, clone = gitbed.make_origin_and_clone(folder)
    head = clone.commit_to("draft/x", FILES, "Draft web/x")
    clone.git("push", "--quiet", "origin", "draft/x")
    clone.git("branch", "--quiet", "-D", "draft/x")
    _open_first(open_local_forge(clone.repo, ADA), head)
    gitbed.clone(origin, folder / "second")


def _open_first(forge: Forge, head: str) -> None:
    forge.open(title="Draft web/x", body="The **brief**.", head="draft/x", base="main", head_oid=head, draft=False)


def lone(folder: Path) -> Ground:
    """The local refs are the truth."""
    bed = gitbed.Bed(folder / "repo")
    return Ground(*_accounts(open_local_forge(bed.repo, ADA)), open_local_forge(bed.repo, ADA), bed, bed)


def shared(folder: Path) -> Ground:
    """A remote is the truth, and there is a second clone of it."""
    origin, clone, second = (gitbed.Bed(folder / name) for name in ("origin.git", "clone", "second"))
    forge = open_local_forge(clone.repo, ADA)
    return Ground(*_accounts(forge), open_local_forge(second.repo, ADA), clone, origin)


@dataclass(frozen=True)
class Factory:
    """How to make a ground: `prepare` once, then `get` from each copy."""

    prepare: Callable[[Path], None]
    get: Callable[[Path], Ground]

    def make(self, template: Path, folder: Path) -> Ground:
        """A ground of one's own."""
        gitbed.copy_folder(template, folder)
        return self.get(folder)


FACTORIES = {"lone": Factory(prepare_lone, lone), "shared": Factory(prepare_shared, shared)}


def someone(name: str) -> Actor:
    """An account."""
    return Actor(f"{name.lower()}@example.org", name)
