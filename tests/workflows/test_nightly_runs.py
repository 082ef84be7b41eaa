"""The workflow `nightly`, run: one issue, opened, rewritten and closed."""

from __future__ import annotations

from typing import Any

import pytest

from gitbed import Bed, skill
from workflows.acting import Stage, needs_act

pytestmark = needs_act

OURS = {"number": 8, "body": "<!-- skill-fleet: nightly -->\nThe nightly run found errors"}
OTHER = {"number": 3, "body": "Look: <!-- skill-fleet: nightly -->"}


@pytest.mark.parametrize(
    ("broken", "there", "told"),
    [
        pytest.param(True, [OTHER], ["create", "--title"], id="opened"),
        pytest.param(True, [OTHER, OURS], ["edit", "8"], id="rewritten"),
        pytest.param(False, [OTHER, OURS], ["close", "8"], id="closed"),
        pytest.param(False, [OTHER], [], id="nothing to say"),
    ],
)
def test_one_issue(
    stage: Stage, origin_and_fleet: tuple[Bed, Bed], broken: bool, there: list[dict[str, Any]], told: list[str]
) -> None:
    """It is found by its author and its first line, not by words that anybody may write."""
    _, clone = origin_and_fleet
    if broken:
        clone.commit("Break it", {"skills/python/packaging/SKILL.md": skill("other")})
    stage.answer({"issue list": there})

    run = stage.run(clone, "nightly", "schedule", {})

    assert run.jobs == {"check": "succeeded", "issue": "succeeded"}, run.log
    calls = [words[1:3] for words in run.told("issue") if words[1] != "list"]
    assert calls == ([told] if told else []), run.log
