"""The run of an optimiser of DSPy on one step, within the budget of the run, and the proof of what it found.

No score of the optimiser's counts: its program is asked anew, about examples that it has not seen.
"""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_jsonable_python

from skill_fleet import evals, model
from skill_fleet.errors import UserError
from skill_fleet.fleet import ModelSettings
from skill_fleet.learning.examples import Example
from skill_fleet.learning.planning import LEAST_TEST, MINIBATCH, Optimiser, Plan
from skill_fleet.learning.scoring import METRICS, Score, Scored, score

dspy = model.load_dspy()

_GOOD = 0.7  # the score from which on an answer may be a demonstration
_MOST_DEMOS = 2  # each holds all of a skill
_MOST_SHOWN = 3_000  # characters of a reply, and of what is said about it, in a reflection


@dataclass(frozen=True)
class Found:
    """What a run found. `program` is the file of the optimised step, `notes` say how it was found; `best_of` are the mean scores
    of the program as it was on the validation, as often as the optimiser's calls would have paid for."""

    plan: Plan
    program: str
    notes: tuple[str, ...]
    validation: float
    best_of: tuple[float, ...]
    before: Scored
    after: Scored
    verdict: evals.Verdict
    cost: str

    @property
    def accepted(self) -> bool:
        """Whether the test set shows that the program is better."""
        return len(self.before.scores) >= LEAST_TEST and self.verdict.outcome is evals.Outcome.HELPS


def run(
    plan: Plan, settings: ModelSettings, tape: model.Tape, seed: int = 0, use_test: Callable[[], None] | None = None
) -> Found:
    """Run a plan; `use_test` is called before the test set is used, and without it there is no test. Raises ModelFailed if the model fails or the budget is spent, UserError if there is nothing to test."""
    if plan.optimiser is Optimiser.NONE:
        raise UserError("There are too few examples to learn from.", f"See: skill-fleet learn plan {plan.step}")
    most = math.ceil(sum(plan.calls.values()) * 1.1)  # a reply that is refused is asked for once more
    meter, parts, programs = model.Meter(most, settings.tokens), plan.parts, dict(settings.programs)

    def scored(examples: Sequence[Example], changed: Mapping[str, str] = programs) -> Scored:
        return score(examples, settings, tape, model.load_steps({**programs, **changed}), meter=meter)

    client = model.ModelClient(settings, tape)
    client.meter, client.step = meter, plan.step
    try:
        with client.connected():
            text, notes = _optimised(plan, model.load_steps(programs)[plan.step], client, seed)
    except model.Stopped as stopped:
        raise stopped.args[0] from None
    except model.OutOfBudget as spent:
        tip = "Allow more tokens with --budget, or plan fewer with --metric-calls. With --replay, what is paid is kept."
        raise model.ModelFailed(f"The budget ended while {plan.optimiser} ran: {spent}.", tip) from None
    best_of = tuple(scored(parts.validation).mean for _ in range(math.ceil(meter.calls / len(parts.validation))))
    validation = scored(parts.validation, {plan.step: text}).mean
    if use_test:
        use_test()
    test = parts.test if use_test else ()
    before, after = scored(test), scored(test, {plan.step: text})
    arm, control = ({key: [one.value] for key, one in each.scores.items()} for each in (after, before))
    return Found(plan, text, notes, validation, best_of, before, after, evals.judge(arm, control), meter.words())


def _optimised(plan: Plan, step: Any, client: model.ModelClient, seed: int) -> tuple[str, tuple[str, ...]]:
    """The file of the optimised step, and what people should know of how it was found."""
    unread, none = list[str](), {"refused": model.NONE}
    ask = dspy.Predict(model.signature_of("reflect"))

    def reflect(
        candidate: Mapping[str, str], reflective_dataset: Mapping[str, Any], components_to_update: Sequence[str]
    ) -> dict[str, str]:
        (name,), client.step = components_to_update, "reflect"
        try:
            shown = _shown(reflective_dataset[name])
            return {name: ask(program=candidate[name], examples=shown, **none).better}
        except model.Unreadable as problem:
            unread.append(str(problem))
            return {name: candidate[name]}
        finally:
            client.step = plan.step

    train, validation = (
        [dspy.Example(**one.inputs, **none, example=one).with_inputs(*one.inputs, *none) for one in part]
        for part in (plan.parts.train, plan.parts.validation)
    )
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        if plan.optimiser is Optimiser.BOOTSTRAP:
            few = dspy.BootstrapFewShot(
                metric=_metric, metric_threshold=_GOOD, max_bootstrapped_demos=_MOST_DEMOS, max_labeled_demos=0
            )
            done = few.compile(model.StepProgram(step), trainset=train)
        else:
            gepa = dspy.GEPA(
                metric=_metric, max_metric_calls=plan.metric_calls, reflection_minibatch_size=MINIBATCH,
                instruction_proposer=reflect, num_threads=1, use_merge=False, seed=seed,
            )  # fmt: skip
            done = gepa.compile(model.StepProgram(step), trainset=train, valset=validation)
    found, names = done.step.predict, step.predict.signature.fields
    demos = [{name: to_jsonable_python(demo[name]) for name in names if name in demo} for demo in found.demos]
    instructions = found.signature.instructions
    notes = (f"{len(unread)} reflections could not be read, such as: {unread[0]}",) if unread else ()
    if instructions == step.predict.signature.instructions and not demos:
        said = " ".join([f"{plan.optimiser} found no better prompt.", *notes])
        raise UserError(said, "Nothing was tested. Allow it more: --metric-calls NUMBER, or --learning NUMBER")
    return model.save_program(plan.step, instructions, {}, demos), notes


def _metric(gold: Any, pred: Any, trace: Any = None, pred_name: Any = None, pred_trace: Any = None) -> Any:
    example: Example = gold.example
    unreadable = getattr(pred, "unreadable", "")
    found = Score(0.0, unreadable) if unreadable else METRICS[example.step](example.gold, pred.reply)
    return dspy.Prediction(score=found.value, feedback=found.feedback or "Nothing was wrong.")


def _shown(rows: Sequence[Mapping[str, Any]]) -> str:
    """Replies and what is said about them; quoted, so that no line of theirs can pass for one of ours."""
    said = []
    for number, row in enumerate(rows, 1):
        for name, value in (("reply", row["Generated Outputs"]), ("what was wrong", row["Feedback"])):
            quoted = str(value)[:_MOST_SHOWN].replace("\n", "\n> ")
            said.append(f"Example {number}, {name}:\n> {quoted}")
    return "\n\n".join(said)
