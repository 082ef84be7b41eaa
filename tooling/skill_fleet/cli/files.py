"""Reading and writing what a command is given by name, with errors that say what to do."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from skill_fleet.errors import UserError

LIMIT = 64 * 1024 * 1024  # bytes; a snapshot of the largest pull request stays far below


def read_text(name: str, limit: int = LIMIT) -> str:
    """The text of a file, or of standard input for -; UserError when it cannot be read, is too long or is not UTF-8."""
    try:
        content = sys.stdin.buffer.read(limit + 1) if name == "-" else _bounded(Path(name), limit)
        if len(content) > limit:
            raise UserError(f"{name} has more than {limit >> 20} MiB.", "Give a smaller file.")
        return content.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise UserError(f"{name} is not UTF-8 text.", "Save it as UTF-8.") from problem
    except OSError as problem:
        raise UserError(f"{name} cannot be read: {problem.strerror}.", "Name a file that is there.") from problem


def _bounded(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        return file.read(limit + 1)


def read_input(name: str, what: str, limit: int = LIMIT) -> Any:
    """The JSON of a file of at most `limit` bytes; `what` is what it should hold."""
    try:
        return json.loads(read_text(name, limit))
    except (ValueError, RecursionError) as problem:
        raise UserError(
            f"{name} is not the JSON of a {what}.", "Give the file that the step before wrote."
        ) from problem


def write_output(name: str, text: str) -> None:
    """Write a file, or standard output for -."""
    if name == "-":
        click.echo(text, nl=False)
        return
    try:
        Path(name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as problem:
        raise UserError(f"{name} cannot be written: {problem.strerror}.", "Name another with -o FILE.") from problem
