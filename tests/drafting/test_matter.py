"""Front matter of any tool becomes strings, and those become the fields of a skill."""

from __future__ import annotations

import pytest

from skill_fleet.drafting.pages.opening import open_page
from skill_fleet.drafting.pages.page import Part, lines_of
from skill_fleet.drafting.sources.declared import declared
from skill_fleet.drafting.sources.matter import read_matter
from skill_fleet.drafting.wording.fields import fields_of
from skill_fleet.drafting.wording.frontmatter import write_front_matter


@pytest.mark.parametrize(
    ("text", "fields", "count"),
    [
        ("---\nname: a\nversion: 1.10\n---\nx\n", {"name": "a", "version": "1.10"}, 4),
        (
            "---\ntools: [Read, Edit]\nm:\n  a: yes\n  b: 2024-01-02\n---\n",
            {"tools": "Read, Edit", "m.a": "yes", "m.b": "2024-01-02"},
            6,
        ),
        ("---\ndescription: for x: and y\nname: z\n---\n", {"description": "for x: and y", "name": "z"}, 4),
        ('---\nd: a: b\nm:\n  v: 1\n  w: "2"\n---\n', {"d": "a: b", "m.v": "1", "m.w": "2"}, 6),
        (
            "+++\ntitle = 'T'\ndraft = true\ntags = ['a', 'b']\n+++\n",
            {"title": "T", "draft": "true", "tags": "a, b"},
            5,
        ),
        ("\n\n---\nname: a\n---\n", {"name": "a"}, 5),
        ("---\na: &x [1]\nb: *x\n---\n", {"a": "&x [1]", "b": "*x"}, 4),
        ("---\njust text\n---\n", {}, 0),
        ("---\n\n---\n", {}, 0),
        ("---\nname: a\n", {}, 0),
        ("+++\n= broken\n+++\n", {}, 0),
        ("---\n" + "[" * 3000 + "\n---\n", {}, 0),
        ("text\n", {}, 0),
        ("", {}, 0),
    ],
)
def test_read(text: str, fields: dict[str, str], count: int) -> None:
    assert read_matter(lines_of(text)) == (fields, count)


def test_tools_of_a_subagent_are_never_allowed_tools() -> None:
    found = fields_of(
        {"name": "a", "description": "b", "tools": "Read, mcp__search_web__find, mcp__db__q", "model": "x"}
    )
    assert found.fields == {"compatibility": "Uses the MCP servers db, search_web"}
    assert found.metadata["source-tools"] == "Read, mcp__search_web__find, mcp__db__q"
    assert found.metadata["model"] == "x"


def test_fields_of_a_skill_stay_and_a_list_of_tools_becomes_the_specs_string() -> None:
    found = fields_of({"license": "MIT", "allowed-tools": "Read, Bash(git add:*, git rm:*)", "metadata.version": "2.1"})
    assert found.fields == {"license": "MIT", "allowed-tools": "Read Bash(git add:*, git rm:*)"}
    assert found.metadata == {"version": "2.1"}


def test_keys_that_mean_something_here_are_not_taken_over_from_elsewhere() -> None:
    found = fields_of({"status": "draft", "requires": "node", "metadata.status": "retired", "metadata.formerly": "a/b"})
    assert found.metadata == {
        "version": "0.1.0",
        "source-status": "draft",
        "source-requires": "node",
        "status": "retired",
        "formerly": "a/b",
    }


def test_written_so_that_every_reader_reads_the_same() -> None:
    lines = write_front_matter("on", 'say: "hi" --- # no', {"license": "MIT"}, {"version": "1.10", "a b": "x\\y\n\tz"})
    assert lines == (
        "---",
        'name: "on"',
        'description: "say: \\"hi\\" -- # no"',
        "license: MIT",
        "metadata:",
        '  version: "1.10"',
        '  a-b: "x\\\\y z"',
        "---",
    )


def test_a_metadata_section_is_front_matter_too() -> None:
    text = "# T\n\n## Skill Metadata\n- **Name:** `a-b`\n- **Type:** Technique\n\n## More\n\ntext\n"
    page = declared(open_page(Part("d", 0, lines_of(text), "d.md")))
    assert page.matter == {"name": "a-b", "type": "Technique"}
    assert [(used.first, used.last) for used in page.used] == [(2, 5)]
    other = declared(open_page(Part("d", 0, lines_of(text.replace("- **Type:** T", "- T")), "d.md")))
    assert other.matter == {}
