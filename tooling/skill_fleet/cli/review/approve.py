"""skill-fleet review approve"""

from __future__ import annotations

import click

from skill_fleet.cli.options import file_option, format_option, number_argument


@click.command("approve")
@number_argument
@click.argument("body", required=False, default="")
@file_option
@format_option
def approve(number: int, body: str, file: str | None, form: str) -> None:
    """Approve the head of a pull request.

    The approval is of the commits as they are now: what comes later voids it.
    """
    from skill_fleet.cli.review.verdict import give

    give(number, "approved", body, file, form)
