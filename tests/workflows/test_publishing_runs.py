"""The workflows `pages` and `release`, run: what is published, and when nothing is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gitbed import Bed, make_origin_and_clone
from workflows.acting import Stage, github_files, needs_act
from workflows.reading import ROOT

pytestmark = needs_act

PUSH = {"ref": "refs/heads/main", "repository": {"default_branch": "main"}}
PARTS = ("tooling", "schemas", "skills", "pyproject.toml", "constraints.txt", "README.md", "LICENSE")


def test_pages(stage: Stage, origin_and_fleet: tuple[Bed, Bed]) -> None:
    """The site is built and attested and deployed, once a maintainer has switched it on."""
    _, clone = origin_and_fleet
    assert stage.run(clone, "pages", "push", PUSH).jobs == {}

    assert "build" in stage.run(clone, "pages", "schedule", {}, ["SKILL_FLEET_PAGES=on"]).jobs
    run = stage.run(clone, "pages", "push", PUSH, ["SKILL_FLEET_PAGES=on", "SKILL_FLEET_ATTEST=on"])

    assert run.jobs == {"build": "succeeded", "deploy": "succeeded"}, run.log
    assert (stage.store / "pages/.well-known/agent-skills/index.json").is_file() and (
        stage.store / "attested"
    ).is_file()


@pytest.mark.parametrize("tag", ["v0.1.0", "v9.9.9"])
def test_release(stage: Stage, tmp_path: Path, tag: str) -> None:
    """A tag that is the version publishes an archive and a wheel; another publishes nothing."""
    pytest.importorskip("hatchling", reason="the build back end is not installed")
    origin, clone = make_origin_and_clone(tmp_path / "own", github_files())
    for name in PARTS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, clone.path / name)
    clone.git("config", "remote.origin.url", str(origin.path))
    clone.commit("The tool")
    clone.git("push", "--quiet", "origin", "HEAD:main")

    run = stage.run(clone, "release", "push", {**PUSH, "ref": f"refs/tags/{tag}"})

    published = stage.store / "published"
    names = sorted(published.read_text(encoding="utf-8").split()) if published.exists() else []
    wanted = ["skill_fleet-0.1.0-py3-none-any.whl", "skill_fleet-0.1.0.tar.gz"] if tag == "v0.1.0" else []
    assert names == wanted, run.log
