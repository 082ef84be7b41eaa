"""The catalogue is a function of the tree: sorted, escaped, relative, and never stopped by one bad skill."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given, strategies as st

from gitbed import Bed, skill
from skill_fleet.catalog import render_catalogue, render_shards
from skill_fleet.fleet import Fleet, GitTree, MemoryTree, WorkTree, read_fleet


def fleet(skills: dict[str, str | bytes]) -> Fleet:
    """A fleet in memory of the SKILL.md texts by id."""
    contents = {f"skills/{each}/SKILL.md": text for each, text in skills.items()}
    return read_fleet(
        MemoryTree({path: text.encode() if isinstance(text, str) else text for path, text in contents.items()})
    )


def test_shards() -> None:
    """An index of categories, and parts that are measured and short enough; together they are the catalogue."""
    skills: dict[str, str | bytes] = {f"web/s{number}": skill(f"s{number}", "Long. " * 90) for number in range(40)}
    given = fleet(skills | {"api/a": skill("a", "A & B."), "Api/x": skill("x")})
    shards = render_shards(given)
    index = ElementTree.fromstring(shards["index.xml"])
    rows = [{field.tag: field.text for field in category} for category in index]
    listed = [each.findtext("name") for row in rows for each in ElementTree.fromstring(shards[row["location"] or ""])]

    assert all(len(text) <= 8_000 for text in shards.values())
    assert {"index.xml", *(row["location"] for row in rows)} == shards.keys()
    assert sorted(map(str, listed)) == sorted([*(f"s{number}" for number in range(40)), "a", "x"])
    assert [row["skills"] for row in rows if row["name"] == "api"] == ["1"]
    assert sum(int(row["skills"] or 0) for row in rows) == 42
    assert all(int(row["tokens"] or 0) >= len(shards[row["location"] or ""]) // 4 for row in rows)


def test_empty() -> None:
    """A fleet without skills has a catalogue that lists none."""
    assert render_catalogue(fleet({})).text == "<available_skills>\n</available_skills>\n"


def test_shape() -> None:
    """Two and four spaces, three tags in their order, sorted by id, relative places, a line end at the end."""
    text = render_catalogue(fleet({"web/b": skill("b", "B < \"A\" & 'C'."), "api/a": skill("a", "A.")})).text

    assert text == (
        "<available_skills>\n"
        "  <skill>\n"
        "    <name>a</name>\n"
        "    <description>A.</description>\n"
        "    <location>skills/api/a/SKILL.md</location>\n"
        "  </skill>\n"
        "  <skill>\n"
        "    <name>b</name>\n"
        "    <description>B &lt; &quot;A&quot; &amp; &apos;C&apos;.</description>\n"
        "    <location>skills/web/b/SKILL.md</location>\n"
        "  </skill>\n"
        "</available_skills>\n"
    )


def test_bad_skills_are_left_out_and_named() -> None:
    """Whatever is wrong with some skills, the others are listed."""
    catalogue = render_catalogue(
        fleet(
            {
                "web/good": skill("good"),
                "web/control": '---\nname: control\ndescription: "a\\x01b"\n---\n',
                "web/no-description": "---\nname: no-description\n---\n",
                "web/empty": "",
                "web/bytes": b"---\nname: \xff\ndescription: \xfe\n",
                "web/list": "---\n- name\n---\n",
                "web/number": "---\nname: number\ndescription: [1, 2]\n---\n",
            }
        )
    )

    assert catalogue.listed == 1
    assert [each.skill for each in catalogue.left_out] == [
        "web/bytes", "web/control", "web/empty", "web/list", "web/no-description", "web/number",
    ]  # fmt: skip


def test_retired_skills_leave() -> None:
    """A retired skill stays in the tree as a stub and is in the catalogue no more; a deprecated one still is."""
    texts = {
        f"web/{status}": f"---\nname: {status}\ndescription: D.\nmetadata:\n  status: {status}\n---\n"
        for status in ("active", "deprecated", "retired")
    }

    assert render_catalogue(fleet(texts)).text.count("<skill>") == 2


def test_same_bytes_from_files_and_from_objects(bed: Bed) -> None:
    """The work tree and the commit it shows give the same catalogue."""
    bed.commit("More", {"skills/web/x/SKILL.md": skill("x"), "skills/api/y/SKILL.md": skill("y", "Größe & 日本語.")})

    files = render_catalogue(read_fleet(WorkTree(bed.path, "skills", repo=bed.repo)))
    assert files == render_catalogue(read_fleet(GitTree(bed.repo, "HEAD", "skills")))


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
def test_any_description_is_well_formed(description: str) -> None:
    """Either an XML reader gives the description back, white space aside, or the skill is left out."""
    import json

    text = f"---\nname: x\ndescription: {json.dumps(description)}\n---\n"
    catalogue = render_catalogue(fleet({"web/x": text}))
    root = ElementTree.fromstring(catalogue.text)

    assert catalogue.listed + len(catalogue.left_out) == 1
    if catalogue.listed:
        assert root.findtext("skill/description") == " ".join(description.split())
