"""The workflow `review`, run with a stand-in for the tool: who gets what from whom, and what is refused on the way."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gitbed import Bed, skill
from workflows.acting import Run, Stage, needs_act
from workflows.reading import ACTIONS, load

pytestmark = needs_act

DISPATCH = {"inputs": {"pull": "5"}, "repository": {"default_branch": "main"}}
ANSWER = {"action": "AnswerAction", "key": "refine:line/31", "target": "line/31", "outcome": "done", "text": "Done."}
COMMIT = {
    "action": "CommitAction",
    "key": "refine:line/31",
    "within": ["skills/python/x"],
    "changes": [],
    "subject": "",
}
PLAN = {"number": 5, "head_oid": "a" * 40, "actions": [COMMIT, ANSWER, {"action": "StatusAction", "body": "As it is."}]}
WRITTEN = {**COMMIT, "changes": [{"path": "skills/python/x/SKILL.md", "content": "New."}], "subject": "Say more"}
WORDS = {**PLAN, "actions": [WRITTEN, {**ANSWER, "text": "Said more."}, PLAN["actions"][2]]}
FORGED = [
    {**PLAN, "number": 6},
    {**PLAN, "head_oid": "b" * 40},
    {**PLAN, "actions": [{**COMMIT, "within": [".github"]}, *PLAN["actions"][1:]]},
    {**PLAN, "actions": [COMMIT, {**ANSWER, "target": "line/99"}, PLAN["actions"][2]]},
    {**PLAN, "actions": [*PLAN["actions"], {"action": "FlagAction", "what": "ready", "value": ""}]},
    "no plan at all",
]

_TOOL = """#!@PYTHON@
import json, shutil, subprocess, sys
from pathlib import Path
words, scene = sys.argv[1:], Path("@STORE@").parent
if words[:2] == ["review", "fetch"]:
    Path(words[words.index("--output") + 1]).write_text("{}")
elif words[:2] == ["review", "decide"]:
    shutil.copy(scene / "plan.json", words[words.index("--output") + 1])
elif words[:2] == ["review", "write"]:
    shutil.copy(scene / "words.json", words[words.index("--output") + 1])
elif words[:2] == ["review", "apply"]:
    shutil.copy(words[2], scene / "applied.json")
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

    def run(self, plan: Any, words: Any = None) -> tuple[Run, Any]:
        """What came of it, and the plan that was applied (None: none)."""
        (self.stage.folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
        (self.stage.folder / "words.json").write_text(json.dumps(words or plan), encoding="utf-8")
        variables = ["SKILL_FLEET_MODEL=some"] if words else []
        run = self.stage.run(self.clone, "review", "workflow_dispatch", DISPATCH, variables)
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
    assert applied == PLAN
    (reaction,) = run.told("api", "--silent", "--method", "POST")[:1]
    assert reaction[4].endswith("/pulls/comments/31/reactions") and reaction[-1] == "content=eyes"
    assert "state=success" in next(words for words in run.asked if "context=gate" in words)


def test_with_a_model(scene: Scene) -> None:
    """What its job wrote is what is applied."""
    run, applied = scene.run(PLAN, WORDS)

    assert run.jobs == dict.fromkeys(["plan", "ack", "write", "apply", "status"], "succeeded"), run.log
    assert applied == WORDS


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


def test_words_that_change_the_plan_are_left_out(tmp_path: Path) -> None:
    """Texts and files may come from the job with the model; with anything else different, the plan as decided is applied."""
    (step,) = [step for step in load(ACTIONS[0])["runs"]["steps"] if step.get("name") == "Apply"]
    tool = tmp_path / "skill-fleet"
    tool.write_text('#!/bin/sh\nbasename "$(dirname "$3")"\n', encoding="utf-8")
    tool.chmod(0o755)
    environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "RUNNER_TEMP": str(tmp_path)}
    for name, content in (("plan", PLAN), ("words", None)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "plan.json").write_text(json.dumps(content), encoding="utf-8")

    for words, taken in [(WORDS, "words"), *((forged, "plan") for forged in FORGED)]:
        (tmp_path / "words/plan.json").write_text(json.dumps(words), encoding="utf-8")
        done = subprocess.run(["bash", "-eo", "pipefail", "-c", step["run"]], env=environment, capture_output=True)
        assert done.stdout.decode().splitlines()[-1] == taken, done.stderr
