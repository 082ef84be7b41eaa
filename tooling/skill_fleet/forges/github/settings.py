"""The settings of a repository, as far as a token may see them. None means unknown, not bad."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from skill_fleet.forges.github.calls import Calls, Refused, Unclear, explained

Facts = dict[str, Any]
T = TypeVar("T")

ENVIRONMENTS = {  # of the workflows, with the secret that each holds
    "skill-fleet-app": "SKILL_FLEET_APP_KEY",
    "skill-fleet-model": "SKILL_FLEET_MODEL_KEY",
    "skill-fleet-catalog": "SKILL_FLEET_DEPLOY_KEY",
    "skill-fleet-release": "",
}
_KEYS_ALLOWED = "deploy_keys_enabled_for_repositories"


@dataclass(frozen=True)
class Branch:
    """The rules of a branch: of all rulesets, and of branch protection, the older way."""

    name: str
    rules: tuple[Facts, ...] | None
    protection: Facts | None

    def rule(self, kind: str) -> Facts | None:
        """Return the first rule of a kind, with its parameters."""
        return next((rule for rule in self.rules or () if rule["type"] == kind), None)

    def reporters(self, check: str) -> frozenset[int | None]:
        """The apps that a required check may come from, by number, None for anybody; empty if it is not required."""
        rules = [rule for rule in self.rules or () if rule["type"] == "required_status_checks"]
        rows = [each for rule in rules for each in rule["parameters"]["required_status_checks"]]
        older = ((self.protection or {}).get("protection") or {}).get("required_status_checks") or {}
        rows += [{**each, "integration_id": each.get("app_id")} for each in older.get("checks") or ()]
        return frozenset(each.get("integration_id") for each in rows if each["context"] == check)


@dataclass(frozen=True)
class Environment:
    """An environment: whether a reviewer must agree, the branches that may use it, the names of its secrets."""

    reviewers: bool
    branches: tuple[str, ...] | None
    secrets: tuple[str, ...] | None


@dataclass(frozen=True)
class Settings:
    """All that the doctor examines."""

    server: str
    full_name: str
    is_enterprise_server: bool
    repository: Facts
    actions: Facts | None
    allows_github_actions: bool
    workflow: Facts | None
    variables: dict[str, str] | None
    labels: tuple[str, ...] | None
    stopped: tuple[str, ...] | None
    """The files of the workflows that GitHub has disabled."""
    app: int | None
    """The number of the GitHub App that is the bot."""
    main: Branch
    draft: Branch
    catalog: Branch
    lacks_rules: bool
    """Whether the plan has no rules for this repository, because it is private; nor has it environments then."""
    bypass: tuple[Facts, ...] | None
    """The actors that may bypass the rulesets of main."""
    keys: tuple[Facts, ...] | None
    keys_allowed: bool | None
    """Whether the organisation allows deploy keys."""
    unowned: tuple[Facts, ...] | None
    """The errors of CODEOWNERS; GitHub ignores their lines."""
    private_reports: bool | None
    """Whether people may report vulnerabilities in private."""
    environments: dict[str, Environment] | None


def read_settings(calls: Calls) -> Settings:
    """Ask for all settings; UserError if not even the repository is visible."""
    with explained("read the repository"):
        repository = calls.get("")
    main = _branch(calls, repository["default_branch"])
    variables = _visible(
        lambda: {each["name"]: each["value"] for each in calls.get("actions/variables", per_page=30)["variables"]}
    )
    actions = _visible(lambda: calls.get("actions/permissions"))
    return Settings(
        server=calls.place.server,
        full_name=repository["full_name"],
        is_enterprise_server=calls.place.api.endswith("/api/v3"),
        repository=repository,
        actions=actions,
        allows_github_actions=_allows_github_actions(calls, (actions or {}).get("allowed_actions", "all")),
        workflow=_visible(lambda: calls.get("actions/permissions/workflow")),
        variables=variables,
        labels=_visible(lambda: tuple(label["name"] for label in calls.pages("labels"))),
        stopped=_visible(
            lambda: tuple(
                each["path"]
                for each in calls.get("actions/workflows", per_page=100)["workflows"]
                if each["state"] in ("disabled_inactivity", "disabled_fork")
            )
        ),
        app=_app(calls, (variables or {}).get("SKILL_FLEET_BOT_ID", "")),
        main=main,
        draft=_branch(calls, "draft/example"),  # GitHub lists the rules of branches that do not exist, too
        catalog=_branch(calls, "catalog"),
        lacks_rules=bool(repository.get("private")) and main.rules is None and _is_forbidden(calls, main),
        bypass=_bypass(calls, main),
        keys=_visible(lambda: tuple(calls.pages("keys"))),
        keys_allowed=_visible(lambda: bool(calls.get(f"/orgs/{calls.place.owner}")[_KEYS_ALLOWED]))
        if repository["owner"]["type"] == "Organization"
        else None,
        unowned=_visible(lambda: tuple(calls.get("codeowners/errors")["errors"])),
        private_reports=_visible(lambda: bool(calls.get("private-vulnerability-reporting")["enabled"])),
        environments=_visible(
            lambda: {
                each["name"]: _environment(calls, each)
                for each in calls.get("environments", per_page=100)["environments"]
                if each["name"] in ENVIRONMENTS
            }
        ),
    )


def create_label(calls: Calls, name: str, description: str) -> None:
    """Create a label; UserError when the token may not."""
    with explained(f"create the label {name}"):
        calls.create("labels", {"name": name, "description": description})


def _visible(ask: Callable[[], T]) -> T | None:
    """Return an answer, or None: 404 is also what GitHub says to a token without the right."""
    try:
        return ask()
    except (Refused, Unclear, KeyError):  # of an organisation, only its owners get every field
        return None


def _is_forbidden(calls: Calls, branch: Branch) -> bool:
    """Whether even the rules of a branch that can be read are refused: all who can read a branch can read its rules."""
    try:
        calls.get(_rules_of(branch.name))
    except Refused as problem:
        return problem.status == 403
    except Unclear:
        pass
    return False


def _allows_github_actions(calls: Calls, allowed: str) -> bool:
    if allowed != "selected":
        return allowed != "local_only"
    selected = _visible(lambda: calls.get("actions/permissions/selected-actions"))
    return selected is None or bool(selected.get("github_owned_allowed", True))


def _app(calls: Calls, account: str) -> int | None:
    """Return the number of the app that has the bot's account."""
    if not account.isdigit():
        return None
    login = _visible(lambda: str(calls.get(f"/user/{account}")["login"])) or ""
    if not login.endswith("[bot]"):
        return None
    return _visible(lambda: int(calls.get(f"/apps/{login.removesuffix('[bot]')}")["id"]))


def _rules_of(branch: str) -> str:
    return f"rules/branches/{quote(branch, safe='')}"


def read_rules(calls: Calls, branch: str) -> tuple[Facts, ...] | None:
    """Return the rules of a branch, of all rulesets; None if they cannot be read. Everybody who reads a branch may."""
    return _visible(lambda: tuple(calls.pages(_rules_of(branch))))


def _branch(calls: Calls, name: str) -> Branch:
    return Branch(name, read_rules(calls, name), _visible(lambda: calls.get(f"branches/{quote(name, safe='')}")))


def _bypass(calls: Calls, branch: Branch) -> tuple[Facts, ...] | None:
    """Return the actors that all rulesets of the branch let through; None if a ruleset does not show them."""
    found: list[list[Facts]] = []
    for number in sorted({rule["ruleset_id"] for rule in branch.rules or () if "ruleset_id" in rule}):
        ruleset = _visible(lambda number=number: calls.get(f"rulesets/{number}"))  # type: ignore[misc]
        if ruleset is None or "bypass_actors" not in ruleset:
            return None
        found.append(ruleset["bypass_actors"] or [])
    if not found:
        return None if branch.rules is None else ()
    return tuple(actor for actor in found[0] if all(actor in other for other in found[1:]))


def _environment(calls: Calls, facts: Facts) -> Environment:
    path = f"environments/{quote(facts['name'], safe='')}"
    policy = facts.get("deployment_branch_policy")
    branches: tuple[str, ...] | None = ()
    if policy and policy.get("custom_branch_policies"):
        policies = f"{path}/deployment-branch-policies"
        branches = _visible(
            lambda: tuple(row.get("name", "") for row in calls.get(policies, per_page=100)["branch_policies"])
        )
    elif policy:
        branches = ("the protected branches",)
    secrets = _visible(lambda: tuple(each["name"] for each in calls.get(f"{path}/secrets", per_page=100)["secrets"]))
    reviewers = any(rule.get("type") == "required_reviewers" for rule in facts.get("protection_rules") or ())
    return Environment(reviewers, branches, secrets)
