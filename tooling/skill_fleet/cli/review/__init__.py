"""skill-fleet review: commands on one pull request."""

from __future__ import annotations

import click

from skill_fleet.cli.lazy import LazyGroup

COMMANDS = {
    "list": ("show", "List the pull requests."),
    "inbox": ("show", "List the pull requests that wait for you."),
    "open": ("state", "Open a pull request for a branch of your own."),
    "show": ("show", "Show a pull request: its skill, its conversation, its gates."),
    "comment": ("conversation", "Comment on a pull request, on lines, or in a thread."),
    "approve": ("conversation", "Approve the head of a pull request."),
    "request-changes": ("conversation", "Request changes to a pull request."),
    "resolve": ("conversation", "Resolve a thread, or reopen it."),
    "withdraw": ("conversation", "Withdraw a comment or a verdict of your own."),
    "close": ("state", "Close a pull request without merging."),
    "reopen": ("state", "Reopen a closed pull request."),
    "step": ("step", "Let the bot take its turn: apply, answer, report."),
    "watch": ("watch", "Step again and again until the pull request ends."),
    "fetch": ("step", "Write a pull request as one JSON snapshot."),
    "decide": ("step", "Turn a snapshot into a plan; changes nothing."),
    "write": ("step", "Let a model write the texts that a plan needs."),
    "apply": ("step", "Carry out a plan."),
    "receipts": ("receipts", "Record who approved the last merges, for `skill-fleet verify`."),
    "export": ("export", "Write the records of all pull requests as lines of JSON."),
}


@click.group("review", cls=LazyGroup, package="skill_fleet.cli.review", table=COMMANDS)
def review() -> None:
    """Read, comment on and approve pull requests.

    People comment, suggest and approve. `step` is the bot's turn: it applies what was asked and answers each
    request with its commit. Each command and suggestion is one commit; all changes asked for in words are one
    together. A command in a comment is alone on its line: /help lists them. `fetch`, `decide`,
    `write` and `apply` are the parts of a step, for jobs with different permissions.
    """
