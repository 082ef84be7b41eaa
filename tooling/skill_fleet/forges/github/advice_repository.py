"""The checks of the repository itself: who the bot is, what workflows may do, labels, kinds of merges."""

from __future__ import annotations

from collections.abc import Iterator

from skill_fleet.forges.github.advice import Advice, administrator
from skill_fleet.forges.github.settings import Settings

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
        mend = f"gh api -X PUT repos/{at.full_name}/actions/permissions -F enabled=true -f allowed_actions=all"
        yield Advice("actions", "bad", "Actions are switched off: nothing here will ever run.", mend)
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
            mend = f'gh label create {name} --repo {at.full_name} --description "{meaning}"'
            why = (
                "Nobody can ask for a draft" if name == "draft-skill" else "GitHub will make one without a description"
            )
            yield Advice(f"label {name}", "bad" if name == "draft-skill" else "hint", f"It is missing: {why}.", mend)


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
