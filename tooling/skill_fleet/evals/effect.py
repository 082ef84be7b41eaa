"""One skill measured as a whole: what is planned, the runs, the sham after "helps", and the evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace

from skill_fleet.agents import Harness
from skill_fleet.errors import UserError
from skill_fleet.evals.cases import CASES_FILE, Case, read_cases
from skill_fleet.evals.evidence import Document, evidence_of
from skill_fleet.evals.runs import Arm, Plan, Progress, Store, kept_calls, measure, record_plan
from skill_fleet.evals.subject import sham_of, staged, subject_of, tree_id
from skill_fleet.evals.verdict import Outcome
from skill_fleet.fleet import Fleet, Skill


@dataclass(frozen=True)
class Request:
    """What is to be measured, and with what. `base` is the fleet with the skill as it was."""

    harness: Harness
    arms: tuple[Arm, ...] = (Arm.NONE, Arm.HEAD)
    base: Fleet | None = None
    sham: bool = False
    runs: int = 5
    seed: int = 0
    tasks: tuple[int, ...] = ()
    fresh: bool = False
    jobs: int = 1
    budget: float | None = None
    replay: bool = False
    unchecked: bool = False
    """Whether tasks without a check are run, too, for a judge; they are in no verdict of code."""
    recorded: tuple[str, int] | None = None
    """The plan that was recorded elsewhere, of which `tasks` are a part, by its digest and number of the attempt."""

    @property
    def screening(self) -> bool:
        """Whether it only shows what fails without the skill; such runs are never used in a verdict."""
        return Arm.HEAD not in self.arms


def measure_effect(
    fleet: Fleet, skill: Skill, request: Request, store: Store, progress: Progress = lambda *_: None
) -> tuple[Document, tuple[Case, ...]]:
    """Return the evidence of a measurement, and the cases that it has.

    UserError when nothing can be measured, or when runs are missing at the end: the same request makes only these.
    """
    plan = _plan(fleet, skill, request)
    if request.replay:
        plan = replace(plan, screening=True, replay=kept_calls(store))
    if request.recorded:
        plan = replace(plan, series=request.recorded[0], attempt=request.recorded[1])
    elif not plan.screening:
        plan = record_plan(plan, store, fresh=request.fresh)
    base = request.base.earlier(skill) if request.base else None
    before = tree_id(request.base, base) if request.base and base else ""
    budget = request.budget
    while True:
        done = measure(plan, store, request.jobs, budget, progress)
        if done.why:
            missing = len(plan.slots) - len(done.runs)
            raise UserError(
                f"{missing} of {len(plan.slots)} runs are missing: {done.why}",
                "Run the same command again later: what has ended is kept.",
            )
        document = evidence_of(done, subject_of(fleet, skill), before)
        effect = document["verdicts"].get("effect", {})
        if not request.sham or Arm.SHAM in plan.arms or effect.get("outcome") != Outcome.HELPS:
            return document, plan.cases
        inert = {**plan.arms[Arm.HEAD], skill.folder: sham_of(plan.arms[Arm.HEAD][skill.folder], skill)}
        plan = replace(plan, arms={**plan.arms, Arm.SHAM: inert})
        budget = None if budget is None else budget - done.spent


def _plan(fleet: Fleet, skill: Skill, request: Request) -> Plan:
    """The runs that a request asks for: of all tasks when screening, else of the held-out ones."""
    cases = [
        case for case in read_cases(skill)
        if (case.decided or (request.unchecked and case.assertions)) and (request.screening or case.held_out)
    ]  # fmt: skip
    if request.tasks:
        if not (request.screening or request.recorded):
            raise UserError("A verdict uses all held-out tasks.", "Choose tasks only with --arm none.")
        cases = [case for case in cases if case.id in request.tasks]
    if not cases:
        raise UserError(
            f"{skill.id} has no {'' if request.screening else 'held-out '}task with a check.",
            f"Add `checks` to the tasks in {skill.inside(CASES_FILE)}, or write it: skill-fleet eval new {skill.id} --from DOCUMENT.md",
        )
    arms = {}
    for arm in request.arms:
        source = request.base if arm is Arm.BASE else fleet
        owner = source.earlier(skill) if source else None
        if source is None or owner is None:
            raise UserError(f"There is no skill {skill.id} at the base.", "Leave out --base.")
        arms[arm] = {} if arm is Arm.NONE else staged(source, owner)
    return Plan(
        skill.id, skill.folder, tuple(cases), arms, request.runs, request.harness, request.seed,
        screening=request.screening,
    )  # fmt: skip
