"""A wish, and the proposal that comes of it: written by a model if one is set up, else restructured from documents."""

from __future__ import annotations

import hashlib
import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill_fleet.drafting.types import Document
from skill_fleet.errors import UserError

if TYPE_CHECKING:
    from skill_fleet.cli.forge import AnyForge
    from skill_fleet.cli.propose import Proposal
    from skill_fleet.drafting.model.settings import ModelSettings
    from skill_fleet.fleet.fleet import Fleet
    from skill_fleet.fleet.git import Repository
    from skill_fleet.review.opening import Where


class Covered(UserError):
    """A skill that is there covers what is wished for: `skill`. `accepted` is whether the person revises that instead."""

    def __init__(self, skill: str, *, accepted: bool = False, why: str = "covers this already") -> None:
        super().__init__(f"{skill} {why}.", f"Revise that one: skill-fleet revise {skill} TASK")
        self.skill, self.accepted = skill, accepted

    def with_tip(self, task: str, sources: Sequence[str]) -> UserError:
        """The error for the person, with the command that revises it."""
        words = [shlex.quote(" ".join(task.split()))] if task.strip() else []
        words += [f"--from {shlex.quote(source)}" for source in sources]
        command = " ".join(["skill-fleet revise", self.skill, *words])
        return UserError(self.message, f"Name a path for a second one (--path CATEGORY/NAME), or revise it: {command}")


@dataclass(frozen=True)
class Wish:
    """What somebody asks a model to draft."""

    task: str
    documents: tuple[Document, ...]
    path: str | None = None
    only: tuple[str, ...] = ()
    everything: bool = False
    revises: bool = False
    """Whether `path` is a skill that exists."""

    @property
    def digest(self) -> str:
        """A SHA-256 of all of it: the name of the session."""
        sources = [[one.name, one.path, one.text] for one in self.documents]
        facts = [
            "revision" if self.revises else "model",
            " ".join(self.task.split()),
            self.path,
            sources,
            self.only,
            self.everything,
        ]
        return hashlib.sha256(json.dumps(facts, ensure_ascii=True).encode("ascii")).hexdigest()


def at_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty()


def settle(skill: str, wish: Wish, *, asks: bool, why: str = "covers this already") -> None:
    """Raise Covered, unless a second skill is wanted: somebody has given it a path, or says so now."""
    if wish.path is not None:
        click.echo(f"note: {skill} may cover this already.", err=True)
    elif not asks:
        raise Covered(skill, why=why)
    elif click.confirm(f"{skill} {why}. Revise it instead?", default=True, err=True):
        raise Covered(skill, accepted=True)


def settings_for(
    repo: Repository, task: str, has_sources: bool, no_model: bool, replay: Path | None, base: str | None = None
) -> ModelSettings | None:
    """The model to draft with, None for none; UserError when there is nothing to draft from without one."""
    from skill_fleet.cli.models import base_configuration, model_for, why_none, with_programs

    if has_sources and no_model:
        return None
    configuration = base_configuration(repo, base)
    settings = None if no_model else model_for(configuration, "draft", replay)
    if settings is None and not has_sources:
        why = "" if no_model else f". {why_none(configuration, 'draft')}"
        raise UserError("Without a model, a skill is drafted from documents.", f"Name one: --from DOCUMENT.md{why}")
    if not has_sources and not task.strip():
        raise UserError("Nothing was said that a skill could be drafted from.", "Say the task, or name a document.")
    return with_programs(settings, repo, base) if settings else None


def revising_with(
    repo: Repository, task: str, has_sources: bool, no_model: bool, replay: Path | None, base: str | None = None
) -> ModelSettings | None:
    """The model to revise with, None for none; UserError when there is nothing to revise by without one."""
    from skill_fleet.cli.models import base_configuration, model_for, why_none, with_programs

    if not has_sources and not task.strip():
        raise UserError("Nothing was said that should be different.", "Say the task, or name a document: --from DOC")
    if no_model and has_sources:
        return None
    configuration = base_configuration(repo, base)
    settings = None if no_model else model_for(configuration, "draft", replay)
    if settings is None and not has_sources:
        why = "" if no_model else f". {why_none(configuration, 'draft')}"
        raise UserError(
            "Without a model, documents can be added to a skill, and its text is changed by hand.",
            f"Name a document: --from DOCUMENT.md{why}",
        )
    return with_programs(settings, repo, base) if settings else None


def draft_of(
    wish: Wish,
    fleet: Fleet,
    bot: AnyForge | None,
    where: Where,
    settings: ModelSettings | None,
    *,
    asks: bool,
    record: Path | None,
    replay: Path | None,
) -> Proposal:
    """What is put on the branch for `wish`; a wish that a model has served already is not put to it again.

    Without `bot` nothing will be written, so nothing is looked for either.
    """
    if settings is None:
        from skill_fleet.checks.rules.fleet_duplicates import twin_of
        from skill_fleet.cli.propose import propose

        proposal = propose(wish.task, wish.documents, wish.path, fleet, wish.only, wish.everything)
        if wish.path is None and (twin := twin_of(proposal.draft.files, fleet)):
            settle(twin, wish, asks=asks and at_terminal(), why="has nearly the same text or description")
        return proposal
    from skill_fleet.cli.written import find_written, write

    if bot and (found := find_written(bot.repo, where, wish)):
        return found
    asks = asks and at_terminal()
    return write(settings, wish, fleet, bot.repo if bot else None, where, asks, record=record, replay=replay)


def finish(bot: AnyForge, number: int, proposal: Proposal) -> None:
    """Keep how the draft was made; a run that found it on its branch takes that from the run that made it."""
    from skill_fleet.cli.recording import keep
    from skill_fleet.drafting.model.records import drop_row, held_row

    row = proposal.record or held_row(bot.repo, proposal.digest)
    if row is not None:
        keep(bot, number, [{**row, "by": proposal.draft.drafted_by, "skill": proposal.skill}])
        drop_row(bot.repo, proposal.digest)
