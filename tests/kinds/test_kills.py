"""File commands and a draft, killed at each of their writes and run again; all commands: python tests/kills.py 500"""

from __future__ import annotations

from pathlib import Path

import pytest

from kills import run_all


@pytest.mark.parametrize("name", ["move", "migrate", "fix", "create", "promote, alone", "close"])
def test_killed_and_run_again(name: str, tmp_path: Path) -> None:
    """The end of the undisturbed run, and no lock or temporary file."""
    tally = run_all([name], tmp_path)
    assert tally.tried[name] > 5 and not tally.wrong, tally.wrong
