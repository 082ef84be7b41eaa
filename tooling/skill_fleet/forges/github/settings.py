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


@dataclass(frozen=True)
class Branch:
    """The rules of a branch: of all rulesets, and of branch protection, the older way."""

    name: str
    rules: tuple[Facts, ...] | None
    protection: Facts | None

    def rule(self, kind: str) -> Facts | None:
        """Return the first rule of a kind, with its parameters."""
        return next((rule for rule in self.rules or () if rule["type"] == kind), None)

    @property
    def checks(self) -> frozenset[str]:
        """The checks that must pass."""
        rules = [rule for rule in self.rules or () if rule["type"] == "required_status_checks"]
        ours = {each["context"] for rule in rules for each in rule["parameters"]["required_status_checks"]}
        older = ((self.protection or {}).get("protection") or {}).get("required_status_checks") or {}
        return frozenset(ours | set(older.get("contexts") or ()))


@dataclass(frozen=True)
class Environment:
    """An environment: whether a reviewer must agree, the branches that may use it, the names of its secrets."""

    reviewers: bool
    branches: tuple[str, ...] | None
    secrets: tuple[str, ...] | None


@dataclass(frozen=True)
class Settings:
    """All that the doctor examines."""

    full_name: str
    repository: Facts
    actions: Facts | None
    workflow: Facts | None
    variables: dict[str, str] | None
    labels: tuple[str, ...] | None
    main: Branch
    draft: Branch
    bypass: tuple[Facts, ...] | None
    """The actors that may bypass the rulesets of main."""
    keys: tuple[Facts, ...] | None
    unowned: tuple[Facts, ...] | None
    """The errors of CODEOWNERS; GitHub ignores their lines."""
    environments: dict[str, Environment] | None


def read_settings(calls: Calls) -> Settings:
    """Ask for all settings; UserError if not even the repository is visible."""
    with explained("read the repository"):
        repository = calls.get("")
    main = _branch(calls, repository["default_branch"])
    return Settings(
        full_name=repository["full_name"],
        repository=repository,
        actions=_visible(lambda: calls.get("actions/permissions")),
        workflow=_visible(lambda: calls.get("actions/permissions/workflow")),
        variables=_visible(
            lambda: {each["name"]: each["value"] for each in calls.get("actions/variables", per_page=30)["variables"]}
        ),
        labels=_visible(lambda: tuple(label["name"] for label in calls.pages("labels"))),
        main=main,
        draft=_branch(calls, "draft/example"),  # GitHub lists the rules of branches that do not exist, too
        bypass=_bypass(calls, main),
        keys=_visible(lambda: tuple(calls.pages("keys"))),
        unowned=_visible(lambda: tuple(calls.get("codeowners/errors")["errors"])),
        environments=_visible(
            lambda: {
                each["name"]: _environment(calls, each)
                for each in calls.get("environments", per_page=100)["environments"]
                if each["name"] in ENVIRONMENTS
            }
        ),
    )


def _visible(ask: Callable[[], T]) -> T | None:
    """Return an answer, or None: 404 is also what GitHub says to a token without the right."""
    try:
        return ask()
    except (Refused, Unclear):
        return None


def _branch(calls: Calls, name: str) -> Branch:
    path = quote(name, safe="")
    rules = _visible(lambda: tuple(calls.pages(f"rules/branches/{path}")))
    return Branch(name, rules, _visible(lambda: calls.get(f"branches/{path}")))


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
