"""The settings of a repository, as far as a token may see them. What GitHub does not tell is None: not known, not bad."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from skill_fleet.forges.github.calls import Calls, Refused, Unclear

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
    """What holds on a branch: the rules of all rulesets, and whether it is protected in the older way as well."""

    name: str
    rules: tuple[Facts, ...] | None
    protection: Facts | None

    def rule(self, kind: str) -> Facts | None:
        """The first rule of a kind, with its parameters."""
        return next((rule for rule in self.rules or () if rule["type"] == kind), None)

    @property
    def checks(self) -> frozenset[str]:
        """The checks that must be green."""
        rules = [rule for rule in self.rules or () if rule["type"] == "required_status_checks"]
        ours = {each["context"] for rule in rules for each in rule["parameters"]["required_status_checks"]}
        older = ((self.protection or {}).get("protection") or {}).get("required_status_checks") or {}
        return frozenset(ours | set(older.get("contexts") or ()))


@dataclass(frozen=True)
class Environment:
    """An environment: who must agree, which branches may use it, the names of its secrets."""

    reviewers: bool
    branches: tuple[str, ...] | None
    secrets: tuple[str, ...] | None


@dataclass(frozen=True)
class Settings:
    """All that the checks look at."""

    full_name: str
    repository: Facts
    actions: Facts | None
    workflow: Facts | None
    variables: dict[str, str] | None
    labels: tuple[str, ...] | None
    main: Branch
    draft: Branch
    bypass: tuple[Facts, ...] | None
    """Who may bypass the rulesets of main."""
    keys: tuple[Facts, ...] | None
    unowned: tuple[Facts, ...] | None
    """The lines of CODEOWNERS that GitHub cannot make sense of; it takes no notice of them."""
    environments: dict[str, Environment] | None


def read_settings(calls: Calls) -> Settings:
    """Ask for all of it. Raises Refused or Unclear only when not even the repository is told."""
    repository = calls.get("")
    main = _branch(calls, repository["default_branch"])
    variables = _told(lambda: calls.get("actions/variables", per_page=30)["variables"])
    labels = _told(lambda: calls.pages("labels"))
    keys = _told(lambda: calls.pages("keys"))
    unowned = _told(lambda: calls.get("codeowners/errors")["errors"])
    return Settings(
        full_name=repository["full_name"],
        repository=repository,
        actions=_told(lambda: calls.get("actions/permissions")),
        workflow=_told(lambda: calls.get("actions/permissions/workflow")),
        variables=None if variables is None else {each["name"]: each["value"] for each in variables},
        labels=None if labels is None else tuple(label["name"] for label in labels),
        main=main,
        draft=_branch(calls, "draft/example"),  # rules are told of branches that do not exist, too
        bypass=_bypass(calls, main),
        keys=None if keys is None else tuple(keys),
        unowned=None if unowned is None else tuple(unowned),
        environments=_environments(calls),
    )


def _told(ask: Callable[[], T]) -> T | None:
    """What GitHub answers, or None: 404 is also what it says to who may not know."""
    try:
        return ask()
    except (Refused, Unclear):
        return None


def _branch(calls: Calls, name: str) -> Branch:
    path = quote(name, safe="")
    rules = _told(lambda: calls.pages(f"rules/branches/{path}"))
    return Branch(name, None if rules is None else tuple(rules), _told(lambda: calls.get(f"branches/{path}")))


def _bypass(calls: Calls, branch: Branch) -> tuple[Facts, ...] | None:
    """The actors that all rulesets of the branch let through; who only reads is not told of them."""
    numbers = {rule["ruleset_id"] for rule in branch.rules or () if "ruleset_id" in rule}
    found: list[list[Facts]] = []
    for number in sorted(numbers):
        ruleset = _told(lambda number=number: calls.get(f"rulesets/{number}"))  # type: ignore[misc]
        if ruleset is None or "bypass_actors" not in ruleset:
            return None
        found.append(ruleset["bypass_actors"] or [])
    if not found:
        return None if branch.rules is None else ()
    return tuple(actor for actor in found[0] if all(actor in other for other in found[1:]))


def _environments(calls: Calls) -> dict[str, Environment] | None:
    told = _told(lambda: calls.get("environments", per_page=100)["environments"])
    if told is None:
        return None
    return {each["name"]: _environment(calls, each) for each in told if each["name"] in ENVIRONMENTS}


def _environment(calls: Calls, told: Facts) -> Environment:
    path = f"environments/{quote(told['name'], safe='')}"
    policy = told.get("deployment_branch_policy")
    branches: tuple[str, ...] | None = ()
    if policy and policy.get("custom_branch_policies"):
        rows = _told(lambda: calls.get(f"{path}/deployment-branch-policies", per_page=100)["branch_policies"])
        branches = None if rows is None else tuple(row.get("name", "") for row in rows)
    elif policy:
        branches = ("the protected branches",)
    secrets = _told(lambda: calls.get(f"{path}/secrets", per_page=100)["secrets"])
    reviewers = any(rule.get("type") == "required_reviewers" for rule in told.get("protection_rules") or ())
    return Environment(reviewers, branches, None if secrets is None else tuple(each["name"] for each in secrets))
