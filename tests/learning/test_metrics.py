"""How edits and verdicts are scored."""

from __future__ import annotations

from typing import Any

import pytest

import gitbed
from learning.knots import skill_text
from skill_fleet.fleet import fleet_at
from skill_fleet.learning import METRICS, Planting, edit_score, triage_score

TEXT = skill_text("knots")
GOLD = {
    "skill": "python/knots",
    "before": {"SKILL.md": TEXT.replace("30 seconds", "300 seconds")},
    "after": {"SKILL.md": TEXT},
}


def _edit(old: str, new: str, label: str = "F1") -> Any:
    from skill_fleet.model.prompts import SkillEdit

    return SkillEdit(id=label, file="SKILL.md", old=old, new=new)


@pytest.mark.parametrize(
    ("edits", "least", "most"),
    [
        ([_edit("300 seconds", "30 seconds")], 1, 1),
        ([_edit("300 seconds", "40 seconds")], 1, 1),
        ([], 0, 0),
        ([_edit("nowhere", "x")], 0, 0),
        ([_edit("Coil", "Roll")], 0, 0),
        ([_edit("300 seconds", "30 seconds"), _edit("Coil", "Roll", "F2")], 0.5, 0.5),
        ([_edit("name: knots", "name: other")], 0, 0),
    ],
    ids=["the same", "the line", "none", "misplaced", "elsewhere", "too much", "breaks a rule"],
)
def test_edits(edits: list[Any], least: float, most: float) -> None:
    """Placed, clean, in the lines that people changed, and no others."""
    found = edit_score(GOLD, edits)

    assert least <= found.value <= most and bool(found.feedback) == (found.value < 1)
    assert edit_score(GOLD, (edits, [])) == found


def test_verdicts() -> None:
    """Half for the verdict, half for the files; one that is missing has neither."""
    from skill_fleet.model.prompts import Verdict

    gold = {"verdicts": {"T1": {"verdict": "change", "files": ["SKILL.md"]}, "T2": {"verdict": "none", "files": []}}}

    def said(label: str, verdict: str, *files: str) -> Verdict:
        return Verdict(thread=label, verdict=verdict, files=[*files], sections=[], reply="")  # type: ignore[arg-type]

    assert triage_score(gold, [said("T1", "change", "SKILL.md"), said("T2", "none")]).value == 1
    assert triage_score(gold, [said("T1", "change", "x.md"), said("T2", "none")]).value == 0.75
    assert triage_score(gold, [said("T1", "change", "SKILL.md")]).value == 0.5
    assert "T1" in triage_score(gold, [said("T1", "ask")]).feedback


@pytest.mark.parametrize("step", ["critique", "critique_task", "edit_task"])
def test_planted_examples_fit_their_step(step: str, fleet: gitbed.Bed) -> None:
    """They have the inputs of the step, and the right answer of the editor scores 1."""
    from skill_fleet.model import signature_of

    ours = fleet_at(fleet.repo, None)
    examples = [*Planting(ours, 30_000, step=step).examples(ours.skills[0], 3)]

    assert len(examples) == 3 and step in METRICS
    for one in examples:
        assert step != "critique" or "1| ---" in one.inputs["sources"]
        assert {*one.inputs, "refused"} == {*signature_of(step).input_fields}
        if step == "edit_task":
            old, new = (one.gold[name]["SKILL.md"] for name in ("before", "after"))
            body = old.index("# ")
            assert edit_score(one.gold, [_edit(old[body:], new[new.index("# ") :])]).value > 0.9
