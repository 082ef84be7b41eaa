"""The workflow `check`, run: what a pull request gets to see."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gitbed import FLEET, Bed, make_origin_and_clone, skill
from workflows.acting import Stage, github_files, needs_act
from workflows.reading import ROOT

pytestmark = needs_act

GOOD = skill("wheels", "Builds and uploads binary archives. Use when a release needs one for each platform.")
BAD = GOOD.replace("name: wheels", "name: Wheels\nstars: '1'") + "\n::error::from the skill\n"
PULL = {"action": "synchronize", "number": 7, "pull_request": {"number": 7, "base": {"ref": "main"}}}


def put_on_test_merge(bed: Bed, files: dict[str, str | bytes | None]) -> None:
    """Put the clone on the test merge of a change, as GitHub would."""
    bed.git("switch", "--quiet", "--create", "topic", "origin/main")
    bed.commit("Change", files)
    bed.git("switch", "--quiet", "--detach", "origin/main")
    bed.git("merge", "--quiet", "--no-ff", "--message", "Test merge", "topic")


def test_good_pull_request_is_green(stage: Stage, origin_and_fleet: tuple[Bed, Bed]) -> None:
    """A valid skill passes, the summary says so, and its page can be downloaded."""
    _, clone = origin_and_fleet
    put_on_test_merge(clone, {"skills/python/wheels/SKILL.md": GOOD})

    run = stage.run(clone, "check", "pull_request", PULL)

    assert run.jobs == {"skills": "succeeded", "preview": "succeeded", "gate": "succeeded"}, run.log
    assert (stage.store / "preview/skills/python/wheels/index.html").is_file()
    assert (stage.store / "preview/.well-known/agent-skills/index.json").is_file()


def test_bad_pull_request_is_red(stage: Stage, origin_and_fleet: tuple[Bed, Bed]) -> None:
    """A broken skill fails, on its line; what it says is no command."""
    _, clone = origin_and_fleet
    put_on_test_merge(clone, {"skills/python/wheels/SKILL.md": BAD})

    run = stage.run(clone, "check", "pull_request", PULL)

    assert run.jobs == {"skills": "failed", "gate": "failed"}, run.log
    assert "::error file=skills/python/wheels/SKILL.md,line=2,col=7,title=spec/name" in run.log
    assert "## 1 skill checked: 2 errors" in run.log and "-stars: '1'" in run.log, "the summary has a patch, too"
    assert "::stop-commands::" in run.log


def test_retargeted_pull_request_is_judged_against_its_new_base(
    stage: Stage, origin_and_fleet: tuple[Bed, Bed]
) -> None:
    """A test merge that was made with another branch is refused: it would be judged by the wrong base."""
    origin, clone = origin_and_fleet
    origin.commit_to("stack", {"skills/python/other/SKILL.md": skill("other")})
    clone.git("fetch", "--quiet", "origin")
    clone.git("switch", "--quiet", "--create", "topic", "origin/stack")
    clone.commit("Change", {"skills/python/wheels/SKILL.md": GOOD})
    clone.git("switch", "--quiet", "--detach", "origin/stack")
    clone.git("merge", "--quiet", "--no-ff", "--message", "Test merge", "topic")

    run = stage.run(clone, "check", "pull_request", PULL)

    assert run.jobs == {"skills": "failed", "gate": "failed"}, run.log
    assert "not with the target branch yet" in run.log


def test_merge_queue_and_main(stage: Stage, origin_and_fleet: tuple[Bed, Bed]) -> None:
    """In the queue the change is checked again; on main, everything."""
    _, clone = origin_and_fleet
    put_on_test_merge(clone, {"skills/python/wheels/SKILL.md": BAD})
    queued = {"merge_group": {"base_sha": clone.tip("origin/main"), "head_sha": clone.tip()}}

    assert stage.run(clone, "check", "merge_group", queued).jobs == {"skills": "failed", "gate": "failed"}
    clone.git("switch", "--quiet", "main")
    assert stage.run(clone, "check", "push", {"ref": "refs/heads/main"}).jobs == {
        "skills": "succeeded",
        "gate": "succeeded",
    }


@pytest.fixture
def own(tmp_path: Path) -> Bed:
    """A clone of a repository that has the tool itself, as this one."""
    origin, clone = make_origin_and_clone(tmp_path / "own", {**FLEET, **github_files()})
    for name in ("tooling", "schemas"):
        shutil.copytree(ROOT / name, clone.path / name, ignore=shutil.ignore_patterns("__pycache__"))
    clone.git("config", "remote.origin.url", str(origin.path))
    clone.commit("The tool")
    clone.git("push", "--quiet", "origin", "HEAD:main")
    return clone


def test_new_tool_can_only_add_red(stage: Stage, own: Bed) -> None:
    """A change of the tool is checked by the old one, and by the new one in a job of its own."""
    put_on_test_merge(own, {"tooling/skill_fleet/cli/main.py": "raise SystemExit(1)\n"})

    run = stage.run(own, "check", "pull_request", PULL, job="new-tool")

    assert run.jobs == {"skills": "succeeded", "new tool": "failed"}, run.log


def test_change_cannot_loosen_its_own_gate(stage: Stage, own: Bed) -> None:
    """In the tool's own repository: a change that makes the checks say nothing is checked by those of the base."""
    outcome = (ROOT / "tooling/skill_fleet/checks/rule.py").read_text(encoding="utf-8")
    blind = outcome.replace("return bool(self.findings if strict else self.errors)", "return False")
    assert blind != outcome
    action = str(github_files()[".github/actions/skill-fleet/action.yml"]).replace('exit "$status"', "exit 0")
    put_on_test_merge(
        own,
        {
            "skills/python/wheels/SKILL.md": BAD,
            "tooling/skill_fleet/checks/rule.py": blind,
            ".github/actions/skill-fleet/action.yml": action,
            "pip.py": "raise SystemExit(0)\n",
        },
    )

    run = stage.run(own, "check", "pull_request", PULL, job="skills")

    assert run.jobs["skills"] == "failed", run.log
    assert "spec/name" in run.log
