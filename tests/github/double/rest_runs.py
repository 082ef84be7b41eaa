"""What workflows do over REST beside pull requests: reports, issues, reactions, other workflows, what is published."""

from __future__ import annotations

from double.rest import Json, Request, route, user
from double.rights import has_right
from double.world import Pull, Refusal

_PREFIX = "ReposOwnerRepo"


def _done(request: Request, what: str) -> None:
    request.world.done.append(what)


@route("GET actions/workflows/{name}", "Workflow")
def _workflow(request: Request, name: str) -> Json:
    return {"path": f".github/workflows/{name}", "state": "active"}


@route("GET actions/workflows/{name}/runs", "ReposOwnerRepoActionsWorkflowsWorkflowIdRunsGetResponse200")
def _runs(request: Request, name: str) -> Json:
    return {"total_count": 0, "workflow_runs": []}


@route(
    "POST actions/workflows/{name}/dispatches",
    body=f"{_PREFIX}ActionsWorkflowsWorkflowIdDispatchesPostBody",
    status=204,
)
def _dispatch(request: Request, name: str) -> Json:
    if request.body["ref"] != "main":
        raise Refusal(422, f"No ref found for: {request.body['ref']}")
    _done(request, f"dispatch {name} {request.body.get('inputs')}")


@route("POST statuses/{sha}", "Status", f"{_PREFIX}StatusesShaPostBody", 201)
def _status(request: Request, sha: str) -> Json:
    _done(request, f"status {sha} {request.body['context']} {request.body['state']}")
    return {"context": request.body["context"], "state": request.body["state"]}


@route("POST check-runs", "CheckRun", f"{_PREFIX}CheckRunsPostBodyOneof0", 201)
def _check_run(request: Request) -> Json:
    body = request.body
    _done(request, f"check {body['head_sha']} {body['name']} {body['conclusion']}")
    return {"name": body["name"], "head_sha": body["head_sha"], "status": "completed", "conclusion": body["conclusion"]}


@route("POST issues/comments/{id}/reactions", "Reaction", f"{_PREFIX}IssuesCommentsCommentIdReactionsPostBody", 201)
@route("POST pulls/comments/{id}/reactions", "Reaction", f"{_PREFIX}PullsCommentsCommentIdReactionsPostBody", 201)
def _react(request: Request, id: int) -> Json:
    _done(request, f"reaction {id} {request.body['content']}")
    return {"content": request.body["content"], "user": user(request.account)}


@route("GET issues", "Issue")
def _issues(request: Request) -> Json:
    _require_issues(request, write=False)
    rows = [each for each in request.world.issues.values() if each.state == request.query.get("state", "open")]
    return [{"number": each.number, "body": each.body, "user": user(each.author)} for each in rows]


@route("POST issues", "Issue", f"{_PREFIX}IssuesPostBody", 201)
def _open_issue(request: Request) -> Json:
    _require_issues(request)
    number, body = 1 + max([*request.world.issues, *request.world.pulls], default=0), request.body
    issue = Pull(number, request.account, body["title"], body.get("body", ""), "", "", "", False, request.world.tick())
    request.world.issues[number] = issue
    return {"number": number, "title": issue.title, "body": issue.body, "user": user(issue.author)}


@route("PATCH issues/{number}", "Issue", f"{_PREFIX}IssuesIssueNumberPatchBody")
def _change_issue(request: Request, number: int) -> Json:
    _require_issues(request)
    issue = request.world.talk(number)
    issue.body, issue.state = request.body.get("body", issue.body), request.body.get("state", issue.state)
    return {"number": number, "title": issue.title, "body": issue.body, "user": user(issue.author)}


def _require_issues(request: Request, write: bool = True) -> None:
    if request.rights is not None and not has_right(request.rights, "issues", write):
        raise Refusal(403, "Resource not accessible by integration")


@route("POST attestations")
@route("POST pages/deployments")
@route("POST id-token")
def _publish(request: Request) -> Json:
    """What stands in for actions of others does; the last one is the runner's own, not GitHub's API."""
    return {}
