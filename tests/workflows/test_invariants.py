"""What must hold of every workflow, whoever edits it next (invariant 12 of the review session, and the habits around it)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from skill_fleet.founding import REQUIRED_CHECK
from workflows.reading import ACTIONS, ROOT, WORKFLOWS, jobs, load, steps_of, text_of, workflow

JOBS = [pytest.param(file, name, job, id=f"{file}/{name}") for file, name, job in jobs()]
FILES = [pytest.param(file, id=file.relative_to(ROOT).as_posix()) for file in [*WORKFLOWS, *ACTIONS]]
KEY = "SKILL_FLEET_MODEL_KEY"
PRIVILEGED = ("eval", "review", "draft", "catalog", "gate", "receipts", "release")


def writes(job: Any) -> bool:
    """Whether a job has any right to write, by its token or by a key of its own."""
    granted = [right for right in job["permissions"].values() if right == "write"] if job["permissions"] != {} else []
    other = re.search(r"secrets\.(?!SKILL_FLEET_MODEL_KEY)\w+|create-github-app-token", text_of(job))
    return bool(granted or other)


@pytest.mark.parametrize(("file", "name", "job"), JOBS)
def test_model_key_and_write_token_never_meet(file: str, name: str, job: Any) -> None:
    """A job that has the model's key can write nothing, has no checkout and no token at all."""
    if KEY not in text_of(job) and job.get("environment") != "skill-fleet-model":
        return

    assert not writes(job)
    assert job["permissions"] == {}
    assert not any("actions/checkout" in step.get("uses", "") for step in steps_of(job))
    assert "github.token" not in text_of(steps_of(job)) and "GITHUB_TOKEN" not in text_of(steps_of(job))


def test_few_jobs_have_the_model_key() -> None:
    """And these exist, or the test above would hold of nothing."""
    found = [(file, name) for file, name, job in jobs() if KEY in text_of(job)]
    assert found == [("eval", "run"), ("eval", "confirm"), ("review", "write")]


@pytest.mark.parametrize("file", FILES)
def test_no_expression_in_scripts(file: Any) -> None:
    """Scripts get every value through the environment, trusted or not, so nobody has to decide which is which."""
    document = load(file)
    holders = document["jobs"].values() if "jobs" in document else [document["runs"]]
    for step in (step for holder in holders for step in holder["steps"]):
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize(("file", "name", "job"), [case for case in JOBS if case.values[0] in PRIVILEGED])
def test_privileged_jobs_run_code_of_main_uncached(file: str, name: str, job: Any) -> None:
    """They check out what they were started on, which is main; no other ref, nothing from a cache."""
    for step in steps_of(job):
        used = step.get("uses", "")
        assert not used.startswith("actions/cache"), "a cache can be filled by a run without rights"
        assert "cache" not in step.get("with", {})
        if used.startswith("actions/checkout"):
            assert not {"ref", "repository"} & set(step["with"])


def test_privileged_workflows_start_on_main_only() -> None:
    """A dispatch on another branch would run that branch's file: the first job refuses, the others need it."""
    on_main = "github.ref == format('refs/heads/{0}', github.event.repository.default_branch)"
    assert workflow("review")["jobs"]["plan"]["if"] == on_main
    assert workflow("catalog")["jobs"]["build"]["if"] == on_main
    assert workflow("receipts")["jobs"]["record"]["if"] == on_main
    for name in ("review", "draft", "catalog", "receipts"):
        document = workflow(name)
        first = next(iter(document["jobs"]))
        for job, facts in document["jobs"].items():
            reaches = _needed(document["jobs"], job)
            assert job == first or first in reaches, f"{name}/{job} does not depend on {first}"
            assert job == first or "always()" not in facts.get("if", "")
    assert set(workflow("review")["on"]) == set(workflow("eval")["on"]) == {"workflow_dispatch"}
    assert set(workflow("draft")["on"]) == {"issues"}  # whose workflow file is always main's
    assert set(workflow("gate")["on"]) == {"workflow_run"}  # and this one's


def _needed(every: Any, name: str) -> set[str]:
    needs = every[name].get("needs", [])
    direct = {needs} if isinstance(needs, str) else set(needs)
    return direct | {far for near in direct for far in _needed(every, near)}


def test_gate_is_red_unless_all_succeed() -> None:
    """It runs whatever happened, waits for every other job, and has no right at all. What it says is tried with act."""
    check = workflow("check")
    gate = check["jobs"]["gate"]

    assert gate["if"] == "always()"
    assert set(gate["needs"]) == set(check["jobs"]) - {"gate", "elsewhere", "preview"}
    assert gate["permissions"] == {}
    assert gate["name"] == REQUIRED_CHECK
    conditional = {name for name, job in check["jobs"].items() if "if" in job}
    assert conditional == {"gate", "new-tool", "preview"}, "skipped would be no success"
    assert (
        check["jobs"]["new-tool"]["if"] == "needs.skills.outputs.tool"
        and check["jobs"]["new-tool"]["needs"] == "skills"
    )


def test_what_the_bot_pushes_has_the_required_check() -> None:
    """With the plain token `check` waits for a maintainer, so `review` reports its result, whether or not it had to push.

    `draft`, which pushes too, rings for `review` after that.
    """
    status = workflow("review")["jobs"]["status"]
    ring = workflow("draft")["jobs"]["ring"]

    assert f"--field context={REQUIRED_CHECK} " in text_of(status)
    assert f"--raw-field name={REQUIRED_CHECK} " in text_of(workflow("gate"))
    assert status["permissions"]["statuses"] == "write" and "apply-as-workflow" in status["needs"]
    assert "always()" not in status["if"] and status["if"].startswith("!cancelled() && !vars.SKILL_FLEET_APP_CLIENT_ID")
    assert "needs.apply-as-workflow" not in status["if"], "a head that needed no answer is reported on, too"
    assert set(ring["needs"]) == {"apply-as-app", "apply-as-workflow"} and "review.yml" in text_of(ring)


def test_check_has_nothing_to_lose() -> None:
    """What a fork can run reads, and no more."""
    check = workflow("check")

    assert "secrets." not in text_of(check) and "vars." not in text_of(check)
    for name, job in check["jobs"].items():
        assert job["permissions"] in ({}, {"contents": "read"}), name
        assert "environment" not in job
    assert set(check["on"]) == {"pull_request", "merge_group", "push"}
    assert "pull_request_target" not in "".join(file.read_text() for file in WORKFLOWS)


def test_doorbell_can_only_ring() -> None:
    """Anyone can fire it, so it has no checkout, no secret, and one right to write."""
    document = workflow("doorbell")
    (job,) = document["jobs"].values()

    assert job["permissions"] == {"actions": "write", "pull-requests": "read"}
    assert all("uses" not in step for step in job["steps"])
    (row,) = document["on"]["schedule"]  # what nobody rings for: stale drafts, conflicts, what a crash left undone
    assert re.fullmatch(r"\d+ \*/[1-6] \* \* \*", row["cron"])
    assert "secrets." not in text_of(document)


def test_concurrency_keys() -> None:
    """One run a pull request where it writes, never stopped half-way; only checks of a pull request are cancelled."""
    keys = {file.stem: load(file).get("concurrency", {}) for file in WORKFLOWS}

    assert keys["review"] == {"group": "skill-fleet-pull-${{ inputs.pull }}", "cancel-in-progress": "false"}
    pushed = "github.event.action == 'synchronize'"
    assert f"{pushed} && github.event.pull_request.number || github.run_id" in keys["check"]["group"]
    assert keys["check"]["cancel-in-progress"] == f"${{{{ {pushed} }}}}", "a run that is cancelled is red on its commit"
    assert keys["draft"]["group"].startswith("draft-${{ github.event.issue.number }}-")
    assert keys["eval"] == {"group": "eval-${{ inputs.pull }}", "cancel-in-progress": "false"}
    assert keys["catalog"] == {"group": "catalog", "cancel-in-progress": "false"}
    assert "github.event.issue.number" in workflow("doorbell")["jobs"]["ring"]["concurrency"]["group"]
    assert all(key["cancel-in-progress"] == "false" for name, key in keys.items() if key and name != "check")


@pytest.mark.parametrize("file", [case for case in FILES if case.values[0] in WORKFLOWS])
def test_habits(file: Any) -> None:
    """No rights at the top, each grant with its reason, a time limit, no version of an image that moves by itself."""
    document, text = load(file), file.read_text(encoding="utf-8")

    assert document["permissions"] == {}
    assert document["defaults"]["run"]["shell"] == "bash"
    for line in re.findall(r"^ {6}[a-z-]+: (?:read|write)\b.*$", text, re.MULTILINE):
        assert " # " in line, f"why? {line.strip()}"
    for name, job in document["jobs"].items():
        assert "permissions" in job, name
        assert 0 < int(job["timeout-minutes"]) <= 30, name
        images = job["strategy"]["matrix"]["image"] if name == "elsewhere" else [job["runs-on"]]
        assert all(re.fullmatch(r"(ubuntu|macos|windows)-[\d.]+", image) for image in images), name


def test_releases_are_no_github_releases() -> None:
    """Installers would pin every skill to the tag of a GitHub release."""
    release = workflow("release")

    assert release["jobs"]["publish"]["permissions"] == {"id-token": "write", "attestations": "write"}
    assert release["jobs"]["publish"]["environment"] == "skill-fleet-release"
    assert "gh release" not in text_of(release) and "action-gh-release" not in text_of(release)
    assert "contents: write" not in text_of(release)
