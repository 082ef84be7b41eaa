"""The checks of the environments, which hold the secrets of the workflows."""

from __future__ import annotations

from collections.abc import Iterator

from skill_fleet.forges.github.advice import Advice, administrator, page
from skill_fleet.forges.github.settings import ENVIRONMENTS, Settings

_OWN_SERVER = "SKILL_FLEET_API_BASE"  # may do without a key


def environments(at: Settings) -> Iterator[Advice]:
    """The environments that hold the secrets, open to main alone."""
    if at.environments is None:
        yield Advice("environments", "unknown", "They are not told to this token.", administrator(at))
        return
    for name, secret in ENVIRONMENTS.items():
        if _is_wanted(at, name):
            yield from _environment(at, name, secret)


def _is_wanted(at: Settings, name: str) -> bool:
    variables = at.variables or {}
    wanted = {
        "skill-fleet-app": "SKILL_FLEET_APP_CLIENT_ID" in variables,
        "skill-fleet-model": not {"SKILL_FLEET_MODEL", _OWN_SERVER}.isdisjoint(variables),
        "skill-fleet-catalog": variables.get("SKILL_FLEET_CATALOG") == "main",
    }
    return wanted.get(name, name in (at.environments or {}))


def _environment(at: Settings, name: str, secret: str) -> Iterator[Advice]:
    found = (at.environments or {}).get(name)
    what, path = f"environment {name}", f"repos/{at.full_name}/environments/{name}"
    only_main = (
        f"gh api -X PUT {path} -F 'deployment_branch_policy[protected_branches]=false' "
        f"-F 'deployment_branch_policy[custom_branch_policies]=true' && "
        f"gh api -X POST {path}/deployment-branch-policies -f name={at.main.name}"
    )
    if found is None:
        yield Advice(what, "bad", "It is missing: GitHub will make an open one at the first run.", only_main)
        return
    keyless = name == "skill-fleet-model" and _OWN_SERVER in (at.variables or {})
    if secret and not keyless and found.secrets is not None and secret not in found.secrets:
        mend = f"gh secret set {secret} --repo {at.full_name} --env {name}"
        yield Advice(what, "bad", f"It has no secret {secret}: its job will fail.", mend)
    if name == "skill-fleet-release":
        if not found.reviewers:
            yield Advice(what, "bad", "Nobody has to agree to a release.", page(at, "settings/environments"))
    elif found.branches == ():
        yield Advice(what, "bad", "Any branch may use its secret: whoever pushes one can read it.", only_main)
    elif found.branches is not None and found.branches != (at.main.name,):
        said = ", ".join(found.branches)
        yield Advice(what, "hint", f"It opens for {said}; {at.main.name} is enough.", page(at, "settings/environments"))
    else:
        yield Advice(what, "good", f"It opens for {at.main.name} alone.")
