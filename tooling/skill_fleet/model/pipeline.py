"""Programs of DSPy that an optimiser can drive: one step, or drafting with all of its steps together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from skill_fleet.drafting import Document
from skill_fleet.errors import UserError
from skill_fleet.fleet import ModelSettings
from skill_fleet.model.client import ModelClient
from skill_fleet.model.drafter import DspyDrafter
from skill_fleet.model.program import load_steps
from skill_fleet.model.run import Unreadable, load_dspy

dspy = load_dspy()


class Stopped(BaseException):
    """The model failed. Not an Exception: optimisers count those as bad answers."""


class StepProgram(dspy.Module):  # type: ignore[name-defined, misc]
    """One step. Its prediction is the `reply`, or the reason why that is `unreadable`: it is an answer, too."""

    def __init__(self, step: Any) -> None:
        super().__init__()
        self.step = step

    def forward(self, **inputs: str) -> Any:
        """Return the prediction. Raises Stopped if the model fails."""
        try:
            return dspy.Prediction(reply=self.step(**inputs))
        except Unreadable as problem:
            return dspy.Prediction(unreadable=str(problem))
        except UserError as problem:
            raise Stopped(problem) from problem


class SkillProgram(dspy.Module):  # type: ignore[name-defined, misc]
    """Drafts one skill for the fleet with these categories and skills (descriptions by name and by id). Each step is an
    attribute of its name."""

    def __init__(self, settings: ModelSettings, categories: Mapping[str, str], neighbours: Mapping[str, str]) -> None:
        super().__init__()
        self.settings, self.fleet = settings, (dict(categories), dict(neighbours))
        self.steps = load_steps(settings.programs)

    def forward(self, task: str, documents: Sequence[Document] = (), path: str | None = None) -> Any:
        """Return a prediction with the `draft`, its `files` by path and the `record` of the run. Nobody is asked."""
        sources, (categories, neighbours) = tuple(documents), self.fleet
        drafter = DspyDrafter(ModelClient(self.settings, steps=self.steps), categories, neighbours)
        draft = drafter.draft(drafter.understand(task, sources, path, new=True).brief, sources)
        return dspy.Prediction(draft=draft, files=draft.files, record=drafter.record)
