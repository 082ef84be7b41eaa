"""What people say, over REST: comments, comments on lines, reviews."""

from __future__ import annotations

from typing import Any

from double.rest import Json, Request, require, route, user
from double.rest_pulls import check
from double.rights import has_right
from double.world import NAME, OWNER, Account, Pull, Refusal, Remark, Thread, World

_PREFIX = "ReposOwnerRepo"
_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


def write(world: World, account: Account, body: str, **facts: Any) -> Remark:
    """A new remark; 422 when GitHub does not hold it."""
    if not body.strip() and not facts.get("blank"):
        raise Refusal(422, "Validation Failed", "body can't be blank")
    check(body)
    return Remark(world.new_id(), account, body, world.tick(), facts=facts)


def add_to_thread(world: World, pull: Pull, thread: Thread, account: Account, body: str) -> Remark:
    """One more comment of a thread, with the review without words that GitHub wraps each in."""
    first = thread.comments[0].facts
    remark = write(world, account, body, **{**first, "reply_to": thread.comments[0].id})
    thread.comments.append(remark)
    pull.reviews.append(
        Remark(world.new_id(), account, "", remark.created, facts={"state": "COMMENTED", "commit": first["commit"]})
    )
    return remark


def _told(request: Request, pull: Pull, remark: Remark, what: str) -> dict[str, Any]:
    return {
        "id": remark.id,
        "node_id": f"N_{remark.id}",
        "user": user(remark.author),
        "body": remark.body,
        "created_at": remark.created,
        "updated_at": remark.edited or remark.created,
        f"{what}_url": f"{request.base}/repos/{OWNER}/{NAME}/{'issues' if what == 'issue' else 'pulls'}/{pull.number}",
    }


def _issue(request: Request, pull: Pull, remark: Remark) -> Json:
    return _told(request, pull, remark, "issue")


def _line(request: Request, pull: Pull, remark: Remark) -> Json:
    facts = remark.facts
    return {
        **_told(request, pull, remark, "pull_request"),
        **{name: facts[name] for name in ("path", "line", "side")},
        "commit_id": facts["commit"],
        "original_commit_id": facts["commit"],
        "subject_type": facts["subject"].lower(),
    }


def _review(request: Request, pull: Pull, remark: Remark) -> Json:
    told = _told(request, pull, remark, "pull_request")
    del told["created_at"], told["updated_at"]
    return {**told, "state": remark.facts["state"], "commit_id": remark.facts["commit"], "submitted_at": remark.created}


def _since(request: Request, rows: list[Json]) -> list[Json]:
    return [row for row in rows if row["updated_at"] >= request.query.get("since", "")]


@route("GET issues/{number}/comments", "IssueComment")
def _comments(request: Request, number: int) -> Json:
    pull = request.world.talk(number)
    return _since(request, [_issue(request, pull, remark) for remark in pull.comments])


@route("POST issues/{number}/comments", "IssueComment", f"{_PREFIX}IssuesIssueNumberCommentsPostBody", 201)
def _comment(request: Request, number: int) -> Json:
    pull = request.world.talk(number)
    may_talk = number not in request.world.issues or request.rights is None
    require(may_talk or has_right(request.rights or {}, "issues", True))
    remark = write(request.world, request.account, request.body["body"])
    pull.comments.append(remark)
    return _issue(request, pull, remark)


@route("GET issues/comments/{id}", "IssueComment")
def _comment_alone(request: Request, id: int) -> Json:
    pull, remark = _owned(request, "comment", id)
    return _issue(request, pull, remark)


@route("GET pulls/{number}/comments", "PullRequestReviewComment")
def _line_comments(request: Request, number: int) -> Json:
    pull = request.world.pull(number)
    rows = [_line(request, pull, remark) for thread in pull.threads for remark in thread.comments]
    return _since(request, rows)


@route("POST pulls/{number}/comments", "PullRequestReviewComment", f"{_PREFIX}PullsPullNumberCommentsPostBody", 201)
def _comment_on(request: Request, number: int) -> Json:
    world, pull, body = request.world, request.world.pull(number), request.body
    base, path, commit = world.git.branches()[pull.base], body["path"], body["commit_id"]
    if commit not in world.git.commits(base, pull.head_oid):
        raise Refusal(422, "Validation Failed", "commit_id is not part of the pull request")
    if not world.git.touches(base, commit, path):
        raise Refusal(
            422, "Validation Failed", "pull_request_review_thread.path diff too large or path could not be resolved"
        )
    subject = body.get("subject_type", "line").upper()
    line, side = body.get("line"), body.get("side", "RIGHT")
    start = body.get("start_line")
    if subject == "LINE":
        if start is not None and (start >= line or body.get("start_side") != side):
            raise Refusal(422, "Validation Failed", "pull_request_review_thread.start_line must precede the end line.")
        if line < 1 or not world.git.in_diff(base, commit, path, side, start or line, line):
            raise Refusal(422, "Validation Failed", "pull_request_review_thread.line must be part of the diff")
    facts = {"path": path, "commit": commit, "line": line, "start": start, "side": side, "subject": subject}
    thread = Thread(f"PRRT_{world.new_id()}", path, side, subject, [])
    thread.comments.append(write(world, request.account, body["body"], **facts, reply_to=None))
    pull.threads.append(thread)
    envelope = Remark(
        world.new_id(), request.account, "", thread.comments[0].created, facts={"state": "COMMENTED", "commit": commit}
    )
    pull.reviews.append(envelope)
    return _line(request, pull, thread.comments[0])


@route("GET pulls/{number}/reviews", "PullRequestReview")
def _reviews(request: Request, number: int) -> Json:
    pull = request.world.pull(number)
    return [_review(request, pull, remark) for remark in pull.reviews]


@route("POST pulls/{number}/reviews", "PullRequestReview", f"{_PREFIX}PullsPullNumberReviewsPostBody")
def _new_review(request: Request, number: int) -> Json:
    world, pull, body, who = request.world, request.world.pull(number), request.body, request.account
    event = body["event"]
    if event != "COMMENT" and who == pull.author:
        verb = "approve" if event == "APPROVE" else "request changes on"
        raise Refusal(422, "Unprocessable Entity", f"Can not {verb} your own pull request")
    if who.kind == "Bot" and event == "APPROVE" and not world.settings.get("can_approve_pull_request_reviews", True):
        raise Refusal(403, "GitHub Actions is not permitted to create or approve pull requests.")
    facts = {"state": _STATES[event], "commit": body.get("commit_id", pull.head_oid), "blank": event == "APPROVE"}
    remark = write(world, who, body.get("body", ""), **facts)
    pull.reviews.append(remark)
    return _review(request, pull, remark)


@route("GET pulls/{number}/reviews/{id}", "PullRequestReview")
def _get_review(request: Request, number: int, id: int) -> Json:
    pull = request.world.pull(number)
    return _review(request, pull, _find(pull.reviews, id))


@route("PUT pulls/{number}/reviews/{id}", "PullRequestReview", f"{_PREFIX}PullsPullNumberReviewsReviewIdPutBody")
def _edit_review(request: Request, number: int, id: int) -> Json:
    pull = request.world.pull(number)
    remark = _find(pull.reviews, id)
    _edit(request, remark)
    return _review(request, pull, remark)


@route(
    "PUT pulls/{number}/reviews/{id}/dismissals",
    "PullRequestReview",
    f"{_PREFIX}PullsPullNumberReviewsReviewIdDismissalsPutBody",
)
def _dismiss(request: Request, number: int, id: int) -> Json:
    pull = request.world.pull(number)
    require(request.account.may_write)
    remark = _find(pull.reviews, id)
    if remark.facts["state"] not in ("APPROVED", "CHANGES_REQUESTED"):
        raise Refusal(
            422, "Validation Failed", f"Can not dismiss a {remark.facts['state'].lower()} pull request review"
        )
    remark.facts["state"] = "DISMISSED"
    request.world.tick()
    return _review(request, pull, remark)


@route("GET issues/comments/{id}", "IssueComment")
def _get_comment(request: Request, id: int) -> Json:
    return _issue(request, *_owned(request, "comment", id))


@route("PATCH issues/comments/{id}", "IssueComment", f"{_PREFIX}IssuesCommentsCommentIdPatchBody")
def _edit_comment(request: Request, id: int) -> Json:
    pull, remark = _owned(request, "comment", id)
    _edit(request, remark)
    return _issue(request, pull, remark)


@route("DELETE issues/comments/{id}", status=204)
def _delete_comment(request: Request, id: int) -> Json:
    pull, remark = _owned(request, "comment", id)
    _may_change(request, remark)
    pull.comments.remove(remark)


@route("GET pulls/comments/{id}", "PullRequestReviewComment")
def _get_line(request: Request, id: int) -> Json:
    return _line(request, *_owned(request, "line", id))


@route("PATCH pulls/comments/{id}", "PullRequestReviewComment", f"{_PREFIX}PullsCommentsCommentIdPatchBody")
def _edit_line(request: Request, id: int) -> Json:
    pull, remark = _owned(request, "line", id)
    _edit(request, remark)
    return _line(request, pull, remark)


@route("DELETE pulls/comments/{id}", status=204)
def _delete_line(request: Request, id: int) -> Json:
    pull, remark = _owned(request, "line", id)
    _may_change(request, remark)
    thread = next(each for each in pull.threads if remark in each.comments)
    thread.comments.remove(remark)
    if not thread.comments:
        pull.threads.remove(thread)


def _owned(request: Request, kind: str, id: int) -> tuple[Pull, Remark]:
    for pull in [*request.world.pulls.values(), *request.world.issues.values()]:
        lines = [remark for thread in pull.threads for remark in thread.comments]
        for remark in pull.comments if kind == "comment" else lines:
            if remark.id == id:
                return pull, remark
    raise Refusal(404, "Not Found")


def _find(remarks: list[Remark], id: int) -> Remark:
    found = next((remark for remark in remarks if remark.id == id), None)
    if found is None:
        raise Refusal(404, "Not Found")
    return found


def _edit(request: Request, remark: Remark) -> None:
    _may_change(request, remark)
    check(request.body["body"])
    remark.body, remark.editor, remark.edited = request.body["body"], request.account, request.world.tick()


def _may_change(request: Request, remark: Remark) -> None:
    require(request.account.may_write or request.account == remark.author)
