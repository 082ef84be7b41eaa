"""The doctor's checks of a repository on GitHub: settings that make something fail silently."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from skill_fleet.forges import github
from skill_fleet.founding.doctor import Advice, bad, good, hint

REQUIRED_CHECK = "gate"
LABELS = {
    "draft-skill": "A maintainer asks for a draft of this",
    "failed": "The bot gave up; the reason is in a comment",
    "model-written-code": "A model wrote code in it",
    "too-long": "More comments than the bot reads",
    "new-skill": "It adds a skill",
    "changed-skill": "It changes, moves, retires or removes a skill",
    "new-capability": "A script, host, tool or binary file that is new to a skill",
}
_ACTIONS_APP = 15368  # GitHub Actions on github.com, as https://api.github.com/apps/github-actions says
_ADMINISTRATORS = 5  # the role, as a rule names it
_OWN_SERVER = "SKILL_FLEET_API_BASE"  # may need no key
# The rules that can refuse a push to a branch.
_STOPPING = {"creation", "update", "pull_request", "required_status_checks", "required_signatures", "non_fast_forward"}


def create_labels(forge: github.GitHubForge) -> tuple[str, ...]:
    """Create the labels that are missing; return their names. The workflows' tokens may not."""
    there = {label["name"].lower() for label in forge.calls.pages("labels")}
    missing = tuple(name for name in LABELS if name not in there)
    for name in missing:
        github.create_label(forge.calls, name, LABELS[name])
    return missing


def examine(forge: github.GitHubForge) -> tuple[Advice, ...]:
    """Check all settings, in the order of GitHub's pages; nothing is changed."""
    at = github.read_settings(forge.calls)
    checks = (
        _server,
        _default_branch,
        _bot,
        _actions,
        _required_check,
        _owners,
        _up_to_date,
        _drafts,
        _catalogue,
        _pages,
        _evaluation,
        _merging,
        _issues,
        _labels,
        _environments,
    )
    return (*_remote(forge, at), *(advice for check in checks for advice in check(at)))


def _unknown(what: str, at: github.Settings, says: str = "This token may not read them.") -> Advice:
    return Advice(what, "unknown", says, f"Use a token of an administrator: {_page(at, 'settings')}")


def _page(at: github.Settings, path: str) -> str:
    return f"{at.server}/{at.full_name}/{path}"


def _remote(forge: github.GitHubForge, at: github.Settings) -> Iterator[Advice]:
    """Check whether the remote has the repository's current name."""
    if at.full_name.lower() not in (forge.repo.remote_url(forge.remote) or "").lower():
        says = f"The repository is called {at.full_name} now. GitHub redirects, until somebody else takes the old name."
        fix = f"git remote set-url {forge.remote} {at.server}/{at.full_name}.git"
        yield hint("remote", says, fix)


def _server(at: github.Settings) -> Iterator[Advice]:
    """Check whether the server has what the workflows use."""
    if at.is_enterprise_server:
        yield bad(
            "server",
            "GitHub Enterprise Server has no artifacts of version 4 and no hosted runners: of the workflows, only check works "
            "there, on a runner of your own with the label ubuntu-24.04.",
            "Disable the others, and take the bot's turns from a clone: skill-fleet review watch NUMBER --as-me",
        )


def _default_branch(at: github.Settings) -> Iterator[Advice]:
    """Check the name of the default branch, which is written in the workflows: an event cannot be filtered by a variable."""
    if (name := at.main.name) != "main":
        yield bad(
            "default branch",
            f"The default branch is {name}, and the workflows react to pushes to main: no catalogue is written.",
            f"gh api -X POST repos/{at.full_name}/branches/{name}/rename -f new_name=main",
        )


def _bot(at: github.Settings) -> Iterator[Advice]:
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
            f"Create a GitHub App, as .github/SECURITY.md says: {at.server}/settings/apps/new",
        )


def _actions(at: github.Settings) -> Iterator[Advice]:
    """Check whether workflows run, and what they may do."""
    api = f"repos/{at.full_name}/actions/permissions"
    if at.actions and not at.actions["enabled"]:
        yield bad(
            "actions",
            "Actions are disabled: no workflow runs.",
            f"gh api -X PUT {api} -F enabled=true -f allowed_actions=all",
        )
    elif at.actions and not at.allows_github_actions:
        yield bad(
            "actions",
            "Actions of GitHub's own, such as actions/checkout, are not allowed, so no workflow starts.",
            f"gh api -X PUT {api} -F enabled=true -f allowed_actions=selected && "
            f"gh api -X PUT {api}/selected-actions -F github_owned_allowed=true",
        )
    for path in at.stopped or ():
        yield bad(
            f"workflow {path.rpartition('/')[2]}",
            "It is disabled: GitHub stops schedules after 60 days without activity, and in forks.",
            f"gh workflow enable {path.rpartition('/')[2]} --repo {at.full_name}",
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
            "forbids it: a GitHub App still may.)",
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


def _required_check(at: github.Settings) -> Iterator[Advice]:
    """Check whether a failed check stops a merge, and an unreviewed change of the checks."""
    main, what = at.main, "required check"
    if at.lacks_rules:
        says = "This plan has no rules for a private repository: nothing stops the merge of a skill with errors."
        yield hint(what, says, "Merge with skill-fleet promote, which looks; or make it public, or upgrade the plan.")
        return
    if main.rules is None and main.protection is None:
        yield _unknown(what, at, f"This token may not read the rules of {main.name}.")
        return
    has_app = "SKILL_FLEET_APP_CLIENT_ID" in (at.variables or {})
    ours = at.app if has_app else None if at.is_enterprise_server else _ACTIONS_APP
    reporters, is_alone = main.reporters(REQUIRED_CHECK), at.repository["owner"]["type"] == "User"
    choose = f"Choose its source in the rule: {_page(at, 'settings/rules')}"
    if not reporters:
        yield bad(
            what,
            f"{main.name} does not require the check {REQUIRED_CHECK}: a skill with errors can be merged.",
            f"echo '{_ruleset(main.name, ours, is_alone)}' | gh api -X POST repos/{at.full_name}/rulesets --input -",
        )
    elif has_app and not (at.app in reporters if at.app else reporters - {None, _ACTIONS_APP}):
        says = (
            f"{main.name} requires the check {REQUIRED_CHECK}, but not the App's: a workflow of a writer can report it."
        )
        yield hint(what, says, choose)
    elif reporters == {None} and ours:
        yield hint(what, f"{main.name} takes the check {REQUIRED_CHECK} from whoever can write.", choose)
    else:
        is_open = at.variables is not None and not has_app
        trusted = " A workflow of a writer can report it too: without an App, writers are trusted." if is_open else ""
        yield good(what, f"{main.name} requires the check {REQUIRED_CHECK}.{trusted}")
    review = (main.rule("pull_request") or {}).get("parameters") or {}
    if main.rules is not None and not review.get("require_code_owner_review"):
        says = "Code owners need not approve: a pull request can change the check that judges it."
        yield hint("code owners", says, _page(at, "settings/rules"))


def _ruleset(branch: str, reporter: int | None, is_alone: bool) -> str:
    """The rules of a branch as JSON. A person's own repository has one administrator, whom nobody else could approve."""
    review = {
        "required_approving_review_count": 0,
        "dismiss_stale_reviews_on_push": True,
        "require_code_owner_review": True,
        "require_last_push_approval": False,
        "required_review_thread_resolution": False,
    }
    check = {"context": REQUIRED_CHECK, **({"integration_id": reporter} if reporter else {})}
    checks = {"strict_required_status_checks_policy": True, "required_status_checks": [check]}
    rules = {"pull_request": review, "required_status_checks": checks}
    bypass = {"actor_id": _ADMINISTRATORS, "actor_type": "RepositoryRole", "bypass_mode": "pull_request"}
    ruleset = {
        "name": branch,
        **({"bypass_actors": [bypass]} if is_alone else {}),
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": [f"refs/heads/{branch}"], "exclude": []}},
        "rules": [{"type": kind, "parameters": parameters} for kind, parameters in rules.items()],
    }
    return json.dumps(ruleset)


def _owners(at: github.Settings) -> Iterator[Advice]:
    """Check whether GitHub knows the people in CODEOWNERS; it ignores a line with one that it does not know."""
    for each in at.unowned or ():
        reason = " ".join(str(each["message"]).split("\n")[0].rstrip(": ").split())
        yield bad(
            "code owners",
            f"{each['path']}:{each['line']}: {reason}. GitHub ignores the line.",
            f"Name people or teams who can write here: {_page(at, 'settings/access')}",
        )


def _up_to_date(at: github.Settings) -> Iterator[Advice]:
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


def _drafts(at: github.Settings) -> Iterator[Advice]:
    """Check whether the bot can push to draft/ branches."""
    if at.draft.rules is None:
        return
    if stopping := _stopping(at.draft):
        yield bad(
            "branches of drafts",
            f"Rules apply to draft/ as well ({stopping}), so the bot's pushes are refused.",
            f"Exclude refs/heads/draft/**/* in {_page(at, 'settings/rules')}",
        )
    else:
        yield good("branches of drafts", "No rule stops a push to draft/.")


def _stopping(branch: github.Branch) -> str:
    return ", ".join(sorted({rule["type"] for rule in branch.rules or ()} & _STOPPING))


def _catalogue(at: github.Settings) -> Iterator[Advice]:
    """Check whether the job that writes the catalogue may push: to its branch, or to main with a deploy key or the App."""
    if at.variables is None:
        return
    where, to_key = at.variables.get("SKILL_FLEET_CATALOG"), "gh variable set SKILL_FLEET_CATALOG --body main"
    if where not in ("main", "app"):
        if stopping := _stopping(at.catalog):
            says = f"Rules apply to the branch catalog as well ({stopping}), so its job fails after each merge."
            yield bad("catalogue", says, f"Exclude refs/heads/catalog in {_page(at, 'settings/rules')}")
        else:
            says = "It is on the branch catalog; main's own copy is not kept up to date."
            yield hint("catalogue", says, f"As .github/SECURITY.md says: a deploy key, then {to_key}")
        return
    if at.catalog.protection is not None:
        says = "It is on main, but the branch catalog is still there, and is not updated any more."
        yield hint("catalogue", says, "Once nobody uses it: git push origin --delete catalog")
    actor = "DeployKey" if where == "main" else "Integration"
    with_what = "A deploy key" if where == "main" else "The GitHub App"
    if where == "main" and at.keys_allowed is False:
        says = "The organisation forbids deploy keys, so its job fails."
        yield bad("catalogue", says, "Let the GitHub App write it: gh variable set SKILL_FLEET_CATALOG --body app")
    elif where == "main" and at.keys is not None and all(key["read_only"] for key in at.keys):
        fix = f"gh repo deploy-key add KEY.pub --allow-write --title skill-fleet-catalog --repo {at.full_name}"
        yield bad("catalogue", "No deploy key may write, so its job fails.", fix)
    elif where == "app" and "SKILL_FLEET_APP_CLIENT_ID" not in at.variables:
        says = "The GitHub App is to write it, and there is none, so its job fails."
        yield bad("catalogue", says, f"Create one, as .github/SECURITY.md says, or use a deploy key: {to_key}")
    elif at.lacks_rules:
        yield good("catalogue", f"{with_what} may push it to main.")
    elif at.bypass is None:
        yield _unknown("catalogue", at, "This token may not read who bypasses the rules of main.")
    elif at.main.rules and not any(
        each["actor_type"] == actor and (where == "main" or at.app in (None, each["actor_id"])) for each in at.bypass
    ):
        says = f"{with_what} may not bypass the rules of main, so the push is refused after each merge."
        yield bad("catalogue", says, f"Add it to the bypass list: {_page(at, 'settings/rules')}")
    elif (at.main.protection or {}).get("protected") and not at.main.rules:
        says = f"Main has branch protection, which cannot except {with_what[0].lower()}{with_what[1:]}."
        yield hint("catalogue", says, f"Use a ruleset instead: {_page(at, 'settings/rules')}")
    else:
        yield good("catalogue", f"{with_what} may push it to main.")


def _pages(at: github.Settings) -> Iterator[Advice]:
    """Check whether the site has a place to go to."""
    if (at.variables or {}).get("SKILL_FLEET_PAGES") != "on" or at.repository.get("has_pages"):
        return
    if at.lacks_rules:
        says = "This plan has no Pages for a private repository, so the workflow pages fails."
        yield bad("pages", says, f"gh variable delete SKILL_FLEET_PAGES --repo {at.full_name}")
    else:
        says = "The workflow pages is on, and Pages is not."
        yield bad("pages", says, f"gh api -X POST repos/{at.full_name}/pages -f build_type=workflow")


def _evaluation(at: github.Settings) -> Iterator[Advice]:
    """Check what the workflow `eval` needs. It is off until there is a budget, and says nothing without a model."""
    variables, what = at.variables or {}, "evaluation"
    has_model = not {"SKILL_FLEET_MODEL", _OWN_SERVER}.isdisjoint(variables)
    if not (budget := variables.get("SKILL_FLEET_EVAL_BUDGET")):
        if has_model:
            says = "It is off: `/eval` in a pull request measures nothing. Its budget is the cost of one measurement."
            yield hint(what, says, "gh variable set SKILL_FLEET_EVAL_BUDGET --body 5")
    elif not re.fullmatch(r"\d*\.?\d+", budget) or not float(budget):
        fix = "gh variable set SKILL_FLEET_EVAL_BUDGET --body 5"
        yield bad(
            what, f"SKILL_FLEET_EVAL_BUDGET is {budget!r}, which is not an amount of money, so `/eval` fails.", fix
        )
    elif not has_model:
        says = "It has a budget and no model, so `/eval` does nothing."
        yield bad(what, says, "gh variable set SKILL_FLEET_MODEL --body PROVIDER/NAME")
    elif _OWN_SERVER in variables and "SKILL_FLEET_EVAL_PRICE" not in variables:
        says = "No list says what a server of your own costs, so no budget holds, and `/eval` may fail."
        yield hint(what, says, 'gh variable set SKILL_FLEET_EVAL_PRICE --body "1 5" # a million tokens in, and out')
    else:
        yield good(what, f"`/eval` in a pull request measures what it changes, for {budget} at most.")


def _merging(at: github.Settings) -> Iterator[Advice]:
    """Check how pull requests can be merged."""
    names = {"merge": "allow_merge_commit", "squash": "allow_squash_merge", "rebase": "allow_rebase_merge"}
    allowed = [method for method, name in names.items() if at.repository.get(name)]
    left = github.merge_methods(allowed, at.main.rules or ())
    fix = f"gh api -X PATCH repos/{at.full_name} -F allow_merge_commit=true"
    if "merge" in allowed or not left:  # it is a rule that forbids it
        fix = _page(at, "settings/rules")
    if at.repository.get(names["merge"]) is None:
        yield _unknown("merge methods", at)
    elif at.main.rule("merge_queue"):
        says = f"`promote` adds to the merge queue of {at.main.name}. It writes its own messages: they do not name approvers."
        yield good("merge methods", says)
    elif not left:
        yield bad("merge methods", f"The settings and the rules of {at.main.name} together allow no way to merge.", fix)
    elif left[0] == "merge":
        yield good("merge methods", "Merge commits are allowed: history shows which commit answered which request.")
    elif left[0] == "squash":
        yield hint("merge methods", "`promote` squashes, so history loses the commits that answered requests.", fix)
    else:
        yield hint("merge methods", "`promote` rebases, so history does not say who approved.", fix)


def _issues(at: github.Settings) -> Iterator[Advice]:
    """Check whether the places exist that forms and SECURITY.md send people to."""
    if at.repository.get("has_issues") is False:
        says = "They are disabled: nobody can ask for a draft, and nightly fails when it finds an error."
        yield bad("issues", says, f"gh api -X PATCH repos/{at.full_name} -F has_issues=true")
    if at.private_reports is False and not at.repository.get("private"):
        says = "SECURITY.md asks for them, and they are disabled, so vulnerabilities are reported in public."
        yield hint("private reports", says, f"gh api -X PUT repos/{at.full_name}/private-vulnerability-reporting")


def _labels(at: github.Settings) -> Iterator[Advice]:
    """Check the labels that the workflows look for."""
    if at.labels is None:
        yield _unknown("labels", at)
        return
    there = {name.lower() for name in at.labels}
    missing = [name for name in LABELS if name not in there]
    says, fix = f"Missing: {', '.join(missing)}.", "skill-fleet doctor --forge github --fix"
    if not missing:
        yield good("labels", "They all exist.")
    elif "draft-skill" in missing:
        yield bad("labels", f"{says} Nobody can ask for a draft.", fix)
    else:
        yield hint("labels", f"{says} The bot may not create labels, and goes on without.", fix)


def _environments(at: github.Settings) -> Iterator[Advice]:
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
    for name, secret in github.ENVIRONMENTS.items():
        if not wanted.get(name, name in at.environments):
            continue
        if at.lacks_rules:
            says = (
                f"This plan has no environments for a private repository: all who can push a branch can read {secret}."
            )
            fix = f"If you trust them: gh secret set {secret} --repo {at.full_name}"
            yield hint(f"environment {name}", says, fix)
        else:
            yield from _environment(at, name, secret)


def _environment(at: github.Settings, name: str, secret: str) -> Iterator[Advice]:
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
