"""The workflow `catalog`, run: the generated files follow the skills, and nothing else changes."""

from __future__ import annotations

import pytest

from gitbed import Bed, skill
from workflows.acting import Stage, needs_act

pytestmark = needs_act

PUSH = {"ref": "refs/heads/main", "repository": {"default_branch": "main"}}
TO_MAIN = ["SKILL_FLEET_CATALOG=main"]
BY_APP = ["SKILL_FLEET_CATALOG=app", "SKILL_FLEET_APP_CLIENT_ID=Iv1"]
FILE = "skills/available_skills.xml"


def test_without_a_key_it_goes_to_a_branch(stage: Stage, origin_and_fleet: tuple[Bed, Bed]) -> None:
    """Main is left alone; the branch has main's files and the catalogue, and grows without force."""
    origin, clone = origin_and_fleet
    main = origin.tip("main")

    run = stage.run(clone, "catalog", "push", PUSH)

    assert run.jobs == {"build": "succeeded", "publish": "succeeded"}, run.log
    assert origin.tip("main") == main
    assert "<name>packaging</name>" in origin.read("catalog", FILE)
    assert set(_changed(origin, "main", "catalog")) <= {FILE, ".claude-plugin/marketplace.json"}
    first = origin.tip("catalog")
    clone.commit("More", {"skills/python/wheels/SKILL.md": skill("wheels")})
    clone.git("push", "--quiet", "origin", "HEAD:main")
    again = stage.run(clone, "catalog", "push", PUSH)
    assert again.jobs == {"build": "succeeded", "publish": "succeeded"}, again.log
    assert "<name>wheels</name>" in origin.read("catalog", FILE)
    assert origin.git("rev-list", "--parents", "--max-count=1", "catalog").split()[1:] == [first, origin.tip("main")]


def test_the_branch_follows_a_revert(stage: Stage, origin_and_fleet: tuple[Bed, Bed]) -> None:
    """What main's own copy says of it does not count: it may be right there by chance, and wrong on the branch."""
    origin, clone = origin_and_fleet
    clone.git("fetch", "--quiet", "origin")
    stage.run(clone, "catalog", "push", PUSH)
    clone.commit("As on the branch", {FILE: f"{origin.read('catalog', FILE)}\n"})
    clone.git("push", "--quiet", "origin", "HEAD:main")
    clone.commit("More", {"skills/python/wheels/SKILL.md": skill("wheels")})
    clone.git("push", "--quiet", "origin", "HEAD:main")
    stage.run(clone, "catalog", "push", PUSH)
    assert "<name>wheels</name>" in origin.read("catalog", FILE)
    clone.commit("Less", {"skills/python/wheels/SKILL.md": None})
    clone.git("push", "--quiet", "origin", "HEAD:main")

    run = stage.run(clone, "catalog", "push", PUSH)

    assert "<name>wheels</name>" not in origin.read("catalog", FILE), run.log
    last = origin.tip("catalog")
    stage.run(clone, "catalog", "workflow_dispatch", PUSH)
    assert origin.tip("catalog") == last, "nothing has changed, so nothing is committed"


@pytest.mark.parametrize("how", [TO_MAIN, BY_APP], ids=["key", "app"])
def test_with_a_key_it_goes_to_main_once(stage: Stage, origin_and_fleet: tuple[Bed, Bed], how: list[str]) -> None:
    """One commit with the generated files; the next run finds nothing to do."""
    origin, clone = origin_and_fleet

    run = stage.run(clone, "catalog", "push", PUSH, how)

    assert run.jobs == {"build": "succeeded", "commit": "succeeded"}, run.log
    assert set(_changed(origin, "main^", "main")) <= {FILE, ".claude-plugin/marketplace.json"}
    assert origin.git("log", "-1", "--format=%s", "main") == "Write the catalogue"
    clone.git("pull", "--quiet", "origin", "main")
    assert stage.run(clone, "catalog", "push", PUSH, how).jobs == {"build": "succeeded"}


@pytest.mark.parametrize(
    ("path", "written"), [("skills/python/wheels/SKILL.md", False), ("README.md", True)], ids=["skills", "others"]
)
def test_main_moves_meanwhile(stage: Stage, origin_and_fleet: tuple[Bed, Bed], path: str, written: bool) -> None:
    """When skills came in, their own run writes the catalogue and this one gives way; other commits are built upon."""
    origin, clone = origin_and_fleet
    moved = origin.commit_to("main", {path: skill("wheels")})

    run = stage.run(clone, "catalog", "push", PUSH, TO_MAIN)

    assert run.jobs == {"build": "succeeded", "commit": "succeeded"}, run.log
    assert (origin.tip("main") != moved) is written
    assert origin.tip("main^" if written else "main") == moved


def _changed(bed: Bed, old: str, new: str) -> list[str]:
    return bed.git("diff", "--name-only", old, new).splitlines()
