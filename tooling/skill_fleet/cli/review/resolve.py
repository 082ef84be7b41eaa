"""skill-fleet review resolve"""

from __future__ import annotations

import click

from skill_fleet.cli.options import format_option, number_argument, say, say_json


@click.command("resolve")
@number_argument
@click.argument("thread")
@click.option("--undo", is_flag=True, help="Open the thread again.")
@format_option
def resolve(number: int, thread: str, undo: bool, form: str) -> None:
    """Mark a thread resolved, or open again.

    THREAD is its key as `review show` prints it, or the beginning of it. Only people resolve threads; what a resolved
    thread asks for and was not done yet is withdrawn.
    """
    from skill_fleet.cli.review.keys import thread_key
    from skill_fleet.fleet import here
    from skill_fleet.proposals import forge_here, tell

    with here() as repo:
        forge = forge_here(repo)
        key = thread_key(forge.snapshot(number), thread)
        forge.resolve(number, key, not undo)
        tell(forge)
    if form == "json":
        say_json({"number": number, "key": key, "resolved": not undo})
    else:
        say(f"#{number}: {key} {'opened again' if undo else 'resolved'}")
