"""One turn of the session: read, decide, apply, until there is nothing left to do."""

from __future__ import annotations

import os
from collections.abc import Callable

from skill_fleet.errors import UserError
from skill_fleet.fleet.git import Repository
from skill_fleet.forges.protocol import Forge, StaleHead
from skill_fleet.forges.types import Snapshot
from skill_fleet.review.apply import WRITES_A_RUN, Budget, apply
from skill_fleet.review.decide import decide
from skill_fleet.review.doubles import clear_doubles
from skill_fleet.review.leaks import guarded, own_secrets
from skill_fleet.review.rounds import Reviser
from skill_fleet.review.write import write

TURNS = 50


def step(
    repo: Repository,
    forge: Forge,
    number: int,
    reviser: Reviser | None = None,
    seen: Callable[[Snapshot], None] | None = None,
) -> tuple[str, ...]:
    """Do what pull request `number` asks for and say what was done, a line each.

    What only words can answer goes to `reviser`, if there is one; else it is answered with that, and stays open. When
    something was done, `seen` gets the pull request as it is after that.

    Safe to stop anywhere and to run again, also while another runs. One run writes at most twenty comments and says
    when more are owed. Raises UserError when others keep changing the pull request faster than it can be answered.
    """
    done: list[str] = []
    budget = Budget()
    reviser = guarded(reviser, own_secrets(os.environ)) if reviser else None
    for _ in range(TURNS):
        snapshot = forge.snapshot(number)
        plan = decide(snapshot)
        if reviser and budget.left > 0:
            plan = write(snapshot, plan, reviser)
        if not plan.actions:
            if not plan.note and clear_doubles(forge, snapshot):
                continue
            if done and seen:
                seen(snapshot)
            return (*done, plan.note) if plan.note else tuple(done)
        if budget.left <= 0:
            if seen:
                seen(snapshot)
            return (*done, f"More is owed: one run writes {WRITES_A_RUN} comments. Run it again.")
        try:
            done += apply(repo, forge, plan, budget)
        except StaleHead as stale:
            done.append(f"read again: {stale}")
    raise UserError(f"Pull request #{number} keeps changing.", "Run the same command again when it has settled.")
