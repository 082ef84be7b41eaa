"""`draft` and `review` with the tool itself: a double of GitHub on one side, a model behind an address on the other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from model.conftest import no_keys, server
from model.scripted import Scripted
from workflows.acting import Stage, fleet_files, needs_act
from workflows.test_draft_runs import labelled

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "github"))  # as its own tests do

from scene import BOT, GRACE, Scene, prepare, set_up, token_of
from session import Session

from review.scenes import NOTES
from skill_fleet.forges import Anchor

__all__ = ["no_keys", "server"]
pytestmark = needs_act


@pytest.fixture
def ready(isolated_git: None, stage: Stage, tmp_path: Path) -> Iterator[Scene]:
    """A repository on the double that has the workflows, whose tool asks the double."""
    prepare(tmp_path / "template")
    with set_up(tmp_path / "template", tmp_path / "scene") as scene:
        scene.origin.git("update-ref", "-d", "refs/heads/draft/x")
        scene.clone.commit("Have workflows", fleet_files())
        scene.clone.git("push", "--quiet", "origin", "main")
        stage.environment(
            {name: value for name, value in scene.double.environment("").items() if value} | {"NO_PROXY": "127.0.0.1"}
        )
        yield scene


@pytest.fixture
def drafted(ready: Scene) -> Scene:
    """The same with a draft of the bot as pull request 1."""
    session = Session(ready)
    session.open()
    session.turn()
    return ready


@pytest.mark.parametrize(
    ("settings", "opened", "said"),
    [
        pytest.param({}, [True], "The draft is #1.", id="a draft"),
        pytest.param({"lacks_drafts": True}, [False], "The draft is #1.", id="no drafts in this plan"),
        pytest.param({"can_approve_pull_request_reviews": False}, [], "actions/permissions/workflow", id="not allowed"),
    ],
)
def test_draft(stage: Stage, ready: Scene, settings: dict[str, bool], opened: list[bool], said: str) -> None:
    """The label opens a pull request, a normal one where there are no drafts; or the issue hears what to set."""
    ready.world.settings |= settings
    stage.answer({"api repos/": {"permission": "write", "user": {"id": 32}}})

    run = stage.run(ready.clone, "draft", "issues", labelled(), secrets=[f"GITHUB_TOKEN={token_of(BOT)}"])

    assert [pull.draft for pull in ready.world.pulls.values()] == opened, run.log
    (comment,) = run.told("api", "--silent", "--method", "POST")
    assert said in comment[-1]


def test_words_of_a_model_are_applied(stage: Stage, drafted: Scene, server: Scripted) -> None:
    """A reviewer's words become one commit on the draft and one answer; the key goes to the model and nowhere else."""
    scene, (number, pull) = drafted, next(iter(drafted.world.pulls.items()))
    key = scene.forge(GRACE).comment_on(number, "Please replace `two` with `zwei`.", Anchor(NOTES, "", 2, 2))
    before = scene.origin.tip(pull.head)
    variables = ["SKILL_FLEET_MODEL=openai/small-model", f"SKILL_FLEET_API_BASE={server.address}"]
    secrets = [f"GITHUB_TOKEN={token_of(BOT)}", "SKILL_FLEET_MODEL_KEY=the-model-key"]
    dispatch = {"inputs": {"pull": str(number)}, "repository": {"default_branch": "main"}}

    run = stage.run(scene.clone, "review", "workflow_dispatch", dispatch, variables, secrets=secrets)

    assert run.jobs == dict.fromkeys(["plan", "ack", "write", "apply", "status"], "succeeded"), run.log
    assert set(server.authorizations) == {"Bearer the-model-key"}
    assert scene.origin.git("rev-list", "--count", f"{before}..{pull.head}") == "1"
    assert scene.origin.read(pull.head, NOTES) == "one\nzwei\nthree"
    trailers = scene.origin.git("log", "-1", "--format=%(trailers:only)", pull.head)
    assert "Addresses: " in trailers and "Drafted-by: " in trailers
    replies = [
        item.body for item in scene.forge(GRACE).snapshot(number).items if "zwei" in item.body and item.key != key
    ]
    assert len(replies) == 1, replies
    assert "the-model-key" not in run.log and "the-model-key" not in str(scene.world.pulls)
