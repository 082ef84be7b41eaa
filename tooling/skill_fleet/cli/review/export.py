"""skill-fleet review export"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from skill_fleet.cli.options import output_option

if TYPE_CHECKING:
    from skill_fleet.proposals import AnyForge


@click.command("export")
@output_option
def export(output: str) -> None:
    """Write what is kept for learning as lines of JSON.

    For each pull request of the bot: its draft, each request with its answer and its change, and how it ended. One
    that has the label no-train is left out.
    """
    from skill_fleet.cli.files import write_output
    from skill_fleet.fleet import here
    from skill_fleet.proposals import forge_here, tell

    with here() as repo:
        forge = forge_here(repo)
        left_out: list[int] = []
        rows = [json.dumps(row, sort_keys=True, ensure_ascii=True) for row in _rows(forge, left_out)]
        tell(forge)
    write_output(output, "".join(f"{row}\n" for row in rows))
    aside = f"; left out: {', '.join(f'#{number}' for number in left_out)}" if left_out else ""
    click.echo(f"{len(rows)} rows{aside}", err=True)


def _rows(forge: AnyForge, left_out: list[int]) -> Iterator[dict[str, Any]]:
    """The rows of every pull request, by its number, without secrets; `left_out` gets the numbers of those that are."""
    from skill_fleet.git import RemoteUnreachable
    from skill_fleet.model import fetch_records, kept_rows, numbers_kept, redacted
    from skill_fleet.proposals import NO_TRAIN, ending_row, request_rows
    from skill_fleet.review import own_secrets, read_session

    listed = {row.number: row for row in forge.list("all")}  # also fetches what the pull requests are made of
    if forge.remote:
        try:
            fetch_records(forge.repo, forge.remote)
        except RemoteUnreachable as problem:
            click.echo(
                f"note: {forge.remote} does not answer ({problem.reason}); this is what is known here.", err=True
            )
    secrets = own_secrets(os.environ)
    for number in sorted({*listed, *numbers_kept(forge.repo, forge.remote)}):
        kept = kept_rows(forge.repo, number, forge.remote)
        if (number in listed and NO_TRAIN in listed[number].labels) or any(row.get("no_train") for row in kept):
            left_out.append(number)
            continue
        found = list(kept)
        if number in listed:
            snapshot = forge.snapshot(number)
            if read_session(snapshot) is None and not kept:
                continue
            known = {row.get("key") for row in kept if row.get("kind") == "request"}
            found += [row for row in request_rows(forge.repo, snapshot) if row["key"] not in known]
            found.append(ending_row(forge.repo, snapshot))
        yield from ({"number": number, **redacted(row, secrets)} for row in found)
