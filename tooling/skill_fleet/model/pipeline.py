"""Drafting as one DSPy program, so that an optimiser can drive all of its steps together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from skill_fleet.drafting import Document
from skill_fleet.fleet import ModelSettings
from skill_fleet.model.client import ModelClient
from skill_fleet.model.drafter import DspyDrafter
from skill_fleet.model.program import load_steps
from skill_fleet.model.run import load_dspy

dspy = load_dspy()


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
