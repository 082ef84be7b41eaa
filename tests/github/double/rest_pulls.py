"""Pull requests over REST: opening, listing, changing, merging, labels."""

from __future__ import annotations

from typing import Any

from double import shape
from double.rest import Json, Request, require, route, user
from double.rest_settings import WELL_KEPT
from double.rights import may_create_labels
from double.world import NAME, OWNER, REPOSITORY_ID, Pull, Refusal

LIMIT = 65_536
_PREFIX = "ReposOwnerRepo"


def told(request: Request, pull: Pull) -> dict[str, Any]:
    """A pull request as both of REST's views of it have it."""
    here = {"id": REPOSITORY_ID, "name": NAME, "full_name": f"{OWNER}/{NAME}"}
    theirs = here if not pull.fork else {"id": REPOSITORY_ID + 1, "name": NAME, "full_name": f"{pull.fork}/{NAME}"}
    base_oid = request.world.git.branches().get(pull.base, pull.head_oid)
    owner = pull.fork or OWNER
    return {
        "id": pull.number,
        "node_id": f"PR_{pull.number}",
        "number": pull.number,
        "url": f"{request.base}/repos/{OWNER}/{NAME}/pulls/{pull.number}",
        "title": pull.title,
        "body": pull.body,
        "state": "open" if pull.state == "open" else "closed",
        "draft": pull.draft,
        "merged_at": pull.merged,
        "user": user(pull.author),
        "labels": [shape.answer("PullRequestPropLabelsItems", {"name": name}) for name in pull.labels],
        "head": {"label": f"{owner}:{pull.head}", "ref": pull.head, "sha": pull.head_oid, "repo": theirs},
        "base": {"label": f"{OWNER}:{pull.base}", "ref": pull.base, "sha": base_oid, "repo": here},
    }


@route("GET pulls", "PullRequestSimple")
def _list(request: Request) -> Json:
    state, head = request.query.get("state", "open"), request.query.get("head", "")
    owner, _, branch = head.partition(":")
    found = [
        pull for pull in request.world.pulls.values() if state in ("all", "open" if pull.state == "open" else "closed")
    ]
    if branch:  # without an owner GitHub ignores it
        found = [pull for pull in found if (pull.fork or OWNER, pull.head) == (owner, branch)]
    return [told(request, pull) for pull in sorted(found, key=lambda pull: -pull.number)]


@route("GET commits/{commit}/pulls", "PullRequestSimple")
def _of_commit(request: Request, commit: str) -> Json:
    """Those that brought the commit in, or that contain it."""
    git = request.world.git
    found = [each for each in request.world.pulls.values() if each.merge_commit == commit]
    also = [each for each in request.world.pulls.values() if commit in git.commits(each.base, each.head_oid)]
    return [told(request, pull) for pull in sorted(found + also, key=lambda pull: pull.number)]


@route("POST pulls", "PullRequest", f"{_PREFIX}PullsPostBody", 201)
def _open(request: Request) -> Json:
    world, body, who = request.world, request.body, request.account
    if who.kind == "Bot" and not world.settings.get("can_approve_pull_request_reviews", True):
        raise Refusal(403, "GitHub Actions is not permitted to create or approve pull requests.")
    require(who.may_write)
    tips = world.git.branches()
    if body["base"] not in tips or body["head"] not in tips:
        raise Refusal(422, "Validation Failed", f"{'base' if body['base'] not in tips else 'head'} invalid")
    if any(pull.head == body["head"] and pull.state == "open" for pull in world.pulls.values()):
        raise Refusal(422, "Validation Failed", f"A pull request already exists for {OWNER}:{body['head']}.")
    if world.git.contains(tips[body["base"]], tips[body["head"]]):
        raise Refusal(422, "Validation Failed", f"No commits between {body['base']} and {body['head']}")
    check(body.get("body") or "")
    if body.get("draft") and world.settings.get("lacks_drafts"):
        raise Refusal(422, "Draft pull requests are not supported in this repository.")
    number = 1 + max(world.pulls, default=0)
    oid = tips[body["head"]]
    pull = Pull(
        number,
        who,
        body["title"],
        body.get("body") or "",
        body["head"],
        oid,
        body["base"],
        body.get("draft", False),
        world.tick(),
    )
    world.pulls[number] = pull
    world.git.keep(number, oid)
    return told(request, pull)


@route("GET pulls/{number}", "PullRequest")
def _get(request: Request, number: int) -> Json:
    facts = told(request, request.world.pull(number))
    return {**facts, "merged": facts["merged_at"] is not None}


@route("PATCH pulls/{number}", "PullRequest", f"{_PREFIX}PullsPullNumberPatchBody")
def _change(request: Request, number: int) -> Json:
    world, pull = request.world, request.world.pull(number)
    require(request.account.may_write or request.account == pull.author)
    state, pull.body = request.body.get("state", pull.state), request.body.get("body", pull.body)
    pull.title = request.body.get("title", pull.title)
    if state == "open" and pull.state == "closed":
        tip = world.git.branches().get(pull.head)
        if pull.merged or tip is None or not world.git.contains(tip, pull.head_oid):
            raise Refusal(
                422,
                "Validation Failed",
                f"state cannot be changed. The {pull.head} branch was force-pushed or recreated.",
            )
        pull.state, pull.head_oid = "open", tip
        world.git.keep(number, tip)
        pull.events.append({"__typename": "ReopenedEvent", "actor": request.account, "createdAt": world.tick()})
    elif state == "closed":
        pull.state = "closed"
        world.tick()
    return told(request, pull)


@route("PUT pulls/{number}/merge", "PullRequestMergeResult", f"{_PREFIX}PullsPullNumberMergePutBody")
def _merge(request: Request, number: int) -> Json:
    world, pull, body, who = request.world, request.world.pull(number), request.body, request.account
    require(who.may_write)
    if pull.state != "open":
        raise Refusal(405, "Pull Request is not mergeable")
    if pull.draft:
        raise Refusal(405, "Pull Request is still a draft")
    if body.get("sha", pull.head_oid) != pull.head_oid:
        raise Refusal(409, "Head branch was modified. Review and try the merge again.")
    if world.settings.get("required_check") and not world.settings.get("checks_pass"):
        raise Refusal(405, f'Required status check "{world.settings["required_check"]}" is expected.')
    method, rules = body["merge_method"], {rule["type"]: rule for rule in world.rules}
    if not world.allows(method):
        raise Refusal(405, f"{method.title()} merges are not allowed on this repository.")
    if "merge_queue" in rules:  # pascalgn/automerge-action#235
        raise Refusal(405, "Changes must be made through the merge queue")
    only = rules.get("pull_request", {"parameters": {}})["parameters"].get("allowed_merge_methods")
    if (method == "merge" and "required_linear_history" in rules) or method not in (only or [method]):
        raise Refusal(405, "Repository rule violations found\n\nThis branch must not contain merge commits.")
    message = f"{body.get('commit_title', '')}\n\n{body.get('commit_message', '')}".strip()
    commit = world.git.merge(pull.base, pull.head_oid, message, (who.name or who.login, who.email), method)
    if commit is None:
        raise Refusal(405, "Pull Request is not mergeable")
    pull.state, pull.merged, pull.merge_commit, pull.method = "closed", world.tick(), commit, method
    return {"sha": commit, "merged": True, "message": "Pull Request successfully merged"}


@route("POST issues/{number}/labels", "Label", f"{_PREFIX}IssuesIssueNumberLabelsPostBodyOneof0")
def _label(request: Request, number: int) -> Json:
    pull = request.world.pull(number)
    require(request.account.may_write)
    known = request.world.settings.get("labels", WELL_KEPT["labels"])
    if not may_create_labels(request.rights, request.account.kind == "Bot") and not {*request.body["labels"]} <= {
        *known
    }:
        raise Refusal(403, "You do not have permission to create labels on this repository.")
    pull.labels += [name for name in request.body["labels"] if name not in pull.labels]
    return [{"name": name} for name in pull.labels]


@route("DELETE issues/{number}/labels/{label}", "Label")
def _unlabel(request: Request, number: int, label: str) -> Json:
    pull = request.world.pull(number)
    require(request.account.may_write)
    if label not in pull.labels:
        raise Refusal(404, "Label does not exist")
    pull.labels.remove(label)
    return [{"name": name} for name in pull.labels]


def check(body: str) -> None:
    """422 for a text that GitHub does not hold."""
    if len(body) > LIMIT:
        raise Refusal(422, "Validation Failed", f"body is too long (maximum is {LIMIT} characters)")
