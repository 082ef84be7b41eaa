"""The workflow `doorbell`, run: who can ring, and for what."""

from __future__ import annotations

import time
from typing import Any

import pytest

from gitbed import Bed
from workflows.acting import Stage, needs_act

pytestmark = needs_act

BOT, OTHER, HERE, FORK = 41898282, 7, {"id": 1}, {"id": 2}
REPOSITORY = {"id": 1, "full_name": "o/r", "default_branch": "main"}
RING = ["workflow", "run", "review.yml", "--field"]


def pull(number: int = 5, author: int = BOT, repo: dict[str, int] | None = HERE, age: float = 0) -> dict[str, Any]:
    """A pull request as the API gives it, `age` hours old; a fork that was deleted has no repository."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - age * 3600))
    return {"number": number, "user": {"id": author}, "head": {"repo": repo}, "base": {"repo": HERE}, "updated_at": at}


def comment(author: int = BOT, sender: str = "User", on_pull: bool = True) -> dict[str, Any]:
    """Somebody comments in the conversation of an issue or a pull request."""
    issue = {"number": 5, "user": {"id": author}, **({"pull_request": {"url": "there"}} if on_pull else {})}
    body = "$(touch pwned)\n`id`"
    return {
        "action": "created",
        "issue": issue,
        "comment": {"body": body},
        "sender": {"type": sender},
        "repository": REPOSITORY,
    }


def review(author: int = BOT, repo: dict[str, int] = HERE) -> dict[str, Any]:
    """Somebody reviews a pull request; a review may have no text."""
    return {
        "action": "submitted",
        "review": {"body": None},
        "pull_request": pull(5, author, repo),
        "sender": {"type": "User"},
        "repository": REPOSITORY,
    }


@pytest.mark.parametrize(
    ("event", "payload", "rings"),
    [
        pytest.param("issue_comment", comment(), True, id="comment on the bot's pull request"),
        pytest.param("pull_request_review", review(), True, id="review of it"),
        pytest.param("issue_comment", comment(sender="Bot"), False, id="the bot's own comment"),
        pytest.param("issue_comment", comment(on_pull=False), False, id="comment on an issue"),
        pytest.param("issue_comment", comment(author=OTHER), False, id="comment on a person's pull request"),
        pytest.param("pull_request_review", review(author=OTHER), False, id="review of a person's pull request"),
        pytest.param("pull_request_review", review(repo=FORK), False, id="review of a fork's"),
    ],
)
def test_who_rings(
    stage: Stage, origin_and_fleet: tuple[Bed, Bed], event: str, payload: dict[str, Any], rings: bool
) -> None:
    """Only what is said by a person on the bot's own pull request; its number is all that is passed on."""
    stage.answer({"api repos/": pull()})

    run = stage.run(origin_and_fleet[1], "doorbell", event, payload)

    assert run.told(*RING) == ([[*RING, "pull=5"]] if rings else []), run.log
    assert run.jobs == ({"ring": "succeeded"} if rings else {})


@pytest.mark.parametrize(
    ("body", "author", "more", "rings"),
    [
        pytest.param("/eval", OTHER, {}, True, id="on a person's pull request"),
        pytest.param("/eval\n$(touch pwned)", BOT, {}, True, id="on the bot's"),
        pytest.param("Not /eval", OTHER, {}, False, id="another comment"),
        pytest.param("/eval", OTHER, {"action": "edited"}, False, id="edited"),
        pytest.param("/eval", OTHER, {"sender": {"type": "Bot"}}, False, id="by a bot"),
    ],
)
def test_evaluation(
    stage: Stage, origin_and_fleet: tuple[Bed, Bed], body: str, author: int, more: dict[str, Any], rings: bool
) -> None:
    """A new comment that begins with it rings for `eval`, with its number and that of the pull request, if there is a budget."""
    stage.answer({"api repos/": pull(author=author)})
    said = {**comment(author), "comment": {"id": 9, "body": body}, **more}

    run = stage.run(origin_and_fleet[1], "doorbell", "issue_comment", said, ["SKILL_FLEET_EVAL_BUDGET=5"])

    asked = ["workflow", "run", "eval.yml", "--field", "pull=5", "--field", "comment=9"]
    assert run.told(*asked[:3]) == ([asked] if rings else []), run.log
    off = stage.run(origin_and_fleet[1], "doorbell", "issue_comment", said)
    assert not off.told(*asked[:3]), off.log


def test_comment_on_a_pull_request_from_a_fork(stage: Stage, origin_and_fleet: tuple[Bed, Bed]) -> None:
    """A comment's event does not say where the branch is, so it is looked up."""
    stage.answer({"api repos/": pull(repo=FORK)})

    run = stage.run(origin_and_fleet[1], "doorbell", "issue_comment", comment())

    assert run.jobs == {"ring": "succeeded"} and run.told(*RING) == [], run.log


def test_schedule_rings_for_each_of_ours(stage: Stage, origin_and_fleet: tuple[Bed, Bed]) -> None:
    """After a crash nobody comments: the rounds find what is left, and what people changed of late. An App has a number of
    its own."""
    today = int(time.strftime("%w", time.gmtime()))  # of quiet ones those with this remainder may be looked at
    quiet = [number for number in range(11, 18) if number % 7 not in (today, (today + 1) % 7)]
    others = [pull(number, OTHER, FORK if number % 2 else None, age=20) for number in quiet]
    found = [pull(3, 99), *others, pull(8, 99), pull(10, OTHER, FORK)]
    stage.answer({"api --paginate repos/": found})

    run = stage.run(origin_and_fleet[1], "doorbell", "schedule", {}, ["SKILL_FLEET_BOT_ID=99"])

    assert run.told(*RING) == [[*RING, f"pull={number}"] for number in (3, 8, 10)], run.log


@pytest.mark.parametrize(("conclusion", "rings"), [("success", True), ("failure", True), ("action_required", False)])
def test_check_of_a_fork(stage: Stage, origin_and_fleet: tuple[Bed, Bed], conclusion: str, rings: bool) -> None:
    """A check that has ended rings for the pull request with its commit and repository, unless it is the bot's."""
    right, wrong = "a" * 40, "b" * 40
    rows = [pull(5, OTHER, FORK), pull(6, OTHER, FORK), pull(7, OTHER), pull(8), pull(9, OTHER, None)]
    heads = (right, wrong, right, right, right)
    found = [{**row, "head": {**row["head"], "sha": sha}} for row, sha in zip(rows, heads, strict=True)]
    stage.answer({"api --paginate repos/": found})
    checked = {"event": "pull_request", "conclusion": conclusion, "head_sha": right, "head_repository": FORK}
    payload = {"action": "completed", "workflow_run": checked, "sender": {"type": "User"}, "repository": REPOSITORY}

    run = stage.run(origin_and_fleet[1], "doorbell", "workflow_run", payload)

    assert run.told(*RING) == ([[*RING, "pull=5"]] if rings else []), run.log


def test_quiet_drafts_cost_next_to_nothing(stage: Stage, origin_and_fleet: tuple[Bed, Bed]) -> None:
    """Of fifty that nobody touches at most a seventh is looked at, once a day; what changed is looked at by two rounds."""
    stage.answer({"api --paginate repos/": [pull(number, age=300) for number in range(10, 60)] + [pull(5, age=11)]})

    run = stage.run(origin_and_fleet[1], "doorbell", "schedule", {})

    rung = [int(words[-1].removeprefix("pull=")) for words in run.told(*RING)]
    assert 5 in rung and len(rung) <= 9 and len({number % 7 for number in rung if number != 5}) <= 1, run.log
