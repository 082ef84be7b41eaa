"""skill-fleet review: one file a command, as in the folder above."""

from __future__ import annotations

import click

from skill_fleet.cli.lazy import LazyGroup

COMMANDS = {
    "list": "List the pull requests.",
    "open": "Open a pull request for a branch of your own.",
    "show": "Show a pull request: its skill, its talk, its gates.",
    "comment": "Comment on a pull request, on lines, or in a thread.",
    "approve": "Approve the head of a pull request.",
    "request-changes": "Ask for changes to a pull request.",
    "resolve": "Mark a thread resolved, or open again.",
    "withdraw": "Take back a comment or a verdict of your own.",
    "close": "Close a pull request without merging.",
    "reopen": "Open a pull request again that was closed.",
    "step": "Do what the pull request asks for: apply, answer, report.",
    "watch": "Step again and again until the pull request ends.",
    "fetch": "Write a pull request as one JSON snapshot.",
    "decide": "Turn a snapshot into a plan; touches nothing.",
    "write": "Write the words that a plan needs a model for.",
    "apply": "Carry a plan out.",
    "export": "Write what is kept for learning as lines of JSON.",
}


@click.group(
    "review", cls=LazyGroup, package="skill_fleet.cli.review", table=COMMANDS, subcommand_metavar="COMMAND [ARGS]..."
)
def review() -> None:
    """Read, answer and settle a pull request.

    People comment, suggest, approve; `step` is the bot's turn: it applies what was asked, one commit each, and answers
    each request with its commit. Commands in a comment stand alone on a line: /help lists them. `fetch`, `decide`,
    `write` and `apply` are the parts of a step, for jobs with rights of their own.
    """
