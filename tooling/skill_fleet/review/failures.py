"""Requests that the bot gave up after a second attempt: named in the status comment, and by a label while there are any."""

from __future__ import annotations

from collections.abc import Sequence

from skill_fleet.forges.actions import Action, AnswerAction, FlagAction
from skill_fleet.forges.types import Snapshot
from skill_fleet.review.markers import receipts
from skill_fleet.review.plain import as_code
from skill_fleet.review.requests import Request

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
