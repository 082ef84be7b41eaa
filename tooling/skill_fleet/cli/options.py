"""Options that several verbs share, so that they look and work alike everywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def format_option(function: F) -> F:
    """`--format text|json`."""
    words = "text for people, json for programs"
    return click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help=words)(function)


def say_json(value: object) -> None:
    """Print one JSON value."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
