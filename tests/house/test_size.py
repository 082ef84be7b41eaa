"""How many modules two commands run through: a newcomer has to read these to follow them."""

from __future__ import annotations

from pathlib import Path

from house.size import MAX_CREATE, MAX_VALIDATE, lines_of_code, modules_of_create, modules_of_validate


def test_validate_runs_through_few_modules(tmp_path: Path) -> None:
    """`validate --base` of one changed skill, beside the rules."""
    found = modules_of_validate(tmp_path)

    assert "skill_fleet.checks.run" in found
    assert len(found) <= MAX_VALIDATE, found


def test_create_runs_through_few_modules(tmp_path: Path) -> None:
    """`create --dry-run` of a document of twelve lines."""
    found = modules_of_create(tmp_path)

    assert "skill_fleet.cli.create" in found
    assert len(found) <= MAX_CREATE, found


def test_lines_of_code() -> None:
    """Blank lines, comments and docstrings are no code; every line of a statement is."""
    text = '"""A module."""\n\n# why\nx = (\n    1,\n)\n\n\ndef f() -> str:\n    """F."""\n    return """a\nb"""  # c\n'
    assert lines_of_code(text) == 6
