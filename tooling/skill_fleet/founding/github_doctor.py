"""The doctor's checks of a repository on GitHub: settings that make something fail silently."""

from __future__ import annotations

import json
from collections.abc import Iterator

from skill_fleet.forges.github import ENVIRONMENTS, GitHubForge, Settings, read_settings
from skill_fleet.founding.doctor import Advice, bad, good, hint

REQUIRED_CHECK = "gate"
LABELS = {
    "draft-skill": "A maintainer asks for a draft of this",
    "failed": "The bot gave up; the reason is in a comment",
}
_OWN_SERVER = "SKILL_FLEET_API_BASE"  # may need no key
# The rules that can refuse a push to a branch.
_STOPPING = {"creation", "update", "pull_request", "required_status_checks", "required_signatures", "non_fast_forward"}


def examine(forge: GitHubForge) -> tuple[Advice, ...]:
    """Check all settings, in the order of GitHub's pages; nothing is changed."""
    at = read_settings(forge.calls)
    checks = (
        _bot,
        _actions,
        _required_check,
        _owners,
        _up_to_date,
        _drafts,
        _catalogue,
        _merging,
        _labels,
        _environments,
    )
    return tuple(advice for check in checks for advice in check(at))


def _unknown(what: str, at: Settings, says: str = "This token may not read them.") -> Advice:
    return Advice(what, "unknown", says, f"Use a token of an administrator: {_page(at, 'settings')}")


def _page(at: Settings, path: str) -> str:
    return f"/{at.full_name}/{path}"


def _bot(at: Settings) -> Iterator[Advice]:
    """Check which account the bot is, and whether the workflows know it."""
    if at.variables is None:
        yield _unknown("bot", at, "This token may not read the workflows' variables.")
        return
    app, bot = at.variables.get("SKILL_FLEET_APP_CLIENT_ID"), at.variables.get("SKILL_FLEET_BOT_ID")
    if app and bot:
        yield good("bot", f"The bot is the GitHub App with the account number {bot}.")
    elif app:
        yield bad(
            "bot",
            "There is a GitHub App, but the workflows do not know it: they take GitHub Actions for the bot.",
            "gh variable set SKILL_FLEET_BOT_ID --body \"$(gh api 'users/YOUR-APP[bot]' --jq .id)\"",
        )
    else:
        yield hint(
            "bot",
            "The bot uses the workflows' own token: a maintainer has to approve the checks after each of its pushes.",
            "Create a GitHub App, as .github/SECURITY.md says: /settings/apps/new",
        )


def _actions(at: Settings) -> Iterator[Advice]:
    """Check whether workflows run, and what they may do."""
    api = f"repos/{at.full_name}/actions/permissions"
    if at.actions and not at.actions["enabled"]:
        yield bad(
            "actions",
            "Actions are disabled: no workflow runs.",
            f"gh api -X PUT {api} -F enabled=true -f allowed_actions=all",
        )
    if at.workflow is None:
        yield _unknown("workflow permissions", at)
        return
    default, may_open = at.workflow["default_workflow_permissions"], at.workflow["can_approve_pull_request_reviews"]
    put = f"gh api -X PUT {api}/workflow"
    if may_open:
        yield good("pull requests by workflows", "Workflows may open pull requests.")
    elif not (at.variables or {}).get("SKILL_FLEET_APP_CLIENT_ID"):
        yield bad(
            "pull requests by workflows",
            "Workflows may not open pull requests, so no draft appears. (If the command is refused, the organisation "
            "forbids it.)",
            f"{put} -F can_approve_pull_request_reviews=true -f default_workflow_permissions={default}",
        )
    if default == "write":
        yield hint(
            "workflow permissions",
            "The token of a workflow that names no permissions may write. (Ours name theirs.)",
            f"{put} -f default_workflow_permissions=read -F can_approve_pull_request_reviews={str(may_open).lower()}",
        )
    else:
        yield good("workflow permissions", "A workflow that names no permissions may only read.")


def _required_check(at: Settings) -> Iterator[Advice]:
    """Check whether a failed check stops a merge, and an unreviewed change of the checks."""
    main = at.main
    if main.rules is None and main.protection is None:
        yield _unknown("required check", at, f"This token may not read the rules of {main.name}.")
        return
    if REQUIRED_CHECK in main.checks:
        yield good("required check", f"{main.name} requires the check {REQUIRED_CHECK}.")
    else:
        yield bad(
            "required check",
            f"{main.name} does not require the check {REQUIRED_CHECK}: a skill with errors can be merged.",
            f"echo '{_ruleset(main.name)}' | gh api -X POST repos/{at.full_name}/rulesets --input -",
        )
    review = (main.rule("pull_request") or {}).get("parameters") or {}
    if main.rules is not None and not review.get("require_code_owner_review"):
        says = "Code owners need not approve: a pull request can change the check that judges it."
        yield hint("code owners", says, _page(at, "settings/rules"))


def _ruleset(branch: str) -> str:
    review = {
        "required_approving_review_count": 0,
        "dismiss_stale_reviews_on_push": True,
        "require_code_owner_review": True,
        "require_last_push_approval": False,
        "required_review_thread_resolution": False,
    }
    checks = {"strict_required_status_checks_policy": True, "required_status_checks": [{"context": REQUIRED_CHECK}]}
    rules = {"pull_request": review, "required_status_checks": checks}
    ruleset = {
        "name": branch,
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": [f"refs/heads/{branch}"], "exclude": []}},
        "rules": [{"type": kind, "parameters": parameters} for kind, parameters in rules.items()],
    }
    return json.dumps(ruleset)


def _owners(at: Settings) -> Iterator[Advice]:
    """Check whether GitHub knows the people in CODEOWNERS; it ignores a line with one that it does not know."""
    for each in at.unowned or ():
        reason = " ".join(str(each["message"]).split("\n")[0].rstrip(": ").split())
        yield bad(
            "code owners",
            f"{each['path']}:{each['line']}: {reason}. GitHub ignores the line.",
            f"Name people or teams who can write here: {_page(at, 'settings/access')}",
        )


def _up_to_date(at: Settings) -> Iterator[Advice]:
    """Check whether changes are tested together: two pull requests may each be right, and wrong together."""
    if at.main.rules is None:
        return
    checks = (at.main.rule("required_status_checks") or {}).get("parameters") or {}
    if at.main.rule("merge_queue"):
        yield good("merge queue", "Each change is checked on top of those before it.")
    elif checks.get("strict_required_status_checks_policy"):
        yield good("merge queue", "A branch must be up to date with main before it is merged.")
    else:
        says = "There is none, and branches need not be up to date: two skills of one name can both be merged."
        yield hint("merge queue", says, _page(at, "settings/rules"))


def _drafts(at: Settings) -> Iterator[Advice]:
    """Check whether the bot can push to draft/ branches."""
    if at.draft.rules is None:
        return
    if stopping := sorted({rule["type"] for rule in at.draft.rules} & _STOPPING):
        yield bad(
            "branches of drafts",
            f"Rules apply to draft/ as well ({', '.join(stopping)}), so the bot's pushes are refused.",
            f"Exclude refs/heads/draft/**/* in {_page(at, 'settings/rules')}",
        )
    else:
        yield good("branches of drafts", "No rule stops a push to draft/.")


def _catalogue(at: Settings) -> Iterator[Advice]:
    """Check whether the job that writes the catalogue may push to main."""
    if at.variables is None:
        return
    rules = _page(at, "settings/rules")
    if at.variables.get("SKILL_FLEET_CATALOG") != "main":
        yield hint(
            "catalogue",
            "It is written to the branch catalog, not to main.",
            "As .github/SECURITY.md says: a deploy key, then gh variable set SKILL_FLEET_CATALOG --body main",
        )
    elif at.keys is not None and all(key["read_only"] for key in at.keys):
        fix = f"gh repo deploy-key add KEY.pub --allow-write --title skill-fleet-catalog --repo {at.full_name}"
        yield bad("catalogue", "No deploy key may write, so its job fails.", fix)
    elif at.bypass is None:
        yield _unknown("catalogue", at, "This token may not read who bypasses the rules of main.")
    elif at.main.rules and not any(actor["actor_type"] == "DeployKey" for actor in at.bypass):
        says = "Deploy keys may not bypass the rules of main, so its push is refused after each merge."
        yield bad("catalogue", says, f"Add deploy keys to the bypass list: {rules}")
    elif (at.main.protection or {}).get("protected") and not at.main.rules:
        says = "Main has branch protection, which cannot except a deploy key."
        yield hint("catalogue", says, f"Use a ruleset instead: {rules}")
    else:
        yield good("catalogue", "A deploy key may push it to main.")


def _merging(at: Settings) -> Iterator[Advice]:
    """Check how pull requests can be merged."""
    merge, squash = (at.repository.get(f"allow_{kind}") for kind in ("merge_commit", "squash_merge"))
    fix = f"gh api -X PATCH repos/{at.full_name} -F allow_merge_commit=true"
    if merge is None:
        yield _unknown("merge methods", at)
    elif merge:
        yield good("merge methods", "Merge commits are allowed: history shows which commit answered which request.")
    elif squash:
        yield hint("merge methods", "`promote` squashes, so history loses the commits that answered requests.", fix)
    else:
        yield bad("merge methods", "Only rebasing is allowed, so `promote` cannot record a merge.", fix)


def _labels(at: Settings) -> Iterator[Advice]:
    """Check the labels that the workflows look for."""
    if at.labels is None:
        yield _unknown("labels", at)
        return
    for name, meaning in LABELS.items():
        fix = f'gh label create {name} --repo {at.full_name} --description "{meaning}"'
        if name in at.labels:
            yield good(f"label {name}", "It exists.")
        elif name == "draft-skill":
            yield bad(f"label {name}", "It is missing, so nobody can ask for a draft.", fix)
        else:
            yield hint(f"label {name}", "It is missing: GitHub will create one without a description.", fix)


def _environments(at: Settings) -> Iterator[Advice]:
    """Check that the environments that hold secrets are open to main alone."""
    if at.environments is None:
        yield _unknown("environments", at)
        return
    variables = at.variables or {}
    wanted = {
        "skill-fleet-app": "SKILL_FLEET_APP_CLIENT_ID" in variables,
        "skill-fleet-model": not {"SKILL_FLEET_MODEL", _OWN_SERVER}.isdisjoint(variables),
        "skill-fleet-catalog": variables.get("SKILL_FLEET_CATALOG") == "main",
    }
    for name, secret in ENVIRONMENTS.items():
        if wanted.get(name, name in at.environments):
            yield from _environment(at, name, secret)


def _environment(at: Settings, name: str, secret: str) -> Iterator[Advice]:
    found = (at.environments or {}).get(name)
    what, api, main = f"environment {name}", f"repos/{at.full_name}/environments/{name}", at.main.name
    page = _page(at, "settings/environments")
    only_main = (
        f"gh api -X PUT {api} -F 'deployment_branch_policy[protected_branches]=false' "
        f"-F 'deployment_branch_policy[custom_branch_policies]=true' && "
        f"gh api -X POST {api}/deployment-branch-policies -f name={main}"
    )
    if found is None:
        yield bad(what, "It is missing: GitHub creates an open one at the first run.", only_main)
        return
    needs_no_key = name == "skill-fleet-model" and _OWN_SERVER in (at.variables or {})
    if secret and not needs_no_key and found.secrets is not None and secret not in found.secrets:
        fix = f"gh secret set {secret} --repo {at.full_name} --env {name}"
        yield bad(what, f"It has no secret {secret}, so its job fails.", fix)
    if name == "skill-fleet-release":
        if not found.reviewers:
            yield bad(what, "Nobody has to approve a release.", page)
    elif found.branches == ():
        yield bad(what, "Any branch may use its secret, so whoever can push a branch can read it.", only_main)
    elif found.branches is not None and found.branches != (main,):
        yield hint(what, f"It is open to {', '.join(found.branches)}; {main} is enough.", page)
    else:
        yield good(what, f"It is open to {main} alone.")
