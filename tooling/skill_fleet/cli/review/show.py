"""skill-fleet review show"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from skill_fleet.cli.options import format_option, say_json

if TYPE_CHECKING:
    from skill_fleet.forges.types import Item, Snapshot


@click.command("show")
@click.argument("number", type=click.IntRange(min=1))
@format_option
def show(number: int, form: str) -> None:
    """Show a pull request: its skill, its talk, its gates."""
    from skill_fleet.checks.visible import escaped
    from skill_fleet.cli.forge import forge_here, tell
    from skill_fleet.cli.place import here
    from skill_fleet.cli.promote import errors_of
    from skill_fleet.errors import UserError
    from skill_fleet.review.codec import encode
    from skill_fleet.review.gates import check_gates

    with here() as repo:
        forge = forge_here(repo)
        snapshot = forge.snapshot(number)
        tell(forge)
        try:
            gates = check_gates(snapshot, errors_of(repo, snapshot)) if snapshot.state == "open" else ()
        except UserError as problem:  # a conflict: it is shown, and everything else with it
            gates = ()
            click.echo(f"note: {problem.message} {problem.tip}", err=True)
    if form == "json":
        rows = [{"what": gate.what, "met": gate.met, "missing": "" if gate.met else gate.missing} for gate in gates]
        say_json({**encode(snapshot), "gates": rows})
        return
    lines = [*_head(snapshot), *_commits(snapshot), *_talk(snapshot)]
    lines += [f"[{'x' if gate.met else ' '}] {gate.what}{'' if gate.met else f': {gate.missing}'}" for gate in gates]
    click.echo("\n".join(map(escaped, lines)))


def _head(snapshot: Snapshot) -> list[str]:
    state = "draft" if snapshot.draft and snapshot.state == "open" else snapshot.state
    lines = [f"#{snapshot.number} {snapshot.title}", f"{state}: {snapshot.head} into {snapshot.base}"]
    lines += [f"labels: {', '.join(snapshot.labels)}"] if snapshot.labels else []
    return [*lines, "", *(f"  {path}" for path in snapshot.changed), ""]


def _commits(snapshot: Snapshot) -> list[str]:
    rows = [f"  {commit.oid[:10]}  {commit.message.partition(chr(10))[0]}" for commit in snapshot.commits]
    return [*rows, ""]


def _talk(snapshot: Snapshot) -> list[str]:
    """The conversation first, then each thread with its place and its key."""
    lines: list[str] = []
    resolved = {thread.key for thread in snapshot.threads if thread.resolved}
    for item in snapshot.items:
        if not item.thread:
            lines += _item(item)
    for key in dict.fromkeys(item.thread for item in snapshot.items if item.thread):
        inside = [item for item in snapshot.items if item.thread == key]
        anchor = inside[0].anchor
        place = f"{anchor.path}:{anchor.line}" if anchor else ""
        lines.append(f"thread {place}{' (resolved)' if key in resolved else ''}  {key}")
        lines += [f"  {line}".rstrip() for item in inside for line in _item(item)]
    return lines


def _item(item: Item) -> list[str]:
    verdict = f" {item.verdict.replace('_', ' ')}" if item.verdict else ""
    body = item.body.split("\n")
    if body and body[0].startswith("<!-- skill-fleet receipt "):  # the bot's own bookkeeping is not for people
        body = body[1:]
    return [f"{item.author.name}{verdict}:", *(f"  {line}" for line in body if line.strip() or item.body), ""]
