"""Ask the model one step at a time: each reply is checked, and a refused one is asked for once more with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from skill_fleet.drafting import Call
from skill_fleet.markdown import tidy
from skill_fleet.model.program import load_program
from skill_fleet.model.run import Meter, ModelFailed, OutOfBudget, Progress, Run, Unreadable, load_dspy
from skill_fleet.model.settings import ModelSettings
from skill_fleet.model.tape import Reply, Tape

Judge = Callable[[Any], str]
"""Returns the reason why a reply cannot be used, in words for the model; "" if it can."""
NONE = "(none)"


class Refused(ModelFailed):
    """A reply was refused twice. `reason` is that of the second time."""

    def __init__(self, step: str, reason: str, model: str) -> None:
        super().__init__(
            f"The reply of {model} to the step {step!r} was refused twice: {reason}",
            "Run again, try another model, or draft without one.",
        )
        self.reason = reason


class ModelClient:
    """Asks one model. All calls share a budget, a tape and the totals; the tape may be that of earlier runs."""

    def __init__(self, settings: ModelSettings, tape: Tape | None = None, progress: Progress | None = None) -> None:
        self.settings = settings
        self.run = Run(settings, tape or Tape(), Meter(settings.calls, settings.tokens), progress)
        self.asked: dict[str, Any] = {}  # the modules of the steps that were asked
        self._program: Any = None
        self._lm: Any = None

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Ask within this. Connections are closed at its end. Raises ModelFailed when the budget is spent."""
        dspy = load_dspy()
        from skill_fleet.model.adapter import StrictAdapter
        from skill_fleet.model.lm import FleetLM

        if self._lm is None:
            self._program = load_program(self.settings.programs)
            self._lm = FleetLM(self.run)
        try:
            with dspy.context(lm=self._lm, adapter=StrictAdapter(), disable_history=False):
                yield
        except OutOfBudget as spent:
            raise ModelFailed(
                f"The budget ended in the step {self.run.step!r}: {spent}.",
                "Nothing was changed. Raise calls or tokens in [tool.skill-fleet.lm], or give fewer documents.",
            ) from None
        finally:
            self._lm.history.clear()
            self._lm.close()

    def ask(self, step: str, judge: Judge, **inputs: str) -> Any:
        """Return the reply to `step` that `judge` accepts: a value, or one for each output. Raises Refused if it refuses
        two."""
        module = self.asked[step] = getattr(self._program, step)
        reason = refused = ""
        for _ in range(2):
            self.run.enter(step)
            output: Any = None
            try:
                output = module(**inputs, refused=refused or NONE)
                reason = judge(output)
            except Unreadable as problem:
                reason = str(problem)
            if self.run.last:
                self._record(self.run.last, module, inputs, output, reason)
            if not reason:
                return output
            refused = self._refusal(reason)
        raise Refused(step, reason, self.model)

    @property
    def model(self) -> str:
        """The model's name, as the server reports it once it has answered."""
        last = self.run.last
        return last.model if last else (self._lm.model if self._lm else self.settings.model)

    def _refusal(self, reason: str) -> str:
        """Return the reason, and the refused reply, which a model does not remember. It is quoted, so that no line of it can
        pass for one of ours."""
        last = self.run.last
        if last is None or last.finish != "stop" or not last.text.strip():
            return tidy(reason)
        quoted = "\n".join(f"> {line}" for line in last.text.strip().split("\n"))
        return f"{tidy(reason)}\n\nThe reply was:\n{quoted}"

    def _record(self, last: Reply, module: Any, inputs: dict[str, str], output: Any, refused: str) -> None:
        from pydantic_core import to_jsonable_python

        options = {"temperature": self.settings.temperature, "max_tokens": self.settings.max_tokens}
        self.run.calls.append(
            Call(module.step, module.digest, dict(inputs), to_jsonable_python(output), last.text, last.finish, last.model, options,
                 last.prompt, last.completion, refused)
        )  # fmt: skip
