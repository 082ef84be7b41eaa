"""What happens to a pull request between the decision and its being carried out: no ref moves that should not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from review.scenes import FOLDER, GRACE, Scene, suggest
from review.stops import FAILURES
from skill_fleet.forges import CommitAction, StaleHead
from skill_fleet.review import apply, decide, step

Scenes = Callable[..., Scene]


@pytest.mark.parametrize("between", ["push", "delete", "close", "edit", "hide", "retarget", "resolve", "rewind"])
def test_what_changes_between_decide_and_apply_stops_every_ref(scene: Scenes, between: str) -> None:
    """Moved, rewound, deleted, retargeted, closed, edited, withdrawn: the branch stays where it is."""
    one = scene("lone", "opened")
    thread = suggest(one)
    forge, grace, bed = one.forge(ids="a"), one.forge(GRACE, ids="2"), one.truth
    snapshot = forge.snapshot(1)
    plan = decide(snapshot)
    assert isinstance(plan.actions[0], CommitAction)
    if between == "push":
        bed.commit_to("draft/x", {f"{FOLDER}/more.md": "more\n"})
    elif between == "rewind":
        bed.git("update-ref", "refs/heads/draft/x", f"{snapshot.head_oid}~")
    elif between == "delete":
        bed.git("update-ref", "-d", "refs/heads/draft/x")
    elif between == "close":
        grace.close(1)
    elif between == "edit":
        grace.edit(1, thread, "Never mind.")
    elif between == "hide":
        grace.delete(1, thread)
    elif between == "resolve":
        grace.resolve(1, thread)
    else:
        plan = replace(plan, base="other")
    before = {name: oid for name, oid in bed.refs().items() if name.startswith("refs/heads/")}
    with pytest.raises(StaleHead):
        apply(forge.repo, forge, plan)
    assert {name: oid for name, oid in bed.refs().items() if name.startswith("refs/heads/")} == before
    step(forge.repo, forge, 1)
    assert decide(forge.snapshot(1)).actions == ()


@pytest.mark.parametrize(
    "wrong", [{"repository": "b" * 40}, {"head_oid": "b" * 40}, {"number": 2}, {"state": "closed"}]
)
def test_a_plan_of_something_else_writes_nothing(scene: Scenes, wrong: dict[str, Any]) -> None:
    """A plan of another repository, head, number or state is refused before any write."""
    one = scene("lone", "suggestion")
    forge = one.forge(ids="a")
    plan = replace(decide(forge.snapshot(1)), **wrong)
    before = one.truth.refs()
    with pytest.raises(FAILURES):
        apply(forge.repo, forge, plan)
    assert one.truth.refs() == before


def test_a_flag_needs_its_request_still_to_be_there(scene: Scenes) -> None:
    """A cancel that was edited away before it was carried out closes nothing."""
    one = scene("lone", "opened")
    ada = one.forge(GRACE, ids="1")
    asked = ada.comment(1, "/cancel")
    forge = one.forge(ids="a")
    plan = decide(forge.snapshot(1))
    ada.edit(1, asked, "On second thought, no.")
    apply(forge.repo, forge, plan)
    assert forge.snapshot(1).state == "open"
