"""The doctor: what would fail silently in a repository's settings, and here; nothing is changed by looking."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from double.rest_settings import CHECKS, REVIEW, WELL_KEPT
from double.world import Account
from scene import ADA, BOT, MALLORY, OWNER, Scene, token_of

import gitbed
from skill_fleet.cli.doctor import doctor
from skill_fleet.forges.github import GitHubForge
from skill_fleet.founding import examine

BOTS_APP = Account(4242, "our-app[bot]", kind="Bot")
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


@pytest.fixture(autouse=True)
def bots_account(scene: Scene) -> None:
    """GitHub knows the account of the App."""
    scene.world.accounts[BOTS_APP.login] = BOTS_APP


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
    "anybody's check": (
        {
            "variables": NO_APP,
            "main": [RULES[0], {**RULES[1], "parameters": {**CHECKS, "required_status_checks": [{"context": "gate"}]}}],
        },
        "required check",
        "hint",
        "settings/rules",
    ),
    "not the app's check": (
        {
            "main": [
                RULES[0],
                {
                    **RULES[1],
                    "parameters": {**CHECKS, "required_status_checks": [{"context": "gate", "integration_id": 15368}]},
                },
            ]
        },
        "required check",
        "hint",
        "settings/rules",
    ),
    "another name": (
        {"default_branch": "trunk", "trunk": RULES},
        "default branch",
        "bad",
        "gh api -X POST repos/fleet/skills/branches/trunk/rename -f new_name=main",
    ),
    "own actions": ({"allowed_actions": "local_only"}, "actions", "bad", "-F github_owned_allowed=true"),
    "chosen actions": ({"allowed_actions": "selected"}, "actions", "bad", "-F github_owned_allowed=true"),
    "sleeping": (
        {"workflows": {".github/workflows/doorbell.yml": "disabled_inactivity"}},
        "workflow doorbell.yml",
        "bad",
        "gh workflow enable doorbell.yml --repo fleet/skills",
    ),
    "private and free": ({"private": True, "lacks_rules": True}, "required check", "hint", "skill-fleet promote"),
    "private without environments": (
        {"private": True, "lacks_rules": True},
        "environment skill-fleet-app",
        "hint",
        "gh secret set SKILL_FLEET_APP_KEY --repo fleet/skills",
    ),
    "no site": (
        {"variables": {"SKILL_FLEET_PAGES": "on"}},
        "pages",
        "bad",
        "repos/fleet/skills/pages -f build_type=workflow",
    ),
    "private without site": (
        {"variables": {"SKILL_FLEET_PAGES": "on"}, "private": True, "lacks_rules": True},
        "pages",
        "bad",
        "gh variable delete SKILL_FLEET_PAGES",
    ),
    "no evaluation": ({"variables": {"SKILL_FLEET_MODEL": "a/b"}}, "evaluation", "hint", "--body 5"),
    "no budget": ({"variables": {"SKILL_FLEET_EVAL_BUDGET": "much"}}, "evaluation", "bad", "--body 5"),
    "no model": ({"variables": {"SKILL_FLEET_EVAL_BUDGET": "5"}}, "evaluation", "bad", "SKILL_FLEET_MODEL"),
    "no price": (
        {"variables": {"SKILL_FLEET_API_BASE": "http://x", "SKILL_FLEET_EVAL_BUDGET": "5"}},
        "evaluation",
        "hint",
        "SKILL_FLEET_EVAL_PRICE",
    ),
    "no keys allowed": ({"keys_allowed": False}, "catalogue", "bad", "SKILL_FLEET_CATALOG --body app"),
    "app not let through": (
        {"variables": {**WELL_KEPT["variables"], "SKILL_FLEET_CATALOG": "app"}},
        "catalogue",
        "bad",
        "bypass list",
    ),
    "no app to write": (
        {"variables": {"SKILL_FLEET_CATALOG": "app"}},
        "catalogue",
        "bad",
        "gh variable set SKILL_FLEET_CATALOG --body main",
    ),
    "catalogue stopped": (
        {"variables": NO_APP | {"SKILL_FLEET_CATALOG": ""}, "catalog": RULES[:1]},
        "catalogue",
        "bad",
        "Exclude refs/heads/catalog",
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
        "hint",
        "allow_merge_commit=true",
    ),
    "linear history": (
        {"main": [{"type": "required_linear_history", "ruleset_id": 1}]},
        "merge methods",
        "hint",
        "settings/rules",
    ),
    "no method": (
        {"main": [{"type": "required_linear_history", "ruleset_id": 1}]}
        | {"allow_squash_merge": False, "allow_rebase_merge": False},
        "merge methods",
        "bad",
        "settings/rules",
    ),
    "one person": ({"main": [], "owner": "User"}, "required check", "bad", '"bypass_mode": "pull_request"'),
    "no issues": ({"has_issues": False}, "issues", "bad", "has_issues=true"),
    "public reports": ({"private_reports": False}, "private reports", "hint", "-X PUT repos/fleet/skills/private-vuln"),
    "no label": ({"labels": WELL_KEPT["labels"][1:]}, "labels", "bad", "--fix"),
    "no failed": ({"labels": ["draft-skill", *WELL_KEPT["labels"][2:]]}, "labels", "hint", "--fix"),
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


def test_what_is_wrong(scene: Scene) -> None:
    """Each is named, weighed, and comes with what mends it."""
    healthy, forge = dict(scene.world.settings), scene.forge(OWNER)
    for name, (settings, what, state, mend) in SICK.items():
        scene.world.settings = {**healthy, **settings}
        found = [advice for advice in examine(forge) if advice.what == what and advice.state != "good"]
        assert [(each.state, mend in each.fix) for each in found] == [(state, True)], (name, found)


@pytest.mark.parametrize(
    ("settings", "integration"), [({}, 77), ({"variables": NO_APP}, 15368)], ids=["app", "actions"]
)
def test_the_rule_names_who_reports(scene: Scene, settings: dict[str, Any], integration: int) -> None:
    """With an App its check is required, which no writer can forge; without one, that of GitHub Actions.

    15368 is its number: https://api.github.com/apps/github-actions.
    """
    scene.world.settings |= {**settings, "main": []}
    (found,) = [advice for advice in examine(scene.forge(OWNER)) if advice.what == "required check"]
    assert f'"integration_id": {integration}}}' in found.fix and "bypass_actors" not in found.fix


def test_enterprise_server(scene: Scene) -> None:
    """It says what does not work there, and proposes no rule with a number of github.com."""
    scene.world.settings |= {"main": [], "variables": {}}
    forge = scene.forge(OWNER, env={"GITHUB_API_URL": f"{scene.double.address}/api/v3"})
    found = {advice.what: advice for advice in examine(forge)}
    assert found["server"].state == "bad" and "integration_id" not in found["required check"].fix


def test_app_that_writes_the_catalogue(scene: Scene) -> None:
    """The rules have to let that App through, not another."""
    scene.world.settings["variables"] = {**WELL_KEPT["variables"], "SKILL_FLEET_CATALOG": "app"}
    states = []
    for number in (77, 78):
        scene.world.settings["bypass"] = [{"actor_id": number, "actor_type": "Integration", "bypass_mode": "always"}]
        states += [advice.state for advice in examine(scene.forge(OWNER)) if advice.what == "catalogue"]
    assert states == ["good", "bad"]


def open_draft(forge: GitHubForge, scene: Scene) -> int:
    """Open a pull request as a draft."""
    oid = scene.origin.tip("draft/x")
    return forge.open(title="X", body="", head="draft/x", base="main", head_oid=oid, draft=True)


def test_plan_without_drafts(scene: Scene) -> None:
    """A normal pull request is opened instead, and the person learns of it."""
    scene.world.settings["lacks_drafts"] = True
    forge = scene.forge(ADA)
    number = open_draft(forge, scene)
    assert [pull.draft for pull in scene.world.pulls.values()] == [False] and len(forge.notes) == 1
    assert forge.snapshot(number).draft is False


def test_renamed_repository(scene: Scene) -> None:
    """The clone still has the old name, which somebody else may take."""
    forge = scene.forge(OWNER)
    scene.clone.git("remote", "set-url", "origin", f"{scene.double.address}/fleet/old.git")
    (found,) = [advice for advice in examine(forge) if advice.what == "remote"]
    assert found.fix == f"git remote set-url origin {scene.double.address}/fleet/skills.git"


def test_missing_labels(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A maintainer creates them once; the bot, which may not, goes on without."""
    for name, value in scene.double.environment(token_of(OWNER)).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GH_TOKEN", raising=False)
    monkeypatch.chdir(scene.clone.path)
    scene.world.settings["labels"] = ["other"]
    number = open_draft(scene.forge(ADA), scene)
    bot = scene.forge(BOT)
    bot.label(number, "failed")
    assert scene.world.pulls[number].labels == [] and len(bot.notes) == 1
    assert "ok labels: " in CliRunner().invoke(doctor, ["--forge", "github", "--fix"]).output
    assert scene.world.settings["labels"] == ["other", *WELL_KEPT["labels"]]
    bot.label(number, "failed")
    assert scene.world.pulls[number].labels == ["failed"]


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
    assert "!! labels: " in done.output and "   skill-fleet doctor --forge github --fix" in done.output
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
