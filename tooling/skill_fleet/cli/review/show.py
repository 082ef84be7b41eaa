"""skill-fleet review list, show"""

from __future__ import annotations

import os
import sys

import click

from skill_fleet import forges, git, markdown, review
from skill_fleet.cli.gates import checklist, gate_facts, gates_of
from skill_fleet.cli.lazy import remote_option
from skill_fleet.cli.options import (
    format_option,
    note,
    number_argument,
    open_forge,
    say,
    say_in_pager,
    say_json,
    show as show_result,
)
from skill_fleet.cli.review.page import page
from skill_fleet.errors import UserError

COLOURS = {"diff ": "bold", "@@": "cyan", "+": "green", "-": "red"}


@click.command("list")
@remote_option
@click.option("--all", "everything", is_flag=True, help="List merged and closed ones, too.")
@format_option
def list(everything: bool, form: str) -> None:
    """List the pull requests."""
    with open_forge() as forge:
        rows = forge.list("all" if everything else "open")
    fields = ("number", "title", "state", "draft", "head", "labels")
    facts = [{field: getattr(row, field) for field in fields} | {"author": row.author.name} for row in rows]
    states = ["draft" if row.draft and row.state == "open" else row.state for row in rows]
    lines = (f"#{row.number}  {state:<6}  {row.title}  ({row.head})" for row, state in zip(rows, states, strict=True))
    show_result(form, facts, *lines)
    if not rows and form == "text":
        what = "There are no pull requests." if everything else "No pull request is open; --all lists the others."
        note(f"{what} Draft a skill: skill-fleet create --from DOCUMENT.md --path CATEGORY")


@click.command("show")
@number_argument
@click.option("--diff", is_flag=True, help="Show the change, as a patch.")
@format_option
def show(number: int, diff: bool, form: str) -> None:
    """Show a pull request: its skill, its conversation, its gates.

    The key of a comment or thread is in brackets, for `resolve`, `withdraw` and `comment --reply-to`. On a terminal,
    --diff is in colour (unless NO_COLOR is set) and in a pager.
    """
    with open_forge() as forge:
        snapshot = forge.snapshot(number)
        patch = _patch(forge.repo, snapshot) if diff else ""
        if diff and form == "text":
            _print(patch)
            return
        try:
            gates = gates_of(forge.repo, snapshot) if snapshot.state == "open" else ()
        except UserError as conflict:
            gates = ()
            note(f"note: {conflict.message} {conflict.tip}")
    if form == "json":
        say_json({**review.encode(snapshot), "gates": gate_facts(gates)} | ({"diff": patch} if diff else {}))
    else:
        say(*page(snapshot, forge.remote), *checklist(gates))


def _patch(repo: git.Repository, snapshot: forges.Snapshot) -> str:
    """Return the change since the merge base; no program of the repository takes part in it."""
    base, head = snapshot.base_oid, snapshot.head_oid
    start = repo.merge_base(base, head) if repo.find(base) and repo.find(head) else None
    if start is None:
        raise UserError(f"The commits of #{snapshot.number} are not here.", "Fetch them: git fetch")
    out = repo.run("diff", "--no-ext-diff", "--no-textconv", "--no-color", start, head)
    return out.decode("utf-8", "replace")


def _print(patch: str) -> None:
    lines = ["\t".join(map(markdown.escaped, line.split("\t"))) for line in patch.rstrip("\n").split("\n")]
    has_colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    say_in_pager(*(map(_coloured, lines) if has_colour else lines))


def _coloured(line: str) -> str:
    style = next((style for start, style in COLOURS.items() if line.startswith(start)), "")
    return click.style(line, bold=True) if style == "bold" else click.style(line, fg=style) if style else line
