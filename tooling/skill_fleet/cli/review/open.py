"""skill-fleet review open"""

from __future__ import annotations

import shlex

import click

from skill_fleet.cli.files import read_text
from skill_fleet.cli.options import file_option, format_option, say, say_json
from skill_fleet.errors import UserError


@click.command("open")
@click.argument("branch", required=False, default="")
@click.option("--title", metavar="TEXT", help="What it is about; else the subject of its first commit.")
@file_option
@format_option
def open(branch: str, title: str | None, file: str | None, form: str) -> None:
    """Open a pull request for a branch of your own.

    BRANCH is the one that is checked out, if none is named. It is pushed if the remote does not have it. The pull
    request is yours: people review it, `promote` merges it, and the bot leaves it alone.
    """
    from skill_fleet.fleet import here
    from skill_fleet.forges import StaleHead
    from skill_fleet.forges.local import TITLE_LIMIT
    from skill_fleet.git import track_branch
    from skill_fleet.proposals import forge_here, read_branch, starting_point, tell

    body = read_text(file) if file else None
    with here() as repo:
        forge = forge_here(repo)
        if forge.name != "local":
            to_name = f" --head {shlex.quote(branch)}" if branch else ""
            raise UserError(
                "Pull requests of people are opened on GitHub itself.",
                f"Push the branch, and then: gh pr create --fill{to_name}",  # which knows what a fork was made of
            )
        where, _ = starting_point(repo, None)
        made = read_branch(repo, where, branch)
        title = made.title[:TITLE_LIMIT] if title is None else title
        body = made.body if body is None else body
        try:
            number = forge.open(
                title=title, body=body, head=made.branch, base=where.base, head_oid=made.tip, draft=False
            )
        except StaleHead as stale:
            raise UserError(f"The branch has moved since: {stale}.", "Look at it again, then open.") from stale
        if where.remote:
            track_branch(repo, where.remote, made.branch)
        tell(forge)
    if form == "json":
        facts = {"number": number, "title": title, "branch": made.branch, "base": where.base}
        say_json({**facts, "commit": made.tip})
    else:
        say(
            f"pull request #{number}: {title} ({made.branch} into {where.base})",
            f"Next: somebody else looks at it, skill-fleet review show {number}",
        )
