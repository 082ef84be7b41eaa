"""Where a draft starts from: the newest commit of the branch that it will be merged into."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill_fleet.errors import UserError
from skill_fleet.git import RemoteUnreachable, Repository, fetch
from skill_fleet.proposals.opening import Where

if TYPE_CHECKING:
    from skill_fleet.fleet import Configuration
    from skill_fleet.git import Repository
    from skill_fleet.model import ModelSettings, Progress, Purpose

REMOTE = "origin"


def starting_point(repo: Repository, base: str | None, *, offline: bool = False) -> tuple[Where, tuple[str, ...]]:
    """The remote, the base branch and its tip, and notes for the person; `offline` asks no remote.

    UserError when the remote does not answer, or there is no such branch.
    """
    if not repo.has_remote(REMOTE):
        refs = repo.refs("refs/heads/")
        branch = base or repo.default_branch(refs=refs)
        return Where(None, branch, _tip(refs, f"refs/heads/{branch}", branch)), ()
    if not offline:
        refresh(repo, REMOTE)
    there = f"refs/remotes/{REMOTE}/"
    refs = repo.refs(there, "refs/heads/")
    if not any(name.startswith(there) for name in refs):
        raise UserError(f"The remote {REMOTE} has no branch yet.", f"Push yours first: git push -u {REMOTE} HEAD")
    branch = base or repo.default_branch(REMOTE, refs)
    tip = _tip(refs, f"{there}{branch}", branch)
    mine = refs.get(f"refs/heads/{branch}")
    if mine and mine != tip and not repo.is_ancestor(mine, tip):
        return Where(REMOTE, branch, tip), (
            f"Your {branch} has commits that {REMOTE} does not have; the draft starts from {REMOTE}'s.",
        )
    return Where(REMOTE, branch, tip), ()


def refresh(repo: Repository, remote: str) -> None:
    """Fetch the remote's branches; UserError when it does not answer."""
    try:
        fetch(repo, remote, [f"+refs/heads/*:refs/remotes/{remote}/*"], prune=True)
    except RemoteUnreachable as problem:
        raise unreachable(remote, problem) from problem


def unreachable(remote: str, problem: RemoteUnreachable) -> UserError:
    """The error for a remote that does not answer, or refuses."""
    said = [line.strip() for line in problem.stderr.splitlines() if line.strip()]
    reason = said[0].rstrip(".") if said else "no answer"
    return UserError(f"The remote {remote} cannot be reached, or refuses: {reason}.", f"Try it: git ls-remote {remote}")


def _tip(refs: Mapping[str, str], ref: str, branch: str) -> str:
    tip = refs.get(ref)
    if tip is None:
        raise UserError(f"There is no branch {branch} to start from.", "Name one with --base BRANCH.")
    return tip


def base_configuration(repo: Repository, base: str | None = None) -> Configuration:
    """The settings of the branch that pull requests go to, as it was when it was last fetched.

    Never those of the branch that somebody stands on: else a draft could name the model, and what may be spent on it,
    that judges it.
    """
    from skill_fleet.fleet import fleet_at

    where, _ = starting_point(repo, base, offline=True)
    return fleet_at(repo, where.base_oid).configuration


def with_programs(settings: ModelSettings, repo: Repository, base: str | None = None) -> ModelSettings:
    """The settings with the programs of steps that are merged into the base."""
    from skill_fleet.model import STEPS, file_of

    where, _ = starting_point(repo, base, offline=True)
    blobs = repo.blobs(f"{where.base_oid}:{file_of(step)}" for step in STEPS)
    texts = {step: blobs.get(f"{where.base_oid}:{file_of(step)}", b"").decode("utf-8", "replace") for step in STEPS}
    return replace(settings, programs={step: text for step, text in texts.items() if text})


def model_for(configuration: Configuration, purpose: Purpose, replay: Path | None = None) -> ModelSettings | None:
    """The settings of the model for `purpose`, None without one. What is replayed needs none to be set up."""
    from skill_fleet.model import ModelSettings, configured_model

    found = configured_model(configuration, os.environ, purpose)
    return found or (ModelSettings("") if replay else None)


def why_none(configuration: Configuration, purpose: Purpose) -> str:
    """One line that says why there is no model."""
    from skill_fleet.model import why_no_model

    return why_no_model(configuration, os.environ, purpose)


def progress() -> Progress | None:
    """A line on standard error for each step of the model, when somebody watches."""
    return _tell if sys.stderr.isatty() else None


def _tell(step: str, seconds: float, left: int) -> None:
    click.echo(f"{seconds:5.0f} s  {step}  ({left:,} tokens left)", err=True)
