"""The workflow `eval`, run: from a comment to a check, with an agent in its sandbox and a scripted model behind an address."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agents.provider import serving
from evals import planted
from evals.test_models import scripted
from gitbed import Bed, skill
from skill_fleet.agents import Isolation, isolations_here
from workflows.acting import Stage, needs_act

pytestmark = needs_act

DISPATCH = {"inputs": {"pull": "5", "comment": "9"}, "repository": {"default_branch": "main"}}
ON = ["SKILL_FLEET_EVAL_BUDGET=5", "SKILL_FLEET_EVAL_RUNS=1", "SKILL_FLEET_EVAL_PRICE=1 10", "SKILL_FLEET_EVAL_JOBS=2"]
MODEL = ["SKILL_FLEET_MODEL=openai/scripted-1"]


def answers(head: str, **more: Any) -> dict[str, Any]:
    """What GitHub says: of the comment, its author, the pull request, and earlier runs, all in one object."""
    facts = {
        "issue_url": "https://api.github.com/repos/o/r/issues/5",
        "body": "/eval",
        "user": {"id": 32, "login": "ada-l", "type": "User"},
        "permission": "write",
        "head": {"sha": head},
        "workflow_runs": [{"display_title": "eval 5"}, {"display_title": "eval 6"}, {"display_title": "eval 5"}],
    }
    return {"api repos/": facts | more, "api --paginate repos/": [], "api --method POST repos/": {"id": 77}}


@pytest.fixture
def fleet(origin_and_fleet: tuple[Bed, Bed]) -> tuple[Bed, Bed, str]:
    """Both, with a skill that says BLUE on main, and the head of a pull request that takes that away."""
    origin, clone = origin_and_fleet
    clone.commit(
        "Say BLUE",
        {
            f"{planted.FOLDER}/SKILL.md": skill("colours", body="Answer BLUE, whatever the question is."),
            f"{planted.FOLDER}/evals/evals.json": planted.cases(*(planted.case(n, 0) for n in range(1, 8))),
        },
    )
    clone.git("push", "--quiet", "origin", "HEAD:main")
    clone.git("switch", "--quiet", "--create", "worse")
    head = clone.commit("Say nothing", {f"{planted.FOLDER}/SKILL.md": skill("colours", body="Answer as you like.")})
    clone.git("push", "--quiet", "origin", "worse")
    clone.git("switch", "--quiet", "main")
    return origin, clone, head


@pytest.mark.skipif({*isolations_here()} <= {Isolation.NONE}, reason="there is no sandbox here")
def test_a_change_that_hurts(stage: Stage, fleet: tuple[Bed, Bed, str]) -> None:
    """It is announced, measured, confirmed and reported; nothing is pushed but the outputs; after the merge it is evidence."""
    origin, clone, head = fleet
    stage.answer(answers(head))
    before = {name: tip for name, tip in origin.refs().items() if "evals" not in name}
    with serving(scripted("follow")) as provider:
        variables = [*ON, *MODEL, f"SKILL_FLEET_API_BASE={provider.address}/v1"]
        keys = ["SKILL_FLEET_MODEL_KEY=the-key"]
        run = stage.run(clone, "eval", "workflow_dispatch", DISPATCH, variables, secrets=keys, seconds=600)

    ended = {name.partition("-")[0] for name in run.jobs}
    assert ended == {"plan", "tell", "run", "weigh", "confirm", "report"}, run.log
    assert set(run.jobs.values()) == {"succeeded"}, run.log
    assert run.asked.index(run.told("api", "--method", "POST")[0]) < run.asked.index(run.told("api", "--silent")[0])
    (check,) = run.told("api", "--silent", "--method", "POST")
    assert f"head_sha={head}" in check and "conclusion=failure" in check and "name=eval" in check
    (edit,) = run.told("api", "--silent", "--method", "PATCH")
    assert edit[4].endswith("/issues/comments/77")
    evidence = json.loads((stage.store / "evidence/evidence.json").read_text())
    assert evidence[planted.SKILL]["metadata"]["attempt"] == 2
    assert "the-key" not in run.log and "the-key" not in "".join(
        path.read_text("utf-8", "replace") for path in stage.store.rglob("*.json")
    )
    after = {name: tip for name, tip in origin.refs().items() if "evals" not in name}
    assert after == before and "refs/skill-fleet/evals/python-colours" in origin.refs()

    (stage.store / "run-3").mkdir()
    (stage.store / "evidence").rename(stage.store / "run-3" / "evidence")
    clone.git("merge", "--quiet", "worse")
    clone.git("push", "--quiet", "origin", "main")
    stage.answer({"run list": [{"databaseId": 3}, {"databaseId": 2}]})
    push = {"ref": "refs/heads/main", "repository": {"default_branch": "main"}}
    run = stage.run(clone, "catalog", "push", push, ON)
    path = f"{planted.FOLDER}/evals/evidence/lm--scripted-1.json"
    assert json.loads(origin.read("catalog", path))["attestation"]["run"] == 3, run.log
    clone.git("fetch", "--quiet", "origin")
    (found,) = planted.verified(clone)
    assert (found["status"], found["source"]) == ("fresh", "attested")
    clone.commit("More", {"skills/python/wheels/SKILL.md": skill("wheels")})
    clone.git("push", "--quiet", "origin", "main")
    run = stage.run(clone, "catalog", "push", push)
    assert origin.read("catalog", path) and "wheels" in origin.read("catalog", "skills/available_skills.xml"), run.log


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"permission": "read"}, id="read"),
        pytest.param({"body": "/evaluate this"}, id="another command"),
        pytest.param({"body": "Please\n/eval"}, id="not at the start"),
        pytest.param({"issue_url": "https://api.github.com/repos/o/r/issues/15"}, id="of another pull request"),
        pytest.param({"user": {"id": 32, "login": "bot", "type": "Bot"}}, id="a bot"),
    ],
)
def test_who_may_ask(stage: Stage, fleet: tuple[Bed, Bed, str], more: dict[str, Any]) -> None:
    """Anybody else starts no job but the first, which fails before it has checked anything out."""
    stage.answer(answers(fleet[2], **more))

    run = stage.run(fleet[1], "eval", "workflow_dispatch", DISPATCH, [*ON, *MODEL])

    assert run.jobs == {"plan": "failed"} and not run.told("api", "--method"), run.log


def test_off(stage: Stage, fleet: tuple[Bed, Bed, str]) -> None:
    """Without a budget, or without a model, it does nothing."""
    stage.answer(answers(fleet[2]))
    for variables in (MODEL, ON):
        assert stage.run(fleet[1], "eval", "workflow_dispatch", DISPATCH, variables).jobs == {}


def test_nothing_to_measure(stage: Stage, fleet: tuple[Bed, Bed, str]) -> None:
    """It says so, and no job with the key is started."""
    _, clone, _ = fleet
    clone.git("switch", "--quiet", "--create", "other")
    stage.answer(answers(clone.commit("Other", {"skills/python/wheels/SKILL.md": skill("wheels")})))
    clone.git("switch", "--quiet", "main")

    run = stage.run(clone, "eval", "workflow_dispatch", DISPATCH, [*ON, *MODEL])

    assert run.jobs == {"plan": "succeeded", "tell": "succeeded"}, run.log
    assert len(run.told("api", "--method", "POST")) == 1
