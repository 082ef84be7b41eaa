"""skill-fleet eval: run, new and verify"""

from __future__ import annotations

import json
import shlex
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click

from skill_fleet import agents, checks, evals, fixes, fleet
from skill_fleet.cli import FINDINGS, FINE
from skill_fleet.cli.eval_pull import price_option, pull
from skill_fleet.cli.files import read_text
from skill_fleet.cli.options import format_option, note, say, say_json, show
from skill_fleet.errors import UserError


class _Eval(click.Group):
    """A group whose command `run` is meant when none is named: no id of a skill is the name of a command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `run` first where no command is named."""
        named = not args or args[0] in self.commands or args[0] in ctx.help_option_names
        return super().parse_args(ctx, args if named else ["run", *args])


@click.group("eval", cls=_Eval)
def eval() -> None:
    """Measure whether a skill helps, and at what cost.

    `eval SKILL` is `eval run SKILL`. Tasks are in the skill's evals/evals.json, results in its evals/evidence/.
    """


eval.add_command(pull)


@eval.command("run")
@click.argument("skills", nargs=-1, required=True, metavar="SKILL...")
@click.option(
    "--harness", "name", metavar="NAME", default="", help="claude, codex, opencode or lm; or a name for --command."
)
@click.option("--command", default="", metavar="PROGRAM", help="Another agent with its options, as below.")
@click.option(
    "--arm",
    "arms",
    type=click.Choice(["none", "base", "head"]),
    multiple=True,
    help="What the agent gets: no skill, the skill at --base, or the one here. Default: all of them.",
)
@click.option("--base", metavar="REF", help="Measure the skill of this commit, too, and whether the change hurts.")
@click.option("--sham", is_flag=True, help="If the skill helps: measure inert text of the same length, too.")
@click.option("--runs", type=click.IntRange(1, 1000), default=5, show_default=True, help="Runs of a task in each arm.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Runs at the same time.")
@click.option("--budget", type=click.FloatRange(0), metavar="MONEY", help="Limit of what new runs cost.")
@click.option(
    "--turns", type=click.IntRange(1), default=50, show_default=True, help="Most calls of the model in a run."
)
@price_option
@click.option("--built-in", metavar="NAME", multiple=True, help="Skill that this agent brings with it; repeatable.")
@click.option("--task", "tasks", type=int, metavar="ID", multiple=True, help="Screen only this task; repeatable.")
@click.option(
    "--model", metavar="NAME", default="", help="Model that the agent asks, for lm and opencode as PROVIDER/NAME."
)
@click.option(
    "--harness-version", "version", metavar="TEXT", default="", help="Version (default: a digest of its files)."
)
@click.option("--pass-env", "passed", metavar="NAME", multiple=True, help="Variable that the agent gets; repeatable.")
@click.option("--skills-folder", metavar="PATH", default=".agents/skills", help="Where the agent looks for skills.")
@click.option(
    "--isolation",
    type=click.Choice(["auto", "bubblewrap", "namespaces", "none"]),
    default="auto",
    help="auto: the first that works here.",
)
@click.option(
    "--mount", "mounts", metavar="PATH", multiple=True, help="What the agent may read besides the system; repeatable."
)
@click.option("--unchecked", is_flag=True, help="Also run tasks that have no check, for `eval judge`.")
@click.option("--seed", type=int, default=0, help="Seed of the order of the runs.")
@click.option("--fresh", is_flag=True, help="Use no earlier run again: another attempt, which is counted.")
@click.option("--replay", is_flag=True, help="Give the model's kept answers again; ask nobody, and write no evidence.")
@click.option("--pool", is_flag=True, help="Give one verdict on the tasks of all these skills, too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "junit"]),
    default="text",
    help="text for people, json and junit for programs, markdown for a summary.",
)
def run(
    skills: tuple[str, ...],
    command: str,
    arms: tuple[str, ...],
    base: str | None,
    pool: bool,
    form: str,
    sham: bool,
    name: str,
    runs: int,
    jobs: int,
    budget: float | None,
    tasks: tuple[int, ...],
    seed: int,
    fresh: bool,
    replay: bool,
    unchecked: bool,
    turns: int,
    price: agents.Price | None,
    built_in: tuple[str, ...],
    **agent: Any,
) -> int:
    """Run an agent with the skill and without: does it help?

    The agents claude, codex and opencode are the programs of these names; `lm` is a short loop of tools for any model. They
    ask the model by a proxy that holds the key (as for `create`), counts tokens and money, and holds the budget. In a
    sandbox they see the task's folder and the system's programs, and have no other network.

    With --command, the agent is any program. It gets the prompt on standard input, or for the words {prompt} and {prompt-file} of its
    command line. It works in the current folder and answers on standard output. In the file $SKILL_FLEET_REPORT it may
    leave a JSON object with `model`, `tokens`, `cost`, `turns`, `skills` (the names of those that it read) and `tools`
    (name and input of each use). Status 75 says that the model was not available; nor is a failure without an answer
    graded.

    With `--arm none` alone, all tasks are screened: what fails without the skill? A verdict uses the held-out tasks, and
    goes to the skill's evals/evidence/. A run is used again for 14 days under the same conditions, so the same command
    resumes a measurement that was stopped. Exit status 1 when the skill hurts.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that it ends the agents, as Ctrl-C does
    repo = fleet.here()
    root, ours = fleet.top(repo, "Run this in a clone with a work tree."), fleet.fleet_at(repo, None)
    before = fleet.fleet_at(repo, base, "--base") if base else None
    chosen = arms or ("none", *(["base"] if base else []), "head")
    if ("base" in chosen) != bool(base):
        raise UserError("The arm `base` is the skill of a commit.", "Give both, such as: --arm base --base main")
    if not command and name not in agents.CLIENTS:
        raise UserError("Which agent?", f"Name one with --harness: {', '.join(agents.CLIENTS)}; or with --command.")
    if command:
        harness = agents.find_harness(shlex.split(command), name, **agent)
    else:
        named = {key: agent[key] for key in ("model", "isolation", "mounts")}
        harness = agents.find_client(
            name, **named, turns=turns, price=price, built_in=built_in, settings=ours.configuration, offline=replay
        )
    request = evals.Request(
        harness,
        tuple(evals.Arm[arm.upper()] for arm in chosen), before, sham, runs, seed, tasks, fresh, jobs, budget, replay,
        unchecked,
    )  # fmt: skip
    found: dict[str, evals.Document] = {}
    texts = []
    for skill in [_find(ours, word) for word in skills]:
        with _display(skill.id) as progress:
            document, cases = evals.measure_effect(ours, skill, request, evals.Store(repo, skill.id), progress)
        found[skill.id] = document
        if form != "json":
            report: Callable[..., str] = getattr(evals, f"{form}_report")
            texts.append(report(skill.id, document, cases))
        if not (request.screening or replay):
            path = skill.inside(evals.file_of(document))
            fixes.write_changes(root, {path: f"{json.dumps(document, indent=1)}\n".encode()})
            note(f"{path} written")
    pooled = evals.pooled(found) if pool else None
    if form == "json":
        say_json({"skills": found, "pool": pooled})
    elif form == "junit":
        click.echo(f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n{"".join(texts)}</testsuites>')
    else:
        click.echo("\n".join(texts), nl=False)
        say(*(evals.summary({"verdicts": {"pool": pooled}, "costs": {}}) if pooled else ()))
    verdicts = [verdict for document in found.values() for verdict in document["verdicts"].values()]
    return FINDINGS if any(verdict["outcome"] == evals.Outcome.HURTS for verdict in verdicts) else FINE


@contextmanager
def _display(skill: str) -> Iterator[evals.Progress]:
    """Show on a terminal how many runs have ended and what they cost."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as display:
        task = display.add_task(skill, total=None)

        def update(done: int, planned: int, cost: float) -> None:
            text = f"{skill}: {done} of {planned} runs, cost {cost:.2f}"
            display.update(task, completed=done, total=planned, description=text)

        yield update


def _find(ours: fleet.Fleet, word: str) -> fleet.Skill:
    name = fleet.skill_id(word)
    found = [ours.by_id[name]] if name in ours.by_id else ours.by_name.get(name, [])
    if len(found) != 1:
        raise UserError(f"There is no skill {word!r}.", "List them: skill-fleet list")
    return found[0]


@eval.command("new")
@click.argument("skill", metavar="SKILL")
@click.option(
    "--from", "source", required=True, metavar="DOC", help="Scenario document: prompts with success criteria."
)
@format_option
def new(skill: str, source: str, form: str) -> None:
    """Write cases from a document of scenarios.

    A scenario is a `**Prompt:**`, with lists under `**Expected baseline failures:**` and `**Success criteria:**`. Cases
    that exist are kept.
    """
    repo = fleet.here()
    root = fleet.top(repo, "Run this in a clone with a work tree.")
    found = _find(fleet.fleet_at(repo, None), skill)
    path = found.inside(evals.CASES_FILE)
    evals.read_cases(found)  # refuses a file that is not valid
    old = (
        json.loads((root / path).read_bytes()) if (root / path).exists() else {"skill_name": found.folder, "evals": []}
    )
    data, added = evals.with_scenarios(old, read_text(source))
    if not added:
        raise UserError(f"{source} has no new scenario.", "A scenario begins with a line such as: **Prompt:** Do this.")
    fixes.write_changes(root, {path: f"{json.dumps(data, indent=2, ensure_ascii=False)}\n".encode()})
    say_next = f"Next: add `checks`, then: skill-fleet eval {found.id} --arm none --command PROGRAM"
    show(form, {"file": path, "added": added}, f"{path}: {added} cases added", say_next)


@eval.command("verify")
@click.argument("skills", nargs=-1, metavar="[SKILL]...")
@click.option("--ref", metavar="REF", help="Verify the skills of this commit instead of the work tree's.")
@click.option(
    "--regrade", is_flag=True, help="Let the checks decide again on the kept outputs. This runs their programs."
)
@format_option
def verify(skills: tuple[str, ...], ref: str | None, regrade: bool, form: str) -> int:
    """Compute the evidence again; no model is needed.

    fresh: it is about this skill and these cases; aged: that, but from 90 days ago or more; stale: something has changed
    since; incomplete: runs are missing; forged: it contradicts itself or the outputs that were kept. Exit status 1 for
    the last two. Evidence that the workflow of main made is attested, and names the run; all other is self-reported. What
    is on the branch catalog is read, too.
    """
    repo = fleet.here()
    ours = fleet.fleet_at(repo, ref)
    chosen = [_find(ours, word) for word in skills] or ours.skills
    now, published = datetime.now(UTC), evals.published_fleets(repo, chosen)
    tips = repo.refs(evals.PREFIX)
    stores = {skill.id: evals.Store(repo, skill.id, tips) for skill in chosen}

    def check_batch(batch: Sequence[fleet.Skill]) -> list[tuple[dict[str, Any], list[str], bool]]:
        verified = evals.verify_skills(ours, batch, now, published, outputs=stores, regrade=regrade)
        return [(_row(each), _lines(each), each.fails) for each in verified]

    found = checks.in_batches(chosen, check_batch, workers=1 if regrade else None)
    show(form, [row for row, _, _ in found], *(line for _, lines, _ in found for line in lines))
    if not found:
        note("There is no evidence. Measure a skill: skill-fleet eval SKILL --command PROGRAM")
    return FINDINGS if any(fails for _, _, fails in found) else FINE


@eval.command("judge")
@click.argument("skill", metavar="SKILL")
@click.option(
    "--model", metavar="NAME", default="", help="Model that judges, as PROVIDER/NAME (default: that for reviews)."
)
@click.option("--prefer", is_flag=True, help="Ask, too, which output is better, in both orders.")
@format_option
def judge(skill: str, model: str, prefer: bool, form: str) -> int:
    """Let a model judge the assertions that code cannot check.

    It judges the kept outputs of the skill's evidence, one at a time and without knowing the arm, and has to quote what it
    saw. Its own errors are counted on bad answers that are planted and on those of evals/judge-labels.csv (columns
    assertion, output, holds). It gives no verdict when it may let more than 20 % of bad answers pass.
    """
    repo = fleet.here()
    root, ours = fleet.top(repo, "Run this in a clone with a work tree."), fleet.fleet_at(repo, None)
    found = _find(ours, skill)
    provider = agents.find_provider(model, ours.configuration)
    store, cases = evals.Store(repo, found.id), evals.read_cases(found)

    def ask(question: str) -> str:
        try:
            return agents.ask(provider, question)[0]
        except agents.Unavailable as problem:
            raise UserError(f"The judge did not answer: {problem}", "Run the same command again later.") from problem

    done: dict[str, evals.Document] = {}
    for entry in evals.evidence_entries(found):
        document = evals.judge_outputs(
            found, json.loads(found.tree.read(entry)), cases, store, provider.settings.model, ask, prefer=prefer
        )
        fixes.write_changes(root, {entry.path: f"{json.dumps(document, indent=1)}\n".encode()})
        done[entry.path] = document
        if evals.family(document["metadata"]["executor_model"]) == evals.family(provider.settings.model):
            note("The judge is of the same family as the agent's model. Name another with --model, if you have one.")
    if not done:
        raise UserError(f"{found.id} has no evidence.", f"Measure it: skill-fleet eval {found.id} --harness lm")
    show(form, done, *(line for path, document in done.items() for line in (path, *evals.summary(document))))
    verdicts = [each for document in done.values() for each in document["judge"]["verdicts"].values()]
    return FINDINGS if any(each["outcome"] == evals.Outcome.HURTS for each in verdicts) else FINE


@eval.command("triggers")
@click.option("--base", metavar="REF", help="Show what leads elsewhere than at this commit.")
@format_option
def triggers(base: str | None, form: str) -> None:
    """Rank descriptions for the prompts of evals/triggers.json, by words alone.

    No model is asked, so it tells which descriptions compete, not what an agent chooses.
    """
    repo = fleet.here()
    ours = fleet.fleet_at(repo, None)
    if base:
        found = evals.shifts(fleet.fleet_at(repo, base, "--base"), ours)
        head = f"Prompts that lead elsewhere than at {base}: {len(found)}"
    else:
        found, count = evals.ranking(ours)
        head = f"{count - len(found)} of {count} prompts lead to their skill"
    rows = [
        {"query": each.query, "skill": each.skill, "leads_to": each.leads_to, "shift": each.shift.name.lower()}
        for each in found
    ]
    lines = (f"  {each.skill}: {each.query!r} {each.shift} (now: {each.leads_to or 'none'})" for each in found)
    show(form, rows, head, *lines)


def _row(found: evals.Verified) -> dict[str, Any]:
    return {
        "path": found.path,
        "skill": found.skill,
        "status": found.status,
        "source": found.source,
        "run": found.document.get("attestation", {}).get("run"),
        "problems": [*found.problems],
        "outcomes": found.outcomes,
        "runs": found.runs,
        "kept": found.kept,
    }


def _lines(found: evals.Verified) -> list[str]:
    said = ", ".join(f"{name}: {outcome}" for name, outcome in found.outcomes.items())
    head = f"{found.path}: {found.status}, {found.said_by}, {found.runs} runs, outputs of {found.kept} here"
    return [head, *([f"  {said}"] if said else []), *(f"  {problem}" for problem in found.problems)]
