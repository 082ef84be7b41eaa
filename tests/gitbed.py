"""Git repositories for tests: real ones in a temporary folder, with a small fleet, quick to make and to copy.

    bed = make_repo(tmp_path / "repo")                      # a fleet on main, checked out
    bed.commit("Say more", {"README.md": "More.\\n"})        # in the work tree, on the branch that is checked out
    bed.commit_to("draft/x", {"skills/web/x/SKILL.md": skill("x")})   # from objects alone, no checkout
    origin, clone = make_origin_and_clone(tmp_path)         # a bare repository and a clone that pushes to it

A content is text, bytes, or None to delete the file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from skill_fleet.git import ABSENT, Identity, Repository, Update, move_refs, write_commit, write_tree

Content = str | bytes | None

PERSON = Identity("Ada Byron", "ada@example.org")
REVIEWER = Identity("Grace Murray", "grace@example.org")
STRANGER = Identity("Mallory Stone", "mallory@example.net")

CATEGORIES = ("api", "architecture", "devops", "domain", "memory", "practices", "python", "testing", "web")
FIRST_SKILL = "skills/python/packaging"


def skill(name: str, description: str = "", body: str = "") -> str:
    """The text of a valid SKILL.md."""
    description = description or f"How to do {name} well. Use it when a task is about {name}."
    return f"---\nname: {name}\ndescription: {description}\n---\n\n# {name}\n\n{body or 'Do it step by step.'}\n"


def taxonomy(*categories: str) -> str:
    """The text of a taxonomy.yaml."""
    rows = [f"  {name}:\n    description: Skills about {name}.\n" for name in categories or CATEGORIES]
    return "categories:\n" + "".join(rows)


def pyproject(*writers: str, approvals: int = 1) -> str:
    """The text of a pyproject.toml; `writers` are the addresses of those who may decide (none: everybody)."""
    listed = ", ".join(f'"{address}"' for address in writers)
    return f"[tool.skill-fleet]\napprovals = {approvals}\nwriters = [{listed}]\n"


FLEET: dict[str, Content] = {
    "README.md": "# A fleet\n",
    "pyproject.toml": pyproject(),
    "skills/taxonomy.yaml": taxonomy(),
    f"{FIRST_SKILL}/SKILL.md": skill("packaging"),
}


@dataclass(frozen=True)
class Bed:
    """One repository of a test, bare or with a work tree."""

    path: Path

    @cached_property
    def repo(self) -> Repository:
        """The repository as the package sees it."""
        return Repository(self.path)

    def git(self, *words: str, stdin: bytes | None = None, check: bool = True) -> str:
        """Run a Git command here and return its output without the last line end."""
        done = subprocess.run(["git", *words], cwd=self.path, input=stdin, capture_output=True, check=False)
        if check and done.returncode:
            raise AssertionError(f"git {' '.join(words)}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def write(self, path: str, content: Content) -> Path:
        """Put a file into the work tree, or remove it."""
        file = self.path / path
        if content is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def commit(self, message: str = "Change", files: Mapping[str, Content] | None = None) -> str:
        """Commit everything in the work tree, after writing `files`, as a person would; returns the commit."""
        for path, content in (files or {}).items():
            self.write(path, content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.tip()

    def commit_to(
        self,
        branch: str,
        files: Mapping[str, Content],
        message: str = "Change",
        *,
        author: Identity = PERSON,
        start: str = "main",
    ) -> str:
        """Commit to a branch without checking it out (a new branch begins at `start`); returns the commit."""
        ref = f"refs/heads/{branch}"
        tip = self.repo.refs(ref).get(ref)
        parent = tip or self.tip(start)
        changes = {path: each.encode() if isinstance(each, str) else each for path, each in files.items()}
        tree = write_tree(self.repo, parent, changes)
        new = write_commit(self.repo, tree, [parent], message, author)
        move_refs(self.repo, [Update(ref, new, tip or ABSENT)])
        return new

    def tip(self, ref: str = "HEAD") -> str:
        """The commit that `ref` names."""
        return self.git("rev-parse", "--verify", f"{ref}^{{commit}}")

    def refs(self) -> dict[str, str]:
        """Every ref with what it points at."""
        return self.repo.refs("refs/")

    def read(self, ref: str, path: str) -> str:
        """The text of a file at a ref."""
        return self.repo.run("cat-file", "blob", f"{ref}:{path}").decode()

    def copy(self, path: Path) -> Bed:
        """A copy at `path`: much quicker than making one. Remotes beside it are found again (see `clone`)."""
        copy_folder(self.path, path)
        return Bed(path)

    def pack(self) -> None:
        """Put all objects into one file, which is copied quicker than many."""
        self.git("repack", "-a", "-d", "--quiet")


def copy_folder(source: Path, target: Path) -> None:
    """Copy repositories and what lies beside them; objects are linked, as Git never writes into one that is there."""
    _copy(str(source), str(target), False)


def _copy(source: str, target: str, link: bool) -> None:
    folder = Path(target)
    folder.mkdir(parents=True)
    with os.scandir(source) as entries:
        for entry in entries:
            there = f"{target}/{entry.name}"
            if entry.is_symlink():
                (folder / entry.name).symlink_to(Path(entry.path).readlink())
            elif entry.is_dir():
                _copy(entry.path, there, link or (entry.name == "objects" and Path(source, "HEAD").exists()))
            elif link:
                os.link(entry.path, there)
            else:
                shutil.copy(entry.path, there)


def visible(*beds: Bed) -> str:
    """Everything of repositories that a later run can find: refs, settings, files. Objects that no ref reaches are not.

    It is read from the files, without Git, as trials ask for it before and after each write.
    """
    rows = []
    for bed in beds:
        bare = (bed.path / "HEAD").exists()
        inside = bed.path if bare else bed.path / ".git"
        rows += [repr(sorted(_refs(inside).items())), *((inside / name).read_text() for name in ("config", "HEAD"))]
        files = [] if bare else sorted(path for path in bed.path.rglob("*") if ".git" not in path.parts)
        rows += [f"{path.relative_to(bed.path)} {path.read_text()}" for path in files if path.is_file()]
    return "\n".join(rows)


def _refs(inside: Path) -> dict[str, str]:
    """Every ref with what stands in its file, or, where it has none, in the list of packed ones."""
    packed = inside / "packed-refs"
    rows = packed.read_text().splitlines() if packed.exists() else []
    found = {name: oid for oid, _, name in (row.partition(" ") for row in rows if row[0] not in "#^")}
    files = (path for path in (inside / "refs").rglob("*") if path.is_file())
    return found | {path.relative_to(inside).as_posix(): path.read_text().strip() for path in files}


def make_repo(path: Path, files: Mapping[str, Content] | None = None) -> Bed:
    """A repository with one commit on main that holds `files` (the small fleet, if none are given)."""
    bed = Bed(path)
    path.mkdir(parents=True, exist_ok=True)
    bed.git("init", "--quiet", "--template=", "--initial-branch=main")
    bed.commit("Found the fleet", FLEET if files is None else files)
    return bed


def make_origin_and_clone(folder: Path, files: Mapping[str, Content] | None = None) -> tuple[Bed, Bed]:
    """A bare repository `folder/origin.git` with the files on main, and its clone `folder/clone`."""
    folder.mkdir(parents=True, exist_ok=True)
    seed = make_repo(folder / "seed", files)
    seed.git("clone", "--quiet", "--bare", "--template=", "--no-hardlinks", ".", "../origin.git")
    shutil.rmtree(seed.path)
    origin = Bed(folder / "origin.git")
    return origin, clone(origin, folder / "clone")


def clone(origin: Bed, path: Path) -> Bed:
    """Another clone of `origin`, beside it; the remote's address is relative, so that both can be copied together."""
    origin.git("clone", "--quiet", "--template=", "--no-hardlinks", ".", str(path))
    bed = Bed(path)
    bed.git("config", "remote.origin.url", f"../{origin.path.name}")
    return bed
