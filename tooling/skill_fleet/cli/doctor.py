"""skill-fleet doctor"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from skill_fleet.cli.options import format_option, say_json
from skill_fleet.errors import UserError

if TYPE_CHECKING:
    from skill_fleet.fleet.fleet import Fleet
    from skill_fleet.fleet.git import Repository
    from skill_fleet.forges.github.advice import Advice

OLDEST_PYTHON, OLDEST_GIT = (3, 11), (2, 38)
MARKS = {"good": "ok", "bad": "!!", "hint": "--", "unknown": "??"}


@click.command("doctor")
@click.option("--forge", type=click.Choice(["github"]), help="Look at the settings of the repository there as well.")
@format_option
def doctor(forge: str | None, form: str) -> int:
    """Look for what is set up wrong, and say what mends it.

    Without --forge it looks at this machine and this clone. With --forge github it asks for the settings of the
    repository: what would fail silently there, and the command that mends it. Nothing is changed.
    """
    from skill_fleet.cli.main import FINDINGS, FINE
    from skill_fleet.cli.place import here

    with here() as repo:
        found = list(_local(repo))
        if forge:
            found += _github(repo)
    if form == "json":
        say_json({"checks": [vars(advice) for advice in found], "bad": sum(each.state == "bad" for each in found)})
    else:
        _print(found)
    return FINDINGS if any(advice.state == "bad" for advice in found) else FINE


def _print(found: Iterable[Advice]) -> None:
    from skill_fleet.checks.visible import escaped

    for advice in found:
        click.echo(escaped(f"{MARKS[advice.state]} {advice.what}: {advice.says}"))
        if advice.mend:
            click.echo(escaped(f"   {advice.mend}"))


def _github(repo: Repository) -> tuple[Advice, ...]:
    import os

    from skill_fleet.forges.github.connect import connect
    from skill_fleet.forges.github.examine import examine

    forge = connect(repo, os.environ)
    try:
        return examine(forge)
    finally:
        forge.close_connection()


def _local(repo: Repository) -> Iterator[Advice]:
    for check in (_python, _git, _identity, _hooks, _remote, _taxonomy, _catalogue, _pull_requests):
        yield check(repo)


def _python(repo: Repository) -> Advice:
    return _version("python", sys.version_info[:2], OLDEST_PYTHON)


def _git(repo: Repository) -> Advice:
    import re

    found = re.search(r"(\d+)\.(\d+)", repo.text("version"))
    return _version("git", (int(found[1]), int(found[2])) if found else (0, 0), OLDEST_GIT)


def _version(name: str, have: tuple[int, ...], oldest: tuple[int, int]) -> Advice:
    from skill_fleet.forges.github.advice import Advice

    says = f"{name} {'.'.join(map(str, have))}"
    if have >= oldest:
        return Advice(name, "good", f"{says}.")
    wanted = ".".join(map(str, oldest))
    return Advice(name, "bad", f"{says} is too old.", f"Install {wanted} or newer.")


def _identity(repo: Repository) -> Advice:
    from skill_fleet.forges.github.advice import Advice

    try:
        who = repo.identity()
    except UserError as problem:
        return Advice("identity", "bad", problem.message, problem.tip)
    return Advice("identity", "good", f"{who.name} <{who.email}>.")


def _hooks(repo: Repository) -> Advice:
    from pathlib import Path

    from skill_fleet.forges.github.advice import Advice

    if repo.root is None or not (repo.root / ".pre-commit-config.yaml").exists():
        return Advice("hooks", "good", "The repository has none.")
    folder = Path(repo.text("rev-parse", "--git-path", "hooks", cwd=repo.root))
    if (repo.root / folder / "pre-commit").exists():
        return Advice("hooks", "good", "They run before each commit.")
    return Advice("hooks", "hint", "They are not installed: mistakes are first found in CI.", "pre-commit install")


def _remote(repo: Repository) -> Advice:
    from skill_fleet.forges.github.advice import Advice

    if not repo.has_remote("origin"):
        return Advice("remote", "hint", "There is no origin: pull requests stay in this clone.")
    status, _, err = repo.attempt("ls-remote", "--quiet", "--heads", "--end-of-options", "origin")
    if status == 0:
        return Advice("remote", "good", "The remote origin answers.")
    said = err.strip().splitlines()
    return Advice(
        "remote", "bad", f"The remote origin does not answer: {said[-1] if said else 'no reason given'}", "git fetch"
    )


def _taxonomy(repo: Repository) -> Advice:
    from skill_fleet.fleet.taxonomy import TAXONOMY_FILE
    from skill_fleet.forges.github.advice import Advice

    try:
        taxonomy = _fleet(repo).taxonomy
    except UserError as problem:
        return Advice("taxonomy", "bad", problem.message, problem.tip)
    if taxonomy.faults:
        first = taxonomy.faults[0]
        return Advice("taxonomy", "bad", f"{TAXONOMY_FILE}:{first.line}: {first.detail}", f"Mend {TAXONOMY_FILE}.")
    return Advice("taxonomy", "good", f"{len(taxonomy.categories)} categories.")


def _catalogue(repo: Repository) -> Advice:
    from skill_fleet.catalog.xml import CATALOGUE_FILE, render_catalogue
    from skill_fleet.forges.github.advice import Advice

    if repo.root is None:
        return Advice("catalogue", "good", "A bare repository has no files.")
    try:
        wanted = render_catalogue(_fleet(repo)).text.encode()
    except UserError as problem:
        return Advice("catalogue", "bad", problem.message, problem.tip)
    file = repo.root / CATALOGUE_FILE
    if file.is_file() and file.read_bytes() == wanted:
        return Advice("catalogue", "good", "It is what the skills give.")
    # behind on a branch is as it should be: it is written after a merge, and in no pull request
    return Advice("catalogue", "hint", f"{CATALOGUE_FILE} is not what the skills give.", "skill-fleet generate-xml")


def _pull_requests(repo: Repository) -> Advice:
    import os

    from skill_fleet.forges.github.advice import Advice
    from skill_fleet.forges.github.connect import choose

    try:
        choice = choose(repo, os.environ)
    except UserError as problem:
        return Advice("pull requests", "bad", problem.message, problem.tip)
    where = "on GitHub" if choice.place else "in the repository itself"
    return Advice("pull requests", "good", f"They are kept {where}: {choice.why}.")


def _fleet(repo: Repository) -> Fleet:
    from skill_fleet.cli.place import fleet_at

    return fleet_at(repo, None if repo.root else "HEAD")
