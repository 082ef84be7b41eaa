"""The status comment: the stage of the session, open requests, the checks, the next step; and the label `failed`.

It describes the pull request as it is after the actions that are decided together with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from skill_fleet.checks import Finding, hosts_in
from skill_fleet.forges import Action, AnswerAction, CommitAction, FlagAction, Snapshot, StatusAction
from skill_fleet.markdown import as_code
from skill_fleet.review.gates import approvals, approved_gate, is_current, restoring
from skill_fleet.review.markers import mark_of, receipts, render_receipt, status_key
from skill_fleet.review.requests import COMMENT, FAILING, Request
from skill_fleet.review.session import Files, Session, enumeration, pluralized, skill_findings

FAILED_LABEL = "failed"
SHOWN, HINTS, HOSTS = 10, 5, 30
BLANK = "\n\n"
PARKED = (
    "The bot pushes with the workflow's own token, so GitHub does not run the checks until a maintainer approves them: "
    "**Approve workflows to run**, at the end of this page. The commit status `gate` is the same check; the run that "
    "pushed made it on the merge with {base}."
)


def _outcomes(requests: Sequence[Request], actions: Sequence[Action]) -> Iterator[tuple[Request, str, str]]:
    """Yield each request with the outcome and text of its answer once `actions` are applied.

    Without one, a request is open and a remark unread.
    """
    now = {action.key: action for action in actions if isinstance(action, AnswerAction)}
    for request in requests:
        answer, receipt = now.get(request.key), request.receipt
        if answer:
            yield request, answer.outcome, answer.text
        elif receipt:
            yield request, receipt.outcome, receipt.item.body.partition("\n")[2]
        else:
            yield request, "unread" if request.is_remark else "open", ""


def failed_label(snapshot: Snapshot, requests: Sequence[Request]) -> FlagAction | None:
    """Set or remove the label `failed` as the receipts say; without a receipt of a failure, it is left to people."""
    failed = any(outcome == "failed" for _, outcome, _ in _outcomes(requests, ()))
    if failed == (FAILED_LABEL in snapshot.labels):
        return None
    if not failed and not any(receipt.outcome == "failed" for receipt in receipts(snapshot).values()):
        return None
    return FlagAction("label" if failed else "unlabel", FAILED_LABEL)


def stage(snapshot: Snapshot, files: Files | None, actions: Sequence[Action] = ()) -> str:
    """Return the checkpoint of the session once `actions` are applied."""
    flags = [action.what for action in actions if isinstance(action, FlagAction)]
    if snapshot.state == "merged":
        return "completed"
    if snapshot.state == "closed" or "close" in flags:
        return "cancelled"
    if files is None:
        return "confirm"
    return "preview" if snapshot.draft and "ready" not in flags else "validate"


def status_action(
    snapshot: Snapshot, session: Session, files: Files | None, requests: Sequence[Request], actions: Sequence[Action]
) -> StatusAction | None:
    """Return the status comment as of after `actions`, None if it says that already."""
    key = status_key(snapshot)
    paragraphs = _paragraphs(snapshot, session, files, requests, actions)
    noted = [mark_of(request.item) for request, outcome, _ in _outcomes(requests, actions) if outcome == "noted"]
    body = f"{render_receipt(snapshot, key, 'status', noted=noted)}\n" + "\n\n".join(paragraphs)
    now = receipts(snapshot).get(key)
    return StatusAction(body) if now is None or now.item.body != body else None


def _paragraphs(
    snapshot: Snapshot, session: Session, files: Files | None, requests: Sequence[Request], actions: Sequence[Action]
) -> Iterator[str]:
    now = stage(snapshot, files, actions)
    is_open = now in ("confirm", "preview", "validate")
    yield f"**{now}**" + (f" · {as_code(files.id)}" if files else "")
    if session.frozen and snapshot.state == "open":
        yield f"The bot cannot commit here. {session.frozen.text}"
    outcomes = [(_quoted(request), outcome, text) for request, outcome, text in _outcomes(requests, actions)]
    # the first paragraph of an answer is the reason
    failed = [
        f"- {asked}: {as_code(text.split(BLANK)[0], 400)}" for asked, outcome, text in outcomes if outcome == "failed"
    ]
    waiting = [f"- {asked}" for asked, outcome, _ in outcomes if outcome in ("open", "asked", FAILING)]
    unread = [f"- {asked}" for asked, outcome, _ in outcomes if outcome == "unread"]
    if failed and is_open:
        yield _some("Failed after two attempts; `/retry` tries again:", failed)
    if waiting and is_open:
        yield _some(f"Open requests ({len(waiting)}):", waiting)
    if unread and is_open:
        yield _some(f"Other words ({len(unread)}), which only a model reads and which hold nothing up:", unread)
    findings = skill_findings(files) if files and is_open else ()
    if files and is_open:
        yield _checks(findings)
        hosts = sorted({host for content in files.contents.values() for host in hosts_in(content)})
        if hosts:
            yield f"Hosts in its files: {enumeration([as_code(host) for host in hosts], HOSTS)}."
    if is_open and (rivals := _rival_moves(requests)):
        rows = [f"- {as_code(f'/move {each.arguments[0]}')} ({as_code(each.author.name)})" for each in rivals]
        yield _some("Moves asked for at the same time; the last one counts. To choose another, write it again:", rows)
    if gone := _without_comment(snapshot, session, requests):
        yield f"Done for comments that were deleted: {enumeration(gone)}."
    if snapshot.parked and snapshot.state == "open" and _is_head_bots(snapshot):
        yield PARKED.format(base=as_code(snapshot.base))
    lost = files.id if files and files.id.partition("/")[0] not in snapshot.fleet.categories else ""
    yield _next(snapshot, now, bool(waiting or failed), findings, actions, lost)


def _rival_moves(requests: Sequence[Request]) -> list[Request]:
    """Return the moves that one person asked for before the bot had answered another person's, oldest first."""
    moves = sorted((each for each in requests if each.command == "move"), key=lambda each: each.order)
    pairs = [
        (one, other)
        for one, other in pairwise(moves)
        if one.author.id != other.author.id
        and one.arguments != other.arguments
        and (one.receipt is None or other.order < one.receipt.item.order)
    ]
    return [each for each in moves if any(each in pair for pair in pairs)]


def _quoted(request: Request) -> str:
    return as_code("\n".join(request.arguments) if request.command == COMMENT else request.item.body)


def _is_head_bots(snapshot: Snapshot) -> bool:
    """Whether the head is a commit of the bot."""
    return any(each.oid == snapshot.head_oid and each.author.id == snapshot.bot.id for each in snapshot.commits)


def _without_comment(snapshot: Snapshot, session: Session, requests: Sequence[Request]) -> list[str]:
    """Return the commits for comments that were later deleted or hidden, and so cannot be answered."""
    known = {request.key for request in requests} | set(receipts(snapshot))
    return [oid for key, oid in session.commits.items() if key not in known]


def _checks(findings: Sequence[Finding]) -> str:
    errors, hints = ([each for each in findings if each.severity == severity] for severity in ("error", "hint"))
    rows = [f"Checks: {pluralized(len(errors), 'error')}, {pluralized(len(hints), 'hint')}."]
    rows += [f"- {_place(each)} {each.rule}: {as_code(each.message, 400)}" for each in errors[:SHOWN]]
    rows += [f"- hint: {_place(each)} {each.rule}: {as_code(each.message)}" for each in hints[:HINTS]]
    rows += [f"- and {pluralized(len(hints) - HINTS, 'more hint')}."] if len(hints) > HINTS else []
    return "\n".join(rows)


def _place(finding: Finding) -> str:
    return as_code(f"{finding.path}:{finding.line}")


def _some(head: str, rows: Sequence[str]) -> str:
    more = [f"\nand {len(rows) - SHOWN} more."] if len(rows) > SHOWN else []
    return "\n".join([head, *rows[:SHOWN], *more])


def _next(
    snapshot: Snapshot, now: str, is_waiting: bool, findings: Sequence[Finding], actions: Sequence[Action], lost: str
) -> str:
    """Return the next step for people. `lost` is the id of a skill whose category the base does not have."""
    if now == "completed":
        return "Merged. The workflow `catalog` lists it or, where none runs, `skill-fleet generate-xml` on the base."
    if now == "cancelled":
        return "Closed. Reopen it to continue."
    if now == "confirm":
        return "Next: read the brief, then write `/proceed`, `/revise TEXT` or `/cancel`."
    if not snapshot.head_exists:
        return f"Next: restore the branch, {as_code(restoring(snapshot), 600)}, or close the pull request."
    if snapshot.conflicts:
        return (
            f"Next: merge {as_code(snapshot.base)} into the branch and resolve the conflict; a comment here says how."
        )
    if lost and snapshot.fleet.categories:
        ways = enumeration([as_code(f"/move {category}") for category in snapshot.fleet.categories])
        return (
            f"Next: {as_code(snapshot.base)} has no category for {as_code(lost)}. Move the skill: write one of {ways}."
        )
    if any(finding.severity == "error" for finding in findings):
        return "Next: fix the errors with a suggestion, a command or a push."
    if is_waiting:
        return "Next: settle the open requests. Resolving a thread withdraws its request."
    moves = any(isinstance(action, CommitAction) for action in actions)
    if not moves and approved_gate(snapshot).met:
        return f"Next: merge it, here or with `skill-fleet promote {snapshot.number}`."
    is_stale = any(moves or not is_current(snapshot, item) for item in approvals(snapshot))
    stale = " An approval of an older commit does not count." if is_stale else ""
    return f"Next: comment, suggest or approve. `/help` lists the commands.{stale}"
