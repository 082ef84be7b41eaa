"""skill-fleet review list"""

from __future__ import annotations

import click

from skill_fleet.cli.options import format_option, say, say_json


@click.command("list")
@click.option("--all", "everything", is_flag=True, help="Merged and closed ones too.")
@format_option
def list(everything: bool, form: str) -> None:
    """List the pull requests."""
    from skill_fleet.fleet import here
    from skill_fleet.proposals import forge_here, tell

    with here() as repo:
        forge = forge_here(repo)
        rows = forge.list("all" if everything else "open")
        tell(forge)
    if form == "json":
        fields = ("number", "title", "state", "draft", "head", "labels")
        say_json([{field: getattr(row, field) for field in fields} | {"author": row.author.name} for row in rows])
        return
    for row in rows:
        state = "draft" if row.draft and row.state == "open" else row.state
        say(f"#{row.number}  {state:<6}  {row.title}  ({row.head})")
    if not rows:
        what = "There is no pull request." if everything else "No pull request is open; --all shows the others."
        click.echo(f"{what} Draft a skill with: skill-fleet create --from DOCUMENT.md", err=True)
