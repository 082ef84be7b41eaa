"""skill-fleet review list, show"""

from __future__ import annotations

import os
import sys

import click

from skill_fleet import forges, git, markdown, review
from skill_fleet.cli import options
from skill_fleet.cli.gates import checklist, gate_facts, gates_of
from skill_fleet.cli.lazy import place_options
from skill_fleet.cli.review.page import ago, asker, page
from skill_fleet.errors import UserError

STYLES = {"#": "bold", "thread": "cyan", "[x]": "green", "[ ]": "red"}
COLOURS = {"diff ": "bold", "@@": "cyan", "+": "green", "-": "red"}


@click.command("list")
@place_options
@click.option("--all", "everything", is_flag=True, help="List merged and closed ones, too.")
@options.format_option
def list(everything: bool, form: str) -> None:
    """List the pull requests.

    For each: who asked for it, when something last happened, its approvals, its open requests, and whose turn it is.
    """
    with options.open_forge() as forge:
        rows = forge.snapshots("all" if everything else "open")
    options.show(form, [_facts(row) for row in rows], *map(_row, rows))
    if not rows and form == "text":
        what = "There are no pull requests." if everything else "No pull request is open; --all lists the others."
        options.note(f"{what} Draft a skill: skill-fleet create --from DOCUMENT.md --path CATEGORY")


@click.command("inbox")
@options.format_option
def inbox(form: str) -> None:
    """List the pull requests that wait for you.

    Those that you can review, those that you asked for and that are waiting for you, and those that can be merged or
    where the bot has to take its turn.
    """
    with options.open_forge() as forge:
        rows = [row for row in forge.snapshots() if _waits_for(row, forge.actor)]
    ways = {
        review.Turn.BOT: "skill-fleet review step {}",
        review.Turn.MERGE: "skill-fleet promote {}",
        review.Turn.REQUESTER: "skill-fleet review show {}",
        review.Turn.REVIEWERS: "skill-fleet review show {} --diff",
    }
    lines = (f"{_row(row)}\n     {ways[review.whose_turn(row)[0]].format(row.number)}" for row in rows)
    options.show(form, [_facts(row) for row in rows], *(each for line in lines for each in line.split("\n")))
    if not rows and form == "text":
        options.note("Nothing waits for you.")


def _waits_for(row: forges.Snapshot, actor: forges.Actor) -> bool:
    turn, _ = review.whose_turn(row)
    if turn is review.Turn.REVIEWERS:
        has_approved = any(item.author.id == actor.id for item in review.current_approvals(row))
        return not has_approved and not review.is_requester(row, actor)
    return turn is not review.Turn.NOBODY and (turn is not review.Turn.REQUESTER or review.is_requester(row, actor))


def _facts(row: forges.Snapshot) -> dict[str, object]:
    """Return a row of the list for programs."""
    turn, why = review.whose_turn(row)
    return {
        "number": row.number,
        "title": row.title,
        "state": row.state,
        "draft": row.draft,
        "head": row.head,
        "labels": row.labels,
        "author": asker(row),
        "updated": row.updated,
        "approvals": len(review.approvers(row)),
        "open": len(review.open_requests(row)),
        "turn": turn,
        "why": why,
    }


def _row(row: forges.Snapshot) -> str:
    state = "draft" if row.draft and row.state == "open" else row.state
    line = f"#{row.number}  {state:<6}  {row.title}  ({row.head})  by {asker(row)}, {ago(row)}"
    if row.state != "open":
        return line
    turn, _ = review.whose_turn(row)
    approvals = f"{len(review.approvers(row))} of {review.pluralized(row.fleet.approvals, 'approval')}"
    return f"{line}; {approvals}, {len(review.open_requests(row))} open; next: {turn}"


@click.command("show")
@options.number_argument
@click.option("--diff", is_flag=True, help="Show the change, as a patch.")
@options.format_option
def show(number: int, diff: bool, form: str) -> None:
    """Show a pull request: its skill, its conversation, its gates.

    The key of a comment or thread is in brackets, for `resolve`, `withdraw` and `comment --reply-to`. On a terminal, all
    is in colour (unless NO_COLOR is set) and in a pager.
    """
    with options.open_forge() as forge:
        snapshot = forge.snapshot(number)
        patch = _patch(forge.repo, snapshot) if diff else ""
        if diff and form == "text":
            _print(patch)
            return
        try:
            gates = gates_of(forge.repo, snapshot) if snapshot.state == "open" else ()
        except UserError as conflict:
            gates = ()
            options.note(f"note: {conflict.message} {conflict.tip}")
    if form == "json":
        options.say_json({**review.encode(snapshot), "gates": gate_facts(gates)} | ({"diff": patch} if diff else {}))
    else:
        _print("\n".join([*page(snapshot, forge.remote), *checklist(gates)]), STYLES)


def _patch(repo: git.Repository, snapshot: forges.Snapshot) -> str:
    """Return the change since the merge base; no program of the repository takes part in it."""
    base, head = snapshot.base_oid, snapshot.head_oid
    start = repo.merge_base(base, head) if repo.find(base) and repo.find(head) else None
    if start is None:
        raise UserError(f"The commits of #{snapshot.number} are not here.", "Fetch them: git fetch")
    out = repo.run("diff", "--no-ext-diff", "--no-textconv", "--no-color", start, head)
    return out.decode("utf-8", "replace")


def _print(text: str, styles: dict[str, str] | None = None) -> None:
    """Print lines, on a terminal in a pager, each in the colour of how it begins."""
    lines = ["\t".join(map(markdown.escaped, line.split("\t"))) for line in text.rstrip("\n").split("\n")]
    has_colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    options.say_in_pager(*(_coloured(line, styles or COLOURS) for line in lines) if has_colour else lines)


def _coloured(line: str, styles: dict[str, str]) -> str:
    style = next((style for start, style in styles.items() if line.startswith(start)), "")
    return click.style(line, bold=True) if style == "bold" else click.style(line, fg=style) if style else line
