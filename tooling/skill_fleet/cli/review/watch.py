"""skill-fleet review watch"""

from __future__ import annotations

import time
from pathlib import Path

import click

from skill_fleet import chat, forges, proposals, review
from skill_fleet.cli import FINDINGS, FINE, options
from skill_fleet.cli.gates import gates_of
from skill_fleet.errors import UserError

FAILED = "failed"  # the label of a pull request that cannot go on


@click.command("watch")
@options.number_argument
@click.option("--poll", type=click.FloatRange(min=0.05), default=2.0, show_default=True, help="Seconds between polls.")
@click.option(
    "--timeout", type=click.FloatRange(min=0), default=3600.0, show_default=True, help="Seconds to give up after."
)
@click.option("--auto-approve", is_flag=True, help="Post /proceed on each preview, and end when that is not enough.")
@options.tape_options
@options.as_me_option
@options.format_option
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

    Exit status 0 when it is merged (completed) or closed (cancelled); 1 when it has the label failed, and with
    --auto-approve also when the checks find an error or the model fails; 2 at the timeout. It prints what it waits for
    whenever that changes.
    """
    end = time.monotonic() + timeout
    done: dict[str, None] = {}
    proceeded: set[str] = set()
    seen: forges.Snapshot | None = None
    waits: tuple[str, ...] = ()
    with options.open_forge() as person:
        bot = proposals.bot_of(person, as_me)
        reviser = proposals.reviser_here(person.repo, record, replay, chat.step_lines())
        while True:
            for line in proposals.take_turn(bot, number, reviser):
                if line not in done:
                    done[line] = None
                    options.say(*[line] if form == "text" else [])
            proposals.print_notes(bot)
            snapshot = bot.snapshot(number)
            failed = _failure(snapshot, reviser, auto_approve) if snapshot.state == "open" else ""
            if snapshot.state != "open" or failed:
                break
            if reviser and reviser.failure:
                options.note(f"note: {reviser.failure.message}")
                reviser.failure = None
            if auto_approve and _proceed(person, snapshot, proceeded):
                continue
            if snapshot != seen:
                seen, before, waits = snapshot, waits, _waits_for(bot, snapshot)
                options.say(*[f"waits for: {each}" for each in waits] if form == "text" and waits != before else [])
            if time.monotonic() + poll > end:
                raise UserError(f"Pull request #{number} is still open.", "Watch longer: --timeout SECONDS")
            time.sleep(poll)
    ended = "failed" if failed else "completed" if snapshot.state == "merged" else "cancelled"
    facts = {"number": number, "done": [*done], "ended": ended, "reason": failed}
    options.show(form, facts, f"failed: {failed}" if failed else ended)
    return FINDINGS if failed else FINE


def _waits_for(forge: proposals.AnyForge, snapshot: forges.Snapshot) -> tuple[str, ...]:
    """Return the gates that are shut; the command that merges when none is."""
    if snapshot.draft:
        return ("/proceed, once the preview is as it should be",)
    try:
        shut = [f"{gate.what} ({gate.missing})" for gate in gates_of(forge.repo, snapshot) if not gate.met]
    except UserError as conflict:
        return (conflict.message,)
    return tuple(shut) or (f"skill-fleet promote {snapshot.number}",)


def _failure(snapshot: forges.Snapshot, reviser: proposals.ModelReviser | None, auto: bool) -> str:
    """Return why the pull request cannot go on, '' if it can; with `auto` nobody is there to fix errors."""
    if FAILED in snapshot.labels:
        return f"it has the label {FAILED}"
    if not auto:
        return ""
    if reviser and reviser.failure:
        return reviser.failure.message
    session = review.read_session(snapshot)
    found = review.skill_findings(session.files) if session and session.files else ()
    errors = [each for each in found if each.severity == "error"]
    return f"the checks find an error: {errors[0].path}:{errors[0].line} {errors[0].rule}" if errors else ""


def _proceed(person: proposals.AnyForge, snapshot: forges.Snapshot, proceeded: set[str]) -> bool:
    """Post /proceed on the preview of this head, once; return whether it was posted."""
    session = review.read_session(snapshot)
    if session is None or session.frozen or snapshot.head_oid in proceeded:
        return False
    if review.stage(snapshot, session.files) != "preview":
        return False
    proceeded.add(snapshot.head_oid)
    person.comment(snapshot.number, "/proceed")
    return True
