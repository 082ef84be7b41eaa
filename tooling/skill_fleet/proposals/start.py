"""The start of a draft: the newest commit of the branch that it will be merged into, and the model that it sets up."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from skill_fleet.errors import UserError
from skill_fleet.fleet import (
    MODEL,
    PROGRAMS,
    Configuration,
    Fleet,
    GitTree,
    ModelSettings,
    Purpose,
    configured_model,
    fleet_at,
    read_fleet,
    read_programs,
    why_no_model,
)
from skill_fleet.git import RemoteUnreachable, Repository, fetch, refused
from skill_fleet.proposals.opening import Where
from skill_fleet.proposals.request import Console, Options, Request, read_request

if TYPE_CHECKING:
    from skill_fleet.proposals.forge import AnyForge

LONG = 500_000  # characters, from which drafting takes long enough to be noticed


@dataclass(frozen=True)
class Job:
    """One run of create, revise or chat: the request, the base and its fleet, the model, the accounts, the console.

    `bot` is None if nothing may be written, `settings` without a model.
    """

    request: Request
    where: Where
    fleet: Fleet
    repo: Repository
    settings: ModelSettings | None
    person: AnyForge | None
    bot: AnyForge | None
    console: Console
    record: Path | None = None
    replay: Path | None = None

    @property
    def is_workflow(self) -> bool:
        """Whether this is a job of a workflow: nobody types, and the account is the bot's."""
        return bool(
            self.person and self.bot and self.person.name != "local" and self.person.actor.id == self.bot.actor.id
        )


def prepare(
    repo: Repository, options: Options, console: Console, *,
    dry_run: bool = False, skill: str = "", person: AnyForge | None = None,
) -> Job:  # fmt: skip
    """Read all that a draft is made of; `skill` is the one to revise. Raises UserError, with nothing written.

    `person` is the forge if it is open already.
    """
    repo.resolve("HEAD")
    settings = _model_for_draft(repo, options, revises=bool(skill))
    request = read_request(options, has_model=settings is not None, skill=skill)
    if settings is None and not options.no_model and (why := _uncommitted_model(repo, options.base)):
        console.note(why)
    bot = None
    if not dry_run:
        from skill_fleet.proposals.forge import bot_of, forge_here

        person = person or forge_here(repo)
        bot = bot_of(person, options.as_me)
    where, notes = starting_point(bot.repo if bot else repo, options.base, offline=dry_run)
    for note in notes:
        console.note(note)
    size = sum(len(document.text) for document in request.documents)
    if size > LONG and console.progress:
        console.note(f"Reading {size / 1_000_000:.1f} million characters.")
    fleet = read_fleet(GitTree(repo, where.base_oid))
    return Job(request, where, fleet, repo, settings, person, bot, console, options.record, options.replay)


def _model_for_draft(repo: Repository, options: Options, *, revises: bool) -> ModelSettings | None:
    """The model to draft or revise with, None without one; UserError if there is nothing to do without one."""
    if not options.sources and not options.task.strip():
        nothing = "No change was requested." if revises else "There is nothing to draft a skill from."
        raise UserError(nothing, "Give a TASK or --from DOC.")
    if options.sources and options.no_model:
        return None
    settings = None if options.no_model else model_here(repo, "draft", options.replay, options.base)
    if settings is None and not options.sources:
        reason = _uncommitted_model(repo, options.base) or why_no_model(
            base_configuration(repo, options.base), os.environ
        )
        why = "" if options.no_model else f". {reason}"
        raise UserError(
            "Without a model, documents can only be added to a skill."
            if revises
            else "Without a model, skills are drafted from documents.",
            f"Name a document: --from DOCUMENT.md{why}",
        )
    return replace(settings, tokens=options.budget) if settings and options.budget else settings


def _uncommitted_model(repo: Repository, base: str | None) -> str:
    """Why the model that the work tree names is not asked; "" if it names none, or the same as the base."""
    here = fleet_at(repo, None).configuration.lm if repo.root else {}
    there = base_configuration(repo, base).lm
    names = [str(here[name]) for name in ("model", "api-base") if here.get(name) and here[name] != there.get(name)]
    why = f"Settings are read from the base, which does not name {names[0] if names else ''} yet"
    return f"{why}: commit and merge them, or set {MODEL}." if names else ""


def starting_point(repo: Repository, base: str | None, *, offline: bool = False) -> tuple[Where, tuple[str, ...]]:
    """The remote, the base branch and its tip, and notes for the person; `offline` asks no remote whose base is known here.

    UserError when the remote does not answer, or there is no such branch.
    """
    remote = repo.shared
    if remote is None:
        refs = repo.refs("refs/heads/")
        branch = base or repo.default_branch(refs=refs)
        return Where(None, branch, _tip(refs, f"refs/heads/{branch}", branch)), ()
    if not offline:
        refresh(repo, remote)
    there = f"refs/remotes/{remote}/"
    refs = repo.refs(there, "refs/heads/")
    if not any(name.startswith(there) for name in refs):
        if offline:  # nothing is known of it, as in a bare clone
            return starting_point(repo, base)
        raise UserError(f"The remote {remote} has no branch yet.", f"Push yours first: git push -u {remote} HEAD")
    branch = base or repo.default_branch(remote, refs)
    if offline and repo.find(refs.get(f"{there}{branch}", there)) is None:  # the copy is broken
        return starting_point(repo, base)
    tip = _tip(refs, f"{there}{branch}", branch)
    mine = refs.get(f"refs/heads/{branch}")
    if mine and mine != tip and not repo.is_ancestor(mine, tip):
        return Where(remote, branch, tip), (
            f"Your {branch} has commits that {remote} does not have; the draft starts from {remote}'s.",
        )
    return Where(remote, branch, tip), ()


def refresh(repo: Repository, remote: str) -> None:
    """Fetch the remote's branches; UserError when that fails."""
    try:
        fetch(repo, remote, [f"+refs/heads/*:refs/remotes/{remote}/*"], prune=True)
    except RemoteUnreachable as problem:
        raise refused(remote, problem) from problem


def _tip(refs: Mapping[str, str], ref: str, branch: str) -> str:
    tip = refs.get(ref)
    if tip is None:
        raise UserError(f"There is no branch {branch} to start from.", "Name one with --base BRANCH.")
    return tip


def base_configuration(repo: Repository, base: str | None = None) -> Configuration:
    """The settings of the branch that pull requests go to, as it was when it was last fetched.

    Never those of the branch that is checked out: else a draft could name the model that judges it, and its budget.
    """
    where, _ = starting_point(repo, base, offline=True)
    return fleet_at(repo, where.base_oid).configuration


def model_for(
    configuration: Configuration, purpose: Purpose, replay: Path | None = None, name: str = ""
) -> ModelSettings | None:
    """The settings of the model for `purpose`, or of that `name`, None without one. A replay needs none to be set up."""
    found = configured_model(configuration, {**os.environ, **({MODEL: name} if name else {})}, purpose)
    return found or (ModelSettings("") if replay else None)


def model_here(
    repo: Repository, purpose: Purpose, replay: Path | None = None, base: str | None = None, name: str = ""
) -> ModelSettings | None:
    """The model that the base sets up for `purpose`, or that of a `name`, with the programs that are merged into the base."""
    where, _ = starting_point(repo, base, offline=True)
    settings = model_for(fleet_at(repo, where.base_oid).configuration, purpose, replay, name)
    return replace(settings, programs=read_programs(GitTree(repo, where.base_oid, PROGRAMS))) if settings else None
