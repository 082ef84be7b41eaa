"""The doctor's checks of this machine and this clone."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from skill_fleet import catalog, fleet
from skill_fleet.errors import UserError
from skill_fleet.founding.adopt import HOOKS_FILE, WORKFLOW_FILE
from skill_fleet.founding.files import TOOL_FILE
from skill_fleet.founding.tool import EXAMPLE, UNKNOWN
from skill_fleet.git import GitFailure, Repository

OLDEST_PYTHON, OLDEST_GIT = (3, 11), (2, 38)


@dataclass(frozen=True)
class Advice:
    """The result of a check: `what` was checked, its state in words, and the command that fixes it."""

    what: str
    state: Literal["good", "bad", "hint", "unknown"]
    says: str
    fix: str = ""


def good(what: str, says: str) -> Advice:
    """The result of a check that found nothing wrong."""
    return Advice(what, "good", says)


def bad(what: str, says: str, fix: str) -> Advice:
    """The result of a check that found something that will fail."""
    return Advice(what, "bad", says, fix)


def hint(what: str, says: str, fix: str) -> Advice:
    """The result of a check that found something that could be better."""
    return Advice(what, "hint", says, fix)


def checkup(repo: Repository) -> Iterator[Advice]:
    """Check a clone, in the order in which problems usually show up."""
    yield _version("python", sys.version_info[:2], OLDEST_PYTHON)
    found = re.search(r"(\d+)\.(\d+)", repo.text("version"))
    yield _version("git", (int(found[1]), int(found[2])) if found else (0, 0), OLDEST_GIT)
    for check in (_identity, _hooks, _remote, _pull_requests, _taxonomy, _catalogue, _tool, _code_owners, _model):
        try:
            if advice := check(repo):
                yield advice
        except UserError as problem:
            yield bad(check.__name__.strip("_").replace("_", " "), problem.message, problem.tip)


def _version(name: str, version: tuple[int, ...], oldest: tuple[int, int]) -> Advice:
    says = f"{name} {'.'.join(map(str, version))}"
    if version >= oldest:
        return good(name, f"{says}.")
    return bad(name, f"{says} is too old.", f"Install {'.'.join(map(str, oldest))} or newer.")


def _identity(repo: Repository) -> Advice:
    who = repo.identity()
    return good("identity", f"{who.name} <{who.email}>.")


def _hooks(repo: Repository) -> Advice:
    if repo.root is None or not (repo.root / ".pre-commit-config.yaml").exists():
        return good("hooks", "The repository has none.")
    folder = Path(repo.text("rev-parse", "--git-path", "hooks", cwd=repo.root))
    if (repo.root / folder / "pre-commit").exists():
        return good("hooks", "They run before each commit.")
    command = "python -m pip install pre-commit && pre-commit install"
    return hint("hooks", "They are not installed, so mistakes show up in CI first.", command)


def _remote(repo: Repository) -> Advice:
    if not (remote := repo.shared):
        return hint(
            "remote", "There is no origin yet, so only this machine has your work.", "git remote add origin URL"
        )
    status, _, err = repo.attempt("ls-remote", "--quiet", "--heads", "--end-of-options", remote)
    if status == 0:
        return good("remote", f"The remote {remote} answers.")
    return bad("remote", f"Git cannot read {remote}: {GitFailure('ls-remote', err).reason}", f"git fetch {remote}")


def _pull_requests(repo: Repository) -> Advice:
    from skill_fleet.forges.github import choose

    choice = choose(repo, os.environ)
    if choice.place and not choice.token:
        return hint("pull requests", f"Their commands are refused: {choice.why}.", "gh auth login")
    where = "on GitHub" if choice.place else "in the repository itself"
    return good("pull requests", f"They are kept {where}: {choice.why}.")


def _taxonomy(repo: Repository) -> Advice:
    here = _fleet(repo)
    if not here.is_ours:
        return good("taxonomy", "There is none: this is no fleet, so its skills are checked, and nothing is published.")
    taxonomy = here.taxonomy
    if taxonomy.faults:
        first = taxonomy.faults[0]
        return bad("taxonomy", f"{fleet.TAXONOMY_FILE}:{first.line}: {first.detail}", f"Fix {fleet.TAXONOMY_FILE}.")
    return good("taxonomy", f"Categories: {len(taxonomy.categories)}.")


def _catalogue(repo: Repository) -> Advice | None:
    if repo.root is None:
        return good("catalogue", "A bare repository has no files.")
    here, file = _fleet(repo), repo.root / catalog.CATALOGUE_FILE
    if not here.is_ours and not file.exists():
        return None
    wanted = catalog.render_catalogue(here).text.encode()
    if file.is_file() and file.read_bytes() == wanted:
        return good("catalogue", "It is up to date.")
    if catalog.catalogue_commit(repo):
        return good(
            "catalogue", f"A workflow writes it to the branch {fleet.CATALOGUE_BRANCH}; the file here is not kept."
        )
    if fleet.branch_of_ones_own(repo):
        return good("catalogue", "It is behind this branch, which is normal: it is written after a merge.")
    return hint("catalogue", f"{catalog.CATALOGUE_FILE} is out of date.", "skill-fleet generate-xml")


def _tool(repo: Repository) -> Advice | None:
    """Check which version of this tool the workflows install, in a repository that `init` created or adopted."""
    text = _text(repo, TOOL_FILE)
    if text is None:
        unnamed = [path for path in (WORKFLOW_FILE, HOOKS_FILE) if UNKNOWN in (_text(repo, path) or "")]
        says = f"Not known where to install it from: {', '.join(unnamed)}."
        return bad("tool", says, "Replace HOST, OWNER and COMMIT there.") if unnamed else None
    named = [line for line in text.splitlines() if line.startswith("skill-fleet")]
    if len(named) == 1:
        return good("tool", f"The workflows install {named[0]}.")
    says, fix = f"{TOOL_FILE} does not name the tool to install", f"Name a whole commit there: {EXAMPLE}"
    if not named and not repo.shared:  # as `init` leaves it when it cannot know; no workflow runs yet
        return hint("tool", f"{says}. The workflows need it once this repository is published.", fix)
    return bad("tool", f"{says}, so the workflows fail.", fix)


def _code_owners(repo: Repository) -> Advice | None:
    """Check whether GitHub asks the owners in the taxonomy for reviews, and whether the workflows have any."""
    text, here = _text(repo, catalog.CODEOWNERS_FILE) or "", _fleet(repo)
    wanted = catalog.render_codeowners(here, text) if here.is_ours else text
    update = "skill-fleet init --check . | git apply"
    if _rules(wanted) != _rules(text):
        says = f"{catalog.CODEOWNERS_FILE}, by which GitHub asks for reviews, differs from the owners in {fleet.TAXONOMY_FILE}."
        return hint("code owners", says, update)
    if not text:
        return None
    if not any(re.match(r"(/?\.github(/\*{0,2})?|\*)\s+\S*@\S", line) for line in _rules(text)):
        fix = f"Name owners at the top of {fleet.TAXONOMY_FILE}, then: {update}"
        fix = fix if here.is_ours else f"Add a line to {catalog.CODEOWNERS_FILE}: /.github/ @OWNER"
        return hint("code owners", "Nobody owns .github/, so a change may weaken the checks unnoticed.", fix)
    alone = [each.name for each in here.taxonomy.categories.values() if not each.owners]
    more = f" Nobody is asked to review skills in {', '.join(alone)}." if alone else ""
    return good("code owners", f"A change of the workflows needs its owners' approval.{more}")


def _rules(codeowners: str) -> list[str]:
    return [line for line in codeowners.splitlines() if line.strip() and not line.startswith("#")]


def _model(repo: Repository) -> Advice:
    """Check which model drafts and answers reviews, and whether its key is there. Settings are read from commits."""
    here = _fleet(repo).configuration
    committed = fleet.fleet_at(repo, "HEAD").configuration if repo.find("HEAD") else here
    draft, answer = (fleet.configured_model(committed, os.environ, purpose) for purpose in ("draft", "review"))
    if draft and answer:
        names = " and ".join(dict.fromkeys(one.model or one.api_base for one in (draft, answer)))
        return good("model", f"{names}, {'with a key' if draft.api_key and answer.api_key else 'without a key'}.")
    if {**here.lm} != {**committed.lm}:
        return hint("model", "Its settings count once they are committed and merged.", "git commit pyproject.toml")
    why = fleet.why_no_model(committed, os.environ, "review" if draft else "draft")
    keys = fleet.missing_keys(committed, os.environ)
    return hint("model", why, f"export {keys[0]}=KEY") if keys else good("model", why)


def _text(repo: Repository, path: str) -> str | None:
    try:
        return (repo.root / path).read_text(encoding="utf-8", errors="replace") if repo.root else None
    except OSError:
        return None


def _fleet(repo: Repository) -> fleet.Fleet:
    return fleet.skills_at(repo, None if repo.root else "HEAD")
