"""The one status comment: where the session stands, what is open, what the checks say, what to do next.

It says nothing that the actions decided with it would make untrue, so that it is right when they are applied.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from skill_fleet.checks import Finding, check_skill
from skill_fleet.fleet import MemoryTree, Skill
from skill_fleet.forges import Action, AnswerAction, CommitAction, FlagAction, Snapshot, StatusAction
from skill_fleet.markdown import as_code
from skill_fleet.review.edits import Files
from skill_fleet.review.gates import latest_verdicts, standing_approvals
from skill_fleet.review.markers import receipts, render_receipt
from skill_fleet.review.requests import FAILING, Request
from skill_fleet.review.session import CHECKS, Session

LABEL = "failed"


def failures(requests: Sequence[Request], actions: Sequence[Action]) -> tuple[tuple[Request, str], ...]:
    """The requests that have failed once the actions are applied, each with the reason as it was given there."""
    now = {action.key: action for action in actions if isinstance(action, AnswerAction)}
    found = []
    for request in requests:
        answer, receipt = now.get(request.key), request.receipt
        if answer and answer.outcome == "failed":
            found.append((request, answer.text))
        elif not answer and receipt and receipt.outcome == "failed":
            found.append((request, receipt.item.body.partition("\n")[2]))
    # one paragraph: the note that a request was edited since stands in another
    return tuple((request, text.partition("\n\n")[0]) for request, text in found)


def failed_rows(failed: Sequence[tuple[Request, str]], shown: int) -> str:
    """What the status comment says of them, `shown` at most by name."""
    rows = [f"- {as_code(request.item.body)}: {as_code(why, 400)}" for request, why in failed[:shown]]
    if len(failed) > shown:
        rows.append(f"\nand {len(failed) - shown} more.")
    return "\n".join(["Failed, each after two attempts; `/retry` takes them up anew:", *rows])


def failed_label(snapshot: Snapshot, requests: Sequence[Request]) -> FlagAction | None:
    """Set or remove the label, if it says another thing than the receipts; it stays as people set it where none failed."""
    failed = bool(failures(requests, ()))
    if failed == (LABEL in snapshot.labels):
        return None
    if not failed and not any(receipt.outcome == "failed" for receipt in receipts(snapshot).values()):
        return None
    return FlagAction("label" if failed else "unlabel", LABEL)


SHOWN, HINTS = 10, 5
PARKED = (
    "The bot pushes with the workflow's own token, and GitHub holds back the checks of what that pushes: a maintainer has "
    "to approve them, with **Approve workflows to run** at the end of this page. The commit status `gate` is the same "
    "check, made on the merge with {base} by the run that pushed."
)


def skill_findings(files: Files) -> tuple[Finding, ...]:
    """What the checks say of the skill as these files make it."""
    tree = MemoryTree(files.contents, files.modes)
    return tuple(check_skill(Skill(files.folder.partition("/")[2], files.folder, tree.entries, tree)))


def stage(snapshot: Snapshot, files: Files | None, actions: Sequence[Action] = ()) -> str:
    """The checkpoint that the pull request is at, once `actions` are applied."""
    flags = [action.what for action in actions if isinstance(action, FlagAction)]
    if snapshot.state == "merged":
        return "completed"
    if snapshot.state == "closed" or "close" in flags:
        return "cancelled"
    if files is None:
        return "confirm"
    return "preview" if snapshot.draft and "ready" not in flags else "validate"


def render_status(
    snapshot: Snapshot, session: Session, files: Files | None, requests: Sequence[Request], actions: Sequence[Action]
) -> str:
    """The body of the status comment, without its receipt."""
    now = stage(snapshot, files, actions)
    skill = files.folder.partition("/")[2] if files else ""
    lines = [f"**{now}**" + (f" · {as_code(skill)}" if skill else "")]
    if session.frozen and snapshot.state == "open":
        lines.append(f"The bot commits nothing here: {session.frozen}.")
    failed = failures(requests, actions)
    waiting = _waiting(requests, actions)
    if failed and now in ("confirm", "preview", "validate"):
        lines.append(failed_rows(failed, SHOWN))
    if waiting and now in ("confirm", "preview", "validate"):
        lines.append("Open requests:\n" + "\n".join(f"- {as_code(request.item.body)}" for request in waiting[:SHOWN]))
        if len(waiting) > SHOWN:
            lines.append(f"and {len(waiting) - SHOWN} more.")
    findings = skill_findings(files) if files and now in ("preview", "validate") else ()
    if files and now in ("preview", "validate"):
        lines.append(_checks(findings))
    lines += _unasked(snapshot, session, requests)
    if snapshot.parked and snapshot.state == "open" and _is_bot_s(snapshot):
        lines.append(PARKED.format(base=as_code(snapshot.base)))
    lines.append(_next(snapshot, now, bool(waiting or failed), findings, actions))
    return "\n\n".join(lines)


def _is_bot_s(snapshot: Snapshot) -> bool:
    """Whether the head is a commit of the bot's."""
    head = next((commit for commit in snapshot.commits if commit.oid == snapshot.head_oid), None)
    return head is not None and head.author.id == snapshot.bot.id


def status_action(
    snapshot: Snapshot, session: Session, files: Files | None, requests: Sequence[Request], actions: Sequence[Action]
) -> StatusAction | None:
    """Write the one status comment when what it should say once `actions` are applied is not what it says."""
    key = f"status:pull/{snapshot.number}"
    body = f"{render_receipt(snapshot, key, 'status')}\n{render_status(snapshot, session, files, requests, actions)}"
    now = receipts(snapshot).get(key)
    return StatusAction(body) if now is None or now.item.body != body else None


def _waiting(requests: Sequence[Request], actions: Sequence[Action]) -> list[Request]:
    """The requests that are still open when the actions have been applied."""
    answered = {action.key: action.outcome for action in actions if isinstance(action, AnswerAction)}
    return [
        request
        for request in requests
        if answered.get(request.key, request.receipt.outcome if request.receipt else "open") in ("open", FAILING)
    ]


def _unasked(snapshot: Snapshot, session: Session, requests: Sequence[Request]) -> list[str]:
    """What was done for comments that were deleted or hidden since: there is no place left to answer it."""
    known = {request.key for request in requests} | set(receipts(snapshot))
    gone = [oid for key, oid in session.commits.items() if key not in known]
    return [f"Done for a comment that is gone: {', '.join(gone[:SHOWN])}."] if gone else []


def _checks(findings: Sequence[Finding]) -> str:
    errors = [finding for finding in findings if finding.severity == "error"]
    head = f"Checks: {_count(len(errors), 'error')}, {_count(len(findings) - len(errors), 'hint')}."
    rows = [
        f"- {as_code(f'{finding.path}:{finding.line}')} {finding.rule}: {as_code(finding.message, 400)}"
        for finding in errors[:SHOWN]
    ]
    hints = [finding for finding in findings if finding.severity != "error"]
    rows += [
        f"- hint: {as_code(f'{finding.path}:{finding.line}')} {finding.rule}: {as_code(finding.message)}"
        for finding in hints[:HINTS]
    ]
    if len(hints) > HINTS:
        rows.append(f"- and {_count(len(hints) - HINTS, 'more hint')}.")
    return "\n".join([head, *rows])


def _next(snapshot: Snapshot, now: str, waiting: bool, findings: Sequence[Finding], actions: Sequence[Action]) -> str:
    if now == "completed":
        return "Merged. The catalogue is written anew from the tree."
    if now == "cancelled":
        return "Closed. Open it again to go on."
    if now == "confirm":
        return "Next: read the brief, then `/proceed`, `/revise TEXT` or `/cancel`."
    if snapshot.conflicts:
        return f"Next: merge {as_code(snapshot.base)} into it and fix the conflict; a comment here says how."
    if any(finding.severity == "error" for finding in findings):
        return "Next: fix the errors, by a suggestion, a command or a push."
    if waiting:
        return "Next: settle the open requests; a resolved thread counts as withdrawn."
    moved = any(isinstance(action, CommitAction) for action in actions)
    if not moved and len(standing_approvals(snapshot)) >= snapshot.fleet.approvals:
        return f"Next: merge it, here or with `skill-fleet promote {snapshot.number}`."
    stale = " An approval of an older commit does not count." if _has_stale(snapshot, moved) else ""
    return f"Next: comment, suggest, or approve. `/help` lists the commands.{stale}"


def _has_stale(snapshot: Snapshot, moved: bool) -> bool:
    given = [item for item in latest_verdicts(snapshot) if item.verdict == "approved"]
    return any(moved or item.commit != snapshot.head_oid for item in given)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


_PLACE = re.compile(
    r"[\x21-\x7e]{1,300}:[0-9]+"
)  # any other path is left out: it might not come back as it was written
_ERRORS = re.compile(rf"([1-9][0-9]{{0,5}}) ([a-z]+/[a-z0-9-]+)(?: ({_PLACE.pattern}))?")


def checks_trailer(files: Files) -> tuple[tuple[str, str], ...]:
    """The trailer of a commit that leaves the skill like this: how many errors there are, and the first; none without."""
    errors = [finding for finding in skill_findings(files) if finding.severity == "error"]
    if not errors:
        return ()
    place = f"{errors[0].path}:{errors[0].line}"
    return ((CHECKS, f"{len(errors)} {errors[0].rule}" + (f" {place}" if _PLACE.fullmatch(place) else "")),)


def in_words(checks: str) -> str:
    """What an answer says of the value of such a trailer; '' for any other text, which somebody else has written."""
    if (found := _ERRORS.fullmatch(checks)) is None:
        return ""
    count, rule, place = found.groups()
    what = f"{count} errors now, the first" if count != "1" else "an error now"
    return f" But the checks find {what}: {rule}" + (f" at {as_code(place)}." if place else ".")
