"""skill-fleet learn: score"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill_fleet import fleet, learning, model, proposals
from skill_fleet.cli.options import format_option, note, show, tape_options
from skill_fleet.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable


@click.group("learn")
def learn() -> None:
    """Make the model's prompts better by what reviewers say, and prove it.

    A step's program is its prompt. A better one is proposed as a pull request like any other change.
    """


@learn.command("score")
@click.argument("skills", nargs=-1, metavar="[SKILL]...")
@click.option(
    "--variants", type=click.IntRange(0, 1000), default=2, show_default=True, help="Versions of a skill with errors."
)
@click.option("--errors", type=click.IntRange(1, 20), default=5, show_default=True, help="Errors in a version.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the errors.")
@click.option(
    "--model", "name", metavar="NAME", default="", help="Model to ask, as PROVIDER/NAME (default: that for drafts)."
)
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Calls at the same time.")
@click.option("--timeout", type=click.FloatRange(1), metavar="SECONDS", help="Limit of one answer.")
@click.option("--dry-run", is_flag=True, help="Print the errors; ask nobody.")
@tape_options
@format_option
def score(
    skills: tuple[str, ...], variants: int, errors: int, seed: int, name: str, jobs: int, timeout: float | None,
    dry_run: bool, record: Path | None, replay: Path | None, form: str,
) -> None:  # fmt: skip
    """Measure the critic on errors that are planted in the skills here.

    Each SKILL (default: all) is read once as it is, and once in each version with errors: steps swapped, names changed,
    conditions dropped, insecure advice, other numbers. A finding counts when it quotes a line of an error. Precision is
    that on versions with errors; what is reported there and really wrong in the skill counts against it, so compare it
    with what is reported in skills as they are. With --record FILE --replay FILE, a stopped run resumes.
    """
    repo = fleet.here()
    ours = fleet.fleet_at(repo, None)
    chosen = [fleet.find_skill(ours, word) for word in skills] or ours.skills
    settings = proposals.model_here(repo, "draft", replay, name=name)
    if settings is None and not dry_run:
        raise UserError("No model is configured.", f"Name one: --model PROVIDER/NAME, or {fleet.ADDRESS}=ADDRESS")
    context = settings.context if settings else fleet.ModelSettings("").context
    found = [
        each for skill in chosen for each in learning.planted_examples(ours, skill, variants, seed, context, errors)
    ]
    tokens = learning.tokens_of(found)
    note(f"{len(found)} calls and about {tokens:,} tokens; replies that are refused are asked for once more.")
    if settings is None or dry_run:
        rows = [{"key": one.key, **error} for one in found for error in one.gold["errors"]]
        show(form, rows, *(_planted(row) for row in rows))
        return
    settings = replace(settings, calls=2 * len(found), tokens=2 * tokens, timeout=timeout or settings.timeout)
    with _display(len(found)) as done:
        scored = learning.score(found, settings, model.Tape(record, replay), jobs=jobs, done=done)
    figures = scored.figures()
    show(form, figures, *_figures(figures))


def _planted(row: dict[str, object]) -> str:
    change = f"{row['old']!r} -> {row['new']!r}" if row["new"] else f"without {row['old']!r}"
    return f"{row['key']} {row['file']}:{row['first']} {row['kind']}: {change}"


def _figures(figures: dict[str, object]) -> Iterator[str]:
    yield f"{figures['model']}: mean score {figures['score']} of {figures['examples']} examples; {figures['cost']}"
    counts = figures["counts"]
    assert isinstance(counts, dict)
    for name, row in counts.items():
        share = row["count"] / row["of"] if row["of"] else 0.0
        interval = f" ({row['low']:.2f} to {row['high']:.2f})" if "low" in row else ""
        yield f"  {name}: {share:.2f}{interval}, {row['count']} of {row['of']}"


@contextmanager
def _display(planned: int) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many calls have ended."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as display:
        task = display.add_task("asking", total=planned)
        yield lambda ended: display.update(task, completed=ended)
