"""The checks of what holds on main, and of what must not hold on the branches of drafts."""

from __future__ import annotations

from collections.abc import Iterator

from skill_fleet.forges.github.advice import Advice, administrator, page
from skill_fleet.forges.github.settings import Settings

REQUIRED_CHECK = "gate"
_STOPPING = ("creation", "update", "pull_request", "required_status_checks", "required_signatures", "non_fast_forward")


def required_check(at: Settings) -> Iterator[Advice]:
    """Whether a red check stops a merge, and an unreviewed change of the tool."""
    main = at.main
    if main.rules is None and main.protection is None:
        yield Advice("required check", "unknown", f"The rules of {main.name} are not told.", administrator(at))
        return
    if REQUIRED_CHECK in main.checks:
        yield Advice("required check", "good", f"{main.name} takes nothing without a green {REQUIRED_CHECK}.")
    else:
        yield Advice(
            "required check",
            "bad",
            f"{main.name} does not require {REQUIRED_CHECK}: a skill with errors can be merged.",
            f"echo '{_ruleset(main.name)}' | gh api -X POST repos/{at.full_name}/rulesets --input -",
        )
    review = (main.rule("pull_request") or {}).get("parameters") or {}
    if main.rules is not None and not review.get("require_code_owner_review"):
        yield Advice(
            "code owners",
            "hint",
            "Nobody in CODEOWNERS has to agree: a pull request can change the check that judges it.",
            page(at, "settings/rules"),
        )


def owners(at: Settings) -> Iterator[Advice]:
    """Whether GitHub knows the people whom CODEOWNERS names: a line with one that it does not know counts for nothing."""
    for each in at.unowned or ():
        said = " ".join(str(each["message"]).split("\n")[0].rstrip(": ").split())
        yield Advice(
            "code owners",
            "bad",
            f"{each['path']}:{each['line']}: {said}. GitHub takes no notice of the line, so nobody guards what it names.",
            f"Name people or teams that may write here: {page(at, 'settings/access')}",
        )


def up_to_date(at: Settings) -> Iterator[Advice]:
    """Two pull requests may each be right and not both: names are unique only if the second is checked on the first."""
    if at.main.rules is None:
        return
    strict = ((at.main.rule("required_status_checks") or {}).get("parameters") or {}).get(
        "strict_required_status_checks_policy"
    )
    if at.main.rule("merge_queue"):
        yield Advice("merge queue", "good", "Each change is checked on top of those before it.")
    elif strict:
        yield Advice("merge queue", "good", "A branch must be up to date with main before it is merged.")
    else:
        yield Advice(
            "merge queue",
            "hint",
            "There is none, and branches need not be up to date: two skills of one name can both be merged.",
            page(at, "settings/rules"),
        )


def drafts(at: Settings) -> Iterator[Advice]:
    """Whether the bot can push to draft/ branches at all."""
    if at.draft.rules is None:
        return
    stopping = sorted({rule["type"] for rule in at.draft.rules} & set(_STOPPING))
    if stopping:
        yield Advice(
            "branches of drafts",
            "bad",
            f"Rules hold for draft/ as well ({', '.join(stopping)}): the bot's pushes will be refused.",
            f"Exclude refs/heads/draft/**/* in {page(at, 'settings/rules')}",
        )
    else:
        yield Advice("branches of drafts", "good", "No rule stops a push to draft/.")


def catalogue(at: Settings) -> Iterator[Advice]:
    """Whether the job that writes the catalogue may push to main."""
    if at.variables is None:
        return
    if at.variables.get("SKILL_FLEET_CATALOG") != "main":
        yield Advice(
            "catalogue",
            "hint",
            "It goes onto the branch catalog, not onto main.",
            "As .github/SECURITY.md says: a deploy key, then gh variable set SKILL_FLEET_CATALOG --body main",
        )
        return
    if at.keys is not None and not any(not key["read_only"] for key in at.keys):
        mend = f"gh repo deploy-key add KEY.pub --allow-write --title skill-fleet-catalog --repo {at.full_name}"
        yield Advice("catalogue", "bad", "There is no deploy key that may write: its job will fail.", mend)
    elif at.bypass is None:
        yield Advice("catalogue", "unknown", "Who may bypass the rules of main is not told.", administrator(at))
    elif at.main.rules and not any(actor["actor_type"] == "DeployKey" for actor in at.bypass):
        yield Advice(
            "catalogue",
            "bad",
            "Deploy keys may not bypass the rules of main: after each merge its push will be refused.",
            f"Add deploy keys to the bypass list: {page(at, 'settings/rules')}",
        )
    elif (at.main.protection or {}).get("protected") and not at.main.rules:
        yield Advice(
            "catalogue",
            "hint",
            "Main is protected in the older way, which cannot let a deploy key alone through.",
            f"Use a ruleset instead: {page(at, 'settings/rules')}",
        )
    else:
        yield Advice("catalogue", "good", "A deploy key may push it to main.")


def _ruleset(branch: str) -> str:
    return (
        f'{{"name": "{branch}", "target": "branch", "enforcement": "active", '
        f'"conditions": {{"ref_name": {{"include": ["refs/heads/{branch}"], "exclude": []}}}}, '
        '"rules": [{"type": "pull_request", "parameters": {"required_approving_review_count": 0, '
        '"dismiss_stale_reviews_on_push": true, "require_code_owner_review": true, '
        '"require_last_push_approval": false, "required_review_thread_resolution": false}}, '
        '{"type": "required_status_checks", "parameters": {"strict_required_status_checks_policy": true, '
        f'"required_status_checks": [{{"context": "{REQUIRED_CHECK}"}}]}}}}]}}'
    )
