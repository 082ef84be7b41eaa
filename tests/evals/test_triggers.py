"""Prompts ranked by words: what a changed description steals, loses and gains, with no model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import gitbed
from cli.command import run

GIT = "skills/python/git-rebase"
DOCKER = "skills/python/docker-images"


def triggers(topic: str, *misses: str) -> str:
    """A file of triggers: ten prompts about a topic, and ten others."""
    rows: list[dict[str, Any]] = [
        {"query": f"{topic} question {number}", "should_trigger": True} for number in range(10)
    ]
    others = [*misses, *(f"cook dinner {number}" for number in range(10))][:10]
    return json.dumps([*rows, *({"query": query, "should_trigger": False} for query in others)])


@pytest.fixture
def bed(tmp_path: Path) -> gitbed.Bed:
    """A fleet with two skills that have prompts of their own."""
    return gitbed.make_repo(
        tmp_path / "fleet",
        {
            **gitbed.FLEET,
            f"{GIT}/SKILL.md": gitbed.skill(
                "git-rebase", description="Rebases branches. Use when history is rewritten."
            ),
            f"{GIT}/evals/triggers.json": triggers("rebase branches", "shrink a container"),
            f"{DOCKER}/SKILL.md": gitbed.skill(
                "docker-images", description="Shrinks images. Use when a container is large."
            ),
            f"{DOCKER}/evals/triggers.json": triggers("shrink a container"),
        },
    )


def shifted(bed: gitbed.Bed) -> set[tuple[str, str, str]]:
    """Which skills' prompts moved, and where to."""
    rows = json.loads(run(bed.path, "eval", "triggers", "--base", "HEAD", "--format", "json").out)
    return {(row["skill"].rpartition("/")[2], row["shift"], row["leads_to"].rpartition("/")[2]) for row in rows}


def hinted(bed: gitbed.Bed) -> set[tuple[str, str]]:
    """The hints of `validate --base`: the skill and the severity."""
    data = json.loads(run(bed.path, "validate", "--base", "HEAD", "--format", "json").out)
    return {(each["skill"], each["severity"]) for each in data["findings"] if each["rule"] == "evals/triggers"}


def describe(bed: gitbed.Bed, folder: str, text: str) -> None:
    """Change a description."""
    bed.write(f"{folder}/SKILL.md", gitbed.skill(folder.rpartition("/")[2], description=text))


def test_all_prompts_lead_to_their_skill(bed: gitbed.Bed) -> None:
    """And nothing has moved while nothing changed."""
    assert "20 of 20" in run(bed.path, "eval", "triggers").out
    assert shifted(bed) == set() and hinted(bed) == set()


def test_a_changed_description_steals(bed: gitbed.Bed) -> None:
    """It gets the prompts of the other skill, and is told so."""
    describe(
        bed, DOCKER, "Rebase branches question container shrink. Use when someone has a question on rebase branches."
    )
    assert shifted(bed) == {("git-rebase", "stolen", "docker-images")}
    assert hinted(bed) == {("python/docker-images", "hint")}


def test_a_changed_description_loses(bed: gitbed.Bed) -> None:
    """Its own prompts lead elsewhere now."""
    describe(bed, DOCKER, "Makes things better. Use when somebody wants that.")
    assert {row[:2] for row in shifted(bed)} == {("docker-images", "lost")}
    assert hinted(bed) == {("python/docker-images", "hint")}


def test_what_is_gained_is_no_hint(bed: gitbed.Bed) -> None:
    """A better description is listed, and blames nobody."""
    describe(bed, DOCKER, "Makes things better. Use when somebody wants that.")
    bed.commit("Worse")
    describe(bed, DOCKER, "Shrinks images. Use when a container is large.")
    assert ("docker-images", "gained", "docker-images") in shifted(bed)
    assert hinted(bed) == set()


def test_a_near_miss_that_leads_to_the_skill_now(bed: gitbed.Bed) -> None:
    """A prompt that should not trigger it does, by its new words."""
    describe(bed, GIT, "Shrink a container.")
    assert {("git-rebase", "false", "git-rebase"), ("docker-images", "stolen", "git-rebase")} <= shifted(bed)


@pytest.mark.parametrize("text", ["", "[", "[1]", '[{"query": "x"}]', "[" * 50_000])
def test_a_broken_file_of_triggers_is_no_bug(bed: gitbed.Bed, text: str) -> None:
    """It has no prompts; that it is broken is a finding of another rule."""
    bed.write(f"{GIT}/evals/triggers.json", text)
    describe(bed, DOCKER, "Rebases branches. Use when somebody wants that.")
    assert run(bed.path, "eval", "triggers").status == 0
    assert run(bed.path, "validate", "--base", "HEAD").status in (0, 1)
