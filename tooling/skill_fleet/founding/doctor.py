"""What the doctor looks at on this machine and in this clone; settings of a forge are looked at elsewhere."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from skill_fleet.catalog import CATALOGUE_FILE, CODEOWNERS_FILE, render_catalogue
from skill_fleet.errors import UserError
from skill_fleet.fleet import TAXONOMY_FILE, Fleet, branch_of_ones_own, fleet_at
from skill_fleet.founding.files import EXAMPLE, TOOL_FILE
from skill_fleet.git import Repository

if TYPE_CHECKING:
    from skill_fleet.founding.github_doctor import Advice, State

OLDEST_PYTHON, OLDEST_GIT = (3, 11), (2, 38)
HOOKS = "python -m pip install pre-commit && pre-commit install"


def checkup(repo: Repository) -> Iterator[Advice]:
    """Everything that the doctor looks at in a clone, in the order in which it trips people up."""
    looks = (_python, _git, _identity, _hooks, _remote, _pull_requests, _taxonomy, _catalogue, _tool, _guards)
    for look in looks:
        if advice := look(repo):
            yield advice


def _python(repo: Repository) -> Advice:
    return _version("python", sys.version_info[:2], OLDEST_PYTHON)


def _git(repo: Repository) -> Advice:
    found = re.search(r"(\d+)\.(\d+)", repo.text("version"))
    return _version("git", (int(found[1]), int(found[2])) if found else (0, 0), OLDEST_GIT)


def _version(name: str, have: tuple[int, ...], oldest: tuple[int, int]) -> Advice:
    says = f"{name} {'.'.join(map(str, have))}"
    if have >= oldest:
        return _advice(name, "good", f"{says}.")
    wanted = ".".join(map(str, oldest))
    return _advice(name, "bad", f"{says} is too old.", f"Install {wanted} or newer.")


def _identity(repo: Repository) -> Advice:
    try:
        who = repo.identity()
    except UserError as problem:
        return _advice("identity", "bad", problem.message, problem.tip)
    return _advice("identity", "good", f"{who.name} <{who.email}>.")


def _hooks(repo: Repository) -> Advice:
    if repo.root is None or not (repo.root / ".pre-commit-config.yaml").exists():
        return _advice("hooks", "good", "The repository has none.")
    folder = Path(repo.text("rev-parse", "--git-path", "hooks", cwd=repo.root))
    if (repo.root / folder / "pre-commit").exists():
        return _advice("hooks", "good", "They run before each commit.")
    return _advice("hooks", "hint", "They are not installed: mistakes are first found in CI.", HOOKS)


def _remote(repo: Repository) -> Advice:
    if not repo.has_remote("origin"):
        return _advice(
            "remote", "hint", "There is no origin yet: nobody else sees what is done here.", "git remote add origin URL"
        )
    status, _, err = repo.attempt("ls-remote", "--quiet", "--heads", "--end-of-options", "origin")
    if status == 0:
        return _advice("remote", "good", "The remote origin answers.")
    said = err.strip().splitlines()
    return _advice(
        "remote", "bad", f"The remote origin does not answer: {said[-1] if said else 'no reason given'}", "git fetch"
    )


def _taxonomy(repo: Repository) -> Advice:
    try:
        taxonomy = _fleet(repo).taxonomy
    except UserError as problem:
        return _advice("taxonomy", "bad", problem.message, problem.tip)
    if taxonomy.faults:
        first = taxonomy.faults[0]
        return _advice("taxonomy", "bad", f"{TAXONOMY_FILE}:{first.line}: {first.detail}", f"Fix {TAXONOMY_FILE}.")
    return _advice("taxonomy", "good", f"{len(taxonomy.categories)} categories.")


def _catalogue(repo: Repository) -> Advice:
    if repo.root is None:
        return _advice("catalogue", "good", "A bare repository has no files.")
    try:
        wanted = render_catalogue(_fleet(repo)).text.encode()
    except UserError as problem:
        return _advice("catalogue", "bad", problem.message, problem.tip)
    file = repo.root / CATALOGUE_FILE
    if file.is_file() and file.read_bytes() == wanted:
        return _advice("catalogue", "good", "It is what the skills give.")
    if branch_of_ones_own(repo):
        return _advice("catalogue", "good", "It is behind this branch, as it should be: it is written after the merge.")
    return _advice("catalogue", "hint", f"{CATALOGUE_FILE} is not what the skills give.", "skill-fleet generate-xml")


def _pull_requests(repo: Repository) -> Advice:
    from skill_fleet.forges.github import choose

    try:
        choice = choose(repo, os.environ)
    except UserError as problem:
        return _advice("pull requests", "bad", problem.message, problem.tip)
    where = "on GitHub" if choice.place else "in the repository itself"
    return _advice("pull requests", "good", f"They are kept {where}: {choice.why}.")


def _tool(repo: Repository) -> Advice | None:
    """Only in a fleet that `init` made is there a file that says where its checks come from."""
    text = _text(repo, TOOL_FILE)
    if text is None:
        return None
    named = [line for line in text.splitlines() if line.startswith("skill-fleet")]
    if len(named) == 1:
        return _advice("tool", "good", f"The workflows install {named[0]}.")
    fix = f"Name a whole commit there: {EXAMPLE}"
    says = f"{TOOL_FILE} does not say where the workflows get the tool from"
    if not named and not repo.has_remote("origin"):  # as `init` leaves it when it cannot know: no workflow runs yet
        return _advice("tool", "hint", f"{says}, which they need once this is published.", fix)
    return _advice("tool", "bad", f"{says}.", fix)


def _guards(repo: Repository) -> Advice | None:
    """Whether a change of the workflows needs anybody's approval; where there are none, nothing is to be guarded."""
    text = _text(repo, CODEOWNERS_FILE)
    if text is None:
        return None
    if re.search(r"^(/?\.github(/\*{0,2})?|\*)\s+\S*@\S", text, re.MULTILINE):
        return _advice("code owners", "good", "A change of the workflows needs its owners' approval.")
    fix = f"Name owners at the top of {TAXONOMY_FILE}, then: skill-fleet init --check . | git apply"
    return _advice("code owners", "hint", "Nobody is named for .github/: a change may loosen the gate unseen.", fix)


def _text(repo: Repository, path: str) -> str | None:
    try:
        return (repo.root / path).read_text(encoding="utf-8", errors="replace") if repo.root else None
    except OSError:
        return None


def _advice(what: str, state: State, says: str, fix: str = "") -> Advice:
    from skill_fleet.founding.github_doctor import Advice

    return Advice(what, state, says, fix)


def _fleet(repo: Repository) -> Fleet:
    return fleet_at(repo, None if repo.root else "HEAD")
