"""How edits and verdicts are scored."""

from __future__ import annotations

from typing import Any

import pytest

import gitbed
from learning.knots import skill_text
from skill_fleet.fleet import fleet_at
from skill_fleet.learning import METRICS, Planting, describe_score, draft_score, edit_score, triage_score

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


DRAFT = {
    "skill": "python/knots",
    "sources": "",
    "after": {"SKILL.md": TEXT},
    "descriptions": [("python/knots", "knots", "It was bad."), ("python/ropes", "ropes", "Cuts ropes of hemp. Use to cut.")],
    "prompts": [
        ("tie a knot in a storm", "python/knots", True), ("untie it", "python/knots", True),
        ("cut hemp", "python/knots", False), ("cut a rope of hemp", "python/ropes", True),
    ],
}  # fmt: skip
GOOD = "Ties knots and unties them, in a storm too. Use when knots have to hold."


def _draft(description: str = GOOD, body: str = TEXT.partition("# Knots\n")[2], path: str = "SKILL.md") -> Any:
    """A reply to a draft."""
    from skill_fleet.model.prompts import Plan

    facts: dict[str, Any] = {key: [] for key in ("non_goals", "assumptions", "questions", "covered_by", "other_tasks")}
    facts |= {"audience": "", "capabilities": ["Tie"], "triggers": ["tying"], "path": "python/other"}
    files = [{"path": path, "title": "Knots", "read_when": ""}]
    return Plan(**facts, description=description, files=files), f"=== FILE SKILL.md\n{body}"  # type: ignore[arg-type]


def test_drafts() -> None:
    """Rules, lines that were merged, and prompts that are led right count the same; what is no draft scores 0."""
    good, odd = (
        draft_score(DRAFT, _draft()),
        draft_score(DRAFT, _draft(body="Wait 30 seconds before you pull. Or not.\n")),
    )

    assert good.seen["without errors"] == 1 and good.of["lines"] - good.seen["lines"] == 1, "the description is another"
    assert good.seen["prompts"] == good.of["prompts"] == 3 and 0.9 < good.value < 1 and "Ties knots" in good.feedback
    assert odd.seen["lines"] < odd.of["lines"] and good.value > odd.value
    assert draft_score(DRAFT, _draft(description="")).seen["without errors"] == 0
    assert draft_score({**DRAFT, "prompts": []}, _draft()).of["prompts"] == 0
    none = draft_score(DRAFT, _draft(path="../x.md"))
    assert none.value == 0 and "../x.md" in none.feedback


def test_descriptions() -> None:
    """The skill's prompts should lead to it among those of the fleet, and no others."""
    assert describe_score(DRAFT, GOOD).value == 1
    assert describe_score(DRAFT, "Sails.").value == 2 / 3, "its name leads some"
    greedy = describe_score(DRAFT, f"{GOOD} Cut, cuts or cutting a rope or ropes of hemp, hemp and more hemp.")
    assert greedy.value < 1 and "Leads to it: cut" in greedy.feedback
