"""Reading and writing the files that a command line names."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from skill_fleet.errors import UserError

LIMIT = 64 * 1024 * 1024  # bytes; a snapshot of the largest pull request is far below


def read_text(name: str, limit: int = LIMIT) -> str:
    """Return the text of a file (- is standard input); UserError when it is unreadable, too long or not UTF-8."""
    try:
        if name == "-":
            content = sys.stdin.buffer.read(limit + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(limit + 1)
        if len(content) > limit:
            raise UserError(f"{name} has more than {limit >> 20} MiB.", "Give a smaller file.")
        return content.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise UserError(f"{name} is not UTF-8 text.", "Save it as UTF-8.") from problem
    except OSError as problem:
        raise UserError(f"{name} cannot be read: {problem.strerror}.", "Name a file that exists.") from problem


def read_json(name: str, what: str, limit: int = LIMIT) -> Any:
    """Return the JSON value in a file of at most `limit` bytes; `what` names what it should hold."""
    try:
        return json.loads(read_text(name, limit))
    except (ValueError, RecursionError) as problem:
        raise UserError(
            f"{name} is not the JSON of a {what}.", "Pass the file of the previous step unchanged."
        ) from problem


def write_text(name: str, text: str) -> None:
    """Write a file (- is standard output)."""
    if name == "-":
        click.echo(text, nl=False)
        return
    try:
        Path(name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as problem:
        raise UserError(f"{name} cannot be written: {problem.strerror}.", "Name another with -o FILE.") from problem


def write_json(name: str, value: object) -> None:
    """Write a value as JSON for the next command to read."""
    write_text(name, json.dumps(value, indent=1) + "\n")
