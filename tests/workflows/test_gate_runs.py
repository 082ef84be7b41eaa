"""The workflow `gate`, run: the App's check of a commit, for forks and merge queues as well."""

from __future__ import annotations

from typing import Any

import pytest

from gitbed import Bed, skill
from workflows.acting import Run, Stage, needs_act

pytestmark = needs_act

APP = ["SKILL_FLEET_APP_CLIENT_ID=Iv1"]
GOOD = skill("wheels", "Builds and uploads binary archives. Use when a release needs one for each platform.")


def gate(stage: Stage, clone: Bed, head: str, variables: list[str] = APP, **facts: str) -> tuple[Run, dict[str, str]]:
    """What came of a run of `check` on `head`, and what was reported."""
    event: dict[str, Any] = {"event": "pull_request", "conclusion": "success", "head_sha": head, **facts}
    run = stage.run(clone, "gate", "workflow_run", {"action": "completed", "workflow_run": event}, variables)
    posted = [words for words in run.asked if any(word.endswith("/check-runs") for word in words)]
    return run, dict(word.split("=", 1) for words in posted for word in words if "=" in word)


@pytest.mark.parametrize("where", ["branch", "fork", "queue"])
def test_a_good_commit(stage: Stage, origin_and_fleet: tuple[Bed, Bed], where: str) -> None:
    """It is green wherever the commit is: a fork's is fetched by its id, one of a queue has main in it."""
    origin, clone = origin_and_fleet
    head = origin.commit_to("topic", {"skills/python/wheels/SKILL.md": GOOD})
    ref = {"branch": "refs/heads/topic", "fork": "refs/pull/5/head", "queue": "refs/heads/gh-readonly-queue/main/x"}[
        where
    ]
    origin.git("update-ref", "-d", "refs/heads/topic")
    origin.git("update-ref", ref, head)
    if where != "fork":
        clone.git("fetch", "--quiet", "origin")

    run, posted = gate(stage, clone, head)

    assert run.jobs == {"report": "succeeded"}, run.log
    assert (posted["name"], posted["head_sha"], posted["conclusion"]) == ("gate", head, "success")


@pytest.mark.parametrize(
    ("text", "conclusion"), [(GOOD, "failure"), ("No front matter.\n", "success")], ids=["check failed", "check lied"]
)
def test_a_bad_commit(stage: Stage, origin_and_fleet: tuple[Bed, Bed], text: str, conclusion: str) -> None:
    """Both have to agree: a change of the workflow that makes `check` green does not make this one green."""
    origin, clone = origin_and_fleet
    head = origin.commit_to("topic", {"skills/python/wheels/SKILL.md": text})
    clone.git("fetch", "--quiet", "origin")

    run, posted = gate(stage, clone, head, conclusion=conclusion)

    assert (posted["conclusion"], posted["head_sha"]) == ("failure", head), run.log


def test_without_an_app(stage: Stage, origin_and_fleet: tuple[Bed, Bed]) -> None:
    """Nothing runs."""
    _, clone = origin_and_fleet
    run, posted = gate(stage, clone, clone.tip("main"), [])
    assert (run.jobs, posted) == ({}, {}), run.log
