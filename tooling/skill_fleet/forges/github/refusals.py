"""GitHub's refusals in our words: one sentence, and what to do about it."""

from __future__ import annotations

import re
from typing import NoReturn

from skill_fleet.errors import UserError
from skill_fleet.forges.github.calls import Refused, Unclear

_TABLE = (
    # what GitHub says, what we say, and the tip; `{0}` is what GitHub said
    (
        r"can not (approve|request changes on) your own",
        "You opened it, so you can neither approve it nor request changes.",
        "Ask somebody else, or comment.",
    ),
    (
        r"not permitted to create or approve pull requests",
        "Workflows may not open or approve pull requests here.",
        "Allow it: gh api -X PUT repos/OWNER/NAME/actions/permissions/workflow -F can_approve_pull_request_reviews=true",
    ),
    (r"No commits between", "There are no commits between the base and the branch.", "Commit to the branch first."),
    (r"body is too long|is too long \(maximum is 65536", "GitHub holds no text of that length.", "Make it shorter."),
    (
        r"must be part of the (same )?(hunk|diff)|not part of the pull request|could not be resolved|outside",
        "The lines are not in the diff of the pull request.",
        "Comment on lines that it changes, or right beside them.",
    ),
    (
        r"Draft pull requests are not supported",
        "This repository cannot hold drafts of pull requests.",
        "Make it public, or choose a plan of GitHub's that has them.",
    ),
    (r"still a draft", "The pull request is a draft.", "Make it ready first."),
    (
        r"(Merge|Squash|Rebase) (commits|merges) are not allowed",
        "The repository does not allow this kind of merge.",
        "Look at its settings: skill-fleet doctor --forge github",
    ),
    (
        r"required status check|approving review is required|protected branch|rule violations|merge queue",
        "The rules of the base do not let it in: {0}",
        "Meet them, or look at them: skill-fleet doctor --forge github",
    ),
    (r"secondary rate limit|abuse detection", "GitHub is asked too often.", "Run it again in some minutes."),
)


def refuse(problem: Refused | Unclear, what: str) -> NoReturn:
    """Raise the UserError for a call that was to do `what`."""
    if isinstance(problem, Unclear):
        raise UserError(
            f"GitHub does not answer ({problem}), so nobody knows whether it did {what}.",
            "Run it again: what arrived is found, and not done twice.",
        ) from problem
    said = _plain(problem.message)
    for pattern, message, tip in _TABLE:
        if re.search(pattern, problem.message, re.IGNORECASE):
            raise UserError(message.format(said), tip) from problem
    if problem.status == 401:
        raise UserError("GitHub does not know the token.", "Give a new one: export GH_TOKEN=…") from problem
    if problem.status in (403, 404):
        tip = "Give it the right, or see what it has: skill-fleet doctor --forge github"
        raise UserError(f"The token may not do this: {what} ({said}).", tip) from problem
    raise UserError(f"GitHub refused {what}: {said}", "Mend that, then run it again.") from problem


def _plain(text: str) -> str:
    """GitHub's words on one line, without a full stop."""
    return " ".join(text.split())[:300].rstrip(".") or "it gives no reason"
