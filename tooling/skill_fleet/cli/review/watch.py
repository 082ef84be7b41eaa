"""skill-fleet review watch"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill_fleet.cli.options import as_me_option, format_option, number_argument, say, say_json, tape_options
from skill_fleet.errors import UserError

if TYPE_CHECKING:
    from skill_fleet.forges import Snapshot


@click.command("watch")
@number_argument
@click.option("--poll", default=2.0, type=click.FloatRange(min=0.05), metavar="SECONDS", help="Between two looks (2).")
@click.option("--timeout", default=3600.0, type=click.FloatRange(min=0), metavar="SECONDS", help="When to stop (3600).")
@click.option("--auto-approve", is_flag=True, help="Say /proceed to each preview, and end when it cannot go on.")
@tape_options
@as_me_option
@format_option
def watch(
    number: int,
    poll: float,
    timeout: float,
    auto_approve: bool,
    record: Path | None,
    replay: Path | None,
    as_me: bool,
    form: str,
) -> int:
    """Step again and again until the pull request ends.

    It ends when it is merged (completed) or closed (cancelled), with status 0; with status 1 when it has the label
    failed, and with --auto-approve also when the checks find an error or the model fails; with status 2 when the time
    is over. What it waits for is said whenever that changes.
    """
    from skill_fleet.cli.main import FINDINGS, FINE
    from skill_fleet.cli.review.waiting import proceed, waits_for, why_failed
    from skill_fleet.fleet import here
    from skill_fleet.proposals import bot_of, forge_here, reviser_here, take_turn, tell

    end = time.monotonic() + timeout
    said: dict[str, None] = {}
    proceeded: set[str] = set()
    seen: Snapshot | None = None
    waits: tuple[str, ...] = ()
    with here() as repo:
        person = forge_here(repo)
        forge = bot_of(person, as_me)
        reviser = reviser_here(repo, record, replay)
        while True:
            for line in take_turn(forge, number, reviser):
                if line not in said:  # a note that stands is said once
                    said[line] = None
                    say(*[line] if form == "text" else [])
            tell(forge)
            snapshot = forge.snapshot(number)
            failed = why_failed(snapshot, reviser, auto_approve) if snapshot.state == "open" else ""
            if snapshot.state != "open" or failed:
                break
            if reviser and reviser.failure:
                click.echo(f"note: {reviser.failure.message}", err=True)
                reviser.failure = None
            if auto_approve and proceed(person, snapshot, proceeded):
                continue
            if snapshot != seen:
                seen, before, waits = snapshot, waits, waits_for(forge, snapshot)
                say(*[f"waits for: {each}" for each in waits] if form == "text" and waits != before else [])
            if time.monotonic() + poll > end:
                raise UserError(f"Pull request #{number} is still open.", "Watch longer: --timeout SECONDS")
            time.sleep(poll)
    ended = "failed" if failed else "completed" if snapshot.state == "merged" else "cancelled"
    if form == "json":
        say_json({"number": number, "done": [*said], "ended": ended, "reason": failed})
    else:
        say(f"failed: {failed}" if failed else ended)
    return FINDINGS if failed else FINE
