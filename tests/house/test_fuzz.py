"""A short form of `make fuzz`: a few examples of each target."""

from __future__ import annotations

import pytest

from fuzz import TARGETS, fuzz


@pytest.mark.parametrize("name", TARGETS)
def test_hostile_input_raises_nothing(name: str) -> None:
    """Whatever strangers write is read, or refused as documented."""
    assert fuzz(name, 25, 1) >= 1
