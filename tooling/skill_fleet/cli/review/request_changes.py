"""skill-fleet review request-changes"""

from __future__ import annotations

import click

from skill_fleet.cli.options import file_option, format_option, number_argument


@click.command("request-changes")
@number_argument
@click.argument("body", required=False, default="")
@file_option
@format_option
def request_changes(number: int, body: str, file: str | None, form: str) -> None:
    """Ask for changes to a pull request.

    It stands until you approve or withdraw it, whatever is done about it. Say what should change on the lines it is
    about: skill-fleet review comment.
    """
    from skill_fleet.cli.review.verdict import give

    give(number, "changes_requested", body, file, form)
