"""A wish that is more than one skill, and one that a skill covers already."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import gitbed
from cli.command import fine, refused, run
from cli.terminal import sitting
from model.scripted import Exchange, Scripted
from model.skills import planned

DOC = ("create", "Build wheels, and build boats.", "--from", "../wheels.md")


def several(one: Exchange) -> None:
    """Finds two skills in the first task, one in the other."""
    boats = "Build boats" in one.fields["task"][:12]
    other = [] if boats else ["Build boats @here."]
    planned(path=f"python/{'boats' if boats else 'wheels'}", other_tasks=other)(one)


covered = planned(covered_by=["python/packaging"])


def test_other_tasks_are_named_and_not_drafted(lone: gitbed.Bed, model: Scripted) -> None:
    """One skill was asked for in so many words: the other is named, with the option that drafts it too."""
    model.always["draft"] = several

    done = run(lone.path, *DOC)

    assert done.status == 0 and "Drafted python/wheels" in done.out and "python/boats" not in done.out
    assert "was not drafted (--all-tasks): Build boats" in done.err and model.counts["draft"] == 1
    assert not lone.git("for-each-ref", "refs/heads/draft/boats")


def test_at_a_terminal_a_yes_drafts_the_other(lone: gitbed.Bed, model: Scripted) -> None:
    """Asked, and answered with yes."""
    model.always["draft"] = several

    with sitting(lone.path, *DOC) as seat:
        seat.sees("Another skill: Build boats")
        seat.sees("3. Other")
        seat.types("1", "\r")
        assert seat.leaves() == 0, seat.shown

    assert "Drafted python/boats" in seat.shown


def test_a_pull_request_for_each(lone: gitbed.Bed, model: Scripted) -> None:
    """Two skills in one task are two branches and two pull requests; a second run asks nobody."""
    model.always["draft"] = several

    out = fine(lone.path, *DOC, "--all-tasks")
    asked = len(model.asked)
    again = json.loads(fine(lone.path, *DOC, "--all-tasks", "--format", "json"))

    assert "Drafted python/wheels" in out and "Drafted python/boats" in out and "pull request #2" in out
    assert len(model.asked) == asked and model.counts["draft"] == 2
    assert (again["number"], again["further"][0]["number"], again["further"][0]["skill"]) == (1, 2, "python/boats")
    said = lone.git("log", "-1", "--format=%B", "draft/wheels")
    assert "Another skill was asked for: Build boats" in said and "@here" not in said, "also in its trailer"


def test_one_that_fails_stops_no_other(lone: gitbed.Bed, model: Scripted) -> None:
    """The first is there, the second is said to have failed; run again, only that one is asked for."""
    model.always["draft"] = several
    model.script["draft", 2] = lambda one: setattr(one, "status", 401)

    done = run(lone.path, *DOC, "--all-tasks")

    assert done.status == 2 and "Drafted python/wheels" in done.out and "note: It was not drafted:" in done.err
    assert "Drafted python/boats" in fine(lone.path, *DOC, "--all-tasks") and model.counts["draft"] == 3


def test_both_are_in_the_record(
    lone: gitbed.Bed, model: Scripted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One file holds what was said for both, and both are drafted from it again."""
    tape = str(tmp_path / "tape")
    model.always["draft"] = several
    once = fine(lone.path, *DOC, "--all-tasks", "--dry-run", "--record", tape)
    monkeypatch.delenv("SKILL_FLEET_API_BASE")

    again = fine(lone.path, *DOC, "--all-tasks", "--dry-run", "--replay", tape)

    assert again.count("Nothing was written.") == once.count("Nothing was written.") == 2


def test_a_model_finds_it_covered(lone: gitbed.Bed, model: Scripted) -> None:
    """No second skill for the same task: the command that revises the one that is there."""
    model.always["draft"] = covered

    refused(
        lone.path, *DOC, error="python/packaging covers this already.", tip_works=False,
        tip="skill-fleet revise python/packaging 'Build wheels, and build boats.' --from ../wheels.md",
    )  # fmt: skip
    assert model.counts.keys() == {"draft"}
    done = run(lone.path, *DOC, "--new")
    assert done.status == 0 and "Drafted api/scripted-skill" in done.out
    assert "note: python/packaging may cover this already." in done.err


def test_at_a_terminal_it_is_revised(lone: gitbed.Bed, model: Scripted) -> None:
    """Asked, and answered with yes, the same wish becomes a revision."""
    model.always["draft"] = covered
    model.always["triage"] = lambda one: one.say(
        [{"thread": "T1", "verdict": "change", "files": ["SKILL.md"], "sections": [], "reply": "Done."}]
    )
    model.always["revise"] = lambda one: one.say(
        [{"id": "T1", "file": "SKILL.md", "old": "Do it", "new": "Run the build"}]
    )

    with sitting(lone.path, *DOC) as seat:
        seat.sees("python/packaging covers this already. Revise it instead?")
        seat.types("y", "\r")
        assert seat.leaves() == 0, seat.shown

    assert "Revised python/packaging: SKILL.md" in seat.shown
    assert "Run the build" in lone.read("draft/packaging", "skills/python/packaging/SKILL.md")


def test_without_a_model_a_twin_is_found(lone: gitbed.Bed) -> None:
    """A document that is nearly a skill of the fleet is not made a second one, unless a path is given."""
    lines = "".join(f"Step {number} is to do what step {number} says.\n\n" for number in range(12))
    lone.commit("Say more", {"skills/python/packaging/SKILL.md": gitbed.skill("packaging", body=lines)})
    (lone.path.parent / "twin.md").write_text(f"# Twin of it\n\n{lines}")

    refused(
        lone.path, "create", "--from", "../twin.md", "--path", "python", error="python/packaging has nearly the same text", tip="revise",
        tip_works=False,
    )  # fmt: skip
    assert "Drafted python/twin" in fine(lone.path, "create", "--from", "../twin.md", "--path", "python/twin")


def test_the_limit_of_open_drafts_holds_before_a_model_is_asked(lone: gitbed.Bed, model: Scripted) -> None:
    """The first skill of the task is drafted, the second is one too many; a new task costs no call."""
    lone.commit("Limit", {"pyproject.toml": gitbed.pyproject() + "open-drafts = 1\n"})
    model.always["draft"] = several

    done = run(lone.path, *DOC, "--all-tasks")
    assert done.status == 2 and "Drafted python/wheels" in done.out and "`open-drafts` allows 1" in done.err
    assert model.counts["draft"] == 1

    before = sum(model.counts.values())
    refused(lone.path, "create", "Build kites.", error="`open-drafts` allows 1")
    assert sum(model.counts.values()) == before
