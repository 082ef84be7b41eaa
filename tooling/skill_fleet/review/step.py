"""One turn of the session: read, decide, apply, until there is nothing left to do."""

from __future__ import annotations

from skill_fleet.errors import UserError
from skill_fleet.fleet.git import Repository
from skill_fleet.forges.types import Forge, StaleHead
from skill_fleet.review.apply import apply
from skill_fleet.review.decide import decide

TURNS = 50


def step(repo: Repository, forge: Forge, number: int) -> tuple[str, ...]:
    """Do everything that pull request `number` asks for and say what was done, a line each.

    Safe to stop anywhere and to run again, also while another runs. Raises UserError when others keep changing the
    pull request faster than it can be answered.
    """
    done: list[str] = []
    for _ in range(TURNS):
        plan = decide(forge.snapshot(number))
        if not plan.actions:
            return (*done, plan.note) if plan.note else tuple(done)
        try:
            done += apply(repo, forge, plan)
        except StaleHead as stale:
            done.append(f"read again: {stale}")
    raise UserError(f"Pull request #{number} keeps changing.", "Run the same command again when it has settled.")
