"""skill-fleet eval pull: the steps of the workflow `eval`, which measures what a pull request changes"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from skill_fleet import agents, evals, fixes, fleet, measuring
from skill_fleet.cli.options import note
from skill_fleet.errors import UserError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
_NEW_FOLDER = click.Path(file_okay=False, path_type=Path)
_BASE, _HEAD = "refs/eval/base", "refs/eval/head"


def _price(_: click.Context, __: click.Parameter, value: tuple[float, float] | None) -> agents.Price | None:
    """The price of a token, by kind, from those of a million tokens in and out."""
    if value is None:
        return None
    asked, answered = (each / 1e6 for each in value)
    return agents.Price(asked, answered, asked, asked)


price_option = click.option(
    "--price",
    type=float,
    nargs=2,
    metavar="IN OUT",
    callback=_price,
    help="What a million tokens cost, if LiteLLM's list does not say.",
)


@click.group("pull")
def pull() -> None:
    """Measure what a pull request changes, in steps: plan, part (on several machines), weigh, report, publish.

    The workflow `eval` runs them. `part` and `report` read the skills of the base and of the pull request from the commits
    refs/eval/base and refs/eval/head.
    """


@pull.command("plan")
@click.option("--base", metavar="REF", default="HEAD", show_default=True, help="Branch to merge into.")
@click.option("--head", metavar="REF", required=True, help="Head of the pull request.")
@click.option("--attempt", type=click.IntRange(1), default=1, help="Number of this measurement of the pull request.")
@click.option("--runs", type=click.IntRange(1, 100), default=5, show_default=True, help="Runs of a task in each arm.")
@click.option("--parts", type=click.IntRange(1, 256), default=20, show_default=True, help="Most parts.")
@click.option(
    "--budget", type=click.FloatRange(0, min_open=True), metavar="MONEY", required=True, help="Limit of cost."
)
@click.option("-o", "--output", type=_NEW_FILE, required=True, metavar="FILE", help="File for the plan, as JSON.")
def plan(base: str, head: str, attempt: int, runs: int, parts: int, budget: float, output: Path) -> None:
    """Plan all runs before the first, and print what they may cost, as Markdown.

    Nothing is checked out or run.
    """
    repo = fleet.here()
    tip = repo.resolve(head)
    start = repo.merge_base(repo.resolve(base), tip)
    if start is None:
        raise UserError(f"{base} and {head} have no commit in common.", "Fetch both whole: git fetch --unshallow")
    found = measuring.plan_parts(fleet.fleet_at(repo, start), fleet.fleet_at(repo, tip), runs, parts)
    whole = {**found, "base": start, "head": tip, "attempt": attempt, "budget": budget}
    output.write_text(json.dumps(whole), encoding="utf-8")
    click.echo(measuring.plan_text(whole), nl=False)


@pull.command("part")
@click.argument("file", type=_FILE, metavar="PLAN")
@click.argument("number", type=int)
@price_option
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="Runs at the same time.")
@click.option("-o", "--output", type=_NEW_FOLDER, required=True, metavar="DIR", help="Folder for what was measured.")
def part(file: Path, number: int, price: agents.Price | None, jobs: int, output: Path) -> None:
    """Make the runs of one part of a plan, with the agent `lm` in a sandbox.

    The model is that of the environment; settings of the pull request are not read. Exit status 2 when runs are missing.
    """
    repo = fleet.here()
    plan = _read(file)
    before, after = fleet.fleet_at(repo, _BASE), fleet.fleet_at(repo, _HEAD)
    harness = agents.find_client("lm", "", "auto", turns=50, price=price, settings=fleet.Configuration())
    if harness.isolation is agents.Isolation.NONE:
        raise UserError(
            "There is no sandbox here, and the skills are a stranger's.", "Install one: apt-get install bubblewrap"
        )
    recorded, measured = (evals.digest_of(plan), plan["attempt"]), {}
    (output / "outputs").mkdir(parents=True)
    problems = []
    for skill, tasks in plan["parts"][number].items():
        arms = tuple(map(evals.Arm, plan["skills"][skill]["arms"]))
        share = plan["budget"] / plan["slots"] * len(tasks) * len(arms) * plan["runs"]
        request = evals.Request(
            harness, arms, before if evals.Arm.BASE in arms else None, runs=plan["runs"], tasks=tuple(tasks), jobs=jobs,
            budget=share, recorded=recorded,
        )  # fmt: skip
        store = evals.Store(repo, skill)
        try:
            measured[skill] = evals.measure_effect(after, after.by_id[skill], request, store)[0]
        except UserError as problem:
            problems.append(f"{skill}: {problem.message}")
        for name, content in store.read(store.names()).items():
            (output / "outputs" / name).write_bytes(content)
    (output / "part.json").write_text(json.dumps(measured), encoding="utf-8")
    if problems:
        raise UserError(" ".join(problems), "Comment `/eval` again later.")


@pull.command("weigh")
@click.argument("file", type=_FILE, metavar="PLAN")
@click.argument("parts", type=_FOLDER, metavar="DIR")
@click.option("-o", "--output", type=_NEW_FILE, required=True, metavar="FILE", help="File for the plan, as JSON.")
def weigh(file: Path, parts: Path, output: Path) -> None:
    """Plan fresh runs of the skills whose change hurts; without any, the plan has no parts."""
    output.write_text(json.dumps(measuring.confirming_plan(_read(file), _parts(parts))), encoding="utf-8")


@pull.command("report")
@click.argument("file", type=_FILE, metavar="PLAN")
@click.argument("parts", type=_FOLDER, metavar="DIR")
@click.option("--confirmed", type=_NEW_FOLDER, metavar="DIR", help="Folder with the parts that confirm.")
@click.option("-o", "--output", type=_NEW_FOLDER, required=True, metavar="DIR", help="Folder for the evidence.")
def report(file: Path, parts: Path, confirmed: Path | None, output: Path) -> None:
    """Put the parts together: a comment, the result of the check, and the evidence. The outputs go to their refs here."""
    repo = fleet.here()
    plan = _read(file)
    after = fleet.fleet_at(repo, _HEAD)
    found = measuring.results(plan, _parts(parts), _parts(confirmed) if confirmed else ())
    output.mkdir(parents=True)
    evidence = {each.skill: each.document for each in found if each.document}
    (output / "evidence.json").write_text(json.dumps(evidence), encoding="utf-8")
    for skill, document in evidence.items():
        measuring.keep_outputs(evals.Store(repo, skill), document, parts.glob("*/outputs/*.json"))
    failed = [each.skill for each in found if each.hurts]
    problems = [each for each in found if each.problem]
    conclusion = "failure" if failed else "neutral" if problems or not found else "success"
    title = (
        f"The change hurts: {', '.join(failed)}" if failed else f"{len(evidence)} of {len(found)} skills were measured"
    )
    (output / "check.json").write_text(json.dumps({"conclusion": conclusion, "title": title}), encoding="utf-8")
    (output / "comment.md").write_text(measuring.results_text(found, after), encoding="utf-8")


@pull.command("publish")
@click.argument("folder", type=_FOLDER, metavar="DIR")
def publish(folder: Path) -> None:
    """Write the evidence of runs of the workflow into the skills that it is about, as attested.

    DIR holds a folder for each run, named by its number, with an evidence.json. Evidence about skills that differ from those
    here is left out.
    """
    repo = fleet.here()
    root, ours, now = fleet.top(repo, "Run this in a work tree."), fleet.fleet_at(repo, None), datetime.now(UTC)
    changes: dict[str, bytes | None] = {}
    for number in sorted(int(path.parent.name) for path in folder.glob("*/evidence.json")):
        for skill, document in _read(folder / str(number) / "evidence.json").items():
            found = measuring.attested(ours, ours.by_id[skill], document, number, now) if skill in ours.by_id else None
            changes |= dict([found] if found else [])
    fixes.write_changes(root, changes)
    note(*(f"{path} written" for path in changes))


def _read(file: Path) -> dict[str, Any]:
    """An object that an earlier step wrote."""
    data: dict[str, Any] = json.loads(file.read_bytes())
    return data


def _parts(folder: Path) -> list[measuring.Measured]:
    return [_read(path) for path in sorted(folder.glob("*/part.json"))]
