"""What maintainers switch off, for the fleet or for a skill; never the skill itself, and never the change itself."""

from __future__ import annotations

import pytest

from skill_fleet.checks import CLIENT_FIELDS, check_change, check_fleet, explain
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


def test_a_rule_has_the_severity_of_the_settings() -> None:
    """A hint may block, an error may be advice, and a rule that is off by default runs when it gets a severity."""
    lines = ['"spec/unknown-field" = "hint"', '"content/fence-language" = "error"']
    settings = "\n".join(["[tool.skill-fleet.severity]", *lines])
    found = {each.rule: each.severity for each in check_fleet(_fleet(settings, "\n```\nx\n```\n"))}
    assert found["spec/unknown-field"] == "hint"
    assert found["content/fence-language"] == "error"
    assert "content/fence-language" not in {each.rule for each in check_fleet(_fleet("", "\n```\nx\n```\n"))}


CLIENTS = """---
name: one
description: Builds <my-card> elements. Use when in doubt.
disable-model-invocation: true
allowed-tools: Read Bash(git:*)
---
Do it.
"""


@pytest.mark.parametrize(
    ("clients", "rules"),
    [
        ("", ["client-field", "description-tags"]),
        ('"claude-code", "vscode"', []),
        ('"codex"', ["client-field"]),
        ('"copilot"', ["allowed-tools"]),
        ('"claude-ai", "claude-code"', ["client-field", "description-tags"]),
    ],
)
def test_only_hints_for_the_clients_of_the_settings_count(clients: str, rules: list[str]) -> None:
    """By default those of all clients, but for the forms of tools, of which each breaks somewhere."""
    settings = f"[tool.skill-fleet]\nclients = [{clients}]\n"
    files = {"skills/web/one/SKILL.md": CLIENTS, "skills/taxonomy.yaml": TAXONOMY.decode(), "pyproject.toml": settings}
    found = check_fleet(read_fleet(MemoryTree({path: text.encode() for path, text in files.items()})))
    assert sorted(each.rule for each in found if each.rule.startswith("portability/")) == [
        f"portability/{rule}" for rule in rules
    ]


def test_explain_prints_the_table_of_fields() -> None:
    """Each field with the clients that read it."""
    assert all(f"`{row.name}`" in explain("portability/client-field") for row in CLIENT_FIELDS)


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
    "settings",
    [
        "[tool.skill-fleet]\nignore = 1",
        "[tool.skill-fleet]\nunknown = 1",
        '[tool.skill-fleet]\nclients = ["x"]',
        "[",
        "[tool]\nskill-fleet = 1",
    ],
)
def test_a_wrong_setting_is_the_maintainers_to_fix(settings: str) -> None:
    with pytest.raises(UserError, match=r"pyproject\.toml|tool\.skill-fleet"):
        check_fleet(_fleet(settings))
