"""Everything that the doctor looks at in a repository on GitHub, in the order in which people read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from skill_fleet.forges.github import ENVIRONMENTS, GitHubForge, Refused, Settings, Unclear, read_settings, refuse

State = Literal["good", "bad", "hint", "unknown"]


@dataclass(frozen=True)
class Advice:
    """One thing that was looked at: how it is, what will happen because of it, and the command that fixes it."""

    what: str
    state: State
    says: str
    fix: str = ""


def administrator(at: Settings) -> str:
    """What to do when this token is not told."""
    return f"Look with a token of an administrator: {page(at, 'settings')}"


def page(at: Settings, path: str) -> str:
    """A page of the repository on GitHub."""
    return f"/{at.full_name}/{path}"


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
        fix = f"gh repo deploy-key add KEY.pub --allow-write --title skill-fleet-catalog --repo {at.full_name}"
        yield Advice("catalogue", "bad", "There is no deploy key that may write: its job will fail.", fix)
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
        fix = f"gh secret set {secret} --repo {at.full_name} --env {name}"
        yield Advice(what, "bad", f"It has no secret {secret}: its job will fail.", fix)
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


LABELS = {
    "draft-skill": "A maintainer asks for a draft of this",
    "failed": "The bot gave up; the reason is in a comment",
}


def identity(at: Settings) -> Iterator[Advice]:
    """Which account the bot is, and whether the workflows know it."""
    variables = at.variables
    if variables is None:
        yield Advice("bot", "unknown", "The variables of the workflows are not told to this token.", administrator(at))
        return
    app, bot = variables.get("SKILL_FLEET_APP_CLIENT_ID"), variables.get("SKILL_FLEET_BOT_ID")
    if app and not bot:
        yield Advice(
            "bot",
            "bad",
            "A GitHub App is set up, and the workflows take GitHub Actions for the bot: they will not know its drafts.",
            "gh variable set SKILL_FLEET_BOT_ID --body \"$(gh api 'users/YOUR-APP[bot]' --jq .id)\"",
        )
    elif app:
        yield Advice("bot", "good", f"The bot is the GitHub App with the account number {bot}.")
    else:
        yield Advice(
            "bot",
            "hint",
            "The bot is the workflows' own token: after each of its pushes a maintainer has to approve the checks' runs.",
            "Make a GitHub App, as .github/SECURITY.md says: /settings/apps/new",
        )


def actions(at: Settings) -> Iterator[Advice]:
    """Whether workflows run, and what they may do."""
    if at.actions and not at.actions["enabled"]:
        fix = f"gh api -X PUT repos/{at.full_name}/actions/permissions -F enabled=true -f allowed_actions=all"
        yield Advice("actions", "bad", "Actions are switched off: nothing here will ever run.", fix)
    if at.workflow is None:
        yield Advice("workflow permissions", "unknown", "They are not told to this token.", administrator(at))
        return
    path = f"repos/{at.full_name}/actions/permissions/workflow"
    app = (at.variables or {}).get("SKILL_FLEET_APP_CLIENT_ID")
    if at.workflow["can_approve_pull_request_reviews"]:
        yield Advice("pull requests by workflows", "good", "Workflows may open pull requests.")
    elif not app:
        yield Advice(
            "pull requests by workflows",
            "bad",
            "Workflows may not open pull requests: no draft will ever appear. If the command is refused, the "
            "organisation forbids it.",
            f"gh api -X PUT {path} -F can_approve_pull_request_reviews=true "
            f"-f default_workflow_permissions={at.workflow['default_workflow_permissions']}",
        )
    if at.workflow["default_workflow_permissions"] == "write":
        yield Advice(
            "workflow permissions",
            "hint",
            "A workflow that names no permissions gets a token that may write. Ours name theirs.",
            f"gh api -X PUT {path} -f default_workflow_permissions=read -F can_approve_pull_request_reviews="
            f"{str(at.workflow['can_approve_pull_request_reviews']).lower()}",
        )
    else:
        yield Advice("workflow permissions", "good", "A workflow that names no permissions may only read.")


def labels(at: Settings) -> Iterator[Advice]:
    """The labels that the workflows look for."""
    if at.labels is None:
        yield Advice("labels", "unknown", "They are not told to this token.", administrator(at))
        return
    for name, meaning in LABELS.items():
        if name in at.labels:
            yield Advice(f"label {name}", "good", "It is there.")
        else:
            fix = f'gh label create {name} --repo {at.full_name} --description "{meaning}"'
            why = (
                "Nobody can ask for a draft" if name == "draft-skill" else "GitHub will make one without a description"
            )
            yield Advice(f"label {name}", "bad" if name == "draft-skill" else "hint", f"It is missing: {why}.", fix)


def merging(at: Settings) -> Iterator[Advice]:
    """How pull requests are merged."""
    merge, squash = (at.repository.get(f"allow_{kind}") for kind in ("merge_commit", "squash_merge"))
    if merge is None:
        yield Advice("merge methods", "unknown", "They are not told to this token.", administrator(at))
    elif merge:
        yield Advice(
            "merge methods", "good", "Merge commits are allowed: the history keeps which commit answered what."
        )
    elif squash:
        yield Advice(
            "merge methods",
            "hint",
            "`promote` squashes here: the commits that answered the requests leave the history.",
            f"gh api -X PATCH repos/{at.full_name} -F allow_merge_commit=true",
        )
    else:
        yield Advice(
            "merge methods",
            "bad",
            "Only rebasing is allowed, and `promote` cannot leave its record in a merge commit.",
            f"gh api -X PATCH repos/{at.full_name} -F allow_merge_commit=true",
        )


CHECKS = (
    identity,
    actions,
    required_check,
    owners,
    up_to_date,
    drafts,
    catalogue,
    merging,
    labels,
    environments,
)


def examine(forge: GitHubForge) -> tuple[Advice, ...]:
    """What will fail silently, and the command that fixes it; nothing is changed."""
    try:
        settings = read_settings(forge.calls)
    except (Refused, Unclear) as problem:
        refuse(problem, "a look at the repository")
    return tuple(advice for check in CHECKS for advice in check(settings))
