"""The model that a verb asks, if one is set up, and what is shown while it works."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from skill_fleet.drafting.model.settings import ModelSettings, Purpose
    from skill_fleet.drafting.model.traffic import Progress
    from skill_fleet.fleet.configuration import Configuration
    from skill_fleet.fleet.git import Repository


def base_configuration(repo: Repository, base: str | None = None) -> Configuration:
    """The settings of the branch that pull requests go to, as it was when it was last fetched.

    Never those of the branch that somebody stands on: else a draft could name the model, and what may be spent on it,
    that judges it.
    """
    from skill_fleet.cli.place import fleet_at
    from skill_fleet.cli.start import starting_point

    where, _ = starting_point(repo, base, offline=True)
    return fleet_at(repo, where.base_oid).configuration


def with_programs(settings: ModelSettings, repo: Repository, base: str | None = None) -> ModelSettings:
    """The settings with the programs of steps that are merged into the base."""
    from skill_fleet.cli.start import starting_point
    from skill_fleet.drafting.model.program import STEPS, file_of

    where, _ = starting_point(repo, base, offline=True)
    blobs = repo.blobs(f"{where.base_oid}:{file_of(step)}" for step in STEPS)
    texts = {step: blobs.get(f"{where.base_oid}:{file_of(step)}", b"").decode("utf-8", "replace") for step in STEPS}
    return replace(settings, programs={step: text for step, text in texts.items() if text})


def model_for(configuration: Configuration, purpose: Purpose, replay: Path | None = None) -> ModelSettings | None:
    """The settings of the model for `purpose`, None without one. What is replayed needs none to be set up."""
    from skill_fleet.drafting.model.settings import ModelSettings, configured_model

    found = configured_model(configuration, os.environ, purpose)
    return found or (ModelSettings("") if replay else None)


def why_none(configuration: Configuration, purpose: Purpose) -> str:
    """One line that says why there is no model."""
    from skill_fleet.drafting.model.settings import why_no_model

    return why_no_model(configuration, os.environ, purpose)


def progress() -> Progress | None:
    """A line on standard error for each step of the model, when somebody watches."""
    return _tell if sys.stderr.isatty() else None


def _tell(step: str, seconds: float, left: int) -> None:
    click.echo(f"{seconds:5.0f} s  {step}  ({left:,} tokens left)", err=True)
