"""skill-fleet learn: data, score, plan and run"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skill_fleet import agents, fleet, git, learning, model, proposals
from skill_fleet.cli import FINDINGS, FINE
from skill_fleet.cli.files import read_text, write_text
from skill_fleet.cli.lazy import place_options
from skill_fleet.cli.options import (
    as_me_option,
    format_option,
    note,
    open_forge,
    output_option,
    show,
    tape_options,
    together,
)
from skill_fleet.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable


_PLANTED, _RECORDED = ("critique", "critique_task", "edit_task"), ("draft", "draft_task", "triage", "revise")
_step_argument = click.argument("step", type=click.Choice([*_PLANTED, *_RECORDED]))


@click.group("learn")
def learn() -> None:
    """Improve the model's prompts from what reviewers say, and prove it.

    A step's program is its prompt. A better one is proposed as a pull request like any other change.
    """


@learn.command("data")
@output_option
@place_options
def data(output: str) -> None:
    """Write what reviewers said about merged drafts as lines of JSON, to learn from.

    One line for each draft, and one for each thread: the comment, its lines, the edit, and how it ended; only words of
    people with write access, without secrets, and without pull requests that have the label no-train. The newest 30 % of
    the pull requests are the part `test`. No skill is in two parts; what is older and of a tested skill is in none.
    """
    with open_forge() as forge:
        records, left_out = proposals.export_records(forge)
    rows, parts = learning.data_rows(records)
    write_text(output, "".join(f"{json.dumps(row, sort_keys=True)}\n" for row in rows))
    aside = f"; left out: {', '.join(f'#{number}' for number in left_out)}" if left_out else ""
    note(f"{len(rows)} rows, {len(parts.test)} of them in the test set {parts.digest}{aside}")
    examples = [*learning.recorded_examples(records, fleet.fleet_at(fleet.here(), None))]
    for step in _RECORDED:
        plan = learning.plan_of(step, learning.split([one for one in examples if one.step == step]))
        missing = "; ".join(f"{count} are missing for {name}" for name, count in plan.missing.items())
        note(f"{step}: {sum(one.step == step for one in examples)} examples; {missing or 'none is missing'}")
    note(f"{', '.join(_PLANTED)}: errors are planted, so there are as many examples as you want")


@learn.command("score")
@click.argument("skills", nargs=-1, metavar="[SKILL]...")
@click.option(
    "--step",
    type=click.Choice(_PLANTED),
    default="critique_task",
    show_default=True,
    help="Step to ask: the critic that has sources (the skill as it is), the one that has none, or the editor.",
)
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
@click.option("--program", metavar="FILE", help="Ask with this program of the step instead of the one in use.")
@click.option("--dry-run", is_flag=True, help="Print the errors; ask nobody.")
@tape_options
@format_option
def score(
    skills: tuple[str, ...], step: str, variants: int, errors: int, seed: int, name: str, jobs: int, timeout: float | None,
    program: str | None, dry_run: bool, record: Path | None, replay: Path | None, form: str,
) -> None:  # fmt: skip
    """Measure the critic, or the editor, on errors that are planted in the skills here.

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
    planting = learning.Planting(ours, context, seed, errors, step)
    found = [each for skill in chosen for each in planting.examples(skill, variants + 1)]
    tokens = learning.tokens_of(found)
    note(f"{len(found)} calls and about {tokens:,} tokens; replies that are refused are asked for once more.")
    if settings is None or dry_run:
        rows = [{"key": one.key, **error} for one in found for error in one.gold["errors"]]
        show(form, rows, *(_planted(row) for row in rows))
        return
    settings = replace(settings, calls=2 * len(found), tokens=2 * tokens, timeout=timeout or settings.timeout)
    steps = model.load_steps({**settings.programs, **({step: read_text(program)} if program else {})})
    note(*filter(None, [steps[step].note]))
    with _display(len(found)) as done:
        scored = learning.score(found, settings, model.Tape(record, replay), steps, jobs=jobs, done=done)
    show(form, _figures(scored), f"{scored.model}: {scored.cost}", *scored.lines())


@dataclass(frozen=True)
class _Wanted:
    """What `plan` and `run` have in common: the plan, the model (None without one), and where the fleet is."""

    plan: learning.Plan
    settings: fleet.ModelSettings | None
    repo: git.Repository
    price: agents.Price | None

    def costs(self) -> dict[str, object]:
        """What it takes, for programs."""
        plan, calls = self.plan, sum(self.plan.calls.values())
        money = None
        if self.price:
            replies = calls * learning.reply_tokens(plan.step)
            money = round(self.price.input * (plan.tokens - replies) + self.price.output * replies, 2)
        parts = {name: len(getattr(plan.parts, name)) for name in ("train", "validation", "test")}
        return {
            "step": plan.step, "optimiser": str(plan.optimiser), "metric_calls": plan.metric_calls, "examples": parts,
            "test_set": plan.parts.digest, "calls": plan.calls, "most_calls": calls, "tokens": plan.tokens,
            "money": money, "missing": plan.missing,
        }  # fmt: skip

    def lines(self) -> Iterator[str]:
        """What it takes, for people."""
        facts, parts = self.costs(), self.plan.parts
        yield (
            f"{self.plan.step}: {self.plan.optimiser}; {len(parts.train)} examples to learn from, {len(parts.validation)}"
            f" to choose by, {len(parts.test)} of the test set {parts.digest}"
        )
        yield from (f"  {name}: {count} calls" for name, count in self.plan.calls.items())
        money = "the price is not known" if facts["money"] is None else f"about {facts['money']}"
        yield f"  at most {facts['most_calls']} calls, about {self.plan.tokens:,} tokens; {money}"
        yield from (f"  missing for {name}: {count} examples" for name, count in self.plan.missing.items())


_plan_options = together(
    click.option(
        "--metric-calls",
        type=click.IntRange(1),
        metavar="N",
        help="Limit of the optimiser (default: eight for each example of the validation).",
    ),
    click.option(
        "--learning",
        "learns",
        type=click.IntRange(0),
        default=40,
        show_default=True,
        help="Planted examples to learn from.",
    ),
    click.option(
        "--test", "tests", type=click.IntRange(1), default=60, show_default=True, help="Planted examples to test with."
    ),
    click.option("--errors", type=click.IntRange(1, 20), default=5, show_default=True, help="Errors in an example."),
    click.option("--seed", type=int, default=0, show_default=True, help="Seed of the errors and of the optimiser."),
    click.option(
        "--model", "name", metavar="NAME", default="", help="Model to ask, as PROVIDER/NAME (default: that for drafts)."
    ),
    format_option,
)


def _wanted(
    step: str, metric_calls: int | None, learns: int, tests: int, errors: int, seed: int, name: str,
    replay: Path | None = None,
) -> _Wanted:  # fmt: skip
    repo = fleet.here()
    settings = proposals.model_here(repo, "draft", replay, name=name)
    context = (settings or fleet.ModelSettings("")).context
    if step in _PLANTED:
        parts = learning.Planting(fleet.fleet_at(repo, None), context, seed, errors, step).parts(learns, tests)
    else:
        with open_forge() as forge:
            examples = learning.recorded_examples(proposals.export_records(forge)[0], fleet.fleet_at(repo, None))
        parts = learning.split([one for one in examples if one.step == step])
    price = agents.price_of(settings.model) if settings and settings.model else None
    return _Wanted(learning.plan_of(step, parts, metric_calls or 0), settings, repo, price)


@learn.command("plan")
@_step_argument
@_plan_options
def plan(form: str, **given: Any) -> None:
    """Print what `learn run` would do, and what it would cost; ask nobody.

    The optimiser depends on the examples that are left after the test set is set aside: none under 10, BootstrapFewShot
    under 30, else GEPA; MIPROv2, which could take its place from 200 on, is not used. No skill is in two of the parts.
    """
    wanted = _wanted(**given)
    show(form, wanted.costs(), *wanted.lines())


@learn.command("run")
@_step_argument
@click.option("--dry-run", is_flag=True, help="Print what was found; test nothing and open no pull request.")
@click.option(
    "--budget",
    type=click.IntRange(1),
    metavar="TOKENS",
    help="Limit of tokens (default: one and a half times the plan).",
)
@click.option("--base", metavar="BRANCH", help="Branch to merge into (default: the default branch).")
@_plan_options
@tape_options
@as_me_option
@place_options
def run(
    form: str, dry_run: bool, budget: int | None, base: str | None, as_me: bool, record: Path | None, replay: Path | None,
    seed: int, **given: Any,
) -> int:  # fmt: skip
    """Look for a better prompt of a step, and open a pull request if it is shown to be better.

    An optimiser writes a prompt, from examples of some skills. Then the old and the new one are asked about skills that it
    has not seen. Only an exact test on at least 60 of these examples accepts the new one, and a set of them is used once.
    Exit status 1 when it is refused.
    """
    wanted = _wanted(**given, seed=seed, replay=replay)
    if wanted.settings is None:
        raise UserError("No model is configured.", f"Name one: --model PROVIDER/NAME, or {fleet.ADDRESS}=ADDRESS")
    where, bot = proposals.starting_point(wanted.repo, base, offline=dry_run)[0], None
    if not dry_run:
        bot = proposals.bot_of(proposals.forge_here(wanted.repo), as_me)
        learning.refuse_used(bot, wanted.plan.parts.digest)
    note(*wanted.lines())
    settings = replace(wanted.settings, tokens=budget or wanted.plan.tokens * 3 // 2)
    use_test = partial(learning.record_use, bot, wanted.plan) if bot else None
    found = learning.run(wanted.plan, settings, model.Tape(record, replay), seed, use_test)
    number = learning.propose(found, where, bot) if bot and found.accepted else None
    facts: dict[str, object] = {
        "accepted": found.accepted,
        "number": number,
        "program": found.program,
        "notes": [*found.notes],
    }
    facts |= {"best_of": [*found.best_of], "validation": found.validation, "cost": found.cost}
    facts |= {"before": _figures(found.before), "after": _figures(found.after)}
    show(form, facts, *learning.summary(found), *([f"pull request #{number}"] if number else []))
    if bot:
        proposals.print_notes(bot)
    return FINE if found.accepted or dry_run else FINDINGS


def _planted(row: dict[str, object]) -> str:
    change = f"{row['old']!r} -> {row['new']!r}" if row["new"] else f"without {row['old']!r}"
    return f"{row['key']} {row['file']}:{row['first']} {row['kind']}: {change}"


def _figures(scored: learning.Scored) -> dict[str, object]:
    facts = {"examples": len(scored.scores), "score": round(scored.mean, 4), "counts": scored.counts()}
    return {**facts, "model": scored.model, "cost": scored.cost}


@contextmanager
def _display(planned: int) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many calls have ended."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as display:
        task = display.add_task("asking", total=planned)
        yield lambda ended: display.update(task, completed=ended)
