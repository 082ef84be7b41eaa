"""What a finding advises is right itself."""

from __future__ import annotations

import re

import pytest

from skill_fleet.checks import check_skill
from skill_fleet.fleet import MemoryTree, is_name, read_fleet


@pytest.mark.parametrize("name", ["demo", "other", "My_Other", "x--y", "Ünïcode", "日本", "a" * 80, '" "', "-", "a b"])
@pytest.mark.parametrize("folder", ["demo", "My_Demo", "a--b", "日本"])
def test_a_name_that_is_advised_is_valid(name: str, folder: str) -> None:
    """A name that a finding suggests is valid."""
    text = f"---\nname: {name}\ndescription: Does x. Use when y.\n---\n\n# X\n"
    (skill,) = read_fleet(MemoryTree({f"skills/web/{folder}/SKILL.md": text.encode()})).skills
    for finding in check_skill(skill):
        if finding.rule.startswith("spec/name"):
            advised = re.findall(r"`(?:name: )?([^`]+)`", finding.fix)
            assert all(map(is_name, advised)), finding
