"""What was decided, as one value that survives JSON: the artifact that passes from `decide` to `apply`."""

from __future__ import annotations

from dataclasses import dataclass

from skill_fleet.forges.actions import Action, AnswerAction
from skill_fleet.forges.types import Snapshot
from skill_fleet.review.markers import render_receipt

NO_MODEL = "This needs a model, and none is set up here"


@dataclass(frozen=True)
class Plan:
    """Actions for one pull request, decided on one head and base. `note` says why there are none, when that is not obvious.

    `run` and `attempt` name the run of a workflow that it was decided in; '' outside of one.
    """

    repository: str
    number: int
    base: str
    head_oid: str
    state: str
    actions: tuple[Action, ...] = ()
    note: str = ""
    run: str = ""
    attempt: str = ""


def render_answer(snapshot: Snapshot, answer: AnswerAction, commit: str) -> str:
    """The text of the comment that carries out an answer; `commit` is the id of the commit that it names, if any."""
    receipt = render_receipt(snapshot, answer.key, answer.outcome, answer.digest, answer.pin)
    lead = f"Done in {commit}. " if commit else ""
    return f"{receipt}\n{lead}{answer.text}".rstrip()
