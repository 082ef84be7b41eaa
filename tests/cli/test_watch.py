"""`review watch` as the runner: what it says it waits for, and the statuses that it ends with."""

from __future__ import annotations

import json
from collections.abc import Callable

import gitbed
from cli.command import fine, run

Sit = Callable[[gitbed.Identity], None]
RUNNER = ("review", "watch", "1", "--auto-approve", "--timeout=0")
SKILL = "skills/python/wheels-in-detail/SKILL.md"


def test_it_proceeds_and_waits_for_people(pulled: gitbed.Bed) -> None:
    """The preview is marked ready once, in the person's name; what is missing then is said, and the time ends with 2."""
    first = run(pulled.path, *RUNNER)
    again = run(pulled.path, *RUNNER)

    assert first.status == again.status == 2 and "is still open." in first.err
    assert "proceed:comment/" in first.out
    assert "waits for: approved (0 of 1" in first.out
    assert "proceed" not in again.out
    snapshot = json.loads(fine(pulled.path, "review", "fetch", "1"))
    assert not snapshot["draft"] and [item["body"] for item in snapshot["items"]].count("/proceed") == 1


def test_without_auto_approve_a_preview_waits(pulled: gitbed.Bed) -> None:
    """Nobody's word is given for them."""
    done = run(pulled.path, "review", "watch", "1", "--timeout=0")

    assert done.status == 2 and "waits for: /proceed" in done.out
    assert json.loads(fine(pulled.path, "review", "fetch", "1"))["draft"]


def test_completed(pulled: gitbed.Bed, as_person: Sit) -> None:
    """Merged is completed, with 0, in words and as JSON."""
    as_person(gitbed.REVIEWER)
    fine(pulled.path, "review", "approve", "1")
    fine(pulled.path, "promote", "1")

    assert run(pulled.path, *RUNNER).out.endswith("completed\n")
    told = json.loads(fine(pulled.path, *RUNNER, "--format", "json"))
    assert told == {"number": 1, "done": [], "ended": "completed", "reason": ""}


def test_failed_by_an_error(pulled: gitbed.Bed) -> None:
    """Where nobody fixes it, an error of the checks is the end, with 1 and its place; with people there, it waits."""
    pulled.git("switch", "--quiet", "draft/wheels-in-detail")
    pulled.commit("Break it", {SKILL: "no front matter\n"})
    pulled.git("push", "--quiet")

    done = run(pulled.path, *RUNNER)
    told = run(pulled.path, *RUNNER, "--format", "json")

    assert done.status == told.status == 1
    assert f"failed: the checks find an error: {SKILL}:1 spec/" in done.out
    assert json.loads(told.out)["ended"] == "failed" and "spec/" in json.loads(told.out)["reason"]
    assert run(pulled.path, "review", "watch", "1", "--timeout=0").status == 2


def test_failed_by_the_label(pulled: gitbed.Bed) -> None:
    """Somebody said that it failed: that ends it for everybody."""
    from skill_fleet.proposals import forge_here

    forge_here(pulled.repo).label(1, "failed")

    done = run(pulled.path, "review", "watch", "1", "--timeout=0")

    assert done.status == 1 and done.out.endswith("failed: it has the label failed\n")
