"""skill-fleet review apply"""

from __future__ import annotations

import click

from skill_fleet.cli.files import read_input
from skill_fleet.cli.options import as_me_option, format_option, say, say_json
from skill_fleet.errors import UserError


@click.command("apply")
@click.argument("plan", metavar="PLAN")
@as_me_option
@format_option
def apply(plan: str, as_me: bool, form: str) -> None:
    """Carry a plan out.

    PLAN is the file that `decide` or `write` wrote; - reads it from standard input. If the pull request has changed
    since then in a way that matters, nothing is done.
    """
    from skill_fleet.cli.forge import bot_of, forge_here, tell
    from skill_fleet.cli.place import here
    from skill_fleet.forges.types import StaleHead
    from skill_fleet.review.apply import apply as carry_out
    from skill_fleet.review.codec import decode
    from skill_fleet.review.plan import Plan

    wanted = decode(Plan, read_input(plan, "plan"))
    with here() as repo:
        forge = bot_of(forge_here(repo), as_me)
        try:
            done = carry_out(forge.repo, forge, wanted)
        except StaleHead as stale:
            raise UserError(str(stale), "Nothing was done; fetch and decide again.") from stale
        finally:
            tell(forge)
    if form == "json":
        say_json({"number": wanted.number, "done": [*done]})
    else:
        say(*done or ("There was nothing to do.",))
