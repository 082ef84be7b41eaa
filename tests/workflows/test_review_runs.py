"""The workflow `review`, run with a stand-in for the tool: who gets what from whom, and what is refused on the way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitbed import Bed, skill
from workflows.acting import Run, Stage, needs_act

pytestmark = needs_act

DISPATCH = {"inputs": {"pull": "5"}, "repository": {"default_branch": "main"}}
ANSWER = {"action": "AnswerAction", "key": "refine:line/31", "target": "line/31", "outcome": "done", "text": "Done."}
PLAN = {"number": 5, "head_oid": "a" * 40, "actions": [ANSWER, {"action": "StatusAction", "body": "As it is."}]}
WORDS = {"plan": "1" * 64, "files": {"SKILL.md": "New."}, "replies": []}
APPLY = "apply-as-workflow"

_TOOL = """#!@PYTHON@
import json, os, shutil, subprocess, sys
from pathlib import Path
words, scene = sys.argv[1:], Path("@STORE@").parent
if words[:2] == ["review", "fetch"]:
    Path(words[words.index("--output") + 1]).write_text("{}")
elif words[:2] == ["review", "decide"]:
    shutil.copy(scene / "plan.json", words[words.index("--output") + 1])
elif words[:2] == ["review", "write"]:
    assert Path(words[words.index("--snapshot") + 1]).read_text() == "{}" and Path(words[2]).exists()
    (scene / "model.json").write_text(json.dumps([os.environ["SKILL_FLEET_MODEL"], os.environ["SKILL_FLEET_MODEL_KEY"]]))
    shutil.copy(scene / "words.json", words[words.index("--output") + 1])
elif words[:2] == ["review", "apply"]:
    got = [json.loads(Path(word).read_text()) if word.endswith(".json") else word for word in words[2:]]
    (scene / "applied.json").write_text(json.dumps([os.environ.get("SKILL_FLEET_MODEL_KEY"), *got]))
else:
    sys.exit(subprocess.call(["@PYTHON@", "-c", "from skill_fleet.cli.main import run; run()", *words]))
"""


class Scene:
    """One run of `review` with a plan, and what a job with a model makes of it."""

    def __init__(self, stage: Stage, clone: Bed) -> None:
        self.stage, self.clone = stage, clone
        stage.program("skill-fleet", _TOOL)
        python = stage.bin / "python"  # here the tool is the stand-in, so nothing is to be installed
        python.write_text(python.read_text(encoding="utf-8").replace('"-m pip install"*)', '"-m pip install"*) exit 0'))

    def run(self, plan: Any, words: Any = None, model: str = "", job: str = "") -> tuple[Run, Any]:
        """What came of it, and what the tool was told to apply (None: nothing), after the model's key, which it must not see.

        Without `words` the job of the model, if there is one, fails. With `job` only it and those that it needs run.
        """
        (self.stage.folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
        if words:
            (self.stage.folder / "words.json").write_text(json.dumps(words), encoding="utf-8")
        variables = [f"SKILL_FLEET_MODEL={model}"] if model else []
        secrets = ["SKILL_FLEET_MODEL_KEY=top-secret"]
        run = self.stage.run(self.clone, "review", "workflow_dispatch", DISPATCH, variables, job, secrets)
        applied = self.stage.folder / "applied.json"
        return run, json.loads(applied.read_text()) if applied.exists() else None


@pytest.fixture
def scene(stage: Stage, origin_and_fleet: tuple[Bed, Bed]) -> Scene:
    """A fleet on main, and a draft of the bot."""
    origin, clone = origin_and_fleet
    text = skill("typing", "Writes annotations for functions. Use when a checker is switched on for old code.")
    head = origin.commit_to("draft/typing", {"skills/python/typing/SKILL.md": text})
    clone.git("fetch", "--quiet", "origin")
    repo = {"id": 1}
    stage.answer({"api repos/": {"state": "open", "head": {"sha": head, "repo": repo}, "base": {"repo": repo}}})
    return Scene(stage, clone)


def test_without_a_model(scene: Scene) -> None:
    """Eyes on what is answered, the plan is carried out, and the head gets its status."""
    run, applied = scene.run(PLAN)

    assert run.jobs == dict.fromkeys(["plan", "ack", "apply", "status"], "succeeded"), run.log
    assert applied == [None, PLAN]
    (reaction,) = run.told("api", "--silent", "--method", "POST")[:1]
    assert reaction[4].endswith("/pulls/comments/31/reactions") and reaction[-1] == "content=eyes"
    assert "state=success" in next(words for words in run.asked if "context=gate" in words)


def test_with_a_model(scene: Scene) -> None:
    """Its job has the key and both files; what it wrote goes beside the plan, to a job without the key."""
    run, applied = scene.run(PLAN, WORDS, "some/model", APPLY)

    assert run.jobs == dict.fromkeys(["plan", "write", "apply"], "succeeded"), run.log
    assert applied == [None, PLAN, "--words", WORDS]
    assert json.loads((scene.stage.folder / "model.json").read_text()) == ["some/model", "top-secret"]
    assert "top-secret" not in run.log


def test_model_that_comes_to_no_end(scene: Scene) -> None:
    """What needs no words is carried out all the same, and what does is answered with that."""
    run, applied = scene.run(PLAN, None, "some/model", APPLY)

    assert run.jobs == {"plan": "succeeded", "write": "failed", "apply": "succeeded"}, run.log
    assert applied == [None, PLAN, "--unwritten"]


def test_broken_head_gets_a_red_status(scene: Scene, origin_and_fleet: tuple[Bed, Bed]) -> None:
    """The status is what the check would say of the merge with main, also when there is nothing to apply."""
    origin, clone = origin_and_fleet
    head = origin.commit_to("draft/typing", {"skills/python/typing/SKILL.md": "No front matter.\n"})
    clone.git("fetch", "--quiet", "origin")
    repo = {"id": 1}
    scene.stage.answer({"api repos/": {"state": "open", "head": {"sha": head, "repo": repo}, "base": {"repo": repo}}})

    run, applied = scene.run({**PLAN, "actions": []})

    assert run.jobs == dict.fromkeys(["plan", "status"], "succeeded"), run.log
    assert applied is None
    assert "state=failure" in next(words for words in run.asked if "context=gate" in words)
