"""Anchors that a heading or HTML sets itself."""

from __future__ import annotations

import pytest

from skill_fleet.markdown import Markdown, anchors


@pytest.mark.parametrize(
    "line",
    ["## Set up {#own}", "## Set up { #own }", "## Set up {: #own}", "## Set up { .wide #own }", '<a id="own"></a>', "<h2 name=own>"],
)  # fmt: skip
def test_an_anchor_of_its_own(line: str) -> None:
    assert "own" in anchors(Markdown(f"{line}\n"))


def test_braces_in_code_set_no_anchor() -> None:
    """A comment in braces, as templates have it, is not an id."""
    assert "own" not in anchors(Markdown("Text {% own %} { own }\n"))
