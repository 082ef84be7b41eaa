"""The settings of a repository over REST, for the doctor. `World.settings` holds what differs from a well-kept one."""

from __future__ import annotations

from typing import Any

from double import shape
from double.rest import Json, Request, require, route
from double.world import NAME, OWNER, REPOSITORY_ID, Refusal

DAY = "2026-01-01T00:00:00Z"
RULES = {  # which model describes a rule of each type
    "creation": "RepositoryRuleDetailedOneof0",
    "update": "RepositoryRuleDetailedOneof1",
    "required_linear_history": "RepositoryRuleDetailedOneof3",
    "merge_queue": "RepositoryRuleDetailedOneof4",
    "pull_request": "RepositoryRuleDetailedOneof7",
    "required_status_checks": "RepositoryRuleDetailedOneof8",
}
APP = 77  # the number of the GitHub App, whose account is 4242
CHECKS = {
    "required_status_checks": [{"context": "gate", "integration_id": APP}],
    "strict_required_status_checks_policy": True,
}
REVIEW = {
    "dismiss_stale_reviews_on_push": True,
    "require_code_owner_review": True,
    "require_last_push_approval": False,
    "required_approving_review_count": 1,
    "required_review_thread_resolution": False,
}
WELL_KEPT: dict[str, Any] = {
    "private": False,
    "lacks_rules": False,
    "default_branch": "main",
    "owner": "Organization",
    "has_issues": True,
    "private_reports": True,
    "enabled": True,
    "allowed_actions": "all",
    "workflows": {".github/workflows/doorbell.yml": "active"},
    "default_workflow_permissions": "read",
    "can_approve_pull_request_reviews": True,
    "allow_merge_commit": True,
    "allow_squash_merge": True,
    "allow_rebase_merge": True,
    "labels": [
        "draft-skill",
        "failed",
        "model-written-code",
        "too-long",
        "new-skill",
        "changed-skill",
        "new-capability",
    ],
    "main": [
        {"type": "pull_request", "parameters": REVIEW, "ruleset_id": 1},
        {"type": "required_status_checks", "parameters": CHECKS, "ruleset_id": 1},
    ],
    "draft": [],
    "catalog": [],
    "keys_allowed": True,
    "protected": False,
    "bypass": [{"actor_id": None, "actor_type": "DeployKey", "bypass_mode": "always"}],
    "keys": [{"id": 1, "key": "ssh-ed25519 AAAA", "title": "skill-fleet-catalog", "read_only": False}],
    "unowned": [],
    "variables": {
        "SKILL_FLEET_APP_CLIENT_ID": "Iv1",
        "SKILL_FLEET_BOT_ID": "4242",
        "SKILL_FLEET_CATALOG": "main",
        "SKILL_FLEET_MODEL": "a/b",
        "SKILL_FLEET_EVAL_BUDGET": "5",
    },
    "environments": {
        "skill-fleet-app": (["main"], ["SKILL_FLEET_APP_KEY"], False),
        "skill-fleet-model": (["main"], ["SKILL_FLEET_MODEL_KEY"], False),
        "skill-fleet-catalog": (["main"], ["SKILL_FLEET_DEPLOY_KEY"], False),
        "skill-fleet-release": ([], [], True),
    },
}


def _setting(request: Request, name: str) -> Any:
    return request.world.settings[name] if name in request.world.settings else WELL_KEPT[name]


def _admin(request: Request) -> None:
    require(request.account.permission == "admin")


@route("GET ", "FullRepository")
def _repository(request: Request) -> Json:
    told = {
        "id": REPOSITORY_ID,
        "name": NAME,
        "full_name": f"{OWNER}/{NAME}",
        "owner": {"type": _setting(request, "owner")},
    }
    told |= {name: _setting(request, name) for name in ("private", "default_branch", "has_issues")}
    if request.account.may_write:  # who only reads is not told
        told |= {
            f"allow_{name}": _setting(request, f"allow_{name}")
            for name in ("merge_commit", "squash_merge", "rebase_merge")
        }
    return told


@route("GET actions/permissions", "ActionsRepositoryPermissions")
def _actions(request: Request) -> Json:
    _admin(request)
    return {name: _setting(request, name) for name in ("enabled", "allowed_actions")}


@route("GET actions/permissions/selected-actions", "SelectedActions")
def _selected_actions(request: Request) -> Json:
    _admin(request)
    return {"github_owned_allowed": False}


@route("GET actions/workflows", "ReposOwnerRepoActionsWorkflowsGetResponse200")
def _workflows(request: Request) -> Json:
    rows = [
        shape.answer("Workflow", {"path": path, "state": state})
        for path, state in _setting(request, "workflows").items()
    ]
    return {"total_count": len(rows), "workflows": rows}


@route("GET /orgs/{org}")
def _organization(request: Request, org: str) -> Json:
    whole = shape.answer(
        "OrganizationFull", {"deploy_keys_enabled_for_repositories": _setting(request, "keys_allowed")}
    )
    if request.account.permission != "admin":
        del whole["deploy_keys_enabled_for_repositories"]
    return whole


@route("GET /apps/{slug}", "Integration")
def _app(request: Request, slug: str) -> Json:
    return {"id": APP, "slug": slug}


@route("GET actions/permissions/workflow", "ActionsGetDefaultWorkflowPermissions")
def _workflow(request: Request) -> Json:
    _admin(request)
    return {
        name: _setting(request, name) for name in ("default_workflow_permissions", "can_approve_pull_request_reviews")
    }


@route("GET actions/variables", "ReposOwnerRepoActionsVariablesGetResponse200")
def _variables(request: Request) -> Json:
    _admin(request)
    rows = _setting(request, "variables").items()
    told = [{"name": name, "value": value, "created_at": DAY, "updated_at": DAY} for name, value in rows]
    return {"total_count": len(told), "variables": told}


@route("GET labels", "Label")
def _labels(request: Request) -> Json:
    return [{"name": name} for name in _setting(request, "labels")]


@route("GET labels/{label}", "Label")
def _one_label(request: Request, label: str) -> Json:
    if label not in _setting(request, "labels"):
        raise Refusal(404, "Not Found")
    return {"name": label}


@route("POST labels", "Label", "ReposOwnerRepoLabelsPostBody", 201)
def _create_label(request: Request) -> Json:
    require(request.account.may_write)
    request.world.settings["labels"] = [*_setting(request, "labels"), request.body["name"]]
    return {"name": request.body["name"]}


@route("GET keys", "DeployKey")
def _keys(request: Request) -> Json:
    _admin(request)
    return _setting(request, "keys")


@route("GET private-vulnerability-reporting", "ReposOwnerRepoPrivateVulnerabilityReportingGetResponse200")
def _private_reports(request: Request) -> Json:
    return {"enabled": _setting(request, "private_reports")}


@route("GET codeowners/errors", "CodeownersErrors")
def _codeowners(request: Request) -> Json:
    return {"errors": _setting(request, "unowned")}


@route("GET rules/branches/{branch}")
def _rules(request: Request, branch: str) -> Json:
    if _setting(request, "lacks_rules"):
        raise Refusal(403, "Upgrade to GitHub Pro or make this repository public to enable this feature.")
    rules = _setting(request, "draft" if branch.startswith("draft/") else branch)
    return [shape.answer(RULES[rule["type"]], rule) for rule in rules]


@route("GET rulesets/{id}", "RepositoryRuleset")
def _ruleset(request: Request, id: int) -> Json:
    told = {"id": id, "name": "main", "source": f"{OWNER}/{NAME}", "enforcement": "active"}
    return {**told, "bypass_actors": _setting(request, "bypass")} if request.account.permission == "admin" else told


@route("GET branches/{branch}", "BranchWithProtection")
def _branch(request: Request, branch: str) -> Json:
    if branch not in request.world.git.branches():
        raise Refusal(404, "Branch not found")
    return {"name": branch, "protected": _setting(request, "protected")}


@route("GET environments", "ReposOwnerRepoEnvironmentsGetResponse200")
def _environments(request: Request) -> Json:
    rows = _setting(request, "environments").items()
    policy = {"protected_branches": False, "custom_branch_policies": True}
    told = [
        shape.answer(
            "Environment",
            {
                "name": name,
                "deployment_branch_policy": policy if branches else None,
                "protection_rules": [{"id": 1, "node_id": "x", "type": "required_reviewers"}] if reviewed else [],
            },
        )
        for name, (branches, _, reviewed) in rows
    ]
    return {"total_count": len(told), "environments": told}


@route("GET environments/{name}/secrets", "ReposOwnerRepoEnvironmentsEnvironmentNameSecretsGetResponse200")
def _secrets(request: Request, name: str) -> Json:
    _admin(request)
    told = [{"name": each, "created_at": DAY, "updated_at": DAY} for each in _setting(request, "environments")[name][1]]
    return {"total_count": len(told), "secrets": told}


@route(
    "GET environments/{name}/deployment-branch-policies",
    "ReposOwnerRepoEnvironmentsEnvironmentNameDeploymentBranchPoliciesGetResponse200",
)
def _policies(request: Request, name: str) -> Json:
    told = [{"id": 1, "node_id": "x", "name": each} for each in _setting(request, "environments")[name][0]]
    return {"total_count": len(told), "branch_policies": told}
