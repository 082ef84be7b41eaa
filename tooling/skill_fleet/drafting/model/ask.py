"""Ask the model one step, hold the reply to account, and give it one second try with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from skill_fleet.drafting.model.failure import ModelFailed, OutOfBudget, Unreadable
from skill_fleet.drafting.model.loading import load_dspy, reach_this_machine
from skill_fleet.drafting.model.program import Program, load_program
from skill_fleet.drafting.model.settings import ModelSettings, is_loopback
from skill_fleet.drafting.model.spending import Meter, Spent
from skill_fleet.drafting.model.tape import Tape
from skill_fleet.drafting.model.traffic import Call, Progress, Traffic, carrying
from skill_fleet.drafting.pages.plain import tidy

Judge = Callable[[Any], str]
"""Why a reply cannot be taken, in words that the model can act on; '' when it can."""
NONE = "(none)"


class Refused(ModelFailed):
    """A reply was refused twice; `reason` is why, the second time."""

    def __init__(self, step: str, reason: str, model: str) -> None:
        super().__init__(
            f"The reply of {model} to the step {step!r} was refused twice: {reason}",
            "Run again, try another model, or draft without one.",
        )
        self.reason = reason


class Asker:
    """One run with one model: all calls of it share a budget, a tape and an account. A tape may go on from run to run."""

    def __init__(
        self,
        settings: ModelSettings,
        tape: Tape | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.settings = settings
        self._programs: dict[str, Program] = {}
        self._lm: Any = None
        self.traffic = Traffic(settings, tape or Tape(), Meter(settings.calls, settings.tokens), progress)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Ask within this. However it ends, the connections are closed and an empty purse is an error like others."""
        from skill_fleet.drafting.model.adapter import StrictAdapter

        dspy = load_dspy()
        if is_loopback(self.settings.api_base):
            reach_this_machine()
        if self._lm is None:
            from skill_fleet.drafting.model.lm import FleetLM

            self._lm = FleetLM(self.settings, offline=self.traffic.tape.is_offline or not self.settings.is_set)
        try:
            with carrying(self.traffic), dspy.context(lm=self._lm, adapter=StrictAdapter(), disable_history=False):
                yield
        except OutOfBudget as spent:
            raise ModelFailed(
                f"The budget ended in the step {self.traffic.step!r}: {spent}.",
                "Nothing was changed. Raise calls or tokens in [tool.skill-fleet.lm], or give less to read.",
            ) from None
        finally:
            self._lm.history.clear()
            self._lm.close()

    def ask(self, step: str, judge: Judge, **inputs: str) -> Any:
        """The reply to `step`, once `judge` has nothing against it; Refused when it had twice."""
        program = self._program(step)
        reason = told = ""
        for _ in range(2):
            self.traffic.enter(step)
            output: Any = None
            try:
                output = getattr(program.predict(**inputs, refused=told or NONE), program.output)
                reason = judge(output)
            except Unreadable as problem:
                reason = str(problem)
            self._note(program, inputs, output, reason)
            if not reason:
                return output
            told = self._refusal(reason)
        raise Refused(step, reason, self.model)

    def reject(self, reason: str) -> None:
        """Note that the last reply was not taken after all."""
        if self.traffic.calls:
            self.traffic.calls[-1] = replace(self.traffic.calls[-1], refused=reason)

    @property
    def model(self) -> str:
        """The model's name, as the server gives it if it has answered."""
        last = self.traffic.last
        return last.model if last else (self._lm.model if self._lm else self.settings.model)

    @property
    def spent(self) -> Spent:
        """The account so far."""
        return self.traffic.meter.spent

    @property
    def digests(self) -> dict[str, str]:
        """What each step that was asked said, by its hash."""
        return {step: program.digest for step, program in self._programs.items()}

    @property
    def notes(self) -> tuple[str, ...]:
        """Files of programs that were not taken."""
        return tuple(program.note for program in self._programs.values() if program.note)

    def _program(self, step: str) -> Program:
        if step not in self._programs:
            self._programs[step] = load_program(step, self.settings.programs.get(step, ""))
        return self._programs[step]

    def _refusal(self, reason: str) -> str:
        """Why the last reply was not taken, and that reply, which a model does not remember; quoted, so that no line of
        it can pose as ours."""
        last = self.traffic.last
        if last is None or last.finish != "stop" or not last.text.strip():
            return tidy(reason)
        quoted = "\n".join(f"> {line}" for line in last.text.strip().split("\n"))
        return f"{tidy(reason)}\n\nThe reply was:\n{quoted}"

    def _note(self, program: Program, inputs: dict[str, str], output: Any, refused: str) -> None:
        last = self.traffic.last
        if last is None:
            return
        options = {"temperature": self.settings.temperature, "max_tokens": self.settings.max_tokens}
        plain = _plain(output)
        self.traffic.calls.append(
            Call(program.step, program.digest, dict(inputs), plain, last.text, last.finish, last.model, options,
                 last.usage.prompt, last.usage.completion, refused)
        )  # fmt: skip


def _plain(output: Any) -> Any:
    """Pydantic's values as JSON has them."""
    if isinstance(output, list):
        return [_plain(each) for each in output]
    return output.model_dump() if hasattr(output, "model_dump") else output
