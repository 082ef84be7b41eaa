"""Everything that the doctor looks at in a repository on GitHub, in the order in which people read it."""

from __future__ import annotations

from skill_fleet.forges.github import advice_branch, advice_repository
from skill_fleet.forges.github.advice import Advice
from skill_fleet.forges.github.advice_environments import environments
from skill_fleet.forges.github.calls import Refused, Unclear
from skill_fleet.forges.github.forge import GitHubForge
from skill_fleet.forges.github.refusals import refuse
from skill_fleet.forges.github.settings import read_settings

CHECKS = (
    advice_repository.identity,
    advice_repository.actions,
    advice_branch.required_check,
    advice_branch.owners,
    advice_branch.up_to_date,
    advice_branch.drafts,
    advice_branch.catalogue,
    advice_repository.merging,
    advice_repository.labels,
    environments,
)


def examine(forge: GitHubForge) -> tuple[Advice, ...]:
    """What will fail silently, and the command that mends it; nothing is changed."""
    try:
        settings = read_settings(forge.calls)
    except (Refused, Unclear) as problem:
        refuse(problem, "a look at the repository")
    return tuple(advice for check in CHECKS for advice in check(settings))
