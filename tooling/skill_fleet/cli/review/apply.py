"""skill-fleet review apply"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from skill_fleet.cli.files import read_input
from skill_fleet.cli.options import as_me_option, attempt_options, format_option, say, say_json
from skill_fleet.errors import UserError

if TYPE_CHECKING:
    from skill_fleet.review import Plan, Reviser

WORDS_LIMIT = 8 * 1024 * 1024  # bytes: a skill is text that people read


@click.command("apply")
@click.argument("plan", metavar="PLAN")
@click.option("--words", metavar="FILE", help="What `write` wrote for this plan.")
@click.option(
    "--unwritten", is_flag=True, help="`write` was to run and gave nothing: answer what waited for it with that."
)
@as_me_option
@attempt_options
@format_option
def apply(plan: str, words: str | None, unwritten: bool, as_me: bool, run_id: str, attempt: str, form: str) -> None:
    """Carry a plan out.

    PLAN is the file that `decide` wrote; - reads it from standard input. If the pull request has changed since then in a
    way that matters, or the plan is another run's, nothing is done.
    """
    from skill_fleet.fleet import here
    from skill_fleet.forges import StaleHead
    from skill_fleet.proposals import bot_of, forge_here, keep_turn, tell
    from skill_fleet.review import Plan, apply as carry_out, decode, require_same, write

    wanted = decode(Plan, read_input(plan, "plan"))
    if (wanted.run, wanted.attempt) != (run_id, attempt):
        raise UserError("The plan was made in another run of the workflow.", "Ring again: the next run decides anew.")
    reviser, rows = _written(wanted, words, unwritten)
    with here() as repo:
        forge = bot_of(forge_here(repo), as_me)
        try:
            if reviser:
                snapshot = forge.snapshot(wanted.number)
                require_same(snapshot, wanted)
                wanted = write(snapshot, wanted, reviser)
            done = carry_out(forge.repo, forge, wanted)
            if done:
                keep_turn(forge, forge.snapshot(wanted.number), rows)
        except StaleHead as stale:
            raise UserError(str(stale), "Nothing was done; fetch and decide again.") from stale
        finally:
            tell(forge)
    if form == "json":
        say_json({"number": wanted.number, "done": [*done]})
    else:
        say(*done or ("There was nothing to do.",))


def _written(plan: Plan, words: str | None, unwritten: bool) -> tuple[Reviser | None, list[dict[str, Any]]]:
    """Who has the words of the plan (None when there are to be none), and what is kept of how they came to be.

    UserError when they are not this plan's.
    """
    from skill_fleet.review import Words, decode, guarded, own_secrets, reader_of, round_row, unwritten as nothing_came

    if words and unwritten:
        raise UserError("--words gives what was written and --unwritten says that nothing was.", "Give one of the two.")
    if words is None:
        return nothing_came if unwritten else None, []
    given = decode(Words, read_input(words, "file of words", WORDS_LIMIT))
    found, row = reader_of(plan, given), round_row(given.by, plan.head_oid, given.calls)
    return guarded(found, own_secrets(os.environ)) if found else None, [row] if row else []
