"""Ask the model one step at a time: each reply is checked, and a refused one is asked for once more with the reason."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any
from uuid import uuid4

from skill_fleet.drafting import Call
from skill_fleet.errors import UserError
from skill_fleet.fleet import ModelSettings
from skill_fleet.markdown import tidy
from skill_fleet.model.run import (
    TRACE,
    ModelFailed,
    OutOfBudget,
    Progress,
    Run,
    Tape,
    Unreadable,
    load_dspy,
    trace_to,
)
from skill_fleet.model.shown import NONE

Judge = Callable[[Any], str]  # returns the reason why a reply cannot be used, in words for the model; "" if it can
Journal = Callable[[dict[str, Any]], None]  # keeps the record of a run as it is now, before each call and at the end


class Spent(ModelFailed):
    """The budget is spent, or the next call would exceed it."""


class Refused(ModelFailed):
    """A reply was refused twice. `reason` is that of the second time."""

    def __init__(self, step: str, reason: str, model: str) -> None:
        what = f"The reply of {model} to the step {step!r} was refused twice: {reason}"
        super().__init__(what, "Run again, try another model, or draft without one.")
        self.reason = reason


class ModelClient(Run):
    """Asks one model. All calls share a budget, a tape and the totals; the tape may be that of earlier runs.

    `facts` are what the record of the run has beside its calls, `asked` are the modules of the steps that were asked.
    """

    def __init__(
        self,
        settings: ModelSettings,
        tape: Tape | None = None,
        progress: Progress | None = None,
        journal: Journal | None = None,
        steps: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(settings, tape, progress)
        self.facts: dict[str, Any] = {}
        self.asked: dict[str, Any] = {}
        self._journal, self._steps, self._run = journal, steps or {}, uuid4().hex
        self._lm: Any = None

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Ask within this. Connections are closed at its end, and the record says how a run ended that was stopped."""
        dspy = load_dspy()
        if "://" in (server := os.environ.get(TRACE, "")):
            trace_to(server)
        from skill_fleet.model.lm import FleetLM, StrictAdapter
        from skill_fleet.model.program import load_steps

        self._steps = self._steps or load_steps(self.settings.programs)
        self._lm = self._lm or FleetLM(self)
        try:
            with dspy.context(lm=self._lm, adapter=StrictAdapter(), disable_history=False):
                yield
        except BaseException as problem:
            row = self.record("refused" if isinstance(problem, UserError) else "stopped", reason=str(problem))
            if isinstance(problem, ModelFailed):
                problem.record = row
            raise
        finally:
            self.show("")
            self._lm.history.clear()
            self._lm.close()

    def ask(
        self,
        step: str,
        inputs: Mapping[str, str],
        judge: Judge = lambda _: "",
        *,
        rescue: Judge = lambda _: "",
    ) -> Any:
        """Return the reply to `step` that `judge` accepts: a value, or one for each output. Raises Refused if it refuses
        two, Spent if the budget is spent.

        `rescue` makes of a reply that is too long what to ask for instead.
        """
        from pydantic_core import to_jsonable_python

        module = self.asked[step] = self._steps[step]
        reason = refused = ""
        for _ in range(2):
            self.record("asked", asked={"step": step, "inputs": {**inputs}, "refused": refused})
            self.step, self.last, output = step, None, None
            try:
                output = module(**inputs, refused=refused or NONE)
                reason = judge(output)
            except Unreadable as problem:
                reason = str(problem)
            except OutOfBudget as spent:
                tip = "Nothing was changed. Raise calls or tokens in [tool.skill-fleet.lm], or give fewer documents."
                raise Spent(f"The budget ended in the step {step!r}: {spent}.", tip) from None
            if last := self.last:
                output_, usage = to_jsonable_python(output), (last.prompt, last.completion)
                said = output_, last.text, last.finish, last.model
                self.calls.append(Call(step, module.digest, {**inputs}, *said, self.options, *usage, reason))
            if not reason:
                return output
            refused = tidy(reason)
            if last and last.finish == "length":
                refused += f" {rescue(last.text)}"
            elif last and last.finish == "stop" and last.text.strip():
                # the model does not remember it; quoted, so that no line of it can pass for one of ours
                refused += "\n\nThe reply was:\n> " + last.text.strip().replace("\n", "\n> ")
        raise Refused(step, reason, self.model)

    @property
    def model(self) -> str:
        """The model's name, as the server reports it once it has answered."""
        return self.last.model if self.last else (self._lm.model if self._lm else self.settings.model)

    def record(self, outcome: str, **more: Any) -> dict[str, Any]:
        """Return the record of the run as it is now, with whatever secrets are in it, and give it to the journal."""
        calls = [asdict(call) for call in self.calls]
        row = {"run": self._run, **self.facts, "outcome": outcome, **more, "calls": calls}
        if self._journal:
            self._journal(row)
        return row
