"""The workflow `nightly`, run: one issue, opened, rewritten and closed."""

from __future__ import annotations

from typing import Any

import pytest

from gitbed import Bed, skill
from workflows.acting import Stage, needs_act
from workflows.reading import workflow

pytestmark = needs_act

BOT, ADA = {"login": "github-actions[bot]"}, {"login": "ada"}
OURS = {"number": 8, "user": BOT, "body": "<!-- skill-fleet: nightly -->\nThe nightly run found errors"}
OTHER = {"number": 3, "user": BOT, "body": "Look: <!-- skill-fleet: nightly -->"}
THEIRS = {**OURS, "number": 2, "user": ADA}
EMPTY = {"number": 1, "user": BOT, "body": None}


def test_broken_fleet_opens_the_issue(stage: Stage, origin_and_fleet: tuple[Bed, Bed]) -> None:
    """What the check finds at night is in one issue, as code."""
    _, clone = origin_and_fleet
    clone.commit("Break it", {"skills/python/packaging/SKILL.md": skill("other")})
    stage.answer({"api --paginate": [OTHER]})

    run = stage.run(clone, "nightly", "schedule", {})

    assert run.jobs == {"check": "succeeded", "issue": "succeeded"}, run.log
    (call,) = run.told("issue")
    assert call[1:3] == ["create", "--title"]


@pytest.mark.parametrize(
    ("outcome", "there", "told"),
    [
        pytest.param("failure", [EMPTY, THEIRS, {**OURS, "number": 10}, OTHER, OURS], ["edit", "8"], id="rewritten"),
        pytest.param("success", [OTHER, OURS], ["close", "8"], id="closed"),
        pytest.param("success", [OTHER], [], id="nothing to say"),
    ],
)
def test_one_issue(stage: Stage, outcome: str, there: list[dict[str, Any]], told: list[str]) -> None:
    """It is found by its author and its first line, not by words that anybody may write."""
    stage.answer({"api --paginate": there})
    (stage.folder / "skill-fleet-report.txt").write_text("::error::no command\n", encoding="utf-8")
    (step,) = (step for step in workflow("nightly")["jobs"]["issue"]["steps"] if "run" in step)

    calls = stage.script(step["run"], {"OUTCOME": outcome, "RUN": "https://a.example/1"})

    assert [words[1:3] for words in calls if words[0] == "issue"] == ([told] if told else [])
    if told[:1] == ["edit"]:
        body = (stage.folder / "body.md").read_text(encoding="utf-8")
        assert body.startswith("<!-- skill-fleet: nightly -->\n") and "\n    ::error::no command\n" in body
