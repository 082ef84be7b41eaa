"""Giving a verdict on the head of a pull request: what `approve` and `request-changes` share."""

from __future__ import annotations

from skill_fleet.cli.files import read_text
from skill_fleet.cli.forge import forge_here, tell
from skill_fleet.cli.options import say, say_json
from skill_fleet.cli.place import here
from skill_fleet.forges.types import Verdict


def give(number: int, verdict: Verdict, body: str, file: str | None, form: str, following: str) -> None:
    """Give it and print its key; `following` is the command that comes next."""
    text = read_text(file) if file else body
    with here() as repo:
        forge = forge_here(repo)
        key = forge.review(number, verdict, text)
        tell(forge)
    if form == "json":
        say_json({"number": number, "key": key})
    else:
        say(f"#{number}: {key}", f"Next: {following}")
