"""The schemas that editors use say the same as the rules, on every case whose YAML can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from checks.case import CASES, Case, all_cases
from skill_fleet.checks import CLIENT_FIELDS, CLIENTS
from skill_fleet.fleet import Skill, load_schema, read_taxonomy, violations

SCHEMAS = Path(__file__).parents[2] / "schemas"
ABOUT_FIELDS = {
    *("spec/name", "spec/description", "spec/description-length", "spec/unknown-field", "spec/license"),
    *("spec/compatibility", "spec/metadata", "spec/allowed-tools", "spec/quoted-string"),
}
# JSON knows no keys but strings, so a schema cannot see one that YAML takes for something else. And it sees what one
# reader of YAML makes of a value, not that another differs.
BEYOND_A_SCHEMA = {"bad-key.txt", "bad-name-in-yaml-1.2.txt", "good-only-some-readers.txt"}
CASES_OF_FIELDS = [case for case in all_cases() if case.rule in ABOUT_FIELDS and case.path.name not in BEYOND_A_SCHEMA]
CASES_OF_TAXONOMY = [case for case in all_cases() if case.rule == "fleet/taxonomy"]


@pytest.mark.parametrize("case", CASES_OF_FIELDS, ids=lambda case: case.path.relative_to(CASES).as_posix())
def test_front_matter(case: Case) -> None:
    for skill in case.head.fleet.skills:
        fields = yaml.safe_load(_between_dashes(skill))
        found = list(violations("frontmatter", fields))
        assert bool(found) != case.is_good, found


def test_the_schema_has_the_fields_of_clients() -> None:
    """An editor does not underline what `portability/client-field` lists."""
    schema = load_schema("frontmatter")["properties"]
    below = {f"metadata.{key}" for key, value in schema["metadata"]["properties"].items() if value is True}
    assert {name for name, value in schema.items() if value is True} | below | {"allowed-tools"} == {
        row.name for row in CLIENT_FIELDS
    }
    assert set(load_schema("config")["properties"]["clients"]["items"]["enum"]) == set(CLIENTS)


@pytest.mark.parametrize("case", CASES_OF_TAXONOMY, ids=lambda case: case.path.stem)
def test_taxonomy(case: Case) -> None:
    content = case.head.files.get("skills/taxonomy.yaml")
    try:
        loaded = yaml.safe_load(content or b"")
    except yaml.YAMLError:
        loaded = None
    assert bool(list(violations("taxonomy", loaded))) == bool(read_taxonomy(content).faults)


@pytest.mark.parametrize("name", ["frontmatter", "taxonomy", "profiles", "config"])
def test_each_schema_is_one(name: str) -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(load_schema(name))


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.name)
def test_no_pattern_takes_a_line_feed_at_the_end(path: Path) -> None:
    """In JSON Schema `$` is the end; where Python reads it, a line feed may follow, which no name may have."""
    assert not re.findall(r'"\^[^"]*\$"', path.read_text(encoding="utf-8"))
    assert list(violations("profiles", {"profiles": {"web\n": {"description": "x", "tags": ["web"]}}}))


def _between_dashes(skill: Skill) -> str:
    return skill.front_matter.text.split("\n---", 1)[0].removeprefix("---")
