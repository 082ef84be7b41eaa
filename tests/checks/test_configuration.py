"""What maintainers switch off, for the fleet or for a skill; never the skill itself, and never the change itself."""

from __future__ import annotations

import pytest

from skill_fleet.checks import check_change, check_fleet
from skill_fleet.errors import UserError
from skill_fleet.fleet import Fleet, MemoryTree, read_fleet

BAD = "---\nname: {}\ndescription: Shows {}. Use when in doubt.\nlevel: 1\n---\nText.\n"
TAXONOMY = b"categories:\n  web:\n    description: W.\n"


def _fleet(settings: str = "", more: str = "") -> Fleet:
    files = {f"skills/web/{name}/SKILL.md": BAD.format(name, name).encode() for name in ("one", "two")}
    files["skills/web/one/SKILL.md"] += more.encode()
    return read_fleet(MemoryTree({**files, "skills/taxonomy.yaml": TAXONOMY, "pyproject.toml": settings.encode()}))


def _rules(settings: str) -> list[tuple[str, str]]:
    return [(each.rule, each.skill) for each in check_fleet(_fleet(settings)) if each.severity == "error"]


def test_rules_and_families_are_switched_off() -> None:
    both = [("spec/unknown-field", "web/one"), ("spec/unknown-field", "web/two")]
    assert _rules("") == both
    assert _rules('[tool.skill-fleet]\nignore = ["spec/unknown-field"]') == []
    assert _rules('[tool.skill-fleet]\nignore = ["spec"]') == []
    assert _rules('[tool.skill-fleet.exempt]\n"web/one" = ["spec/unknown-field"]') == both[1:]
    assert _rules('[tool.skill-fleet.exempt]\n"web/" = ["spec"]') == []


def test_a_change_cannot_loosen_its_own_gate() -> None:
    loose = '[tool.skill-fleet]\nignore = ["spec"]'
    new = BAD.format("three", "three")
    base = MemoryTree({"skills/taxonomy.yaml": TAXONOMY})
    head = MemoryTree(
        {"skills/web/three/SKILL.md": new.encode(), "pyproject.toml": loose.encode(), "skills/taxonomy.yaml": TAXONOMY}
    )
    found = check_change(read_fleet(base), read_fleet(head)).findings
    assert "spec/unknown-field" in {each.rule for each in found}


@pytest.mark.parametrize(
    "settings", ["[tool.skill-fleet]\nignore = 1", "[tool.skill-fleet]\nunknown = 1", "[", "[tool]\nskill-fleet = 1"]
)
def test_a_wrong_setting_is_the_maintainers_to_fix(settings: str) -> None:
    with pytest.raises(UserError, match=r"pyproject\.toml|tool\.skill-fleet"):
        check_fleet(_fleet(settings))
