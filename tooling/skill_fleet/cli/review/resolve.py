"""skill-fleet review resolve"""

from __future__ import annotations

import click


@click.command("resolve")
@click.argument("number", type=click.IntRange(min=1))
@click.argument("thread")
@click.option("--undo", is_flag=True, help="Open the thread again.")
def resolve(number: int, thread: str, undo: bool) -> None:
    """Mark a thread resolved, or open again.

    THREAD is its key as `review show` prints it, or the beginning of it. Only people resolve threads; what a resolved
    thread asks for and was not done yet is withdrawn.
    """
    from skill_fleet.cli.forge import forge_here, tell
    from skill_fleet.cli.place import here
    from skill_fleet.cli.review.keys import thread_key

    with here() as repo:
        forge = forge_here(repo)
        key = thread_key(forge.snapshot(number), thread)
        forge.resolve(number, key, not undo)
        tell(forge)
    click.echo(f"#{number}: {key} {'opened again' if undo else 'resolved'}")
