"""The doctor: what would fail silently in a repository's settings, and here; nothing is changed by looking."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from double.rest_settings import CHECKS, REVIEW, WELL_KEPT
from scene import ADA, MALLORY, OWNER, Scene, token_of

import gitbed
from skill_fleet.cli.doctor import doctor
from skill_fleet.founding import examine

NO_APP = {"SKILL_FLEET_CATALOG": "main"}
RULES = [
    {"type": "pull_request", "parameters": REVIEW, "ruleset_id": 1},
    {"type": "required_status_checks", "parameters": CHECKS, "ruleset_id": 1},
]
OPEN = {**WELL_KEPT["environments"], "skill-fleet-app": ([], ["SKILL_FLEET_APP_KEY"], False)}
KEYLESS = {**WELL_KEPT["environments"], "skill-fleet-model": (["main"], [], False)}
UNKNOWN = {
    "line": 3,
    "column": 11,
    "source": "/.github/ @fleet/nobody",
    "kind": "Unknown owner",
    "suggestion": None,
    "path": ".github/CODEOWNERS",
    "message": "Unknown owner on line 3: make sure the team @fleet/nobody exists, is publicly visible, and has write "
    "access to the repository\n\n  /.github/ @fleet/nobody\n            ^",
}

# A setting that is not as it should be: what the doctor names, how bad it is, and a part of the command that mends it.
SICK: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "actions off": ({"enabled": False}, "actions", "bad", "actions/permissions -F enabled=true"),
    "no pull requests": (
        {"can_approve_pull_request_reviews": False, "variables": NO_APP},
        "pull requests by workflows",
        "bad",
        "actions/permissions/workflow -F can_approve_pull_request_reviews=true",
    ),
    "writing tokens": (
        {"default_workflow_permissions": "write"},
        "workflow permissions",
        "hint",
        "default_workflow_permissions=read",
    ),
    "plain token": ({"variables": NO_APP}, "bot", "hint", "/settings/apps/new"),
    "app unknown": (
        {"variables": {"SKILL_FLEET_APP_CLIENT_ID": "Iv1"}},
        "bot",
        "bad",
        "gh variable set SKILL_FLEET_BOT_ID",
    ),
    "no check": ({"main": RULES[:1]}, "required check", "bad", "gh api -X POST repos/fleet/skills/rulesets"),
    "no rules": ({"main": []}, "required check", "bad", '"context": "gate"'),
    "no owners": (
        {"main": [{**RULES[0], "parameters": {**REVIEW, "require_code_owner_review": False}}, RULES[1]]},
        "code owners",
        "hint",
        "settings/rules",
    ),
    "unknown owners": (
        {"unowned": [UNKNOWN]},
        "code owners",
        "bad",
        "/fleet/skills/settings/access",
    ),
    "no queue": (
        {"main": [{**RULES[1], "parameters": {**CHECKS, "strict_required_status_checks_policy": False}}]},
        "merge queue",
        "hint",
        "settings/rules",
    ),
    "drafts stopped": ({"draft": RULES[:1]}, "branches of drafts", "bad", "refs/heads/draft/**/*"),
    "no key": ({"keys": []}, "catalogue", "bad", "gh repo deploy-key add"),
    "read-only key": (
        {"keys": [{**WELL_KEPT["keys"][0], "read_only": True}]},
        "catalogue",
        "bad",
        "--allow-write",
    ),
    "no bypass": ({"bypass": []}, "catalogue", "bad", "settings/rules"),
    "own branch": (
        {"variables": {**WELL_KEPT["variables"], "SKILL_FLEET_CATALOG": ""}},
        "catalogue",
        "hint",
        "gh variable set SKILL_FLEET_CATALOG",
    ),
    "squash": ({"allow_merge_commit": False}, "merge methods", "hint", "allow_merge_commit=true"),
    "rebase": (
        {"allow_merge_commit": False, "allow_squash_merge": False},
        "merge methods",
        "bad",
        "allow_merge_commit=true",
    ),
    "no label": ({"labels": ["failed"]}, "label draft-skill", "bad", "gh label create draft-skill"),
    "no failed": ({"labels": ["draft-skill"]}, "label failed", "hint", "gh label create failed"),
    "open environment": ({"environments": OPEN}, "environment skill-fleet-app", "bad", "deployment-branch-policies"),
    "no environment": ({"environments": {}}, "environment skill-fleet-app", "bad", "-X PUT repos/fleet/skills/env"),
    "no secret": (
        {"environments": KEYLESS},
        "environment skill-fleet-model",
        "bad",
        "gh secret set SKILL_FLEET_MODEL_KEY",
    ),
    "no reviewer": (
        {"environments": {**WELL_KEPT["environments"], "skill-fleet-release": ([], [], False)}},
        "environment skill-fleet-release",
        "bad",
        "settings/environments",
    ),
}


def test_a_well_kept_repository(scene: Scene) -> None:
    """Nothing to say but that it is good; and looking wrote nothing."""
    found = examine(scene.forge(OWNER))
    assert [advice for advice in found if advice.state != "good"] == []
    assert len(found) >= 12 and scene.double.faults.writes == []


@pytest.mark.parametrize("name", SICK)
def test_what_is_wrong(scene: Scene, name: str) -> None:
    """Each is named, weighed, and comes with what mends it."""
    settings, what, state, mend = SICK[name]
    scene.world.settings |= settings
    (found,) = [advice for advice in examine(scene.forge(OWNER)) if advice.what == what and advice.state != "good"]
    assert (found.state, mend in found.fix) == (state, True), found


@pytest.mark.parametrize("account", [ADA, MALLORY], ids=lambda account: account.login)
def test_what_is_not_told(scene: Scene, account: Any) -> None:
    """A token that may not know gets `unknown`, never `good` and never `bad`, and where to look."""
    found = {advice.what: advice for advice in examine(scene.forge(account))}
    assert {found[what].state for what in ("bot", "workflow permissions")} == {"unknown"}
    assert not [advice for advice in found.values() if advice.state == "bad"]
    assert "token of an administrator" in found["bot"].fix


def test_the_verb(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Text for people with marks, JSON for programs, and a status that says whether something is bad."""
    for name, value in scene.double.environment(token_of(OWNER)).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GH_TOKEN", raising=False)
    monkeypatch.chdir(scene.clone.path)
    scene.world.settings["labels"] = []
    done = CliRunner().invoke(doctor, ["--forge", "github"], standalone_mode=False)
    assert done.return_value == 1
    assert "!! label draft-skill: " in done.output and "   gh label create draft-skill" in done.output
    assert "ok pull requests: " in done.output and "fleet/skills" in done.output
    assert token_of(OWNER) not in done.output
    told = json.loads(CliRunner().invoke(doctor, ["--format", "json"], standalone_mode=False).output)
    assert told["bad"] == 0 and {"what", "state", "says", "fix"} == set(told["checks"][0])


def test_this_machine(bed: gitbed.Bed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a forge it looks at the clone alone."""
    monkeypatch.chdir(bed.path)
    bed.write("skills/taxonomy.yaml", "categories: []\n")
    bed.write(".pre-commit-config.yaml", "repos: []\n")
    bed.write(".github/CODEOWNERS", "# /.github/ @OWNER\n")
    bed.write(".github/actions/skill-fleet/requirements.txt", "# skill-fleet @ nowhere\n")
    bed.git("remote", "add", "origin", str(tmp_path / "nowhere"))
    done = CliRunner().invoke(doctor, ["--format", "json"], standalone_mode=False)
    states = {check["what"]: check["state"] for check in json.loads(done.output)["checks"]}
    assert done.return_value == 1
    assert states == {
        "python": "good",
        "git": "good",
        "identity": "good",
        "hooks": "hint",
        "remote": "bad",
        "taxonomy": "bad",
        "catalogue": "hint",
        "pull requests": "good",
        "tool": "bad",
        "code owners": "hint",
        "model": "good",
    }


def test_alone_at_home(bed: gitbed.Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a remote nothing that is said of one contradicts another; what is set up is called good."""
    monkeypatch.chdir(bed.path)
    bed.write(".github/CODEOWNERS", "/.github/ @ada\n")
    bed.write(".github/actions/skill-fleet/requirements.txt", "# Why\nskill-fleet @ git+https://a.example/b@c\n")
    done = CliRunner().invoke(doctor, [], standalone_mode=False)
    marks = {line.partition(":")[0] for line in done.output.splitlines() if line[:1] != " "}
    assert {"-- remote", "ok pull requests", "-- catalogue", "ok tool", "ok code owners"} <= marks
    bed.git("switch", "--quiet", "-c", "draft")
    assert "ok catalogue: " in CliRunner().invoke(doctor, [], standalone_mode=False).output
