"""The runs of a measurement: planned before the first, interleaved, each kept as soon as it has ended.

A finished run is one file in Git's own folder until the measurement is complete; then it is committed to a ref. So a run
that has ended survives Ctrl-C, a kill, and the work tree, and what is run next time is only what is missing.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import random
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from math import inf
from typing import Any

from skill_fleet.agents import File, Files, Harness, Output, OverBudget, Unavailable, run_task
from skill_fleet.errors import UserError
from skill_fleet.evals.cases import Case, canonical, digest_of, digest_of_files
from skill_fleet.evals.grading import GRADER, grade
from skill_fleet.git import ABSENT, RefMoved, Repository, Update, move_refs, write_commit, write_tree

LOOP = 2
"""The version of how a task is staged and run. Runs of another version are not used again."""
REUSE = timedelta(days=14)
PREFIX = "refs/skill-fleet/evals/"
_EVIDENCE = "decided by code"
_TRIES = 20
_PASSES = 3
"""How often runs of another model than the last are made again, before the measurement is left incomplete."""


class Arm(StrEnum):
    """What an agent is given: no skill, the skill as it was, as it is, or with an inert body.

    The values are names in a benchmark.json of skill-creator.
    """

    NONE = "without_skill"
    BASE = "old_skill"
    HEAD = "with_skill"
    SHAM = "sham_skill"


@dataclass(frozen=True)
class Run:
    """One run. `grades` says of each assertion that code decides about whether it holds.

    `exit` is None when the time was over; `tokens`, `cost`, `turns`, and `activated` (whether the agent read the skill) are
    None when the harness does not say. `transcript` is the SHA-256 of the file with its output.
    """

    task: int
    arm: Arm
    number: int
    grades: Mapping[str, bool]
    exit: int | None
    seconds: float
    model: str
    tokens: int | None
    cost: float | None
    turns: int | None
    tool_calls: int
    activated: bool | None
    at: str
    transcript: str = ""

    @property
    def score(self) -> float | None:
        """The share of assertions that hold; None when code decides about none."""
        return sum(self.grades.values()) / len(self.grades) if self.grades else None

    def as_json(self) -> dict[str, Any]:
        """Return the run as a benchmark.json lists it, with what is ours beside."""
        passed = sum(self.grades.values())
        return {
            "eval_id": self.task, "configuration": self.arm, "run_number": self.number,
            "result": {
                "pass_rate": round(self.score or 0.0, 4), "passed": passed, "failed": len(self.grades) - passed,
                "total": len(self.grades), "time_seconds": self.seconds, "tokens": self.tokens, "cost": self.cost,
                "turns": self.turns, "tool_calls": self.tool_calls, "errors": int(self.exit != 0), "exit": self.exit,
            },
            "expectations": [
                {"text": text, "passed": held, "evidence": _EVIDENCE} for text, held in self.grades.items()
            ],
            "model": self.model, "activated": self.activated, "at": self.at, "transcript": self.transcript,
        }  # fmt: skip


def run_of(data: Mapping[str, Any]) -> Run:
    """The inverse of `Run.as_json`. Figures that follow from others are not read: `follows` compares them."""
    facts = data["result"]
    return Run(
        data["eval_id"], Arm(data["configuration"]), data["run_number"],
        {each["text"]: bool(each["passed"]) for each in data["expectations"]}, facts["exit"], facts["time_seconds"],
        data["model"], facts["tokens"], facts["cost"], facts["turns"], facts["tool_calls"], data["activated"],
        data["at"], data["transcript"],
    )  # fmt: skip


def follows(run: Run, data: Mapping[str, Any]) -> bool:
    """Whether `data`, of which `run` was read and which has the form of a run, is `run.as_json()`."""
    grades, rows = run.grades.values(), data["expectations"]
    total, passed = len(grades), sum(grades)
    figures = [round(run.score or 0.0, 4), passed, total - passed, total, int(run.exit != 0)]
    same = [data["result"][name] for name in ("pass_rate", "passed", "failed", "total", "errors")] == figures
    return same and len(rows) == total and {row["evidence"] for row in rows} <= {_EVIDENCE}


@dataclass(frozen=True)
class Plan:
    """The size of a measurement, settled before its first run. Screening is never a part of a verdict."""

    skill: str
    name: str
    cases: tuple[Case, ...]
    arms: Mapping[Arm, Mapping[str, Files]]
    runs: int
    harness: Harness
    seed: int = 0
    series: str = ""
    """What all attempts to measure this skill by these cases and this harness have in common."""
    attempt: int = 1
    screening: bool = False
    replay: Mapping[tuple[int, str, int], Sequence[Mapping[str, Any]]] | None = None
    """The kept answers of the model by task, arm and number, to be given again instead of asking it."""

    @cached_property
    def slots(self) -> list[Slot]:
        """All runs in the order in which they are made: each round has every task once, with its arms together."""
        shuffled = random.Random(self.seed)
        order = []
        for number in range(1, self.runs + 1):
            for case in shuffled.sample(self.cases, len(self.cases)):
                order += [Slot(case, arm, number) for arm in shuffled.sample(sorted(self.arms), len(self.arms))]
        return order

    @property
    def conditions(self) -> dict[str, Any]:
        """What has to be the same for a run to be used again, besides the task, the arm and the model as served.

        Tools, the cap on turns and the temperature are conditions of the harness, or words of its command.
        """
        return {
            "harness": self.harness.conditions,
            "loop": LOOP,
            "grader": GRADER,
            "screening": self.screening,
            "replay": self.replay is not None,
        }

    def key(self, slot: Slot) -> str:
        """The name under which a run is kept."""
        facts = [slot.case.digest, self._arms[slot.arm], slot.number, self.attempt, self.conditions]
        return f"{digest_of(facts)}.json"

    @cached_property
    def _arms(self) -> dict[Arm, str]:
        return {arm: digest_of_files(skills) for arm, skills in self.arms.items()}

    def size(self) -> dict[str, Any]:
        """The plan as it is recorded."""
        return {
            "harness": self.harness.name,
            "harness_version": self.harness.version,
            "isolation": self.harness.isolation,
            "seed": self.seed,
            "runs_per_configuration": self.runs,
            "cases": self.digests,
            "arms": self._arms,
        }

    @property
    def digests(self) -> dict[str, str]:
        """The digest of each case by its id."""
        return {str(case.id): case.digest for case in self.cases}


@dataclass(frozen=True)
class Slot:
    """One run that is to be made."""

    case: Case
    arm: Arm
    number: int


class Store:
    """The kept runs of one skill."""

    def __init__(self, repo: Repository, skill: str, tips: Mapping[str, str] | None = None) -> None:
        """Open it. `tips` are those of all such refs, if they are known and nothing moves them."""
        slug, self._tips = slugged(skill), tips
        self.repo, self.ref = repo, f"{PREFIX}{slug}"
        self.folder = repo.directory / "skill-fleet" / "evals" / slug

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return the files that are kept, of these names."""
        wanted = list(names)
        tip = self._tip()
        blobs = self.repo.blobs(f"{tip}:{name}" for name in wanted) if tip else {}
        found = {name: blobs[f"{tip}:{name}"] for name in wanted if f"{tip}:{name}" in blobs}
        for name in wanted:
            with contextlib.suppress(OSError):
                found[name] = (self.folder / name).read_bytes()
        return found

    def names(self) -> set[str]:
        """Return the names of all files that are kept."""
        tip = self._tip()
        committed = {entry.path for entry in self.repo.entries(tip)} if tip else set()
        return committed | {path.name for path in self.folder.glob("*.json")}

    def _tip(self) -> str | None:
        return (self.repo.refs(self.ref) if self._tips is None else self._tips).get(self.ref)

    def keep(self, name: str, content: bytes) -> None:
        """Keep a file; it is there whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f"{name}.{threading.get_ident()}.draft"
        draft.write_bytes(content)
        draft.replace(self.folder / name)

    def publish(self, names: Iterable[str], message: str) -> None:
        """Commit files that wait in the folder to the ref."""
        here = {name: self.folder / name for name in names}
        contents = {name: path.read_bytes() for name, path in here.items() if path.exists()}
        author = self.repo.identity()
        for _ in range(_TRIES if contents else 0):
            old = self.repo.refs(self.ref).get(self.ref)
            tree = write_tree(self.repo, old, contents)
            new = write_commit(self.repo, tree, [old] if old else [], f"{message}\n", author)
            with contextlib.suppress(RefMoved):
                move_refs(self.repo, [Update(self.ref, new, old or ABSENT)])
                break
        else:
            return
        for name in contents:
            here[name].unlink(missing_ok=True)


Progress = Callable[[int, int, float], None]
"""Is told how many runs there are, how many were planned, and what the new ones cost."""


@dataclass(frozen=True)
class Measurement:
    """The runs of a plan, in its order, and what the new ones cost. `why` says what kept the missing ones from being made."""

    plan: Plan
    runs: tuple[Run, ...]
    spent: float
    why: str = ""


def slugged(text: str) -> str:
    """A name for files and refs: lower case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "unknown"


def record_plan(plan: Plan, store: Store, *, fresh: bool = False) -> Plan:
    """Return the plan with the number of its attempt, and commit it: before the first run.

    The same plan within the time in which runs are used again is the same attempt, unless `fresh`. Every other size is
    another attempt with runs of its own, so that nobody stops when the figures please.
    """
    series, there = digest_of([plan.conditions, plan.digests, plan.size()["arms"][Arm.HEAD]])[:40], store.names()
    last = next(number for number in itertools.count() if plan_file(series, number + 1) not in there)
    known = json.loads(store.read([plan_file(series, last)])[plan_file(series, last)]) if last else None
    if known and not fresh and known["size"] == plan.size() and _age(known["at"]) <= REUSE:
        return replace(plan, series=series, attempt=last)
    name = plan_file(series, last + 1)
    store.keep(name, canonical({"size": plan.size(), "at": _now()}))
    store.publish([name], f"Plan of a measurement of {plan.skill}")
    return replace(plan, series=series, attempt=last + 1)


def plan_file(series: str, attempt: int) -> str:
    """The name under which a plan is kept."""
    return f"plan-{series}-{attempt}.json"


def measure(
    plan: Plan, store: Store, jobs: int = 1, budget: float | None = None, progress: Progress = lambda *_: None
) -> Measurement:
    """Make the runs that are missing. An exception, such as Ctrl-C, ends those that are being made and keeps the others.

    Runs that are used again have the model that was served last. UserError when a budget cannot be held.
    """
    kept: dict[str, Run] = {}
    for name, content in store.read(map(plan.key, plan.slots)).items():
        with contextlib.suppress(ValueError, LookupError, TypeError):  # a ref from elsewhere may hold anything
            run = read_transcript(content)[0]
            kept |= {name: run} if _age(run.at) <= REUSE else {}
    costs: list[float] = []
    for _ in range(_PASSES):
        why = ""
        todo = [slot for slot in plan.slots if plan.key(slot) not in kept]
        try:
            for slot, run in _make(plan, store, todo, jobs, costs, budget):
                kept[plan.key(slot)] = run
                progress(len(kept), len(plan.slots), sum(costs))
        except Unavailable as problem:
            why = f"The agent failed with {problem}"
        served = max(kept.values(), key=lambda run: run.at).model if kept else ""
        same = {name: run for name, run in kept.items() if run.model == served}
        if len(same) == len(kept):
            break
        kept = same
    names = [plan.key(slot) for slot in plan.slots]
    runs = tuple(kept[name] for name in names if name in kept)
    if len(runs) < len(names):
        why = why or (
            "Other models were served in between." if budget is None else f"The budget of {budget:g} is used up."
        )
    elif not plan.screening:
        store.publish(names, f"Runs of {plan.skill} with {plan.harness.name}")
    return Measurement(plan, runs, sum(costs), why)


def _make(
    plan: Plan, store: Store, todo: list[Slot], jobs: int, costs: list[float], budget: float | None
) -> Iterator[tuple[Slot, Run]]:
    """Make runs, as far as the budget goes, and yield each when it has ended. `costs` gets what each cost.

    Raises Unavailable at the end when the model was not available for one; none begins after that.
    """
    stop = threading.Event()
    running: dict[Future[Run], tuple[Slot, float]] = {}
    waiting, unavailable = iter(todo), None
    with ThreadPoolExecutor(jobs) as pool:
        try:
            while True:
                while len(running) < jobs:
                    limit = _limit(costs, [each for _, each in running.values()], jobs, budget)
                    if limit <= 0 or (slot := next(waiting, None)) is None:
                        break
                    running[pool.submit(_run, plan, store, slot, stop, limit)] = slot, limit
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    slot, _ = running.pop(future)
                    problem = future.exception()
                    if isinstance(problem, Unavailable):
                        unavailable, waiting = problem, iter(())
                    elif isinstance(problem, OverBudget):
                        costs.append(problem.cost)
                    else:
                        run = future.result()
                        if budget is not None and run.cost is None:
                            raise UserError("Nobody knows what a run costs, so no budget holds.", "Leave out --budget.")
                        costs.append(run.cost or 0.0)
                        yield slot, run
        finally:
            stop.set()
    if unavailable:
        raise unavailable


def _limit(costs: Sequence[float], others: Sequence[float], jobs: int, budget: float | None) -> float:
    """What the next run may cost beside the limits of `others`, which are being made; 0 when none may begin.

    The first is alone, then each may be as dear as the dearest.
    """
    if budget is None:
        return inf
    left, dearest = budget - sum(costs) - sum(others), max(costs, default=0.0)
    if not dearest:
        return 0.0 if others and not costs else left / (jobs - len(others) if costs else 1)
    return left / most if (most := min(jobs - len(others), int(left / dearest + 1e-9))) else 0.0


def _run(plan: Plan, store: Store, slot: Slot, stop: threading.Event, limit: float) -> Run:
    """Make one run, grade it, and keep it."""
    at = _now()
    calls = None if plan.replay is None else plan.replay.get((slot.case.id, slot.arm, slot.number), ())
    output = run_task(
        plan.harness, slot.case.task, plan.arms[slot.arm], stop, None if limit == inf else limit, calls,
        plan.arms.get(Arm.HEAD),
    )  # fmt: skip
    run = Run(
        slot.case.id, slot.arm, slot.number, grade(slot.case, output, plan.harness.sandbox, stop), output.exit, output.seconds,
        output.model or plan.harness.model, output.tokens, output.cost, output.turns, len(output.tools),
        None if output.skills is None else plan.name in output.skills, at,
    )  # fmt: skip
    files = {name: [base64.b64encode(file.content).decode(), file.executable] for name, file in output.files.items()}
    kept = {
        "answer": output.answer,
        "errors": output.errors,
        "files": files,
        "tools": output.tools,
        "calls": output.calls,
    }
    content = canonical({"run": run.as_json(), "attempt": plan.attempt, "output": kept})
    store.keep(plan.key(slot), content)
    return replace(run, transcript=sha256(content).hexdigest())


def read_transcript(content: bytes) -> tuple[Run, Output, int]:
    """Return the run, the output and the number of the attempt in a kept file."""
    data = json.loads(content)
    run = replace(run_of(data["run"]), transcript=sha256(content).hexdigest())
    kept = data["output"]
    files = {name: File(base64.b64decode(text), executable) for name, (text, executable) in kept["files"].items()}
    output = Output(kept["answer"], files, run.exit, run.seconds, kept["errors"], tools=tuple(kept["tools"]))
    return run, output, data["attempt"]


def kept_calls(store: Store) -> dict[tuple[int, str, int], list[Mapping[str, Any]]]:
    """Return what the model answered in the last kept run of each task, arm and number."""
    names = [name for name in store.names() if not name.startswith(("plan-", "judge-"))]
    found: dict[tuple[int, str, int], tuple[str, list[Mapping[str, Any]]]] = {}
    for content in store.read(names).values():
        data = json.loads(content)
        run, calls = run_of(data["run"]), data["output"].get("calls")
        slot = (run.task, str(run.arm), run.number)
        if calls and run.at > found.get(slot, ("",))[0]:
            found[slot] = run.at, calls
    return {slot: calls for slot, (_, calls) in found.items()}


def by_task(runs: Iterable[Run], measure: str = "score") -> dict[int, list[float]]:
    """A measure of runs by task: `score`, `seconds`, `tokens`, `turns` or `cost`, without those that are unknown."""
    found: dict[int, list[float]] = {}
    for run in runs:
        if (number := getattr(run, measure)) is not None:
            found.setdefault(run.task, []).append(number)
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _age(at: str) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(at)
